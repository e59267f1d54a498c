"""Learning Pathways as a member sees them: what there is, how far they have come, where they go on.

Staff may change a pathway while people are in it. So nothing that somebody did is worked out anew from what the pathway
is today: that a step was done, a module or a pathway finished, are facts of their own, which only the member takes back
(`haln.learn.pathway_progress`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Gone, NotFound
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

READ, WATCH, REFLECT, TRY, CHECK = "read", "watch", "reflect", "try", "check"
KINDS = (READ, WATCH, REFLECT, TRY, CHECK)
_NOT_THERE = "There is no such page, or it is not for you."


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a module. `done_version`: the version that the member did, none where they did not.

    `written`: whether they keep a reflection there.
    """

    id: int
    public_id: str
    kind: str
    title: str
    version: int
    retired: bool
    done_version: int | None
    done_at: datetime | None
    written: bool

    @property
    def done(self) -> bool:
        """Whether the member did it."""
        return self.done_version is not None

    @property
    def changed(self) -> bool:
        """Whether it is worded anew since the member did it."""
        return self.done_version is not None and self.done_version < self.version


@dataclass(frozen=True, slots=True)
class Module:
    """A module with its steps. `new`: it came after the member had finished the pathway, and they have not done it."""

    id: int
    public_id: str
    title: str
    purpose: str
    theme: str | None
    retired: bool
    finished_at: datetime | None
    new: bool
    steps: tuple[StepLine, ...]

    @property
    def done(self) -> int:
        """How many steps the member did; no edit makes it fewer."""
        return sum(step.done for step in self.steps)

    @property
    def total(self) -> int:
        """How many steps there are, with those the member did: one that is retired and only written of is none."""
        return sum(step.done or not step.retired for step in self.steps)

    @property
    def finished(self) -> bool:
        """Whether the member finished it."""
        return self.finished_at is not None

    @property
    def next_step(self) -> StepLine | None:
        """The first step that is still to do."""
        return next((step for step in self.steps if not step.done and not step.retired), None)


@dataclass(frozen=True, slots=True)
class Course:
    """A pathway as one member stands in it, its modules in the order that they chose.

    `needed`: the modules that made up the whole when they finished it.
    """

    id: int
    public_id: str
    title: str
    purpose: str
    started_at: datetime | None
    finished_at: datetime | None
    found: bool
    own_order: bool
    modules: tuple[Module, ...]
    needed: tuple[Module, ...]
    here: Module | None

    @property
    def finished_modules(self) -> int:
        """How many modules the member finished."""
        return sum(module.finished for module in self.modules)

    @property
    def new_modules(self) -> tuple[Module, ...]:
        """What came after they had finished."""
        return tuple(module for module in self.modules if module.new)

    @property
    def resume(self) -> StepLine | None:
        """The step to go on with: in the module in which they did something last, else in the next one to do."""
        return self.here.next_step if self.here is not None else None


@dataclass(frozen=True, slots=True)
class StepPage:
    """One step with its words, and where it stands. `reflection` is the member's own."""

    course: Course
    module: Module
    line: StepLine
    text: str
    link: str
    answers: tuple[dict[str, Any], ...]
    reflection: str
    before: StepLine | None
    after: StepLine | None


def courses(session: Session, actor: Actor) -> list[Course]:
    """All pathways that have something in them, as the actor stands in each."""
    return [course for course in _courses(session, actor.member_id) if course.modules]


def course(session: Session, actor: Actor, public_id: str) -> Course:
    """One pathway. Raises NotFound; Gone for one of which nothing is shown to the actor."""
    found = _courses(session, actor.member_id, Pathway.public_id == public_id)
    if not found:
        raise NotFound(_NOT_THERE)
    if not found[0].modules:
        raise Gone("There is nothing in this pathway just now. Its modules are being written, or have been retired.")
    return found[0]


def module(session: Session, actor: Actor, public_id: str) -> tuple[Course, Module]:
    """One module and its pathway. Raises NotFound; Gone for one that is retired and in which the actor never was."""
    row = session.execute(
        select(PathwayModule.pathway_id, PathwayModule.shown_at).where(PathwayModule.public_id == public_id)
    ).first()
    if row is None or row.shown_at is None:
        raise NotFound(_NOT_THERE)
    whole = _courses(session, actor.member_id, Pathway.id == row.pathway_id)[0]
    for one in whole.modules:
        if one.public_id == public_id:
            return whole, one
    known = {"pathway": whole.public_id} if whole.modules else {}
    raise Gone("This module has been retired. The other modules of its pathway are there as before.", **known)


def step(session: Session, actor: Actor, public_id: str) -> StepPage:
    """One step. Raises NotFound; Gone for one that is retired, not done, and not written of."""
    within = session.scalar(
        select(PathwayModule.public_id)
        .join(PathwayStep, PathwayStep.module_id == PathwayModule.id)
        .where(PathwayStep.public_id == public_id)
    )
    if within is None:
        raise NotFound(_NOT_THERE)
    whole, one = module(session, actor, within)
    at = next((number for number, line in enumerate(one.steps) if line.public_id == public_id), None)
    if at is None:
        sentence = "This step has been retired. The other steps of its module are there as before."
        raise Gone(sentence, module=within)
    line = one.steps[at]
    worded = session.get_one(PathwayStepVersion, (line.id, line.version))
    written = session.get(PathwayReflection, (line.id, actor.member_id))
    return StepPage(
        whole,
        one,
        line,
        worded.text,
        worded.link,
        tuple(worded.answers),
        written.text if written else "",
        one.steps[at - 1] if at else None,
        one.steps[at + 1] if at + 1 < len(one.steps) else None,
    )


