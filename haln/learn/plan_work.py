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

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln import history
from haln.errors import Conflict, HalnError, Overtaken
from haln.learn import plan_advice, plan_queue
from haln.learn.plan_queue import Turn
from haln.learn.plan_rows import locked_sets, plan_of, set_rows
from haln.learn.studio import Prepared, Studio, fitted
from haln.models import Cohort, CohortPlan

if TYPE_CHECKING:
    from haln.matching.forming import Formed, Progress
    from haln.matching.pool import Plan

LEASE = timedelta(minutes=3)
SIGN = timedelta(milliseconds=700)
"""Between two signs of progress."""

TASKS = ("form", "improve")
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
    turn = plan_queue.claim(session, TASKS, worker, bench.clock(), LEASE)
    bench.commit()
    if turn is None:
        return None
    try:
        _form(session, studio, turn, bench)
    except _Lost:
        bench.rollback()
        _log.info("Plan %s went to another worker.", turn.public_id)
    except Overtaken:
        bench.rollback()
        plan_queue.try_again(session, turn, bench.clock())
    except HalnError as error:
        bench.rollback()
        plan_queue.fail(session, turn, error.sentence, error.values, bench.clock())
    except Exception:
        bench.rollback()
        _log.exception("Plan %s could not be formed", turn.public_id)
        plan_queue.try_again(session, turn, bench.clock())
    bench.commit()
    return turn.public_id


def _form(session: Session, studio: Studio, turn: Turn, bench: Bench) -> None:
    with studio.reading():
        row = session.get_one(CohortPlan, turn.plan_id, populate_existing=True)
        cohort = session.get_one(Cohort, row.cohort_id, populate_existing=True)
        prepared = studio.prepared(session, cohort, row)
        earlier = _earlier(session, row)
        bench.commit()
    if not prepared.encoded.pool.applicants:
        raise Conflict("Nobody applies any more: whoever did has withdrawn or left. Add people, then form again.")
    run_id = plan_queue.begin_run(session, row, prepared.version, bench.clock())
    bench.commit()
    formed = _formed(row, prepared, earlier, _watch(session, turn, bench))
    if bench.stopping():
        plan_queue.give_back(session, turn)
        return
    _check_distinct(formed.plan, earlier)
    _keep(session, row, turn, formed, prepared, _said(studio, row, prepared, formed.plan), bench.clock())
    plan_queue.end_run(session, run_id, bench.clock())
    bench.commit()
    if not formed.stopped:
        bench.meanwhile()
        _prove(session, studio, row, prepared, formed.plan, bench, may_replace=row.task == "form" and not earlier)


def _said(studio: Studio, row: CohortPlan, prepared: Prepared, plan: Plan) -> dict[str, Any]:
    """What is said of a plan, and of what stands in its way; for who is not trusted, both anew."""
    found = studio.reports(prepared, row, plan)
    found["advice"] = plan_advice.advice(prepared.problem, found["report"], plan)
    if "report" in (told := found["counted"]):
        told["advice"] = plan_advice.advice(studio.counted(prepared, row).problem, told["report"], plan)
    return found


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


def _watch(session: Session, turn: Turn, bench: Bench) -> Callable[[Progress], bool]:
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
        shown = turn.shown(done=round(progress.done, 3), value=progress.value, breaks=progress.breaks)
        if not plan_queue.write(session, turn, progress=shown, leased_until=now + LEASE):
            raise _Lost
        stop = session.scalar(select(CohortPlan.stop_asked).where(CohortPlan.id == turn.plan_id))
        bench.commit()
        bench.meanwhile()
        return not stop

    return watch


def _keep(
    session: Session,
    row: CohortPlan,
    turn: Turn,
    formed: Formed,
    prepared: Prepared,
    found: dict[str, Any],
    now: datetime,
) -> None:
    locked = locked_sets(row) if row.task == "improve" else frozenset[int]()
    kept = plan_queue.write(
        session,
        turn,
        state="ready",
        sets=set_rows(formed.plan, locked),
        left_over=list(formed.plan.left_over),
        value=found["report"]["value"],
        breaks=found["report"]["breaks"],
        data_version=prepared.version,
        progress={**found, "stopped": formed.stopped},
        leased_by=None,
        leased_until=None,
        stop_asked=False,
        version=CohortPlan.version + 1,
        changed_at=now,
    )
    if not kept:
        raise _Lost
    detail: history.Detail = {"seed": row.seed, "data": prepared.version, "breaks": found["counted"]["breaks"]}
    history.record(session, None, "form_plan", "cohort_plan", row.id, now, detail)


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
    proof = plan_advice.proved(prepared.problem, plan)
    if proof is None:
        return
    upper, better = proof
    mine = CohortPlan.id == row.id, CohortPlan.data_version == prepared.version
    session.execute(update(CohortPlan).where(*mine).values(bound=upper), execution_options=_QUIET)
    if better is not None and may_replace:
        found = studio.reports(prepared, row, better)
        session.execute(
            update(CohortPlan)
            .where(*mine, CohortPlan.state == "ready", CohortPlan.version == kept)
            .values(
                sets=set_rows(better),
                left_over=list(better.left_over),
                value=found["report"]["value"],
                breaks=found["report"]["breaks"],
                progress={**found, "advice": None},
                version=CohortPlan.version + 1,
                changed_at=bench.clock(),
            ),
            execution_options=_QUIET,
        )
    bench.commit()
