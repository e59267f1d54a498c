"""What became of those who applied to a cohort: asked for a set, in one, or left over.

While people are asked it is told of everybody in the sets of the plan, whatever they answered: who declined is named
nowhere (`haln.learn.asked`). Once the sets are formed, whoever said no has withdrawn and is not listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.applicants import Applicant
from haln.learn.cohort_sets import own_name
from haln.learn.set_access import sits
from haln.models import Cohort, CohortPlan, LearningSet, SetMembership


class Became(StrEnum):
    """What became of somebody who applied."""

    ASKED = "asked"  # for a place in a set of the plan that is with its people
    SEATED = "seated"  # in a set
    GONE = "gone"  # had a place, and is in no set of the cohort any more
    LEFT_OVER = "left_over"


@dataclass(frozen=True, slots=True)
class Place:
    """What became of one person; the set they are in, its number (0 is the first) and what it was called since."""

    became: Became
    set_public_id: str = ""
    number: int = 0
    name: str = ""


def places_of(session: Session, cohort: Cohort, people: Sequence[Applicant], asked: str) -> dict[int, Place]:
    """What became of these people, by member's id; nothing is said of who waits for what becomes of them.

    `asked`: the public id of the cohort's plan that is with its people, if there is one.
    """
    if cohort.state == "formed":
        seats = _seated(session, cohort, [one.member_id for one in people])
        settled = {"placed": Place(Became.GONE), "left_over": Place(Became.LEFT_OVER)}
        return {one.member_id: settled[one.state] for one in people if one.state in settled} | seats
    if not asked:
        return {}
    sets = session.scalar(select(CohortPlan.sets).where(CohortPlan.public_id == asked))
    inside = {member for one in sets or () for member in one["members"]}
    return {one.member_id: Place(Became.ASKED) for one in people if one.member_id in inside}


def _seated(session: Session, cohort: Cohort, members: Sequence[int]) -> dict[int, Place]:
    rows = session.execute(
        select(SetMembership.member_id, LearningSet)
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
        .where(
            LearningSet.cohort_id == cohort.id,
            LearningSet.public_id.is_not(None),
            SetMembership.member_id.in_(members),
            sits(),
        )
        .order_by(LearningSet.id.desc())
    )
    return {
        member: Place(Became.SEATED, one.public_id or "", one.set_number or 0, own_name(cohort, one))
        for member, one in rows
    }
