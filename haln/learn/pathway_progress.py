"""What a member does in a Learning Pathway: steps done and taken back, answers, reflections, their own order.

That a module or a pathway is finished is written down when it is so, with what it needed then. Only the member takes it
back, by taking back one of the steps that it needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import pathways
from haln.learn.pathway_settling import has_finished, settle_for, settle_pathway, tell_suggestions
from haln.learn.pathways import CHECK, Course
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
from haln.people import changes, mailbox, throttles

LENGTH = 4_000
A_DAY = 5
LETTER = "pathway_letter"
_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Marked:
    """What marking a step led to: the module finished by it, or the whole pathway."""

    module: bool = False
    pathway: bool = False


def mark(session: Session, actor: Actor, step: str, now: datetime) -> Marked:
    """Note that the actor did a step; twice is once. Raises NotFound, Gone, Conflict for a check without its answer."""
    page = _page(session, actor, step)
    if page.line.kind == CHECK and not page.line.done:
        raise Conflict("Choose the right answer, and the step is done.")
    return _mark(session, actor, page, now)


def _mark(session: Session, actor: Actor, page: pathways.StepPage, now: datetime) -> Marked:
    line = page.line
    row = session.get(PathwayDone, (line.id, actor.member_id))
    if row is None:
        if line.retired:
            raise Conflict("This step has been retired. There is nothing to do here any more.")
        session.add(PathwayDone(step_id=line.id, member_id=actor.member_id, version=line.version, done_at=now))
    elif row.version < line.version:
        row.version, row.done_at = line.version, now
    own = _own(session, actor, page.course.id)
    own.started_at = own.started_at or now
    session.flush()
    module = settle_for(session, actor.member_id, page.module.id, page.course.id, now)
    return Marked(module, module and settle_pathway(session, page.course.id, now, actor.member_id) > 0)


def take_back(session: Session, actor: Actor, step: str, now: datetime) -> None:
    """Note that a step is not done after all; what needed it is not finished any more. Raises NotFound, Gone."""
    page = _page(session, actor, step)
    line, module_id = page.line, page.module.id
    if line.retired:
        raise Conflict("This step has been retired. That you did it is kept.")
    session.execute(
        delete(PathwayDone).where(PathwayDone.step_id == line.id, PathwayDone.member_id == actor.member_id),
        execution_options=_QUIET,
    )
    session.expire_all()
    finish = session.get(PathwayFinish, (module_id, actor.member_id))
    if finish is not None and line.id in finish.steps:
        session.delete(finish)
        own = session.get(PathwayProgress, (page.course.id, actor.member_id))
        if own is not None and module_id in own.needed:
            # one that is retired is not there to be done again: the others make up the whole
            own.needed = [one for one in own.needed if one != module_id] if page.module.retired else []
            own.finished_at = own.finished_at if own.needed else None
        session.flush()
        settle_pathway(session, page.course.id, now, actor.member_id)
        tell_suggestions(session, page.course.id, [actor.member_id], now)
    _unbegin(session, actor, page.course.id)


def answer(session: Session, actor: Actor, step: str, chosen: int | None, now: datetime) -> tuple[bool, Marked]:
    """Answer a check; the right answer makes it done. Returns whether it was right. Raises Invalid, NotFound, Gone."""
    page = _page(session, actor, step)
    if page.line.kind != CHECK:
        raise NotFound("There is no such page, or it is not for you.")
    if chosen is None or chosen >= len(page.answers):
        raise Invalid("Choose one of the answers.", {"chosen": "Choose one of the answers."})
    if not page.answers[chosen]["right"]:
        return False, Marked()
    return True, _mark(session, actor, page, now)


def reflect(session: Session, actor: Actor, step: str, text: str, now: datetime) -> Marked:
    """Keep what the actor wrote for themselves, and note the step as done; no words take them away.

    Raises Invalid, also where there are no words to take away; NotFound, Gone.
    """
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LENGTH:
        sentence = "Write at most 4,000 characters."
        raise Invalid(sentence, {"text": sentence})
    page = _page(session, actor, step)
    if page.line.kind == CHECK:
        raise NotFound("There is no such page, or it is not for you.")
    row = session.get(PathwayReflection, (page.line.id, actor.member_id))
    if not text:
        if row is None:
            sentence = "Write what you think first: there is nothing to keep yet."
            raise Invalid(sentence, {"text": sentence})
        session.delete(row)
        session.flush()
        _unbegin(session, actor, page.course.id)
        return Marked()
    if row is None:
        row = PathwayReflection(step_id=page.line.id, member_id=actor.member_id)
        session.add(row)
    row.text, row.written_at = text, now
    return Marked() if page.line.retired else _mark(session, actor, page, now)


def move(session: Session, actor: Actor, pathway: str, module: str, *, up: bool, now: datetime) -> None:
    """Put a module one place earlier or later in one's own order. Raises NotFound."""
    _hold(session, actor)
    course = pathways.course(session, actor, pathway)
    order = [one.id for one in course.modules]
    at = next((number for number, one in enumerate(course.modules) if one.public_id == module), None)
    if at is None:
        raise NotFound("There is no such page, or it is not for you.")
    other = at - 1 if up else at + 1
    if 0 <= other < len(order):
        order[at], order[other] = order[other], order[at]
        _own(session, actor, course.id).modules = order
        session.flush()


