"""What an outcome came of: one of a member's connections, or a learning set that they sit or sat in, or lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import NotFound
from haln.models import Connection, LearningSet, Member, Outcome, SetMembership
from haln.people import visibility
from haln.people.visibility import visible_ids

_NOT_FOUND = "There is no such page, or it is not for you."


@dataclass(frozen=True, slots=True)
class Source:
    """A connection, or a set. `name`: of the other person, or of the set; empty where they may not be seen.

    `key` is the public id that addresses it. `people`: everybody who has part in it beside the member; `partners`:
    those without whose yes no story can name the member.
    """

    connection_id: int | None
    set_id: int | None
    key: str
    name: str
    people: frozenset[int] = frozenset()
    partners: frozenset[int] = frozenset()

    @property
    def of_set(self) -> bool:
        """Whether it is a learning set."""
        return self.set_id is not None


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
    ties = {row.connection_id for row in rows if row.connection_id is not None}
    sets = sorted({row.set_id for row in rows if row.set_id is not None})
    others = {
        one.id: one.high_id if one.low_id == me else one.low_id
        for one in session.execute(
            select(Connection.id, Connection.low_id, Connection.high_id).where(Connection.id.in_(ties))
        )
    }
    seen = visible_ids(session, me, others.values())
    names = {
        one.id: (one.public_id, one.name)
        for one in session.execute(select(Member.id, Member.public_id, Member.name).where(Member.id.in_(seen)))
    }
    known = {
        one.id: one
        for one in session.execute(
            select(LearningSet.id, LearningSet.public_id, LearningSet.name).where(LearningSet.id.in_(sets))
        )
    }
    people = _people(session, sets)
    found = {}
    for row in rows:
        if row.set_id is not None:
            one = known[row.set_id]
            found[row.id] = Source(None, row.set_id, one.public_id or "", one.name, people[row.set_id] - {me})
        else:
            other = others[row.connection_id or 0]
            partner = frozenset({other})
            found[row.id] = Source(row.connection_id, None, *names.get(other, ("", "")), partner, partner)
    return found
