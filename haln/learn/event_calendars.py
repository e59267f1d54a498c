"""Calendar files: of one event, and of everything one member takes part in, at an address that only they know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import NotFound
from haln.learn import calendar_files, event_access
from haln.learn.calendar_files import Entry
from haln.learn.event_access import CANCELLED, WITHDRAWN, manages
from haln.learn.event_registrations import REGISTERED
from haln.learn.set_access import sits
from haln.models import CalendarFeed, Event, EventRegistration, LearningSet, Member, Place, SetMembership, SetSession
from haln.people import places
from haln.people.tokens import fresh, hashed
from haln.people.visibility import ACTIVE

BACK = timedelta(days=365)
"""How far back a calendar that is followed goes."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Gives the address of an event's page, and of a session's in its set, from public ids."""

    event: Callable[[str], str]
    session: Callable[[str, str], str]


def of_event(session: Session, actor: Actor, event_id: str, pages: Pages, now: datetime) -> bytes:
    """One event; with the link to join only for those who have a place, and who run it. Raises NotFound."""
    row = event_access.seen(session, actor, event_id)
    placed = session.scalar(
        select(EventRegistration.state).where(
            EventRegistration.event_id == row.id, EventRegistration.member_id == actor.member_id
        )
    )
    inside = placed == REGISTERED or manages(actor, row)
    place = places.name(session, row.place_id)
    return calendar_files.written([entry(row, place, pages.event(row.public_id), inside=inside)], now)


def entry(row: Event, place: str, page: str, *, inside: bool) -> Entry:
    """An event as a calendar has it; with the link to join only for those inside.

    `place`: the name of its place, said where nothing else says where it is.
    """
    return Entry(
        public_id=row.public_id,
        title=row.title,
        starts_at=row.starts_at,
        minutes=int((row.ends_at - row.starts_at).total_seconds()) // 60,
        sequence=row.sequence,
        cancelled=row.state in (CANCELLED, WITHDRAWN),
        where=row.where or place,
        joining_link=row.joining_link if inside else "",
        agenda=row.standfirst,
        page=page,
        kind="events",
    )


def current(session: Session, actor: Actor) -> datetime | None:
    """Since when the actor's calendar can be followed; none where it cannot."""
    return session.scalar(select(CalendarFeed.created_at).where(CalendarFeed.member_id == actor.member_id))


def open_feed(session: Session, actor: Actor, now: datetime) -> str:
    """Make a new secret for the actor's calendar; one made before works no more. It exists nowhere else."""
    token = fresh()
    # Held until the end: a double click makes one address, that of the second click.
    session.execute(select(Member.id).where(Member.id == actor.member_id).with_for_update(key_share=True))
    session.execute(delete(CalendarFeed).where(CalendarFeed.member_id == actor.member_id))
    session.add(CalendarFeed(member_id=actor.member_id, token_hash=hashed(token), created_at=now))
    session.flush()
    history.record(session, actor.member_id, "open_calendar_feed", "member", actor.member_id, now)
    return token


def close_feed(session: Session, actor: Actor, now: datetime) -> None:
    """End the address of the actor's calendar. Twice is once."""
    gone = session.execute(
        delete(CalendarFeed).where(CalendarFeed.member_id == actor.member_id).returning(CalendarFeed.member_id)
    ).first()
    if gone is not None:
        history.record(session, actor.member_id, "close_calendar_feed", "member", actor.member_id, now)


def feed(session: Session, token: str, pages: Pages, now: datetime) -> bytes:
    """What a member takes part in: events at which they have a place, and the sessions of their sets.

    What was cancelled says so. Raises NotFound for a secret that nobody has. Three queries.
    """
    member = session.scalar(
        select(CalendarFeed.member_id)
        .join(Member, Member.id == CalendarFeed.member_id)
        .where(CalendarFeed.token_hash == hashed(token), Member.standing == ACTIVE)
    )
    if member is None:
        raise NotFound("There is no such calendar. Its address may have been replaced by a newer one.")
    events = session.execute(
        select(Event, Place.name)
        .outerjoin(Place, Place.id == Event.place_id)
        .join(EventRegistration, EventRegistration.event_id == Event.id)
        .where(
            EventRegistration.member_id == member,
            EventRegistration.state == REGISTERED,
            Event.starts_at > now - BACK,
        )
    )
    entries = [entry(one, place or "", pages.event(one.public_id), inside=True) for one, place in events]
    meetings = session.execute(
        select(SetSession, LearningSet.name, LearningSet.public_id, LearningSet.joining_link)
        .join(LearningSet, LearningSet.id == SetSession.set_id)
        .join(SetMembership, SetMembership.set_id == LearningSet.id)
        .where(
            SetMembership.member_id == member,
            sits(),
            LearningSet.public_id.is_not(None),
            SetSession.starts_at > now - BACK,
        )
    )
    entries += [
        Entry(
            public_id=one.public_id,
            title=name,
            starts_at=one.starts_at,
            minutes=one.minutes,
            sequence=one.sequence,
            cancelled=one.state == CANCELLED,
            where=one.where,
            joining_link=one.joining_link or link,
            agenda=one.agenda,
            page=pages.session(set_id or "", one.public_id),
        )
        for one, name, set_id, link in meetings
    ]
    return calendar_files.written(entries, now)