def _courses(session: Session, member_id: int, *which: Any) -> list[Course]:
    """Pathways with all that the member did in them: as many queries however many there are."""
    mine = and_(PathwayProgress.pathway_id == Pathway.id, PathwayProgress.member_id == member_id)
    rows = session.execute(
        select(Pathway, PathwayProgress)
        .outerjoin(PathwayProgress, mine)
        .where(*which)
        .order_by(Pathway.position, Pathway.id)
    ).all()
    ids = [row.Pathway.id for row in rows]
    steps = _steps(session, member_id, ids)
    modules = _modules(session, member_id, ids)
    return [_one(row.Pathway, row.PathwayProgress, modules.get(row.Pathway.id, []), steps) for row in rows]


def _modules(session: Session, member_id: int, ids: Iterable[int]) -> dict[int, list[Any]]:
    mine = and_(PathwayFinish.module_id == PathwayModule.id, PathwayFinish.member_id == member_id)
    found: dict[int, list[Any]] = {}
    for row in session.execute(
        select(PathwayModule, PathwayFinish.finished_at)
        .outerjoin(PathwayFinish, mine)
        .where(PathwayModule.pathway_id.in_(list(ids)), PathwayModule.shown_at.is_not(None))
        .order_by(PathwayModule.position, PathwayModule.id)
    ):
        found.setdefault(row.PathwayModule.pathway_id, []).append(row)
    return found


def _steps(session: Session, member_id: int, ids: Iterable[int]) -> dict[int, list[StepLine]]:
    """The steps of modules that the member may see: those there are, and retired ones that they did or wrote of."""
    mine = and_(PathwayDone.step_id == PathwayStep.id, PathwayDone.member_id == member_id)
    kept = and_(PathwayReflection.step_id == PathwayStep.id, PathwayReflection.member_id == member_id)
    worded = and_(PathwayStepVersion.step_id == PathwayStep.id, PathwayStepVersion.version == PathwayStep.version)
    rows = session.execute(
        select(PathwayStep, PathwayStepVersion.title, PathwayDone.version, PathwayDone.done_at)
        .add_columns(PathwayReflection.step_id.is_not(None))
        .join(PathwayModule, PathwayModule.id == PathwayStep.module_id)
        .join(PathwayStepVersion, worded)
        .outerjoin(PathwayDone, mine)
        .outerjoin(PathwayReflection, kept)
        .where(PathwayModule.pathway_id.in_(list(ids)))
        .order_by(PathwayStep.position, PathwayStep.id)
    )
    found: dict[int, list[StepLine]] = {}
    for one, title, version, done_at, written in rows:
        retired = one.retired_at is not None
        if not retired or version is not None or written:
            line = StepLine(one.id, one.public_id, one.kind, title, one.version, retired, version, done_at, written)
            found.setdefault(one.module_id, []).append(line)
    return found


def _one(
    pathway: Pathway, progress: PathwayProgress | None, rows: list[Any], steps: dict[int, list[StepLine]]
) -> Course:
    finished_at = progress.finished_at if progress else None
    needed = set(progress.needed) if progress else set()
    chosen = {key: number for number, key in enumerate(progress.modules)} if progress else {}
    found = []
    for row in rows:
        one, lines = row.PathwayModule, tuple(steps.get(row.PathwayModule.id, ()))
        retired = one.retired_at is not None
        if retired and row.finished_at is None and not any(line.done or line.written for line in lines):
            continue
        new = finished_at is not None and row.finished_at is None and one.id not in needed and not retired
        facts = (one.id, one.public_id, one.title, one.purpose, one.theme, retired, row.finished_at, new)
        found.append(Module(*facts, lines))
    found.sort(key=lambda one: chosen.get(one.id, len(chosen)))  # what is not in their order comes after, as it stands
    return Course(
        pathway.id,
        pathway.public_id,
        pathway.title,
        pathway.purpose,
        progress.started_at if progress else None,
        finished_at,
        progress.found if progress else False,
        bool(chosen),
        tuple(found),
        tuple(one for one in found if finished_at is not None and one.id in needed),
        _here(found, finished_at),
    )


def _here(modules: list[Module], finished_at: datetime | None) -> Module | None:
    """Where the member goes on: the unfinished module of their latest step, else the first one to do.

    A retired one only where there is no other way to the end.
    """
    open_ones = [one for one in modules if not one.finished and one.next_step is not None]
    ahead = [one for one in open_ones if not one.retired]
    if not ahead and finished_at is None:
        ahead = open_ones
    latest = max(
        ((line.done_at, -number) for number, one in enumerate(ahead) for line in one.steps if line.done_at is not None),
        default=None,
    )
    if latest is not None:
        return ahead[-latest[1]]
    return ahead[0] if ahead else None
