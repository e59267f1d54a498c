"""Which musts a division into sets breaks, judged by what is known of the applicants now.

Judging reads much and computes: it is done where nobody waits for the right to write. What is decided by it says which
applicants it judged (`mark`), so that a change in between is noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.errors import Conflict
from haln.learn.rule_rows import rules_of
from haln.matching.pool import Plan, PlannedSet
from haln.matching.rules import Rule, Strength
from haln.models import Application, Cohort, CohortPair, CohortPlan, Member


@dataclass(frozen=True, slots=True)
class Broken:
    """A must that is broken: the rule, in which sets (0 is the first; none named: overall), and by whom."""

    rule: Rule
    sets: tuple[int, ...]
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Which musts a division breaks, whom it was judged for, and which applicants by."""

    sets: tuple[tuple[int, ...], ...]
    broken: tuple[Broken, ...]
    mark: str


def mark(session: Session, cohort_id: int) -> str:
    """A short name of what is known of a cohort's applicants: another one when any of it changes."""
    people = session.execute(
        select(func.count(Application.id), func.max(Application.changed_at), func.max(Member.change_number))
        .join(Member, Member.id == Application.member_id)
        .where(Application.cohort_id == cohort_id, Application.state == "applied", Member.standing == "active")
    ).one()
    pairs = session.execute(
        select(func.count(), func.max(CohortPair.created_at)).where(CohortPair.cohort_id == cohort_id)
    ).one()
    version = session.scalar(select(Cohort.version).where(Cohort.id == cohort_id))
    return hashlib.sha256(repr((*people, *pairs, version)).encode()).hexdigest()[:20]


def judge(session: Session, plan: CohortPlan, sets: Sequence[PlannedSet]) -> Judgement:
    """Judge a division of the plan's cohort by the plan's rules. Who is in none of the sets counts as left over."""
    # Computing loads compiled libraries, which takes seconds; most pages never need it.
    from haln.learn.encoding import pool_of
    from haln.matching.objective import assess, prepare

    cohort = session.get_one(Cohort, plan.cohort_id)
    rules, pool = rules_of(plan.rules), pool_of(session, cohort)
    told = mark(session, cohort.id)
    there = {one.id for one in pool.applicants}
    kept = tuple(PlannedSet(tuple(sorted(there.intersection(one.members))), one.facilitator) for one in sets)
    rest = there.difference(*(one.members for one in kept))
    found = assess(prepare(pool, rules, len(kept)), Plan(kept, tuple(sorted(rest))))
    broken = tuple(
        Broken(
            rules[report.index],
            tuple(sorted({one.set for one in report.breaks if one.set is not None})),
            tuple(sorted({member for one in report.breaks for member in one.members})),
        )
        for report in found.rules
        if not report.kept and rules[report.index].strength is Strength.MUST
    )
    return Judgement(tuple(one.members for one in kept), broken, told)


def check_fresh(session: Session, cohort_id: int, judgement: Judgement, sets: Sequence[Sequence[int]]) -> None:
    """Raise Conflict unless the judgement is of these sets and of the applicants as they are now."""
    same = judgement.sets == tuple(tuple(sorted(one)) for one in sets)
    if not same or judgement.mark != mark(session, cohort_id):
        raise Conflict("The applicants have changed since you opened the page. Look at it again.")
