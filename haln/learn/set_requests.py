"""Ask to join a running set; its facilitator says yes or no.

A no needs no reason. It is told kindly, and the set is not listed for the member for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, select, true
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Audience, Permission, require
from haln.errors import Conflict, Invalid, NotFound, NotPermitted, TooMany
from haln.learn.learning import ToJoin, open_sets, set_to_join
from haln.learn.openings import AGAIN, asked, may_join, set_is_open, set_is_running
from haln.models import LearningSet, Member, SetMembership, SetRequest
from haln.people import changes, mailbox, seen, throttles
from haln.people.seen import PersonLine
from haln.people.tokens import public_id
from haln.people.visibility import ACTIVE, may_see

NOTE_LENGTH = 600
OPEN_AT_ONCE = 5
A_DAY = 10
"""Sets that a member may ask in a day: each sends mail to somebody."""


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """Somebody who would like to join a set of the actor's."""

    public_id: str
    set_name: str
    set_id: str
    places: int
    person: PersonLine
    note: str
    asked_on: date


def open_set(session: Session, actor: Actor, set_id: str, now: datetime) -> ToJoin:
    """A set that the actor may ask to join, as they may see it. Raises NotFound."""
    row = session.execute(open_sets(actor.member_id).where(*_which(actor, set_id, now))).first()
    if row is None:
        raise NotFound("There is no such set, or it has no open place.")
    return set_to_join(row)


