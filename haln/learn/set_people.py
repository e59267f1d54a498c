"""The people of a set as one of those concerned with it may see them.

Whoever took a seat knew who else was asked, so set-mates read each other's names even where somebody is hidden from the
network; every other fact passes the gate. Two people of whom one has blocked the other see neither name nor fact. Who
has left the set, or the network, is a former member.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from haln.learn.set_access import sitting_in
from haln.models import LearningSet, Member, SetMembership
from haln.people import seen, visibility
from haln.people.seen import PersonLine
from haln.people.visibility import ACTIVE


class Sight(StrEnum):
    """How much of somebody may be said."""

    HERE = "here"
    UNSEEN = "unseen"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class Mate:
    """Somebody of a set. `person` is none where the gate shows no more than the name; the name is empty unless here."""

    id: int
    sight: Sight
    name: str = ""
    person: PersonLine | None = None
    joined_on: date | None = None
    sitting: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """Everybody of a set: the members of today in order of name, and who leads it."""

    members: tuple[Mate, ...]
    facilitator: Mate | None
    known: Mapping[int, Mate]

    def of(self, member_id: int | None) -> Mate | None:
        """Somebody by number: a former member unless they are here; none for none."""
        if member_id is None:
            return None
        return self.known.get(member_id, Mate(member_id, Sight.FORMER))


def circle(session: Session, viewer_id: int, row: LearningSet) -> Circle:
    """The people of a set as the viewer may see them: two queries."""
    leader = row.facilitator_id
    found = session.execute(
        select(
            Member.id,
            Member.name,
            SetMembership.member_id.is_not(None).label("sitting"),
            SetMembership.joined_on,
            visibility.blocked(viewer_id, Member.id).label("blocked"),
        )
        .outerjoin(SetMembership, and_(SetMembership.member_id == Member.id, sitting_in(row.id)))
        .where(Member.standing == ACTIVE, or_(SetMembership.member_id.is_not(None), Member.id == leader))
        .order_by(Member.sort_name, Member.id)
    ).all()
    lines = seen.people(session, viewer_id, (one.id for one in found))
    known = {}
    for one in found:
        if one.blocked:
            known[one.id] = Mate(one.id, Sight.UNSEEN, joined_on=one.joined_on, sitting=one.sitting)
        else:
            known[one.id] = Mate(one.id, Sight.HERE, one.name, lines.get(one.id), one.joined_on, one.sitting)
    members = tuple(mate for mate in known.values() if mate.sitting)
    return Circle(members, known.get(leader) if leader else None, known)


def sitting_ids(session: Session, set_id: int) -> list[int]:
    """The members of today who are in the network, in the order of their ids."""
    return list(
        session.scalars(
            select(SetMembership.member_id)
            .join(Member, Member.id == SetMembership.member_id)
            .where(sitting_in(set_id), Member.standing == ACTIVE)
            .order_by(SetMembership.member_id)
        )
    )
