"""How far a member came in Learning Pathways and what they wrote there, as their own copy holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, and_, delete, select, update
from sqlalchemy.orm import Session

from haln.models import (
    Pathway,
    PathwayDone,
    PathwayFinish,
    PathwayModule,
    PathwayProgress,
    PathwayReflection,
    PathwayStep,
    PathwayStepVersion,
)

Document = dict[str, Any]

TAKEN: Mapping[str, str] = {
    "pathway_done.member_id": "pathway_steps",
    "pathway_finish.member_id": "pathway_modules",
    "pathway_progress.member_id": "pathways",
    "pathway_reflection.member_id": "pathway_reflections",
}
"""The part of the copy in which each column of pathways that points to a member is found."""

ERASING: Mapping[str, str] = {
    "pathway_done.member_id": "kept as a count",
    "pathway_finish.member_id": "kept as a count",
    "pathway_progress.member_id": "kept as a count, without the own order",
    "pathway_reflection.member_id": "deleted",
}
"""What erasing does with each of them."""

_AS_IT_STANDS = {"synchronize_session": False}


def parts(session: Session, member_id: int) -> Mapping[str, list[Document]]:
    """All parts. A step stands in the words that the member did."""
    did = and_(PathwayStepVersion.step_id == PathwayDone.step_id, PathwayStepVersion.version == PathwayDone.version)
    now = and_(PathwayStepVersion.step_id == PathwayStep.id, PathwayStepVersion.version == PathwayStep.version)
    pathway, module, step = (
        Pathway.title.label("pathway"),
        PathwayModule.title.label("module"),
        PathwayStepVersion.title.label("step"),
    )
    return {
        "pathways": _rows(
            session,
            select(pathway, PathwayProgress.started_at, PathwayProgress.finished_at)
            .add_columns(PathwayProgress.found.label("others_may_know_what_you_finished"))
            .join(Pathway, Pathway.id == PathwayProgress.pathway_id)
            .where(PathwayProgress.member_id == member_id)
            .order_by(Pathway.position, Pathway.id),
        ),
        "pathway_modules": _rows(
            session,
            select(pathway, module, PathwayFinish.finished_at)
            .join(PathwayModule, PathwayModule.id == PathwayFinish.module_id)
            .join(Pathway, Pathway.id == PathwayModule.pathway_id)
            .where(PathwayFinish.member_id == member_id)
            .order_by(PathwayFinish.finished_at, PathwayModule.id),
        ),
        "pathway_steps": _rows(
            session,
            select(module, step, PathwayDone.version, PathwayDone.done_at)
            .join(PathwayStep, PathwayStep.id == PathwayDone.step_id)
            .join(PathwayModule, PathwayModule.id == PathwayStep.module_id)
            .join(PathwayStepVersion, did)
            .where(PathwayDone.member_id == member_id)
            .order_by(PathwayDone.done_at, PathwayStep.id),
        ),
        "pathway_reflections": _rows(
            session,
            select(module, step, PathwayReflection.text, PathwayReflection.written_at)
            .join(PathwayStep, PathwayStep.id == PathwayReflection.step_id)
            .join(PathwayModule, PathwayModule.id == PathwayStep.module_id)
            .join(PathwayStepVersion, now)
            .where(PathwayReflection.member_id == member_id)
            .order_by(PathwayReflection.written_at, PathwayStep.id),
        ),
    }


def _rows(session: Session, statement: Executable) -> list[Document]:
    return [dict(row._mapping) for row in session.execute(statement)]


def erase(session: Session, member_id: int) -> None:
    """Delete what a member wrote; that somebody came so far stays counted."""
    mine = PathwayReflection.member_id == member_id
    session.execute(delete(PathwayReflection).where(mine), execution_options=_AS_IT_STANDS)
    session.execute(
        update(PathwayProgress).where(PathwayProgress.member_id == member_id).values(found=False, modules=[]),
        execution_options=_AS_IT_STANDS,
    )
