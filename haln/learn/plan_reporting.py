"""The worker's turn at plans that are with their people and of which nothing is said as they stand.

A repair puts other sets in the place of those that were judged, and a demonstration is written without judging. Judging
takes seconds, and compiled libraries: it is not for those who apply a repair, or open a page, to wait for.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.learn import plan_reports
from haln.learn.plan_rows import plan_of
from haln.learn.plan_work import Bench
from haln.learn.seat_state import PUBLISHED, cohort_of
from haln.learn.studio import Studio, fitted
from haln.models import CohortPlan

UNSAID = "unsaid"
"""In a plan's progress: its report is of other sets, or there is none."""

_QUIET = {"synchronize_session": False}


def without_report(progress: dict[str, Any]) -> dict[str, Any]:
    """The progress of a plan whose sets are others than those it was judged with, so that it is judged anew."""
    return {**{key: said for key, said in progress.items() if key != "counted"}, UNSAID: True}


def report_next(session: Session, studio: Studio, bench: Bench) -> str | None:
    """Judge one such plan. Returns its public id, or nothing when there is none. Commits as it goes.

    It is tried once: what cannot be judged stays without a report, and keeps nobody waiting.
    """
    waits = CohortPlan.state == PUBLISHED, CohortPlan.progress[UNSAID].as_boolean().is_(True)
    with studio.reading():
        found = session.execute(select(CohortPlan.id).where(*waits).order_by(CohortPlan.id).limit(1)).first()
        bench.commit()
    if found is None:
        return None
    row = session.get_one(CohortPlan, found.id, populate_existing=True, with_for_update=True)
    kept = {key: said for key, said in row.progress.items() if key != UNSAID}
    row.progress = kept
    bench.commit()
    _judge(session, studio, row, kept, bench)
    bench.commit()
    return row.public_id


def _judge(session: Session, studio: Studio, row: CohortPlan, kept: dict[str, Any], bench: Bench) -> None:
    """Keep what is said of a plan, unless it was changed meanwhile; who has its page open may go on with it."""
    with studio.reading():
        version, plan = row.version, plan_of(row)
        prepared = studio.prepared(session, cohort_of(session, row), row)
        bench.commit()
    said = studio.reports(prepared, row, fitted(plan, prepared.encoded))
    for one in (said, said["counted"]):
        if "report" in one:  # whoever has gone since is passed over, and the plan names them still
            one["report"] = {**one["report"], "of": plan_reports.fingerprint(plan)}
    session.execute(
        update(CohortPlan)
        .where(CohortPlan.id == row.id, CohortPlan.state == PUBLISHED, CohortPlan.version == version)
        .values(
            value=said["report"]["value"],
            breaks=said["report"]["breaks"],
            data_version=prepared.version,
            progress={**kept, **said, "advice": None},
        ),
        execution_options=_QUIET,
    )
