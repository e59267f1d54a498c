"""The learning sets that a cohort was formed into, for its facilitators to go on to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn.leading import led_cohort
from haln.learn.set_access import sits
from haln.models import Cohort, LearningSet, Member, SetMembership
from haln.people.visibility import ACTIVE


@dataclass(frozen=True, slots=True)
class SetLine:
    """One set. `name`: what it was called since; empty while it is the cohort's name and the set's number."""

    public_id: str
    number: int
    name: str
    members: int
    starts_on: date | None
    ended: bool


def own_name(cohort: Cohort, row: LearningSet) -> str:
    """What a set of a cohort was called since; empty while it is the cohort's name and the set's number."""
    return "" if row.name.startswith(f"{cohort.title}: ") else row.name


def listing(session: Session, actor: Actor, cohort: str) -> tuple[SetLine, ...]:
    """The sets of a cohort that the actor leads, in the order of their numbers. Raises NotFound."""
    row = led_cohort(session, actor, cohort)
    members = (
        select(func.count(SetMembership.member_id))
        .join(Member, Member.id == SetMembership.member_id)
        .where(SetMembership.set_id == LearningSet.id, sits(), Member.standing == ACTIVE)
        .correlate(LearningSet)
        .scalar_subquery()
    )
    sets = session.execute(
        select(LearningSet, members)
        .where(LearningSet.cohort_id == row.id, LearningSet.public_id.is_not(None))
        .order_by(LearningSet.set_number, LearningSet.id)
    )
    return tuple(
        SetLine(
            public_id=one.public_id or "",
            number=one.set_number or 0,
            name=own_name(row, one),
            members=count,
            starts_on=one.started_on,
            ended=one.ended_on is not None,
        )
        for one, count in sets
    )
