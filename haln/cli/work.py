"""`flask haln work`: mail, reminders, digests, suggestions, plans, figures to keep. Any number may run at once."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from types import FrameType

import click
from flask import current_app
from flask.cli import with_appcontext

from haln.cli import database, due, edge
from haln.learn import plan_reporting, plan_work, repair_work
from haln.learn.resources import reading
from haln.learn.studio import Studio
from haln.measure import kept, picture_layout
from haln.measure.holding import Held
from haln.people import links, notices, sessions, stopped_mail, throttles
from haln.people.imports import applying
from haln.post import outbox
from haln.post.newsletters import sending as newsletter_sending

MAIL_ROUNDS = 10
"""Batches of mail in one turn, before suggestions get theirs: somebody waits for a reset, nobody for a list."""

PAUSE = 2.0
"""Seconds to wait when there was nothing to do."""

_log = logging.getLogger(__name__)


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@click.option("--for", "seconds", type=click.FloatRange(min=0), help="Stop after so many seconds.")
@with_appcontext
def work(once: bool, seconds: float | None) -> None:
    """Send mail and reminders, refresh suggestions, form plans; until it is told to stop (SIGTERM)."""
    database.require_newest()
    name = f"{socket.gethostname()}:{os.getpid()}"[-80:]
    end = None if seconds is None else time.monotonic() + seconds
    hourly = float("-inf")
    with _asked_to_stop() as asked:
        while not asked.is_set() and (end is None or time.monotonic() < end):
            busy = _round(name, asked)
            if time.monotonic() - hourly > 3600:
                _try("what is old", _tidy)
                _try("figures", lambda: _keep_figures(name, asked))
                hourly = time.monotonic()
            if once and not busy:
                break
            if not busy:
                asked.wait(PAUSE if end is None else max(0.0, min(PAUSE, end - time.monotonic())))
    click.echo("Stopped.")


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set: the message in hand is finished, then the work ends."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _round(name: str, asked: threading.Event) -> bool:
    """One turn at everything that is due. Returns whether anything was done."""
    steps: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("mail", lambda: _send(name, asked)),
        *((what, partial(step, edge.session())) for what, step in due.STEPS),
        ("repairs", lambda: _repair(name, asked)),
        ("suggestions", _refresh),
        ("plans", lambda: _form(name, asked)),
        ("reports", lambda: _report(name, asked)),
        ("picture", _place),
    )
    done = [_try(what, step) for what, step in steps]
    return any(done)


def _try(what: str, step: Callable[[], bool]) -> bool:
    """One kind of work; a fault in it stops no other kind, and the next turn finds the rows as they were left."""
    try:
        return step()
    except Exception:
        edge.session().rollback()
        _log.exception("A turn of the work failed: %s", what)
        return False


def _send(name: str, asked: threading.Event) -> bool:
    session = edge.session()
    lent = outbox.Edge(session.commit, session.rollback, edge.now, asked.is_set)
    desk, transport = current_app.extensions["haln_desk"](), current_app.extensions["haln_transport"]()
    for count in range(MAIL_ROUNDS):
        tally = outbox.send_due(session, desk, transport, name, lent)
        if not tally:
            return count > 0
        click.echo(
            f"Mail: {tally.sent} sent, {tally.cancelled} cancelled, {tally.postponed} put off, {tally.failed} failed."
        )
    return True


def _refresh() -> bool:
    count: int = current_app.extensions["haln_refresher"].due(edge.session(), edge.now())
    if count:
        click.echo(f"Suggestions: {count} lists refreshed.")
    return bool(count)


def _bench(name: str, asked: threading.Event) -> plan_work.Bench:
    session = edge.session()
    return plan_work.Bench(
        session.commit, session.rollback, edge.now, asked.is_set, lambda: _mail_meanwhile(name, asked)
    )


def _form(name: str, asked: threading.Event) -> bool:
    studio: Studio = current_app.extensions["haln_studio"]
    formed = plan_work.form_next(edge.session(), studio, name, _bench(name, asked))
    if formed is not None:
        click.echo(f"Plans: {formed} formed.")
    return formed is not None


def _report(name: str, asked: threading.Event) -> bool:
    session, studio = edge.session(), current_app.extensions["haln_studio"]
    judged = plan_reporting.report_next(session, studio, _bench(name, asked))
    if judged is not None:
        click.echo(f"Plans: {judged} judged.")
    return judged is not None


def _repair(name: str, asked: threading.Event) -> bool:
    session, studio = edge.session(), current_app.extensions["haln_studio"]
    done = repair_work.work_next(session, studio, name, _bench(name, asked))
    if done:
        click.echo("Plans: a repair worked out.")
    return done


def _mail_meanwhile(name: str, asked: threading.Event) -> None:
    """Forming may take half a minute, and somebody may be waiting for a letter to sign in with."""
    _try("mail", lambda: _send(name, asked))


def _place() -> bool:
    count = picture_layout.make_due(edge.session(), current_app.extensions["haln_vocabulary"], edge.now())
    if count:
        click.echo(f"Picture: {count} members have their places.")
    return bool(count)


def _tidy() -> bool:
    """Delete what nobody needs any more."""
    session, now = edge.session(), edge.now()
    sessions.forget_old(session, now - timedelta(days=30))
    links.forget_old(session, now - timedelta(days=30))
    throttles.forget_old(session, now - timedelta(days=2))
    newsletter_sending.keep_figures(session, now, outbox.KEPT - timedelta(days=7))
    outbox.forget_old(session, now)
    notices.forget_old(session, now)
    stopped_mail.forget_old(session, now)
    reading.forget_used(session, now.date())
    applying.forget_old(session, now)
    session.commit()
    return True


def _keep_figures(name: str, asked: threading.Event) -> bool:
    """Work out ahead the figures of the ends of months, and keep them; a letter that waits is sent in between."""
    session, vocabulary = edge.session(), current_app.extensions["haln_vocabulary"]
    held: Held = current_app.extensions["haln_network_facts"]
    threshold = int(current_app.config["SMALL_NUMBER"])
    with current_app.extensions["haln_reading"]():
        versions = held.current(session, vocabulary)
        wanted = kept.due(session, versions, vocabulary, threshold, edge.now())
        session.commit()
    count = 0
    for _ in kept.keep(session, versions, wanted, session.commit, edge.now):
        count += 1
        if asked.is_set():
            break
        _mail_meanwhile(name, asked)
    if count:
        click.echo(f"Figures: those of {count} months kept.")
    return bool(count)
