"""The queue that plans and their repairs wait in: one is claimed with a lease, kept, given back or given up.

The row is the queue: waiting → forming → ready or failed. How often a row was begun is kept in its progress, whatever
else is written there: what fails again and again, or kills whoever works on it, does not keep others waiting.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, aliased

from haln.learn import plan_reports
from haln.models import AlgorithmRun, CohortPlan

WAITING = ("waiting", "forming")
MOST_ATTEMPTS = 3
GIVEN_UP = "This plan could not be formed. Form it again."
_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Turn:
    """A row that a worker has claimed, and what its progress holds besides how far it is."""

    plan_id: int
    public_id: str
    worker: str
    progress: Mapping[str, Any]

    def shown(self, **more: Any) -> dict[str, Any]:
        """The progress to write: what is kept, and more."""
        return {**self.progress, **more}


def claim(session: Session, tasks: Collection[str], worker: str, now: datetime, lease: timedelta) -> Turn | None:
    """Lease the oldest row whose turn it is: one that begins from another that is not ready waits for it.

    One that has been begun too often, by workers that were killed, is given up.
    """
    while (row := _due(session, tasks, now)) is not None:
        attempts = int(row.progress.get("attempts", 0)) + 1
        if attempts <= MOST_ATTEMPTS:
            row.progress = {**row.progress, "attempts": attempts}
            row.state, row.leased_by, row.leased_until = "forming", worker, now + lease
            session.flush()
            return Turn(row.id, row.public_id, worker, row.progress)
        row.progress = {**row.progress, "problem": GIVEN_UP, "values": {}}
        row.state, row.leased_by, row.leased_until = "failed", None, None
        row.version += 1
        row.changed_at = now
        session.flush()
    return None


def _due(session: Session, tasks: Collection[str], now: datetime) -> CohortPlan | None:
    base = aliased(CohortPlan)
    unready = select(base.id).where(base.id == CohortPlan.base_id, base.state.in_(WAITING)).exists()
    due = or_(CohortPlan.state == "waiting", and_(CohortPlan.state == "forming", CohortPlan.leased_until <= now))
    return session.scalar(
        select(CohortPlan)
        .where(due, ~unready, CohortPlan.task.in_(tasks))
        .order_by(CohortPlan.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=CohortPlan)
        .execution_options(populate_existing=True)
    )


def write(session: Session, turn: Turn, **values: Any) -> bool:
    """Write to the row, unless the lease is another's by now or the row was set aside. Returns whether it was written.

    `stop_asked` and all else that is not named stay as they are.
    """
    written = session.execute(
        update(CohortPlan)
        .where(CohortPlan.id == turn.plan_id, CohortPlan.state == "forming", CohortPlan.leased_by == turn.worker)
        .values(**values)
        .returning(CohortPlan.id),
        execution_options=_QUIET,
    ).first()
    return written is not None


def give_back(session: Session, turn: Turn) -> None:
    """Give the row back to whoever comes next, as if it had not been begun: the worker was told to stop."""
    begun = turn.shown(attempts=int(turn.progress["attempts"]) - 1)
    write(session, turn, state="waiting", progress=begun, leased_by=None, leased_until=None)


def try_again(session: Session, turn: Turn, now: datetime) -> None:
    """Give back what went wrong, or give it up when it has gone wrong too often."""
    if int(turn.progress["attempts"]) >= MOST_ATTEMPTS:
        fail(session, turn, GIVEN_UP, {}, now)
    else:
        write(session, turn, state="waiting", progress=turn.shown(), leased_by=None, leased_until=None)


def fail(session: Session, turn: Turn, sentence: str, values: Mapping[str, object], now: datetime) -> None:
    """Say that a row cannot be formed, and why."""
    problem = turn.shown(problem=sentence, values={name: str(value) for name, value in values.items()})
    write(
        session,
        turn,
        state="failed",
        progress=problem,
        leased_by=None,
        leased_until=None,
        version=CohortPlan.version + 1,
        changed_at=now,
    )


def begin_run(session: Session, row: CohortPlan, data_version: str, now: datetime) -> int:
    """Write down that an algorithm runs: on which data, with which rules and seed. Returns the run's id."""
    run = AlgorithmRun(
        kind="plan",
        started_at=now,
        data_version=data_version,
        weights_version=plan_reports.rules_version(row.rules),
        seed=row.seed,
        progress={"plan": row.id, "task": row.task},
    )
    session.add(run)
    session.flush()
    return run.id


def end_run(session: Session, run_id: int, now: datetime) -> None:
    """Write down that a run has come to its end."""
    session.execute(update(AlgorithmRun).where(AlgorithmRun.id == run_id).values(finished_at=now))
