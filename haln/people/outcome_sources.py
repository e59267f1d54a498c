"""What an outcome came of: one of a member's connections, a learning set that they sit or sat in, or lead, or an event.

Of an event those may tell who were at it, or organise it, once it is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import NotFound
from haln.models import Connection, Event, LearningSet, Member, Outcome, SetMembership
from haln.people import outcome_events, visibility
from haln.people.visibility import visible_ids

CONNECTION, SET, EVENT = "connection", "set", "event"
SOURCES = (CONNECTION, SET, EVENT)
_NOT_FOUND = "There is no such page, or it is not for you."


@dataclass(frozen=True, slots=True)
class Source:
    """A connection, a set or an event. `name`: of the other person, set or event; empty where they may not be seen.

    `key` is the public id that addresses it. `people`: everybody who has part in it beside the member, of an event
    those whom they may name; `partners`: those without whose yes no story can name the member. `began_at`: of an event
    alone; nothing came of it before.
    """

    connection_id: int | None
    set_id: int | None
    key: str
    name: str
    people: frozenset[int] = frozenset()
    partners: frozenset[int] = frozenset()
    event_id: int | None = None
    began_at: datetime | None = None

    @property
    def came_of(self) -> str:
        """What it is: a connection, a set or an event."""
        return came_of(self)


def came_of(one: Outcome | Source) -> str:
    """What an outcome came of, or a source is: a connection, a set or an event."""
    return EVENT if one.event_id is not None else SET if one.set_id is not None else CONNECTION


def is_of(source: str) -> ColumnElement[bool]:
    """Whether a row of Outcome came of such a source."""
    columns = {CONNECTION: Outcome.connection_id, SET: Outcome.set_id, EVENT: Outcome.event_id}
    return columns[source].is_not(None)


@dataclass(frozen=True, slots=True)
class SetLine:
    """A learning set of which a member may tell."""

    key: str
    name: str


def connection(session: Session, actor: Actor, other: str) -> Source:
    """The open connection with the member of that public id. Raises NotFound."""
    me = actor.member_id
    row = session.execute(
        select(Connection.id, Member.id.label("other_id"), Member.public_id, Member.name)
        .join(Member, Member.id == case((Connection.low_id == me, Connection.high_id), else_=Connection.low_id))
        .where(
            or_(Connection.low_id == me, Connection.high_id == me),
            Connection.until.is_(None),
            Member.public_id == other,
            visibility.may_see(me),
        )
    ).first()
    if row is None:
        raise NotFound(_NOT_FOUND)
    partner = frozenset({row.other_id})
    return Source(row.id, None, row.public_id, row.name, partner, partner)


def learning_set(session: Session, actor: Actor, public_id: str) -> Source:
    """The set of that public id, which the member sits or sat in, or leads. Raises NotFound."""
    row = session.execute(
        select(LearningSet.id, LearningSet.public_id, LearningSet.name).where(
            LearningSet.public_id == public_id, _part_in(actor.member_id)
        )
    ).first()
    if row is None:
        raise NotFound(_NOT_FOUND)
    return Source(None, row.id, row.public_id, row.name, _people(session, [row.id])[row.id] - {actor.member_id})


def learning_sets(session: Session, actor: Actor) -> list[SetLine]:
    """The sets of which the actor may tell, by name."""
    rows = session.execute(
        select(LearningSet.public_id, LearningSet.name)
        .where(LearningSet.public_id.is_not(None), _part_in(actor.member_id))
        .order_by(LearningSet.name, LearningSet.id)
    )
    return [SetLine(row.public_id, row.name) for row in rows]


def event(session: Session, actor: Actor, public_id: str, now: datetime) -> Source:
    """The event of that public id, which is over, and which the member was at, or organised. Raises NotFound."""
    me = actor.member_id
    row = session.execute(
        select(Event.id, Event.public_id, Event.title, Event.starts_at).where(
            Event.public_id == public_id, outcome_events.tellable(me, now)
        )
    ).first()
    if row is None:
        raise NotFound(_NOT_FOUND)
    people = outcome_events.nameable(session, me, [row.id])[row.id]
    return Source(None, None, row.public_id, row.title, people, event_id=row.id, began_at=row.starts_at)


def _part_in(me: int) -> ColumnElement[bool]:
    sat = select(SetMembership.set_id).where(SetMembership.member_id == me)
    return or_(LearningSet.facilitator_id == me, LearningSet.id.in_(sat))


def _people(session: Session, sets: Sequence[int]) -> dict[int, frozenset[int]]:
    """Everybody who sits or sat in sets, and who leads them."""
    found: dict[int, set[int]] = defaultdict(set)
    for number, leader in session.execute(
        select(LearningSet.id, LearningSet.facilitator_id).where(LearningSet.id.in_(sets))
    ):
        found[number] |= {leader} if leader is not None else set()
    for number, member in session.execute(
        select(SetMembership.set_id, SetMembership.member_id).where(SetMembership.set_id.in_(sets))
    ):
        found[number].add(member)
    return defaultdict(frozenset, {number: frozenset(people) for number, people in found.items()})


def of_outcome(session: Session, actor: Actor, row: Outcome) -> Source:
    """What one of the actor's own outcomes came of."""
    return of_outcomes(session, actor, [row])[row.id]


def of_outcomes(session: Session, actor: Actor, rows: Sequence[Outcome]) -> dict[int, Source]:
    """What the actor's own outcomes came of, by their numbers: also where it has ended since."""
    me = actor.member_id
    ties = _connections(session, me, {row.connection_id for row in rows if row.connection_id is not None})
    sets = _sets(session, me, {row.set_id for row in rows if row.set_id is not None})
    events = _events(session, me, {row.event_id for row in rows if row.event_id is not None})
    return {
        row.id: ties.get(row.connection_id or 0) or sets.get(row.set_id or 0) or events[row.event_id or 0]
        for row in rows
    }


def _connections(session: Session, me: int, ties: Collection[int]) -> dict[int, Source]:
    """Connections of which a member has told, by their numbers."""
    if not ties:
        return {}
    others = {
        one.id: one.high_id if one.low_id == me else one.low_id
        for one in session.execute(
            select(Connection.id, Connection.low_id, Connection.high_id).where(Connection.id.in_(sorted(ties)))
        )
    }
    seen = visible_ids(session, me, others.values())
    names = {
        one.id: (one.public_id, one.name)
        for one in session.execute(select(Member.id, Member.public_id, Member.name).where(Member.id.in_(seen)))
    }
    return {
        tie: Source(tie, None, *names.get(other, ("", "")), frozenset({other}), frozenset({other}))
        for tie, other in others.items()
    }


def _sets(session: Session, me: int, sets: Collection[int]) -> dict[int, Source]:
    """Sets of which a member has told, by their numbers."""
    if not sets:
        return {}
    people = _people(session, sorted(sets))
    rows = session.execute(
        select(LearningSet.id, LearningSet.public_id, LearningSet.name).where(LearningSet.id.in_(sorted(sets)))
    )
    return {row.id: Source(None, row.id, row.public_id or "", row.name, people[row.id] - {me}) for row in rows}


def _events(session: Session, me: int, events: Collection[int]) -> dict[int, Source]:
    """Events of which a member has told, by their numbers."""
    if not events:
        return {}
    people = outcome_events.nameable(session, me, events)
    rows = session.execute(
        select(Event.id, Event.public_id, Event.title, Event.starts_at).where(Event.id.in_(sorted(events)))
    )
    return {
        row.id: Source(None, None, row.public_id, row.title, people[row.id], event_id=row.id, began_at=row.starts_at)
        for row in rows
    }
