"""The pathways that come with the product, as data that staff change afterwards as they like."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln import history
from haln.learn.pathway_editing import Answer, StepDraft, checked
from haln.models import Pathway, PathwayModule, PathwayStep, PathwayStepVersion
from haln.people import tokens
from haln.people.demonstration.chance import public_id as drawn_id

FILE = Path(__file__).with_name("pathways.toml")


@cache
def carried() -> Mapping[str, Any]:
    """What the product's file says, by the code of each pathway."""
    with FILE.open("rb") as stream:
        return tomllib.load(stream)


def missing(session: Session) -> bool:
    """Whether one of the product's pathways has not been brought in."""
    return bool(carried().keys() - set(session.scalars(select(Pathway.code).where(Pathway.code.is_not(None)))))


def bring(session: Session, actor_id: int | None, now: datetime, rng: Random | None = None) -> int:
    """Write the product's pathways that are not there yet, all modules shown. Returns how many.

    One that was brought in before is left as staff have made it. `rng` makes the keys of a demonstration.
    """
    known = set(session.scalars(select(Pathway.code).where(Pathway.code.is_not(None))))
    last = session.scalar(select(func.max(Pathway.position))) or 0
    new = [(code, said) for code, said in carried().items() if code not in known]
    for number, (code, said) in enumerate(new, last + 1):
        row = Pathway(public_id=_key(rng), code=code, title=said["title"], purpose=said["purpose"])
        row.position, row.made_at = number, now
        session.add(row)
        session.flush()
        for position, part in enumerate(said["modules"], 1):
            write_module(session, row.id, position, part, now, rng)
        history.record(session, actor_id, "bring_pathway", "pathway", row.id, now)
    return len(new)


def _key(rng: Random | None) -> str:
    return tokens.public_id() if rng is None else drawn_id(rng)


def write_module(
    session: Session, pathway_id: int, position: int, part: Mapping[str, Any], now: datetime, rng: Random | None
) -> PathwayModule:
    """Write a module of the file's shape with its steps, shown."""
    module = PathwayModule(public_id=_key(rng), pathway_id=pathway_id, position=position, shown_at=now)
    module.title, module.purpose, module.theme = part["title"], part["purpose"], part["theme"]
    session.add(module)
    session.flush()
    for number, said in enumerate(part["steps"], 1):
        step = PathwayStep(public_id=_key(rng), module_id=module.id, position=number, version=1, added_at=now)
        step.kind = said["kind"]
        session.add(step)
        session.flush()
        session.add(PathwayStepVersion(step_id=step.id, version=1, worded_at=now, **checked(draft(said))))
    session.flush()
    return module


def draft(said: Mapping[str, Any]) -> StepDraft:
    """A step of the file as staff would have typed it."""
    answers = tuple(Answer(one["text"], one["feedback"], one.get("right", False)) for one in said.get("answers", ()))
    return StepDraft(said["kind"], said["title"], said["text"], said.get("link", ""), answers)
