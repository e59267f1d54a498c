"""Ask to join a running set. Its facilitator answers in the set (`haln.learn.set_members`).

A no needs no reason. It is told kindly, and the set is not listed for the member for a while.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound, NotPermitted, TooMany
from haln.learn.learning import ToJoin, open_sets, set_to_join
from haln.learn.openings import AGAIN, asked, may_join, set_is_open
from haln.models import LearningSet, Member, SetRequest
from haln.people import mailbox, throttles
from haln.people.tokens import public_id

NOTE_LENGTH = 600
OPEN_AT_ONCE = 5
A_DAY = 10
"""Sets that a member may ask in a day: each sends mail to somebody."""


def open_set(session: Session, actor: Actor, set_id: str) -> ToJoin:
    """A set that the actor may ask to join, as they may see it. Raises NotFound."""
    row = session.execute(open_sets(actor.member_id).where(*_which(actor, set_id))).first()
    if row is None:
        raise NotFound("There is no such set, or it has no open place.")
    return set_to_join(row)


def _which(actor: Actor, set_id: str) -> tuple[ColumnElement[bool], ...]:
    return LearningSet.public_id == set_id, set_is_open(), may_join(actor.member_id)


def ask(session: Session, actor: Actor, set_id: str, note: str, now: datetime) -> str:
    """Ask to join a set with an open place. Returns its name.

    Raises NotFound for one that is not open to the actor, Conflict when they have asked already or were told lately
    that there is no place, TooMany, Invalid for a long note, NotPermitted while the actor hides from the network.
    """
    note = _checked_note(note)
    row = session.execute(
        select(LearningSet.id, LearningSet.name, LearningSet.facilitator_id)
        .where(*_which(actor, set_id))
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
    if row.state != "open":
        raise Conflict("This request is no longer open.")
    row.state, row.closed_at = "withdrawn", now
    mailbox.cancel(session, [_key(row.id)])
    history.record(session, actor.member_id, "withdraw_set_request", "learning_set", row.set_id, now)
