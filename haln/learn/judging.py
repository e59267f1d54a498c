"""Which musts a division into sets breaks, judged by what is known of the applicants now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from haln.learn.seat_state import cohort_of
from haln.learn.studio import Studio, fitted
from haln.matching.pool import Plan, PlannedSet
from haln.matching.rules import Rule, Strength
from haln.models import CohortPlan


@dataclass(frozen=True, slots=True)
class Broken:
    """A must that is broken: the rule, in which sets (0 is the first; none named: overall), and by whom."""

    rule: Rule
    sets: tuple[int, ...]
    members: tuple[int, ...]


def broken(
    session: Session, studio: Studio, plan: CohortPlan, sets: Sequence[PlannedSet], trusted: bool = True
) -> tuple[Broken, ...]:
    """The musts of a plan that a division of its cohort breaks; whoever is in none of the sets counts as left over.

    For who is not `trusted`: without those in confidence.

    Computes much unless the studio is warm: never where others wait to write.
    """
    from haln.matching.objective import assess  # brings compiled libraries that take seconds to load

    prepared = studio.prepared(session, cohort_of(session, plan), plan, trusted)
    found = assess(prepared.problem, fitted(Plan(tuple(sets)), prepared.encoded))
    return tuple(
        Broken(
            rule,
            tuple(sorted({one.set for one in report.breaks if one.set is not None})),
            tuple(sorted({member for one in report.breaks for member in one.members})),
        )
        for report, rule in zip(found.rules, prepared.problem.rules, strict=True)
        if rule.strength is Strength.MUST and not report.kept
    )
