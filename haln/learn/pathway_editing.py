"""What staff do with Learning Pathways: write, word anew, put in order, show, retire. Nothing is deleted.

A step that is worded anew has one version more; who did it keeps the one they did. What is retired stays for those who
are in it. So an edit never takes anything from anybody: it may only finish a module for those who have done the rest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.learn.pathway_progress import hold_pathway
from haln.learn.pathway_settling import settle_module, settle_pathway
from haln.learn.pathways import CHECK, KINDS, WATCH
from haln.models import Pathway, PathwayModule, PathwayProgress, PathwayStep, PathwayStepVersion
from haln.people import mailbox
from haln.people.tokens import public_id
from haln.taxonomy.vocabulary import Vocabulary

TITLE, PURPOSE, TEXT, LINK, ANSWER = 160, 2_000, 8_000, 500, 300
MOST_ANSWERS = 4
ADDED = "pathway_module_added"
_NOT_THERE = "There is no such page, or it is not for you."

Row = TypeVar("Row", PathwayModule, PathwayStep)


@dataclass(frozen=True, slots=True)
class Heading:
    """What somebody typed of a pathway or a module: nothing is checked yet."""

    title: str = ""
    purpose: str = ""
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a check, as it was typed."""

    text: str = ""
    feedback: str = ""
    right: bool = False


@dataclass(frozen=True, slots=True)
class StepDraft:
    """What somebody typed of a step: nothing is checked yet."""

    kind: str = ""
    title: str = ""
    text: str = ""
    link: str = ""
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A step as staff see it: its words of today."""

    row: PathwayStep
    worded: PathwayStepVersion


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A pathway with all that was ever in it."""

    row: Pathway
    modules: list[PathwayModule] = field(default_factory=list)


def everything(session: Session) -> list[Manuscript]:
    """All pathways with their modules."""
    found = {row.id: Manuscript(row) for row in session.scalars(select(Pathway).order_by(Pathway.position, Pathway.id))}
    for one in session.scalars(select(PathwayModule).order_by(PathwayModule.position, PathwayModule.id)):
        found[one.pathway_id].modules.append(one)
    return list(found.values())


def pathway(session: Session, key: str) -> Pathway:
    """One pathway. Raises NotFound."""
    row = session.scalars(select(Pathway).where(Pathway.public_id == key)).first()
    if row is None:
        raise NotFound(_NOT_THERE)
    return row


def module(session: Session, key: str) -> tuple[Pathway, PathwayModule]:
    """One module and its pathway. Raises NotFound."""
    row = session.scalars(select(PathwayModule).where(PathwayModule.public_id == key)).first()
    if row is None:
        raise NotFound(_NOT_THERE)
    return session.get_one(Pathway, row.pathway_id), row


def steps(session: Session, module_id: int) -> list[Written]:
    """All steps of a module, also those that are retired."""
    rows = session.execute(
        select(PathwayStep, PathwayStepVersion)
        .join(
            PathwayStepVersion,
            (PathwayStepVersion.step_id == PathwayStep.id) & (PathwayStepVersion.version == PathwayStep.version),
        )
        .where(PathwayStep.module_id == module_id)
        .order_by(PathwayStep.position, PathwayStep.id)
    )
    return [Written(*row) for row in rows]


def step(session: Session, key: str) -> tuple[PathwayModule, Written]:
    """One step and its module. Raises NotFound."""
    row = session.scalars(select(PathwayStep).where(PathwayStep.public_id == key)).first()
    if row is None:
        raise NotFound(_NOT_THERE)
    worded = session.get_one(PathwayStepVersion, (row.id, row.version))
    return session.get_one(PathwayModule, row.module_id), Written(row, worded)


def write_pathway(session: Session, actor: Actor, key: str | None, draft: Heading, seen: str, now: datetime) -> str:
    """Write a pathway, or word one anew. `seen`: its `stamp` when it was opened. Returns its public id.

    Raises Invalid, NotFound, Conflict when somebody else has changed it since.
    """
    title, purpose = _heading(draft)
    if key is None:
        last = session.scalar(select(func.max(Pathway.position))) or 0
        row = Pathway(public_id=public_id(), code=None, position=last + 1, made_at=now)
        session.add(row)
    else:
        row = pathway(session, key)
        hold_pathway(session, row.id, staff=True)
        _unchanged(row, seen)
    row.title, row.purpose = title, purpose
    session.flush()
    history.record(session, actor.member_id, "write_pathway", "pathway", row.id, now)
    return row.public_id


