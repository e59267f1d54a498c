"""The worker's turn at plans: claim one, form it, keep what was found.

A plan goes waiting → forming → ready, with short transactions in between and none while it is computed. The lease is
renewed with every sign of progress; when a worker is killed the lease ends, and another begins anew: the same seed and
data give the same plan. A worker that was taken for dead finds that its lease is another's, and lets go.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from haln import history
from haln.errors import Conflict, HalnError
from haln.learn import plan_advice, plan_reports
from haln.learn.plan_rows import locked_sets, plan_of, set_rows
from haln.learn.plans import WAITING
from haln.learn.studio import Prepared, Studio, fitted
from haln.models import AlgorithmRun, Cohort, CohortPlan

if TYPE_CHECKING:
    from haln.matching.forming import Formed, Progress
    from haln.matching.pool import Plan

LEASE = timedelta(minutes=3)
SIGN = timedelta(milliseconds=700)
"""Between two signs of progress."""

MOST_ATTEMPTS = 3
_QUIET = {"synchronize_session": False}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bench:
    """What the edge lends: its commit and rollback, its clock, whether it stops, and what else it does in between."""

    commit: Callable[[], None]
    rollback: Callable[[], None]
    clock: Callable[[], datetime]
    stopping: Callable[[], bool] = lambda: False
    meanwhile: Callable[[], None] = lambda: None


class _Lost(Exception):  # nothing went wrong: the plan is another's now
    """The lease has ended, or the plan was set aside."""


def form_next(session: Session, studio: Studio, worker: str, bench: Bench) -> str | None:
    """Form one plan that waits. Returns its public id, or nothing when none waits. Commits as it goes."""
    plan_id = _claim(session, worker, bench.clock())
    bench.commit()
    if plan_id is None:
        return None
    with studio.reading():
        row = session.get_one(CohortPlan, plan_id, populate_existing=True)
        public_id, attempts = row.public_id, int(row.progress.get("attempts", 1))
        bench.commit()
    try:
        _form(session, studio, row, worker, bench)
    except _Lost:
        bench.rollback()
        _log.info("Plan %s went to another worker.", public_id)
    except HalnError as error:
        bench.rollback()
        _fail(session, plan_id, worker, error.sentence, error.values, bench)
    except Exception:
        bench.rollback()
        _log.exception("Plan %s could not be formed", public_id)
        if attempts >= MOST_ATTEMPTS:
            _fail(session, plan_id, worker, "This plan could not be formed. Form it again.", {}, bench)
        else:
            _let_go(session, plan_id, worker, bench)
    return public_id


def _claim(session: Session, worker: str, now: datetime) -> int | None:
    """Lease the oldest plan whose turn it is: one that begins from another waits for it."""
    base = aliased(CohortPlan)
    unready = select(base.id).where(base.id == CohortPlan.base_id, base.state.in_(WAITING)).exists()
    due = or_(CohortPlan.state == "waiting", and_(CohortPlan.state == "forming", CohortPlan.leased_until <= now))
    row = session.scalar(
        select(CohortPlan)
        .where(due, ~unready, CohortPlan.task.in_(("form", "improve")))
        .order_by(CohortPlan.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=CohortPlan)
    )
    if row is None:
        return None
    row.progress = {"attempts": int(row.progress.get("attempts", 0)) + 1}
    row.state, row.leased_by, row.leased_until = "forming", worker, now + LEASE
    session.flush()
    return row.id


def _form(session: Session, studio: Studio, row: CohortPlan, worker: str, bench: Bench) -> None:
    with studio.reading():
        cohort = session.get_one(Cohort, row.cohort_id, populate_existing=True)
        prepared = studio.prepared(session, cohort, row)
        earlier = _earlier(session, row)
        bench.commit()
    run_id = _begin_run(session, row, prepared, bench)
    formed = _formed(row, prepared, earlier, _watch(session, row.id, worker, bench))
    if bench.stopping():
        _let_go(session, row.id, worker, bench)
        return
    _check_distinct(formed.plan, earlier)
    report = plan_reports.report(studio.judged(prepared, formed.plan), formed.plan, prepared.version)
    advice = plan_advice.advice(prepared.problem, report)
    _keep(session, row, worker, formed, prepared, {"report": report, "advice": advice}, run_id, bench)
    if not formed.stopped:
        bench.meanwhile()
        _prove(session, studio, row, prepared, formed.plan, bench, may_replace=row.task == "form" and not earlier)


def _check_distinct(plan: Plan, earlier: tuple[Plan, ...]) -> None:
    """Refuse a plan that was shown already. Raises Conflict."""
    if any({one.members for one in plan.sets} == {one.members for one in other.sets} for other in earlier):
        raise Conflict("It came out the same as another plan: the rules leave none that is different and as good.")


def _earlier(session: Session, row: CohortPlan) -> tuple[Plan, ...]:
    """The plans that were asked for in the same request before this one: it should differ from them."""
    found: list[Plan] = []
    base_id = row.base_id if row.task == "form" else None
    while base_id is not None:
        base = session.get(CohortPlan, base_id)
        if base is None or base.task != "form":
            break
        if base.sets:
            found.append(plan_of(base))
        base_id = base.base_id
    return tuple(reversed(found))


def _formed(
    row: CohortPlan, prepared: Prepared, earlier: tuple[Plan, ...], watch: Callable[[Progress], bool]
) -> Formed:
    from haln.matching.forming import Locks, effort_for, form

    effort = effort_for(len(prepared.encoded.pool.applicants))
    if row.task == "form":
        return form(prepared.problem, row.seed, effort, avoid=earlier, watch=watch)
    start = fitted(plan_of(row), prepared.encoded)
    there = {one.id for one in prepared.encoded.pool.applicants}
    locks = Locks(frozenset(row.locked) & there, locked_sets(row))
    return form(prepared.problem, row.seed, effort, start=start, locks=locks, watch=watch)


def _watch(session: Session, plan_id: int, worker: str, bench: Bench) -> Callable[[Progress], bool]:
    """Keep the lease and show how far it is; between two batches, in a transaction of its own."""
    last = bench.clock()

    def watch(progress: Progress) -> bool:
        nonlocal last
        if bench.stopping():
            return False
        now = bench.clock()
        if now - last < SIGN:
            return True
        last = now
        shown = {"done": round(progress.done, 3), "value": progress.value, "breaks": progress.breaks}
        row = session.execute(
            update(CohortPlan)
            .where(CohortPlan.id == plan_id, *_mine(worker))
            .values(progress=shown, leased_until=now + LEASE)
            .returning(CohortPlan.stop_asked),
            execution_options=_QUIET,
        ).first()
        bench.commit()
        if row is None:
            raise _Lost
        bench.meanwhile()
        return not row.stop_asked

    return watch


def _mine(worker: str) -> tuple[Any, Any]:
    return CohortPlan.state == "forming", CohortPlan.leased_by == worker


def _begin_run(session: Session, row: CohortPlan, prepared: Prepared, bench: Bench) -> int:
    """Write down that an algorithm runs: on which data, with which rules and seed."""
    run = AlgorithmRun(
        kind="plan",
        started_at=bench.clock(),
        data_version=prepared.version,
        weights_version=plan_reports.rules_version(row.rules),
        seed=row.seed,
        progress={"plan": row.id, "task": row.task},
    )
    session.add(run)
    session.flush()
    bench.commit()
    return run.id


def _keep(
    session: Session,
    row: CohortPlan,
    worker: str,
    formed: Formed,
    prepared: Prepared,
    found: dict[str, Any],
    run_id: int,
    bench: Bench,
) -> None:
    now = bench.clock()
    found["stopped"] = formed.stopped
    locked = locked_sets(row) if row.task == "improve" else frozenset[int]()
    kept = session.execute(
        update(CohortPlan)
        .where(CohortPlan.id == row.id, *_mine(worker))
        .values(
            state="ready",
            sets=set_rows(formed.plan, locked),
            left_over=list(formed.plan.left_over),
            value=found["report"]["value"],
            breaks=found["report"]["breaks"],
            data_version=prepared.version,
            progress=found,
            leased_by=None,
            leased_until=None,
            stop_asked=False,
            version=CohortPlan.version + 1,
            changed_at=now,
        )
        .returning(CohortPlan.id),
        execution_options=_QUIET,
    ).first()
    if kept is None:
        raise _Lost
    session.execute(update(AlgorithmRun).where(AlgorithmRun.id == run_id).values(finished_at=now))
    detail: history.Detail = {"seed": row.seed, "data": prepared.version, "breaks": found["report"]["breaks"]}
    history.record(session, None, "form_plan", "plan", row.id, now, detail)
    bench.commit()


def _prove(
    session: Session,
    studio: Studio,
    row: CohortPlan,
    prepared: Prepared,
    plan: Plan,
    bench: Bench,
    *,
    may_replace: bool,
) -> None:
    """Say how good the plan is beside the best there could be, where that is found out in little time.

    The plan can be looked at meanwhile. A better one that comes out takes its place only if nobody has changed it, and
    never that of a plan that was asked for because it is different.
    """
    kept = row.version + 1
    found = plan_advice.proved(prepared.problem, plan)
    if found is None:
        return
    upper, better = found
    mine = CohortPlan.id == row.id, CohortPlan.data_version == prepared.version
    session.execute(update(CohortPlan).where(*mine).values(bound=upper), execution_options=_QUIET)
    if better is not None and may_replace:
        report = plan_reports.report(studio.judged(prepared, better), better, prepared.version)
        session.execute(
            update(CohortPlan)
            .where(*mine, CohortPlan.state == "ready", CohortPlan.version == kept)
            .values(
                sets=set_rows(better),
                left_over=list(better.left_over),
                value=report["value"],
                breaks=report["breaks"],
                progress={"report": report, "advice": None},
                version=CohortPlan.version + 1,
                changed_at=bench.clock(),
            ),
            execution_options=_QUIET,
        )
    bench.commit()


def _fail(session: Session, plan_id: int, worker: str, sentence: str, values: dict[str, object], bench: Bench) -> None:
    session.execute(
        update(CohortPlan)
        .where(CohortPlan.id == plan_id, *_mine(worker))
        .values(
            state="failed",
            progress={"problem": sentence, "values": {name: str(value) for name, value in values.items()}},
            leased_by=None,
            leased_until=None,
            version=CohortPlan.version + 1,
            changed_at=bench.clock(),
        ),
        execution_options=_QUIET,
    )
    bench.commit()


def _let_go(session: Session, plan_id: int, worker: str, bench: Bench) -> None:
    """Give the plan back to whoever comes next."""
    session.execute(
        update(CohortPlan)
        .where(CohortPlan.id == plan_id, *_mine(worker))
        .values(state="waiting", leased_by=None, leased_until=None),
        execution_options=_QUIET,
    )
    bench.commit()
