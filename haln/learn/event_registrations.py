"""Registering for an event, giving a place up, and places that come free: by the rule of `event_places`.

Whoever acts on an event's places holds its row until the transaction ends: of two who want the last place at the same
moment, one has it and the other waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict
from haln.learn import event_mail, event_places
from haln.learn.event_access import PLANNED, seen
from haln.learn.event_places import Asker, Past
from haln.models import Event, EventRegistration, LearningSet, Member, SetMembership, SetSession
from haln.people import changes, outcome_agreements
from haln.people.visibility import ACTIVE

REGISTERED, WAITING, CANCELLED = "registered", "waiting", "cancelled"
REMEMBERED = timedelta(days=730)
"""How long somebody's waiting in vain is remembered."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Something else at the same time: an event the member is registered for, or a session of a set of theirs."""

    name: str
    starts_at: datetime


def register(session: Session, actor: Actor, event_id: str, says_hello: bool, now: datetime) -> str:
    """Ask for a place. Returns the state: registered, or waiting when all places are taken.

    Asked twice is asked once; what is said of hellos is kept anew. Raises Conflict when it has begun or is cancelled,
    and for its organiser, who takes nobody's place.
    """
    row = seen(session, actor, event_id, lock=True)
    _check_open(row, now)
    if row.organiser_id == actor.member_id:
        raise Conflict("You organise this event: you are there without a place.")
    own = _own(session, row.id, actor.member_id)
    if own is None:
        own = EventRegistration(event_id=row.id, member_id=actor.member_id, state=CANCELLED, asked_at=now)
        own.changed_at, own.says_hello = now, says_hello
        session.add(own)
    asks = own.state == CANCELLED
    if own.says_hello != says_hello:
        own.says_hello = says_hello
    if asks:
        own.state, own.asked_at, own.changed_at = WAITING, now, now
    session.flush()
    if asks:
        history.record(session, actor.member_id, "register_for_event", "event", row.id, now)
        fill(session, row, now)
    return own.state


def name_me(session: Session, actor: Actor, event_id: str, says_hello: bool, now: datetime) -> None:
    """Say anew whether others who come, or came, are told of the actor. Whenever they like: also after the event.

    Whoever takes it back is named in no story of the event; they may agree to one again by itself.
    """
    changes.hold(session)
    row = seen(session, actor, event_id, lock=True)
    own = _own(session, row.id, actor.member_id)
    if own is None or own.state == CANCELLED:
        raise Conflict("You have no place at this event, so nobody is told of you.")
    if own.says_hello != says_hello:
        own.says_hello = says_hello
        session.flush()
        if not says_hello:
            outcome_agreements.decline_at(session, actor.member_id, row.id, now)
        changes.touch(session, [actor.member_id], now)  # that they were there may be a reason to suggest them


def _check_open(row: Event, now: datetime) -> None:
    if row.state != PLANNED:
        raise Conflict("This event does not take place, so there are no places at it.")
    if row.starts_at <= now:
        raise Conflict("This event has begun: nobody can register for it any more.")


def _own(session: Session, event_id: int, member_id: int) -> EventRegistration | None:
    return session.scalar(
        select(EventRegistration)
        .where(EventRegistration.event_id == event_id, EventRegistration.member_id == member_id)
        .execution_options(populate_existing=True)
    )


@dataclass(frozen=True, slots=True)
class Leaving:
    """What giving up would mean. `state`: registered, waiting, or cancelled for who has neither.

    `final`: whoever registers again may find the place gone, or their turn.
    """

    row: Event
    state: str
    full: bool
    others_wait: bool

    @property
    def final(self) -> bool:
        """Whether registering again would not undo it."""
        return self.state != CANCELLED and (self.full or self.others_wait)


def leaving(session: Session, actor: Actor, event_id: str, now: datetime) -> Leaving:
    """What giving one's place, or one's wait, up would mean. Raises Conflict when it has begun or is cancelled."""
    row = seen(session, actor, event_id)
    _check_open(row, now)
    counted = session.execute(
        select(EventRegistration.state, func.count())
        .join(Member, Member.id == EventRegistration.member_id)
        .where(
            EventRegistration.event_id == row.id,
            EventRegistration.member_id != actor.member_id,
            Member.standing == ACTIVE,
        )
        .group_by(EventRegistration.state)
    )
    others = {one.state: one[1] for one in counted}
    own = _own(session, row.id, actor.member_id)
    state = CANCELLED if own is None else own.state
    taken = others.get(REGISTERED, 0) + (state == REGISTERED)
    full = row.capacity is not None and taken >= row.capacity
    return Leaving(row, state, full, others.get(WAITING, 0) > 0)


def give_up(session: Session, actor: Actor, event_id: str, now: datetime) -> tuple[str, bool]:
    """Give one's place, or one's wait for one, up; a place that comes free goes to who waits. Twice is once.

    Returns what it was (registered, waiting, or cancelled for nothing), and whether the place went to somebody.
    """
    row = seen(session, actor, event_id, lock=True)
    _check_open(row, now)
    own = _own(session, row.id, actor.member_id)
    if own is None or own.state == CANCELLED:
        return CANCELLED, False
    was = own.state
    own.state, own.says_hello, own.changed_at = CANCELLED, False, now
    session.flush()
    history.record(session, actor.member_id, "leave_event", "event", row.id, now)
    return was, bool(fill(session, row, now))


