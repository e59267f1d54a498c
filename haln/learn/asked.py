"""A published plan as its facilitators follow it: counts first, and names only where something is to be done.

Who declined is named nowhere: once a repair takes them out, they are "no longer in this plan" together with those who
did not answer, withdrew or left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn.leading import led_plan
from haln.learn.publishing import Person, named
from haln.learn.rule_rows import rules_of
from haln.learn.seat_state import Standing, cohort_of, is_over, standing
from haln.matching.rules import size
from haln.models import CohortPlan


@dataclass(frozen=True, slots=True)
class SetCount:
    """One set of a published plan: how many accepted, have time, had it (`silent`), or will not come.

    `waiting_for` are those who have not answered, with time or without. `small`: fewer can still come than the rules
    ask for.
    """

    number: int
    accepted: int
    waiting: int
    silent: int
    declined: int
    waiting_for: tuple[Person, ...]
    small: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """A published plan and how its people have answered so far. `asked`: how many were ever asked."""

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
    wanting: int
    asked: int
    repair: str | None

    @property
    def accepted(self) -> int:
        """How many accepted."""
        return sum(one.accepted for one in self.sets)

    @property
    def waiting(self) -> int:
        """How many have not answered and have time."""
        return sum(one.waiting for one in self.sets)

    @property
    def lost(self) -> int:
        """How many will not come, or let the day pass."""
        return sum(one.declined + one.silent for one in self.sets)


def followed(session: Session, actor: Actor, plan_public_id: str, now: datetime) -> Followed:
    """The counts of a plan that was published. Raises NotFound for a plan that is not the actor's to lead."""
    plan = led_plan(session, actor, plan_public_id)
    cohort = cohort_of(session, plan)
    found = standing(session, plan, now)
    least, _ = size(rules_of(plan.rules))
    people = {one.id: one for one in named(session, found.waiting | found.silent)}
    return Followed(
        public_id=plan.public_id,
        number=plan.number,
        version=plan.version,
        state=plan.state,
        title=cohort.title,
        cohort_public_id=cohort.public_id,
        cohort_state=cohort.state,
        answer_by=plan.answer_by,
        over=is_over(plan, now),
        least=least,
        sets=tuple(
            _counted(number, frozenset(one["members"]), found, people, least) for number, one in enumerate(plan.sets)
        ),
        wanting=len(found.wanting),
        asked=len(found.places),
        repair=_repair(session, plan),
    )


def _counted(number: int, members: frozenset[int], found: Standing, people: dict[int, Person], least: int) -> SetCount:
    accepted, waiting, silent = (len(members & group) for group in (found.coming, found.waiting, found.silent))
    return SetCount(
        number=number,
        accepted=accepted,
        waiting=waiting,
        silent=silent,
        declined=len(members & (found.declined | found.gone)),
        waiting_for=tuple(one for one in people.values() if one.id in members),
        small=accepted + waiting < least,
    )


def _repair(session: Session, plan: CohortPlan) -> str | None:
    """The state of the plan's repair, if one is being worked out or waits to be looked at."""
    return session.scalar(
        select(CohortPlan.state).where(
            CohortPlan.base_id == plan.id,
            CohortPlan.task == "repair",
            CohortPlan.state.in_(("waiting", "forming", "ready", "failed")),
        )
    )