def _which(actor: Actor, set_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return LearningSet.public_id == set_id, set_is_open(now.date()), may_join(actor.member_id)


def ask(session: Session, actor: Actor, set_id: str, note: str, now: datetime) -> str:
    """Ask to join a set with an open place. Returns its name.

    Raises NotFound for one that is not open to the actor, Conflict when they have asked already or were told lately
    that there is no place, TooMany, Invalid for a long note, NotPermitted while the actor hides from the network.
    """
    note = _checked_note(note)
    row = session.execute(
        select(LearningSet.id, LearningSet.name, LearningSet.facilitator_id)
        .where(*_which(actor, set_id, now))
        .with_for_update()
    ).first()
    if row is None:
        raise NotFound("There is no such set, or it has no open place.")
    if not session.scalar(select(Member.listed).where(Member.id == actor.member_id)):
        raise NotPermitted("You are hidden from the network. Let members find you before you ask to join a set.")
    _check_turn(session, actor.member_id, row.id, now)
    request = SetRequest(public_id=public_id(), set_id=row.id, member_id=actor.member_id, note=note, created_at=now)
    session.add(request)
    session.flush()
    history.record(session, actor.member_id, "ask_to_join_set", "learning_set", row.id, now)
    mailbox.put_to_member(
        session,
        "set_request_asked",
        row.facilitator_id,
        {"set_request_id": request.id},
        now,
        dedupe_key=_key(request.id),
    )
    return str(row.name)


def _key(request_id: int) -> str:
    return f"set_request_asked:{request_id}"


def _checked_note(note: str) -> str:
    note = note.replace("\r\n", "\n").strip()
    if len(note) > NOTE_LENGTH:
        problem = "Write at most 600 characters."
        raise Invalid(problem, {"note": problem})
    return note


def _check_turn(session: Session, member_id: int, set_id: int, now: datetime) -> None:
    if session.scalar(select(LearningSet.id).where(LearningSet.id == set_id, asked(member_id, now - AGAIN))):
        raise Conflict("You have asked this set already. Give it some time.")
    waiting = session.scalar(
        select(func.count(SetRequest.id)).where(SetRequest.member_id == member_id, SetRequest.state == "open")
    )
    if (waiting or 0) >= OPEN_AT_ONCE:
        raise TooMany("You wait for an answer from %(count)s sets. Wait, or withdraw one.", count=OPEN_AT_ONCE)
    throttles.take(session, throttles.key("set-requests-of", str(member_id)), A_DAY, throttles.DAY, now)


def withdraw(session: Session, actor: Actor, request_id: str, now: datetime) -> None:
    """Take back what the actor asked. Raises NotFound for another's, Conflict when it is answered."""
    row = session.scalar(
        select(SetRequest)
        .where(SetRequest.public_id == request_id, SetRequest.member_id == actor.member_id)
        .with_for_update()
    )
    if row is None:
        raise NotFound("There is no such request, or it is not yours.")
    _close(session, row, "withdrawn", now)
    history.record(session, actor.member_id, "withdraw_set_request", "learning_set", row.set_id, now)


def _close(session: Session, row: SetRequest, state: str, now: datetime) -> None:
    if row.state != "open":
        raise Conflict("This request is no longer open.")
    row.state, row.closed_at = state, now
    mailbox.cancel(session, [_key(row.id)])


def _leads(actor: Actor) -> ColumnElement[bool]:
    """Whether a row of LearningSet is the actor's to answer for."""
    if not actor.may(Permission.FORM_SETS):
        return false()
    return true() if actor.audience is Audience.STAFF else LearningSet.facilitator_id == actor.member_id


def to_answer(session: Session, actor: Actor, now: datetime) -> tuple[ToAnswer, ...]:
    """Who would like to join a set that the actor leads (staff: any), the longest waiting first."""
    if not actor.may(Permission.FORM_SETS):
        return ()
    rows = session.execute(
        select(
            SetRequest.public_id,
            LearningSet.name,
            LearningSet.public_id.label("set_id"),
            LearningSet.open_places,
            SetRequest.member_id,
            SetRequest.note,
            SetRequest.created_at,
        )
        .join(LearningSet, LearningSet.id == SetRequest.set_id)
        .where(SetRequest.state == "open", _leads(actor), set_is_running(now.date()))
        .order_by(SetRequest.created_at, SetRequest.id)
    ).all()
    return _shown(rows, seen.people(session, actor.member_id, [row.member_id for row in rows]))


def _shown(rows: Sequence[Any], people: dict[int, PersonLine]) -> tuple[ToAnswer, ...]:
    return tuple(
        ToAnswer(
            row.public_id,
            row.name,
            row.set_id,
            row.open_places,
            people[row.member_id],
            row.note,
            row.created_at.date(),
        )
        for row in rows
        if row.member_id in people
    )


def accept(session: Session, actor: Actor, request_id: str, now: datetime) -> str:
    """Take somebody into the set. Returns their name. Raises NotFound, and Conflict where there is no place."""
    row, group = _answered(session, actor, request_id)
    _check_room(session, row, group, now)
    _close(session, row, "accepted", now)
    group.open_places -= 1
    group.version += 1
    session.add(SetMembership(set_id=group.id, member_id=row.member_id, joined_on=now.date()))
    session.flush()
    changes.touch(session, [row.member_id], now)
    history.record(session, actor.member_id, "add_to_set", "learning_set", group.id, now, {"member": row.member_id})
    return _tell(session, actor, row, "set_request_accepted", now)


def _check_room(session: Session, row: SetRequest, group: LearningSet, now: datetime) -> None:
    free = select(LearningSet.id).where(LearningSet.id == group.id, set_is_open(now.date()), may_join(row.member_id))
    if session.scalar(free) is None:
        raise Conflict("The set has no open place for them any more.")


def decline(session: Session, actor: Actor, request_id: str, now: datetime) -> str:
    """Say that there is no place; no reason is asked for. Returns the member's name. Raises NotFound, Conflict."""
    row, _ = _answered(session, actor, request_id)
    _close(session, row, "declined", now)
    return _tell(session, actor, row, "set_request_declined", now)


def _answered(session: Session, actor: Actor, request_id: str) -> tuple[SetRequest, LearningSet]:
    """A request that is the actor's to answer, and its set; the set is locked first, as everywhere."""
    require(actor, Permission.FORM_SETS)
    set_id = session.scalar(
        select(LearningSet.id)
        .join(SetRequest, SetRequest.set_id == LearningSet.id)
        .join(Member, Member.id == SetRequest.member_id)
        .where(SetRequest.public_id == request_id, _leads(actor), Member.standing == ACTIVE, may_see(actor.member_id))
    )
    if set_id is None:
        raise NotFound("There is no such request, or it is not yours to answer.")
    group = session.scalars(select(LearningSet).where(LearningSet.id == set_id).with_for_update()).one()
    row = session.scalars(select(SetRequest).where(SetRequest.public_id == request_id).with_for_update()).one()
    session.refresh(row)
    return row, group


def _tell(session: Session, actor: Actor, row: SetRequest, kind: str, now: datetime) -> str:
    """Write to the member, and down for the record that there was an answer. Which one is for the two alone."""
    mailbox.put_to_member(session, kind, row.member_id, {"set_request_id": row.id}, now)
    history.record(session, actor.member_id, "answer_set_request", "learning_set", row.set_id, now)
    return session.scalars(select(Member.name).where(Member.id == row.member_id)).one()
