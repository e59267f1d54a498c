"""How far people are in a Learning Pathway: numbers of people in classes, no names, nothing that tells of few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from haln.models import PathwayDone, PathwayFinish, PathwayModule, PathwayProgress, PathwayStep
from haln.network import suppress


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of people by id of the thing; none where there are too few to be told, a multiple of 5 otherwise.

    Who began a pathway has done or written something in it.
    `stopped`: who began a module, has not finished it, and has this step as the first one to do.
    """

    began: Mapping[int, int | None]
    completed: Mapping[int, int | None]
    started: Mapping[int, int | None]
    finished: Mapping[int, int | None]
    done: Mapping[int, int | None]
    stopped: Mapping[int, int | None]


def figures(session: Session, pathway_id: int | None, threshold: int) -> Figures:
    """The figures of one pathway, or of all; `threshold` is the largest number that is not told."""
    within = [] if pathway_id is None else [PathwayModule.pathway_id == pathway_id]
    progress = [] if pathway_id is None else [PathwayProgress.pathway_id == pathway_id]
    part_of = and_(PathwayModule.id == PathwayStep.module_id, *within)

    def told(statement: Any) -> dict[int, int | None]:
        return {key: suppress.bounds(count, threshold).shown for key, count in session.execute(statement)}

    people = func.count()
    ends = select(PathwayProgress.pathway_id, people).where(*progress).group_by(PathwayProgress.pathway_id)
    acts = select(PathwayDone).join(PathwayStep, PathwayStep.id == PathwayDone.step_id).join(PathwayModule, part_of)
    starts = acts.with_only_columns(PathwayStep.module_id, func.count(func.distinct(PathwayDone.member_id)))
    finishes = select(PathwayFinish.module_id, people).join(PathwayModule, PathwayModule.id == PathwayFinish.module_id)
    return Figures(
        told(ends.where(PathwayProgress.started_at.is_not(None))),
        told(ends.where(PathwayProgress.finished_at.is_not(None))),
        told(starts.group_by(PathwayStep.module_id)),
        told(finishes.where(*within).group_by(PathwayFinish.module_id)),
        told(acts.with_only_columns(PathwayDone.step_id, people).group_by(PathwayDone.step_id)),
        told(_stops(part_of)),
    )


def _stops(part_of: ColumnElement[bool]) -> Any:
    """How many stand before each step, in one statement: each who is in a module beside its steps that they did not."""
    inside = (
        select(PathwayStep.module_id, PathwayDone.member_id)
        .join(PathwayStep, PathwayStep.id == PathwayDone.step_id)
        .join(PathwayModule, part_of)
        .outerjoin(
            PathwayFinish,
            and_(PathwayFinish.module_id == PathwayStep.module_id, PathwayFinish.member_id == PathwayDone.member_id),
        )
        .where(PathwayFinish.member_id.is_(None), PathwayModule.retired_at.is_(None))
        .distinct()
        .subquery()
    )
    rank = (
        func.row_number()
        .over(partition_by=(inside.c.module_id, inside.c.member_id), order_by=(PathwayStep.position, PathwayStep.id))
        .label("rank")
    )
    ahead = (
        select(PathwayStep.id.label("step_id"), rank)
        .select_from(inside)
        .join(PathwayStep, and_(PathwayStep.module_id == inside.c.module_id, PathwayStep.retired_at.is_(None)))
        .outerjoin(
            PathwayDone,
            and_(PathwayDone.step_id == PathwayStep.id, PathwayDone.member_id == inside.c.member_id),
        )
        .where(PathwayDone.member_id.is_(None))
        .subquery()
    )
    return select(ahead.c.step_id, func.count()).where(ahead.c.rank == 1).group_by(ahead.c.step_id)
