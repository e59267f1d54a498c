"""Who was at an event: ticked by its organiser, or read from the meeting tool's report. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn import event_lists
from haln.learn.event_access import PLANNED, recorded
from haln.learn.event_registrations import REGISTERED, WAITING
from haln.models import Event, EventAttendance, EventRegistration, Member
from haln.people import changes, seen, visibility
from haln.people.seen import PersonLine
from haln.people.visibility import ACTIVE

EARLY = timedelta(hours=1)
"""How long before its hour who comes may be ticked."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who has a place or came. The name is empty where whoever asks may not know it."""

    id: int
    name: str
    person: PersonLine | None
    registered: bool
    came: bool


@dataclass(frozen=True, slots=True)
class Register:
    """An event's people as whoever records sees them."""

    row: Event
    guests: tuple[Guest, ...]
    open: bool  # who came may be recorded now


def register(session: Session, actor: Actor, event_id: str, now: datetime) -> Register:
    """Who has a place or came, in order of name. Raises NotFound, NotPermitted.

    Whoever registers is told that the organiser reads their name; every other fact, and the name of who came without
    a place, passes the gate.
    """
    row = recorded(session, actor, event_id)
    there = set(session.scalars(event_lists.present(row.id)))
    placed = _placed(session, row.id)
    rows = session.execute(
        select(Member.id, Member.name, Member.standing, visibility.blocked(actor.member_id, Member.id).label("blocked"))
        .where(Member.id.in_(sorted(there | placed)), or_(Member.standing == ACTIVE, Member.id.in_(sorted(there))))
        .order_by(Member.sort_name, Member.id)
    ).all()
    lines = seen.people(session, actor.member_id, (one.id for one in rows))
    asked = placed | _placed(session, row.id, WAITING)
    guests = tuple(
        Guest(
            one.id,
            one.name if _named(one, asked, lines) else "",
            lines.get(one.id),
            one.id in placed,
            one.id in there,
        )
        for one in rows
    )
    return Register(row, guests, row.state == PLANNED and row.starts_at - EARLY <= now)


def _named(one: Any, asked: Collection[int], lines: Mapping[int, PersonLine]) -> bool:
    return one.standing == ACTIVE and not one.blocked and (one.id in asked or one.id in lines)


def _placed(session: Session, event_id: int, state: str = REGISTERED) -> set[int]:
    return set(
        session.scalars(
            select(EventRegistration.member_id).where(
                EventRegistration.event_id == event_id, EventRegistration.state == state
            )
        )
    )


def tick(
    session: Session, actor: Actor, event_id: str, shown: Collection[int], came: Collection[int], now: datetime
) -> int:
    """Record who of those shown came. Returns of how many that is news. Raises Conflict, Invalid."""
    changes.hold(session)
    row = recorded(session, actor, event_id, lock=True)
    check_open(row, now)
    known = _placed(session, row.id) | set(session.scalars(event_lists.present(row.id)))
    if set(shown) - known or set(came) - set(shown):
        raise Invalid("The people of this event have changed meanwhile. Look at the list again.")
    news = write(session, actor, row, {one: one in set(came) for one in shown}, now)
    history.record(session, actor.member_id, "record_event_attendance", "event", row.id, now, {"came": len(set(came))})
    return news


def check_open(row: Event, now: datetime) -> None:
    """Raise Conflict where nothing is to be recorded."""
    if row.state != PLANNED:
        raise Conflict("This event does not take place: there is nothing to record.")
    if row.starts_at - EARLY > now:
        raise Conflict("This event has not begun yet. Record who came when it has.")


def write(session: Session, actor: Actor, row: Event, states: dict[int, bool], now: datetime) -> int:
    """Add what is not known yet of these members. Returns of how many that is news; who never came needs no row.

    The caller holds the counter of changes, then the event.
    """
    before = _known(session, row.id, states)
    fresh = [member for member, there in sorted(states.items()) if before.get(member, False) != there]
    session.add_all(
        EventAttendance(
            event_id=row.id,
            member_id=member,
            came=states[member],
            recorded_on=now.date(),
            recorded_by_id=actor.member_id,
        )
        for member in fresh
    )
    session.flush()
    if fresh:
        active = session.scalars(select(Member.id).where(Member.id.in_(fresh), Member.standing == ACTIVE)).all()
        changes.touch(session, active, now)  # whom they met is evidence for whom to suggest
    return len(fresh)


def _known(session: Session, event_id: int, members: Iterable[int]) -> dict[int, bool]:
    last = (
        select(func.max(EventAttendance.id))
        .where(EventAttendance.event_id == event_id, EventAttendance.member_id.in_(sorted(members)))
        .group_by(EventAttendance.member_id)
    )
    rows = session.execute(select(EventAttendance.member_id, EventAttendance.came).where(EventAttendance.id.in_(last)))
    return {row.member_id: row.came for row in rows}