def write_module(
    session: Session,
    actor: Actor,
    within: Pathway,
    key: str | None,
    draft: Heading,
    seen: str,
    vocabulary: Vocabulary,
    now: datetime,
) -> str:
    """Write a module, which members see when it is shown, or word one anew. `seen`: its `stamp`. Returns its public id.

    Raises Invalid, NotFound, Conflict when somebody else has changed it since.
    """
    if draft.theme and draft.theme not in {theme.code for theme in vocabulary.themes}:
        raise Invalid("Choose a theme from the list.", {"theme": "Choose a theme from the list."})
    title, purpose = _heading(draft)
    hold_pathway(session, within.id, staff=True)
    if key is None:
        last = select(func.max(PathwayModule.position)).where(PathwayModule.pathway_id == within.id)
        position = (session.scalar(last) or 0) + 1
        row = PathwayModule(public_id=public_id(), pathway_id=within.id, position=position)
        session.add(row)
    else:
        row = module(session, key)[1]
        _unchanged(row, seen)
    row.title, row.purpose, row.theme = title, purpose, draft.theme or None
    session.flush()
    history.record(session, actor.member_id, "write_pathway_module", "pathway_module", row.id, now)
    return row.public_id


def stamp(row: Pathway | PathwayModule) -> str:
    """What tells a heading from one that is worded differently in any of its fields."""
    theme = row.theme if isinstance(row, PathwayModule) else None
    return sha256(json.dumps([row.title, row.purpose, theme]).encode()).hexdigest()


def _unchanged(row: Pathway | PathwayModule, seen: str) -> None:
    if seen != stamp(row):
        raise Conflict("Somebody else has changed this since you opened it. Save again to replace what they wrote.")


def _heading(draft: Heading) -> tuple[str, str]:
    title, purpose = " ".join(draft.title.split()), draft.purpose.replace("\r\n", "\n").strip()
    wrong = {}
    if not title or len(title) > TITLE:
        wrong["title"] = "Enter a title, of at most 160 characters."
    if len(purpose) > PURPOSE:
        wrong["purpose"] = "Write at most 2,000 characters."
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)
    return title, purpose


def write_step(
    session: Session, actor: Actor, within: PathwayModule, key: str | None, draft: StepDraft, seen: int, now: datetime
) -> str:
    """Write a step at the end of its module, or word one anew; the same words again are no new version.

    `seen`: the version that was opened. Returns its public id. Raises Invalid, NotFound, Conflict.
    """
    hold_pathway(session, within.pathway_id, staff=True)
    old = step(session, key)[1] if key is not None else None
    values = checked(draft, old.row.kind if old else None)
    if old is None:
        last = select(func.max(PathwayStep.position)).where(PathwayStep.module_id == within.id)
        row = PathwayStep(public_id=public_id(), module_id=within.id, kind=draft.kind, version=1, added_at=now)
        row.position = (session.scalar(last) or 0) + 1
        session.add(row)
        session.flush()
    else:
        row = old.row
        if row.version != seen:
            raise Conflict("Somebody else has changed this since you opened it. Save again to replace what they wrote.")
        if all(getattr(old.worded, name) == value for name, value in values.items()):
            return row.public_id
        row.version += 1
    session.add(PathwayStepVersion(step_id=row.id, version=row.version, worded_at=now, **values))
    session.flush()
    detail: history.Detail = {"version": row.version}
    history.record(session, actor.member_id, "write_pathway_step", "pathway_step", row.id, now, detail)
    return row.public_id


def checked(draft: StepDraft, kind: str | None = None) -> dict[str, Any]:
    """The words of a step that can be kept. Its kind is chosen once. Raises Invalid, each field with its sentence."""
    kind, wrong = kind or draft.kind, dict[str, str]()
    title, text = " ".join(draft.title.split()), draft.text.replace("\r\n", "\n").strip()
    link = draft.link.strip() if kind == WATCH else ""
    if kind not in KINDS:
        wrong["kind"] = "Choose what kind of step it is."
    if not title or len(title) > TITLE:
        wrong["title"] = "Enter a title, of at most 160 characters."
    if len(text) > TEXT:
        wrong["text"] = "Write at most 8,000 characters."
    elif not text:
        wrong["text"] = "Write what there is to do."
    if kind == WATCH and not _is_link(link):
        wrong["link"] = "Enter a whole address, like https://example.org/film."
    answers = _answers(draft.answers, wrong) if kind == CHECK else []
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)
    return {"title": title, "text": text, "link": link, "answers": answers}


def _is_link(link: str) -> bool:
    try:
        found = urlsplit(link)
        there = bool(found.hostname)
    except ValueError:
        return False
    return there and found.scheme in ("http", "https") and len(link) <= LINK and len(link.split()) == 1


def _answers(typed: Sequence[Answer], wrong: dict[str, str]) -> list[dict[str, Any]]:
    kept = [
        {"text": " ".join(one.text.split()), "feedback": " ".join(one.feedback.split()), "right": one.right}
        for one in typed[:MOST_ANSWERS]
        if one.text.strip()
    ]
    if len(kept) < 2:
        wrong["answer-1"] = "Write at least two answers."
    elif sum(bool(one["right"]) for one in kept) != 1:
        wrong["right"] = "Choose which one of the answers is right."
    elif any(len(str(one[name])) > ANSWER for one in kept for name in ("text", "feedback")):
        wrong["answer-1"] = "Keep each answer, and what is said to it, to 300 characters."
    return kept


