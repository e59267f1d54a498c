"""What falls due by the clock: reminders, rounds, digests, newsletters. It writes letters and sends none.

A worker does it every few seconds; so does a database that is restored, before any of it may leave.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from flask import current_app

from haln.cli import edge
from haln.connect import coffee_due, introductions
from haln.learn import event_mail, event_proposals, event_registrations, seat_mail, set_mail, topic_asking
from haln.post import digest_times, digests
from haln.post.newsletters import sending as newsletter_sending
from haln.taxonomy.vocabulary import Vocabulary

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def _lapse(session: Session) -> bool:
    count = introductions.lapse(session, edge.now())
    session.commit()
    if count:
        click.echo(f"Introductions: {count} lapsed.")
    return bool(count)


def _remind_of_sessions(session: Session) -> bool:
    count = set_mail.remind(session, edge.now())
    session.commit()
    if count:
        click.echo(f"Sessions: {count} reminders.")
    return bool(count)


def _look_after_events(session: Session) -> bool:
    placed = event_registrations.fill_due(session, edge.now())
    count = event_mail.remind(session, edge.now())
    letters = event_proposals.remind(session, edge.now())
    session.commit()
    if placed or count or letters:
        click.echo(f"Events: {placed} places given, {count} reminders, {letters} letters about proposals.")
    return bool(placed or count or letters)


def _close_topics(session: Session) -> bool:
    count = topic_asking.close_due(session, edge.now())
    session.commit()
    if count:
        click.echo(f"Topics: what came of {count} has taken place.")
    return bool(count)


def _remind_of_seats(session: Session) -> bool:
    count = seat_mail.due(session, edge.now())
    session.commit()
    if count:
        click.echo(f"Seats: {count} people reminded, or told that the day has passed.")
    return bool(count)


def _coffee(session: Session) -> bool:
    vocabulary: Vocabulary = current_app.extensions["haln_vocabulary"]
    count = coffee_due.work(
        session,
        ZoneInfo(str(current_app.config["TIME_ZONE"])),
        edge.now(),
        lambda code: vocabulary.top_sector(code).code,
        current_app.extensions["haln_reading"],
    )
    if count:
        click.echo(f"Coffee: {count} rounds opened, told of, made, asked about, or closed.")
    return bool(count)


def _order_digests(session: Session) -> bool:
    """Write a portion of the digests that are due into the outbox; the next turn writes the next one."""
    config = current_app.config
    zone = ZoneInfo(str(config["TIME_ZONE"]))
    days = digest_times.days(str(config["DIGEST_DAY"]), int(config["DIGEST_HOUR"]), zone)
    count = digests.order_due(session, days, edge.now())
    session.commit()
    if count:
        click.echo(f"Digests: {count} to send.")
    return bool(count)


def _newsletter(session: Session) -> bool:
    vocabulary = current_app.extensions["haln_vocabulary"]
    count = newsletter_sending.due(session, vocabulary, session.commit, edge.now())
    if count:
        click.echo(f"Newsletter: {count} letters ordered.")
    return bool(count)


STEPS: tuple[tuple[str, Callable[[Session], bool]], ...] = (
    ("introductions", _lapse),
    ("sessions", _remind_of_sessions),
    ("events", _look_after_events),
    ("topics", _close_topics),
    ("seats", _remind_of_seats),
    ("coffee", _coffee),
    ("digests", _order_digests),
    ("newsletter", _newsletter),
)
"""Each does a portion of what is due, commits, and says whether there was any."""


def catch_up(session: Session) -> None:
    """Do all that has fallen due."""
    while sum(step(session) for _what, step in STEPS):  # every one of them, whatever the others had to do
        pass