def fill(session: Session, row: Event, now: datetime) -> list[int]:
    """Give free places to those whose turn it is, and tell them. Returns who got one. The caller holds the event."""
    if row.state != PLANNED or row.starts_at <= now:
        return []
    rows = session.execute(
        select(EventRegistration.member_id, EventRegistration.state, EventRegistration.asked_at)
        .join(Member, Member.id == EventRegistration.member_id)
        .where(EventRegistration.event_id == row.id, EventRegistration.state != CANCELLED, Member.standing == ACTIVE)
    ).all()
    waiting = [one.member_id for one in rows if one.state == WAITING]
    if not waiting:
        return []
    waited = waited_in_vain(session, waiting, now)
    askers = [Asker(one.member_id, one.asked_at, waited.get(one.member_id, 0), one.state == REGISTERED) for one in rows]
    placed = event_places.given(askers, row.capacity)
    for own in session.scalars(
        select(EventRegistration).where(EventRegistration.event_id == row.id, EventRegistration.member_id.in_(placed))
    ):
        own.state, own.changed_at = REGISTERED, now
    session.flush()
    asked = {one.member: one.asked_at for one in askers}
    event_mail.tell_placed(session, row, {member: asked[member] for member in placed}, now)
    return placed


def waited_in_vain(session: Session, members: Collection[int], now: datetime) -> Mapping[int, int]:
    """For how many events each of these waited in vain since they last had a place, of the last two years."""
    found: dict[int, list[Past]] = defaultdict(list)
    rows = session.execute(
        select(EventRegistration.member_id, EventRegistration.state, Event.starts_at)
        .join(Event, Event.id == EventRegistration.event_id)
        .where(
            EventRegistration.member_id.in_(sorted(members)),
            EventRegistration.state != CANCELLED,
            Event.state == PLANNED,
            Event.ends_at <= now,
            Event.starts_at > now - REMEMBERED,
        )
    )
    for one in rows:
        found[one.member_id].append(Past(one.starts_at, one.state == REGISTERED))
    return {member: event_places.waited_in_vain(past) for member, past in found.items()}


def place_in_line(session: Session, event_id: int, member_id: int, now: datetime) -> int:
    """Which turn somebody who waits has: 1 is next; 0 for who does not wait."""
    rows = session.execute(
        select(EventRegistration.member_id, EventRegistration.asked_at)
        .join(Member, Member.id == EventRegistration.member_id)
        .where(EventRegistration.event_id == event_id, EventRegistration.state == WAITING, Member.standing == ACTIVE)
    ).all()
    waited = waited_in_vain(session, [one.member_id for one in rows], now) if rows else {}
    line = event_places.queue(Asker(one.member_id, one.asked_at, waited.get(one.member_id, 0)) for one in rows)
    return line.index(member_id) + 1 if member_id in line else 0


def fill_due(session: Session, now: datetime) -> int:
    """Give places that came free because somebody left the network. Returns how many. For the worker."""
    taken = (
        select(func.count())
        .where(EventRegistration.event_id == Event.id, EventRegistration.state == REGISTERED)
        .correlate(Event)
        .scalar_subquery()
    )
    waits = (
        select(EventRegistration.event_id)
        .join(Member, Member.id == EventRegistration.member_id)
        .where(EventRegistration.event_id == Event.id, EventRegistration.state == WAITING, Member.standing == ACTIVE)
        .exists()
    )
    free = select(Event.id).where(
        Event.state == PLANNED, Event.starts_at > now, waits, Event.capacity.is_(None) | (Event.capacity > taken)
    )
    count = 0
    for event_id in session.scalars(free.order_by(Event.id)).all():
        row = session.scalars(
            select(Event)
            .where(Event.id == event_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).one()
        count += len(fill(session, row, now))
    return count


def overlaps(session: Session, member_id: int, row: Event) -> list[Overlap]:
    """What else a member has while an event lasts: to know, never in the way. Two queries."""
    events = session.execute(
        select(Event.title, Event.starts_at)
        .join(EventRegistration, EventRegistration.event_id == Event.id)
        .where(
            EventRegistration.member_id == member_id,
            EventRegistration.state == REGISTERED,
            Event.id != row.id,
            Event.state == PLANNED,
            Event.starts_at < row.ends_at,
            Event.ends_at > row.starts_at,
        )
        .order_by(Event.starts_at, Event.id)
    )
    found = [Overlap(one.title, one.starts_at) for one in events]
    sessions = session.execute(
        select(LearningSet.name, SetSession.starts_at, SetSession.minutes)
        .join(LearningSet, LearningSet.id == SetSession.set_id)
        .join(SetMembership, SetMembership.set_id == LearningSet.id)
        .where(
            SetMembership.member_id == member_id,
            SetMembership.left_on.is_(None),
            LearningSet.ended_on.is_(None),
            SetSession.state == PLANNED,
            SetSession.starts_at < row.ends_at,
            SetSession.starts_at > row.starts_at - timedelta(minutes=600),
        )
        .order_by(SetSession.starts_at, SetSession.id)
    )
    return found + [
        Overlap(one.name, one.starts_at)
        for one in sessions
        if one.starts_at + timedelta(minutes=one.minutes) > row.starts_at
    ]