def show(session: Session, actor: Actor, key: str, now: datetime) -> int:
    """Show a module to members; who has finished its pathway is told once. Returns how many will be told.

    Raises NotFound, Conflict when it is shown already, is retired or has no step.
    """
    within, row = _module_to_change(session, key)
    if row.shown_at is not None:
        raise Conflict("Members see this module already.")
    if row.retired_at is not None:
        raise Conflict("This module is retired. Bring it back first.")
    if not _live(session, row.id):
        raise Conflict("Write a step first: a module without steps has nothing to show.")
    row.shown_at = now
    session.flush()
    history.record(session, actor.member_id, "show_pathway_module", "pathway_module", row.id, now)
    people = session.scalars(
        select(PathwayProgress.member_id).where(
            PathwayProgress.pathway_id == within.id, PathwayProgress.finished_at.is_not(None)
        )
    ).all()
    if people:
        keys = {one: f"{ADDED}:{row.id}:{one}" for one in people}
        mailbox.put_to_members(session, ADDED, {one: {"module_id": row.id} for one in people}, now, dedupe_keys=keys)
    return len(people)


def retire_module(session: Session, actor: Actor, key: str, now: datetime) -> None:
    """Take a module away from those who have not begun it; the others keep it, and may finish it. Raises NotFound."""
    row = _module_to_change(session, key)[1]
    if row.retired_at is None:
        row.retired_at = now
        _settle(session, row, now)
        history.record(session, actor.member_id, "retire_pathway_module", "pathway_module", row.id, now)


def bring_back_module(session: Session, actor: Actor, key: str, now: datetime) -> None:
    """Undo that a module is retired; nobody is told of it again. Raises NotFound, Conflict for one without a step."""
    row = _module_to_change(session, key)[1]
    if row.retired_at is not None:
        if row.shown_at is not None and not _live(session, row.id):
            raise Conflict("All its steps are retired. Bring one back or write one first.")
        row.retired_at = None
        _settle(session, row, now)
        history.record(session, actor.member_id, "bring_back_pathway_module", "pathway_module", row.id, now)


def retire_step(session: Session, actor: Actor, key: str, now: datetime) -> None:
    """Take a step away from those who have not done it. Raises NotFound, Conflict for the last one of a module."""
    within, row = _step_to_change(session, key)
    if row.retired_at is not None:
        return
    if _live(session, within.id) == 1 and within.shown_at is not None and within.retired_at is None:
        raise Conflict("This is the module's last step. Write another one first, or retire the module.")
    row.retired_at = now
    _settle(session, within, now)
    history.record(session, actor.member_id, "retire_pathway_step", "pathway_step", row.id, now)


def bring_back_step(session: Session, actor: Actor, key: str, now: datetime) -> None:
    """Undo that a step is retired. Raises NotFound."""
    within, row = _step_to_change(session, key)
    if row.retired_at is not None:
        row.retired_at = None
        _settle(session, within, now)
        history.record(session, actor.member_id, "bring_back_pathway_step", "pathway_step", row.id, now)


def _module_to_change(session: Session, key: str) -> tuple[Pathway, PathwayModule]:
    within, row = module(session, key)
    hold_pathway(session, within.id, staff=True)
    return within, row


def _step_to_change(session: Session, key: str) -> tuple[PathwayModule, PathwayStep]:
    within, found = step(session, key)
    hold_pathway(session, within.pathway_id, staff=True)
    return within, found.row


def _settle(session: Session, row: PathwayModule, now: datetime) -> None:
    """What there is has changed: nobody may be left who has done all of it and has not finished."""
    session.flush()
    if _live(session, row.id):
        settle_module(session, row.id, now)
    settle_pathway(session, row.pathway_id, now)


def _live(session: Session, module_id: int) -> int:
    statement = select(func.count()).where(PathwayStep.module_id == module_id, PathwayStep.retired_at.is_(None))
    return session.scalar(statement) or 0


def move_module(session: Session, actor: Actor, key: str, *, up: bool, now: datetime) -> None:
    """Put a module one place earlier or later, for all who chose no order of their own. Raises NotFound."""
    within, row = _module_to_change(session, key)
    rows = session.scalars(
        select(PathwayModule)
        .where(PathwayModule.pathway_id == within.id)
        .order_by(PathwayModule.position, PathwayModule.id)
    ).all()
    _swap(rows, row, up)
    session.flush()
    history.record(session, actor.member_id, "move_pathway_module", "pathway_module", row.id, now)


def move_step(session: Session, actor: Actor, key: str, *, up: bool, now: datetime) -> None:
    """Put a step one place earlier or later. Raises NotFound."""
    within, row = _step_to_change(session, key)
    _swap([one.row for one in steps(session, within.id)], row, up)
    session.flush()
    history.record(session, actor.member_id, "move_pathway_step", "pathway_step", row.id, now)


def _swap(rows: Sequence[Row], row: Row, up: bool) -> None:
    order = list(rows)
    at = order.index(row)
    other = at - 1 if up else at + 1
    if 0 <= other < len(order):
        order[at], order[other] = order[other], order[at]
    for position, one in enumerate(order, 1):
        one.position = position
