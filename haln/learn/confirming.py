"""Confirm a published plan: whoever accepted has a set from then on, all of them in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn import founding, judging
from haln.learn.cohorts import SMALLEST
from haln.learn.judging import Broken
from haln.learn.leading import entrusted, led_plan
from haln.learn.repairing import min_size
from haln.learn.seat_state import LIVE, PUBLISHED, Standing, cohort_of, hold_cohort, is_over, standing
from haln.learn.studio import Studio
from haln.matching.pool import PlannedSet
from haln.matching.rules import Kind
from haln.models import CohortPlan
from haln.people import changes

RUN, DISSOLVE = "run", "dissolve"


@dataclass(frozen=True, slots=True)
class Prospect:
    """One set as it would be confirmed. `small`: fewer people accepted than the rules ask for."""

    number: int
    people: int
    small: bool

    @property
    def may_run(self) -> bool:
        """Whether it has people enough to run at all."""
        return self.people >= SMALLEST


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A plan before it is confirmed. `mark` names the answers it was shown by; `left` would be left over.

    `settled`: the day has passed, or everybody accepted; before, nothing is confirmed: whoever was missing then could
    only have declined. `waiting`: how many still have time to answer; `absent`: how many of its people do not come.
    `broken`: musts that the sets break without those, sizes apart.
    """

    public_id: str
    number: int
    version: int
    mark: str
    title: str
    cohort_public_id: str
    answer_by: datetime | None
    least: int
    sets: tuple[Prospect, ...]
    settled: bool
    waiting: int
    absent: int
    left: int
    broken: tuple[Broken, ...]


def prospect(session: Session, actor: Actor, studio: Studio, plan_public_id: str, now: datetime) -> Confirmation:
    """A plan as it would be confirmed now. Computes much: never where others wait to write."""
    plan = led_plan(session, actor, plan_public_id)
    cohort = cohort_of(session, plan)
    if plan.state != PUBLISHED or cohort.state not in LIVE:
        raise Conflict("Only a plan that is published can be confirmed.")
    found = standing(session, plan, now)
    sets, least = _coming(plan, found), min_size(plan)
    return Confirmation(
        public_id=plan.public_id,
        number=plan.number,
        version=plan.version,
        mark=found.mark(),
        title=cohort.title,
        cohort_public_id=cohort.public_id,
        answer_by=plan.answer_by,
        least=least,
        sets=tuple(Prospect(number, len(one.members), len(one.members) < least) for number, one in enumerate(sets)),
        settled=_settled(plan, found, now),
        waiting=len(found.waiting),
        absent=len(found.out),
        left=len(found.wanting),
        broken=_broken(session, studio, plan, dict(enumerate(sets)), entrusted(session, actor, cohort.id)),
    )


def _settled(plan: CohortPlan, found: Standing, now: datetime) -> bool:
    return is_over(plan, now) or not (found.waiting or found.out)


def _coming(plan: CohortPlan, found: Standing) -> list[PlannedSet]:
    """The plan's sets with those who accepted."""
    return [
        PlannedSet(tuple(sorted(found.coming.intersection(one["members"]))), one["facilitator"]) for one in plan.sets
    ]


def _broken(
    session: Session, studio: Studio, plan: CohortPlan, sets: Mapping[int, PlannedSet], trusted: bool
) -> tuple[Broken, ...]:
    """The musts that sets break, by the numbers they have in the plan; sizes are decided set by set."""
    numbers = [number for number, one in sets.items() if one.members]
    if not numbers:
        return ()
    found = judging.broken(session, studio, plan, [sets[number] for number in numbers], trusted)
    return tuple(
        replace(one, sets=tuple(numbers[place] for place in one.sets)) for one in found if one.rule.kind != Kind.SIZE
    )


def confirm(
    session: Session,
    actor: Actor,
    studio: Studio,
    plan_public_id: str,
    version: int,
    mark: str,
    small: Mapping[int, str],
    knowingly: bool,
    today: date,
    now: datetime,
) -> list[str]:
    """Make learning sets of those who accepted; whoever wanted a place and has none is left over, and told kindly.

    `small` says of each set with fewer people than the rules ask for whether it runs or is dissolved; `knowingly`, that
    the sets may break other musts. The studio should be warm. Returns the sets' public ids. Raises NotFound, Conflict
    when anything has changed since the actor saw `version` and `mark`, Invalid while something is to be decided.
    """
    changes.hold(session)
    hold_cohort(session, plan_public_id)
    plan = led_plan(session, actor, plan_public_id, version=version)
    cohort = cohort_of(session, plan)
    if plan.state != PUBLISHED or cohort.state not in LIVE:
        raise Conflict("Only a plan that is published can be confirmed.")
    found = standing(session, plan, now)
    if found.mark() != mark:
        raise Conflict("Answers have changed since you opened the page. Look at it again.")
    if not _settled(plan, found, now):
        raise Conflict("Not everybody has accepted. Confirm when the day to answer has passed, or when all have.")
    kept = _decided(_coming(plan, found), min_size(plan), small)
    trusted = entrusted(session, actor, cohort.id)
    if _broken(session, studio, plan, kept, trusted) and not knowingly:
        problem = "Say that you confirm these sets although they break a rule that must hold."
        raise Invalid(problem, {"knowingly": problem})
    made = founding.found(session, plan, cohort, list(kept.values()), found, today, now)
    detail: history.Detail = {"sets": len(made.sets), "placed": made.placed, "left_over": made.left_over}
    history.record(session, actor.member_id, "confirm_plan", "cohort_plan", plan.id, now, detail)
    return made.sets


def _decided(sets: list[PlannedSet], least: int, small: Mapping[int, str]) -> dict[int, PlannedSet]:
    """The sets that run, by number. Raises Invalid while a small one is not decided, or none runs."""
    problems: dict[str, str] = {}
    kept: dict[int, PlannedSet] = {}
    for number, one in enumerate(sets):
        choice = RUN if len(one.members) >= least else small.get(number, "" if one.members else DISSOLVE)
        if choice not in (RUN, DISSOLVE):
            problems[f"small-{number}"] = "Decide for each small set whether it runs or is dissolved."
        elif choice == RUN and len(one.members) < SMALLEST:
            problems[f"small-{number}"] = "A set of fewer than four people cannot run. Dissolve it, or repair the plan."
        elif choice == RUN:
            kept[number] = one
    if problems:
        raise Invalid(next(iter(problems.values())), problems)
    if not kept:
        raise Invalid("No set would be left. Repair the plan, or ask more people to apply.")
    return kept
