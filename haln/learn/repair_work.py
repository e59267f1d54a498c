"""The worker's turn at repairs: claim one, work it out, keep what was found.

As for plans (`plan_work`), the row is the queue: waiting → forming → ready, nothing locked while it is computed, and a
lease that ends when a worker is killed, so that another begins anew and comes to the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from haln.learn import plan_queue
from haln.learn.plan_queue import Turn
from haln.learn.plan_rows import plan_of, set_rows
from haln.learn.plan_work import SIGN, Bench
from haln.learn.repairing import TASK
from haln.learn.rule_rows import rules_of
from haln.learn.seat_state import PUBLISHED, Standing, cohort_of, standing
from haln.learn.studio import Studio, fitted
from haln.matching.pool import Plan, PlannedSet, Pool
from haln.matching.rules import Rules, Strength
from haln.models import CohortPlan

if TYPE_CHECKING:
    from haln.matching.objective import Assessment
    from haln.matching.problem import Problem

LEASE = timedelta(minutes=10)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """What a repair is worked out from. `held`: who accepted a place in a set that stays.

    `mark`: the answers it is worked out from; `data_version`: of the applicants.
    """

    pool: Pool
    rules: Rules
    start: Plan
    held: frozenset[int]
    seed: int
    mark: str
    data_version: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was worked out: the plan, its worth, the musts it breaks (rule's index, sets), and the answers it is for."""

    plan: Plan
    value: float
    breaks: int
    broken: list[tuple[int, list[int]]]
    mark: str


def work_next(session: Session, studio: Studio, worker: str, bench: Bench) -> bool:
    """Work one repair out. Returns whether there was one. Commits as it goes."""
    turn = plan_queue.claim(session, (TASK,), worker, bench.clock(), LEASE)
    bench.commit()
    if turn is None:
        return False
    try:
        with studio.reading():
            row = session.get_one(CohortPlan, turn.plan_id, populate_existing=True)
            task = gather(session, studio, row, bench.clock())
            bench.commit()
        run_id = plan_queue.begin_run(session, row, task.data_version, bench.clock())
        bench.commit()
        found = work_out(task, _watch(bench))
    except Exception:
        bench.rollback()
        _log.exception("Repair %s could not be worked out", turn.plan_id)
        plan_queue.try_again(session, turn, bench.clock())
    else:
        if bench.stopping():
            plan_queue.give_back(session, turn)
        else:
            _keep(session, turn, found, bench.clock())
            plan_queue.end_run(session, run_id, bench.clock())
    bench.commit()
    return True


def _watch(bench: Bench) -> Callable[[object], bool]:
    """Let the edge do what cannot wait, now and then while a repair is worked out."""
    last = bench.clock()

    def watch(_progress: object) -> bool:
        nonlocal last
        if bench.stopping():
            return False
        if bench.clock() - last >= SIGN:
            bench.meanwhile()
            last = bench.clock()
        return True

    return watch


def _keep(session: Session, turn: Turn, found: Repaired, now: datetime) -> None:
    """Keep what was found, unless the repair was discarded meanwhile or has passed to another worker."""
    plan_queue.write(
        session,
        turn,
        state="ready",
        sets=set_rows(found.plan),
        left_over=list(found.plan.left_over),
        value=found.value,
        breaks=found.breaks,
        data_version=found.mark,
        progress=turn.shown(broken=found.broken),
        leased_by=None,
        leased_until=None,
        changed_at=now,
    )


def gather(session: Session, studio: Studio, row: CohortPlan, now: datetime) -> Task:
    """Read what a repair of a published plan is worked out from, by the answers as they are now."""
    # Read anew: the worker that formed the plan still holds it as it was before it was published.
    base = session.get_one(CohortPlan, row.base_id, populate_existing=True)
    found = standing(session, base, now)
    encoded = studio.pool(session, cohort_of(session, base))
    there = found.coming | found.waiting | found.wanting if base.state == PUBLISHED else frozenset[int]()
    people = tuple(one for one in encoded.pool.applicants if one.id in there)
    encoded = replace(encoded, pool=replace(encoded.pool, applicants=people))
    start = fitted(plan_of(row), encoded)
    held = _held(start, found)
    return Task(encoded.pool, rules_of(row.rules), start, held, row.seed, found.mark(), encoded.version)


def work_out(task: Task, watch: Callable[[object], bool] | None = None) -> Repaired:
    """Repair a plan.

    First with everybody who accepted held where they are; only where a must cannot be kept so, with nobody held.
    """
    from haln.matching.forming import Locks, effort_for, repair
    from haln.matching.objective import assess, prepare

    problem = prepare(task.pool, task.rules, len(task.start.sets))
    effort = effort_for(len(task.pool.applicants))
    plan = repair(problem, task.start, task.seed, effort, Locks(task.held, frozenset()), watch).plan
    if task.held and assess(problem, plan).breaks:
        free = repair(problem, task.start, task.seed, effort, Locks(frozenset(), frozenset()), watch).plan
        plan = min((plan, free), key=lambda one: assess(problem, one).breaks)
    plan = _same_leaders(problem, task.start, _in_order(task.start, plan))
    judged = assess(problem, plan)
    return Repaired(plan, judged.value, judged.breaks, _broken(judged, problem), task.mark)


def _held(start: Plan, found: Standing) -> frozenset[int]:
    """Who accepted a place in a set that stays."""
    return found.coming & {member for one in start.sets for member in one.members}


def _in_order(start: Plan, plan: Plan) -> Plan:
    """The sets in the order of those that they came of: by most people in common, the first of equals."""
    common = sorted(
        (-len(set(one.members) & set(other.members)), abs(old - new), old, new)
        for old, one in enumerate(start.sets)
        for new, other in enumerate(plan.sets)
    )
    chosen: dict[int, int] = {}
    for _, _, old, new in common:
        if old not in chosen and new not in chosen.values():
            chosen[old] = new
    return replace(plan, sets=tuple(plan.sets[chosen[old]] for old in range(len(start.sets))))


def _same_leaders(problem: Problem, start: Plan, plan: Plan) -> Plan:
    """The plan with the facilitators whom people were told of, where that breaks nothing more."""
    from haln.matching.objective import assess

    sets = tuple(PlannedSet(one.members, old.facilitator) for one, old in zip(plan.sets, start.sets, strict=True))
    same = replace(plan, sets=sets)
    return same if assess(problem, same).breaks <= assess(problem, plan).breaks else plan


def _broken(judged: Assessment, problem: Problem) -> list[tuple[int, list[int]]]:
    return [
        (report.index, sorted({one.set for one in report.breaks if one.set is not None}))
        for report, rule in zip(judged.rules, problem.rules, strict=True)
        if not report.kept and rule.strength is Strength.MUST
    ]
