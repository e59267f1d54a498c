"""How far the people of a demonstration have come in the product's Learning Pathways: three years of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.learn import pathway_seeds
from haln.models import (
    Member,
    Pathway,
    PathwayDone,
    PathwayFinish,
    PathwayModule,
    PathwayProgress,
    PathwayReflection,
    PathwayStep,
)
from haln.people.bulk import batched, insert_rows
from haln.people.demonstration.chance import stream
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted

Row = dict[str, Any]
_BEGIN, _FOUND, _OWN_ORDER = 0.34, 0.55, 0.15
_GO_ON = 0.98  # from a step to the next one; from a module to the next, a little less
_NEXT_MODULE = 0.88
_REFLECTS = 0.4
_WORDS = (
    "More of this goes on here already than anybody has written down.",
    "I know whom to ask. I have been putting it off since spring.",
    "The rule that I thought stood in the way is not there. I looked.",
    "It was luck, and a neighbour. We could do that on purpose.",
)


def write(session: Session, wanted: Wanted) -> int:
    """Bring in the product's pathways as of the first day, and write who did what when. Returns how many people began.

    The same people, seed and day always give the same rows.
    """
    rng = stream(wanted.seed, "pathways")
    first = session.scalar(select(func.min(Member.joined_at)))
    if first is None:
        return 0
    pathway_seeds.bring(session, None, first, rng)
    path = session.scalars(select(Pathway).order_by(Pathway.position, Pathway.id)).first()
    assert path is not None
    modules = [(one, _steps(session, one)) for one in _modules(session, path.id)]
    told = session.execute(
        select(Member.id, Member.joined_at, Member.left_at, Member.email, Member.standing)
        .where(Member.standing.in_(("active", "left", "erased")), Member.onboarding_step >= 4)
        .order_by(Member.id)
    ).all()
    rows: dict[type[Any], list[Row]] = {
        model: [] for model in (PathwayProgress, PathwayDone, PathwayFinish, PathwayReflection)
    }
    for one in told:
        for model, row in _walk(rng, path.id, modules, one, wanted.until):
            rows[model].append(row)
    for model, those in rows.items():
        for part in batched(those):
            insert_rows(session, model, part)
    session.flush()
    return sum(row["started_at"] is not None for row in rows[PathwayProgress])


def _modules(session: Session, pathway_id: int) -> Sequence[int]:
    found = select(PathwayModule.id).where(PathwayModule.pathway_id == pathway_id).order_by(PathwayModule.position)
    return session.scalars(found).all()


def _steps(session: Session, module_id: int) -> Sequence[Any]:
    columns = (PathwayStep.id, PathwayStep.kind)
    found = select(*columns).where(PathwayStep.module_id == module_id).order_by(PathwayStep.position)
    return session.execute(found).all()


def _walk(
    rng: Random, pathway_id: int, modules: Sequence[tuple[int, Sequence[Any]]], who: Any, until: date
) -> Iterator[tuple[type[Any], Row]]:
    """One person's way through, from some weeks after they joined to where they stop; or none."""
    begins, mine = rng.random() < _BEGIN, rng.random()
    pace, wait = rng.choice((1, 3, 8, 20)), rng.randint(5, 500)
    of_sign_in = who.email == f"member@{DOMAIN}"
    if of_sign_in:  # who signs in first is in the middle of it
        begins, pace, wait, mine = True, 6, 60, 1.0
    end = datetime.combine(until, time(0), UTC)
    if who.left_at is not None:
        end = min(end, who.left_at)
    now = who.joined_at + timedelta(days=wait)
    if not begins or now >= end:
        return
    order = list(modules)
    if mine < _OWN_ORDER:
        rng.shuffle(order)
    started, finished, stopped, did = now, 0, False, False
    for number, (module, steps) in enumerate(order):
        for at, step in enumerate(steps):
            if (of_sign_in and (number, at) == (2, 2)) or (not of_sign_in and rng.random() > _GO_ON) or now >= end:
                stopped = True
                break
            did = True
            yield PathwayDone, {"step_id": step.id, "member_id": who.id, "version": 1, "done_at": now}
            if step.kind == "reflect" and rng.random() < _REFLECTS and who.standing != "erased":
                written = {"step_id": step.id, "member_id": who.id, "text": rng.choice(_WORDS), "written_at": now}
                yield PathwayReflection, written
            now += timedelta(minutes=rng.randint(6, 60)) if rng.random() < 0.6 else timedelta(days=rng.randint(1, pace))
        else:
            last = now
            ids = sorted(step.id for step in steps)
            yield PathwayFinish, {"module_id": module, "member_id": who.id, "finished_at": last, "steps": ids}
            finished += 1
            now += timedelta(days=rng.randint(1, 4 * pace))
            stopped = not of_sign_in and rng.random() > _NEXT_MODULE
        if stopped:
            break
    whole = finished == len(order)
    yield (
        PathwayProgress,
        {
            "pathway_id": pathway_id,
            "member_id": who.id,
            "started_at": started if did else None,
            "finished_at": last if whole else None,
            "modules": [module for module, _ in order] if mine < _OWN_ORDER else [],
            "needed": sorted(module for module, _ in order) if whole else [],
            "found": who.standing != "erased" and (rng.random() < _FOUND or of_sign_in),
        },
    )
