"""What came of an event: who may tell of it, and whom a story of it may name.

Nobody but its organiser and staff learns who was at an event, so no preview may show it either: of whoever the writer
may see, names are taken out of the words whether or not they were there, and those alone can be named who agreed there
to be named to others, as the writer did, and the organiser, whom its page names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from haln.models import Event, EventAttendance, EventRegistration

LATEST = 6


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event of which a member may tell."""

    key: str
    name: str
    starts_at: datetime


def tellable(me: int, now: datetime) -> ColumnElement[bool]:
    """Whether a row of Event took place and somebody was at it, by the last that was recorded, or organised it."""
    last = (
        select(func.max(EventAttendance.id))
        .where(EventAttendance.member_id == me)
        .group_by(EventAttendance.event_id)
        .scalar_subquery()
    )
    there = select(EventAttendance.event_id).where(EventAttendance.id.in_(last), EventAttendance.came)
    part = or_(Event.organiser_id == me, Event.id.in_(there))
    return and_(Event.state == "planned", Event.ends_at <= now, part)


def may_tell(session: Session, me: int, public_id: str, now: datetime) -> bool:
    """Whether somebody may tell what came of an event. One query."""
    return session.scalar(select(Event.id).where(Event.public_id == public_id, tellable(me, now))) is not None


def latest(session: Session, me: int, now: datetime) -> list[EventLine]:
    """The last few events of which somebody may tell, the latest first. One query."""
    rows = session.execute(
        select(Event.public_id, Event.title, Event.starts_at)
        .where(tellable(me, now))
        .order_by(Event.starts_at.desc(), Event.id.desc())
        .limit(LATEST)
    )
    return [EventLine(*row) for row in rows]


def nameable(session: Session, me: int, events: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """Whom somebody may name in a story of each of these events: no more than the event's pages tell them. Two queries.

    Whoever came without a place could not agree, and is not among them.
    """
    wanted = sorted(set(events))
    organisers = {
        row.id: row.organiser_id
        for row in session.execute(select(Event.id, Event.organiser_id).where(Event.id.in_(wanted)))
    }
    agreed: dict[int, set[int]] = {event: set() for event in wanted}
    for event, member in session.execute(
        select(EventRegistration.event_id, EventRegistration.member_id).where(
            EventRegistration.event_id.in_(wanted),
            EventRegistration.state == "registered",
            EventRegistration.says_hello,
        )
    ):
        agreed[event].add(member)
    return {
        event: frozenset((people if me in people | {organisers[event]} else set()) | {organisers[event]}) - {me}
        for event, people in agreed.items()
    }
