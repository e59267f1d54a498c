"""What changing a cohort takes from people who are asked for their answers: to be read before it is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import cohort_facilitators
from haln.learn.leading import led_cohort
from haln.learn.seat_state import PUBLISHED
from haln.models import ApplicationSlot, CohortPlan, CohortSlot


@dataclass(frozen=True, slots=True)
class LostTimes:
    """Times of a cohort that a facilitator would take away, `of` so many, and how many answers go with them."""

    times: int
    of: int
    answers: int


def times(session: Session, actor: Actor, cohort: str, ids: Collection[int]) -> LostTimes | None:
    """What taking times away would take from a plan that is published; none where nothing is. Raises NotFound."""
    row = led_cohort(session, actor, cohort)
    if _published(session, row.id) is None:
        return None
    every = select(CohortSlot.id).where(CohortSlot.cohort_id == row.id)
    gone = session.scalars(every.where(CohortSlot.id.in_(sorted(ids)))).all()
    if not gone:
        return None
    answers = select(func.count()).select_from(ApplicationSlot).where(ApplicationSlot.slot_id.in_(gone))
    count = select(func.count(CohortSlot.id)).where(CohortSlot.cohort_id == row.id)
    return LostTimes(len(gone), session.scalar(count) or 0, session.scalar(answers) or 0)


@dataclass(frozen=True, slots=True)
class LostLeader:
    """A facilitator whom a plan that is published names, and the numbers of the sets that nobody leads without them."""

    name: str
    own: bool
    sets: tuple[int, ...]


def leader(session: Session, actor: Actor, cohort: str, person: str) -> LostLeader | None:
    """What taking a facilitator out would leave unled; none where it is nothing, or cannot be. Raises NotFound."""
    row = led_cohort(session, actor, cohort)
    leaders, plan = cohort_facilitators.listing(session, actor, row.id), _published(session, row.id)
    found = next((one for one in leaders if one.public_id == person), None)
    if found is None or plan is None or len(leaders) == 1:
        return None
    sets = tuple(number for number, one in enumerate(plan.sets) if one["facilitator"] == found.member_id)
    return LostLeader(found.name, found.own, sets) if sets else None


def _published(session: Session, cohort_id: int) -> CohortPlan | None:
    return session.scalar(select(CohortPlan).where(CohortPlan.cohort_id == cohort_id, CohortPlan.state == PUBLISHED))
