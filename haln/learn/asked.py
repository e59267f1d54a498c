"""A published plan as its facilitators follow it: counts, and no names.

Who declined is named nowhere, and cannot be found by taking one list from another: nobody who has not answered is named
either, a set tells only how many said yes, and until the day has passed nobody leaves a set. Then whoever has not said
yes is "no longer in this plan", whether they declined, did not answer, withdrew or left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn.leading import led_plan
from haln.learn.rule_rows import rules_of
from haln.learn.seat_state import Standing, cohort_of, is_over, standing
from haln.matching.rules import size
from haln.models import CohortPlan


@dataclass(frozen=True, slots=True)
class SetCount:
    """One set of a published plan: how many of its people accepted, and how many have not.

    `small`: the day has passed, and fewer accepted than the rules ask for.
    """

    number: int
    accepted: int
    others: int
    small: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """A published plan and how its people have answered so far.

    `waiting` have time to answer; `lost` will not come, or had it; `asked`: how many were ever asked.
    """

    public_id: str
    number: int
    version: int
    state: str
    title: str
    cohort_public_id: str
    cohort_state: str
    answer_by: datetime | None
    over: bool
    least: int
    sets: tuple[SetCount, ...]
    waiting: int
    lost: int
    wanting: int
    asked: int
    repair: str | None

    @property
    def accepted(self) -> int:
        """How many accepted."""
        return sum(one.accepted for one in self.sets)


def followed(session: Session, actor: Actor, plan_public_id: str, now: datetime) -> Followed:
    """The counts of a plan that was published. Raises NotFound for a plan that is not the actor's to lead."""
    plan = led_plan(session, actor, plan_public_id)
    cohort = cohort_of(session, plan)
    found = standing(session, plan, now)
    least, _ = size(rules_of(plan.rules))
    over = is_over(plan, now)
    return Followed(
        public_id=plan.public_id,
        number=plan.number,
        version=plan.version,
        state=plan.state,
        title=cohort.title,
        cohort_public_id=cohort.public_id,
        cohort_state=cohort.state,
        answer_by=plan.answer_by,
        over=over,
        least=least,
        sets=tuple(
            _counted(number, frozenset(one["members"]), found, least if over else 0)
            for number, one in enumerate(plan.sets)
        ),
        waiting=len(found.waiting),
        lost=len(found.out),
        wanting=len(found.wanting),
        asked=len(found.places),
        repair=_repair(session, plan),
    )


def _counted(number: int, members: frozenset[int], found: Standing, least: int) -> SetCount:
    accepted = len(members & found.coming)
    return SetCount(number, accepted, len(members) - accepted, accepted < least)


def _repair(session: Session, plan: CohortPlan) -> str | None:
    """The state of the plan's repair, if one is being worked out or waits to be looked at."""
    return session.scalar(
        select(CohortPlan.state).where(
            CohortPlan.base_id == plan.id,
            CohortPlan.task == "repair",
            CohortPlan.state.in_(("waiting", "forming", "ready", "failed")),
        )
    )