def let_be_found(session: Session, actor: Actor, pathway: str, found: bool, now: datetime) -> None:
    """Say whether members who come after may be told which modules the actor finished. Raises NotFound."""
    _hold(session, actor)
    own = _own(session, actor, pathways.course(session, actor, pathway).id)
    if own.found != found:
        own.found = found
        session.flush()
        if has_finished(session, own.pathway_id, actor.member_id):
            changes.touch(session, [actor.member_id], now)  # it may be a reason to suggest them
    session.flush()


def finished(session: Session, actor: Actor, pathway: str) -> Course:
    """A pathway that the actor has finished, for its letter. Raises NotFound, Conflict when it is not finished."""
    course = pathways.course(session, actor, pathway)
    if course.finished_at is None:
        raise Conflict("The letter is there for you when you have finished all modules.")
    return course


def ask_for_letter(session: Session, actor: Actor, pathway: str, now: datetime) -> None:
    """Send the actor the letter of a pathway that they finished. Raises NotFound, Conflict, TooMany."""
    course = finished(session, actor, pathway)
    throttles.take(session, throttles.key("pathway-letters-of", str(actor.member_id)), A_DAY, throttles.DAY, now)
    mailbox.put_to_member(session, LETTER, actor.member_id, {"pathway_id": course.id}, now)


def _hold(session: Session, actor: Actor) -> None:
    """One act of a member after another: a double click is one. The counter of changes comes before, as everywhere."""
    changes.hold(session)
    # not the key: rows that point to the member are written by others, who may wait for the counter with them
    held = select(Member.id).where(Member.id == actor.member_id).with_for_update(key_share=True)
    session.scalars(held).one()


def _page(session: Session, actor: Actor, step: str) -> pathways.StepPage:
    """A step to act on: its pathway stays as it is until the act is written down. Raises NotFound, Gone."""
    within = session.scalar(
        select(PathwayModule.pathway_id)
        .join(PathwayStep, PathwayStep.module_id == PathwayModule.id)
        .where(PathwayStep.public_id == step)
    )
    if within is not None:
        hold_pathway(session, within, staff=False)
    _hold(session, actor)
    return pathways.step(session, actor, step)


def hold_pathway(session: Session, pathway_id: int, *, staff: bool) -> None:
    """Let nobody change the pathway until the end of the transaction; `staff`: let nobody do a step in it, either.

    Else one would finish what another one retires, and neither see that it is finished by that. Members share it.
    After the counter of changes, before a member. What was read before may be old, and is read again.
    """
    changes.hold(session)
    held = select(Pathway.id).where(Pathway.id == pathway_id)
    # not the key: rows that point to the pathway may be written meanwhile
    session.execute(held.with_for_update(read=not staff, key_share=staff))
    session.flush()
    session.expire_all()


def _own(session: Session, actor: Actor, pathway_id: int) -> PathwayProgress:
    """What the actor has to do with the pathway; that it is written down does not mean that they began."""
    row = session.get(PathwayProgress, (pathway_id, actor.member_id))
    if row is None:
        row = PathwayProgress(pathway_id=pathway_id, member_id=actor.member_id, modules=[], needed=[], found=False)
        session.add(row)
    return row


def _unbegin(session: Session, actor: Actor, pathway_id: int) -> None:
    """Who has taken back all that they did, and wrote nothing, has not begun."""
    steps = (
        select(PathwayStep.id)
        .join(PathwayModule, PathwayModule.id == PathwayStep.module_id)
        .where(PathwayModule.pathway_id == pathway_id)
    )
    did = select(PathwayDone.step_id).where(PathwayDone.member_id == actor.member_id, PathwayDone.step_id.in_(steps))
    wrote = select(PathwayReflection.step_id).where(
        PathwayReflection.member_id == actor.member_id, PathwayReflection.step_id.in_(steps)
    )
    own = session.get(PathwayProgress, (pathway_id, actor.member_id))
    if own is not None and not session.scalars(did.union_all(wrote).limit(1)).all():
        own.started_at = None
        session.flush()
