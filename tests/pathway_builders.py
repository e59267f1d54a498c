"""Learning pathways for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.learn import pathway_editing, pathway_progress
from haln.learn.pathway_editing import Answer, StepDraft
from haln.models import Pathway, PathwayModule, PathwayStep, PathwayStepVersion
from haln.people.tokens import public_id
from tests.builders import NOW, an_actor

ANSWERS = (Answer("Wrong", "No, for a reason."), Answer("Right", "Yes, for a reason.", True))


def a_pathway(session: Session, modules: Sequence[int] = (2, 2), title: str = "Becoming an anchor") -> Pathway:
    """A pathway whose modules have so many steps each, all to be read."""
    row = Pathway(public_id=public_id(), title=title, purpose="What it is for.", made_at=NOW)
    session.add(row)
    session.flush()
    for steps in modules:
        a_module(session, row, steps)
    return row


def a_module(
    session: Session, pathway: Pathway, steps: int, shown_at: datetime | None = NOW, **facts: object
) -> PathwayModule:
    """A module at the end of a pathway, shown."""
    count = session.scalar(select(func.count()).where(PathwayModule.pathway_id == pathway.id)) or 0
    values = {"title": f"Module {count + 1}", "theme": "leadership", **facts}
    row = PathwayModule(public_id=public_id(), pathway_id=pathway.id, position=count + 1, shown_at=shown_at)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    for _ in range(steps):
        a_step(session, row)
    return row


def a_step(session: Session, module: PathwayModule, kind: str = "read") -> PathwayStep:
    """A step at the end of a module."""
    count = session.scalar(select(func.count()).where(PathwayStep.module_id == module.id)) or 0
    row = PathwayStep(public_id=public_id(), module_id=module.id, position=count + 1, kind=kind, added_at=NOW)
    session.add(row)
    session.flush()
    title = f"Step {count + 1} of {module.title}"
    draft = StepDraft(kind, title, "Words.", "https://example.org/film", ANSWERS)
    worded = pathway_editing.checked(draft)
    session.add(PathwayStepVersion(step_id=row.id, version=1, worded_at=NOW, **worded))
    session.flush()
    return row


def modules_of(session: Session, pathway: Pathway) -> list[PathwayModule]:
    """All modules, in order."""
    rows = select(PathwayModule).where(PathwayModule.pathway_id == pathway.id).order_by(PathwayModule.position)
    return list(session.scalars(rows))


def steps_of(session: Session, module: PathwayModule) -> list[PathwayStep]:
    """All steps, in order."""
    rows = select(PathwayStep).where(PathwayStep.module_id == module.id).order_by(PathwayStep.position)
    return list(session.scalars(rows))


def finish(session: Session, member_id: int, pathway: Pathway, now: datetime = NOW) -> None:
    """Let a member do everything in a pathway."""
    for module in modules_of(session, pathway):
        finish_module(session, member_id, module, now)


def finish_module(session: Session, member_id: int, module: PathwayModule, now: datetime = NOW) -> None:
    """Let a member do everything in a module."""
    for step in steps_of(session, module):
        if step.retired_at is None:
            pathway_progress.mark(session, an_actor(session, member_id), step.public_id, now)
