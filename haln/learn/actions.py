"""Actions: what somebody said they would do. They come back at the next session until they are done or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Invalid
from haln.learn import sessions
from haln.learn.set_access import inside
from haln.learn.set_people import sitting_ids
from haln.models import LearningSet, SetAction
from haln.people.tokens import public_id

OPEN, DONE, DROPPED = "open", "done", "dropped"
STATES = (OPEN, DONE, DROPPED)
LENGTH = 500
MOST_OPEN = 100


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one action."""

    state: str
    outcome: str = ""


def add(
    session: Session, actor: Actor, set_id: str, owner: int | None, text: str, session_id: str, now: datetime
) -> None:
    """Write down what somebody in the set said they would do; `session_id` is where it was agreed, or empty.

    Raises Invalid (each field with its sentence), NotFound, Conflict once the set has ended.
    """
    entry = inside(session, actor, set_id, change=True)
    meeting = sessions.of_set(session, entry.row, session_id) if session_id else None
    text = _checked(text)
    faults = {}
    if not text:
        faults["text"] = "Write what is to be done."
    elif len(text) > LENGTH:
        faults["text"] = "Write at most 500 characters."
    if owner not in {*sitting_ids(session, entry.row.id), entry.row.facilitator_id} or owner is None:
        faults["owner"] = "Choose somebody who is in the set."
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    if len(open_ones(session, entry.row)) >= MOST_OPEN:
        sentence = "This set has 100 actions open. Report some of them first."
        raise Invalid(sentence, {"text": sentence})
    row = SetAction(
        public_id=public_id(),
        set_id=entry.row.id,
        session_id=meeting.id if meeting else None,
        owner_id=owner,
        text=text,
        state=OPEN,
        written_by_id=actor.member_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    history.record(session, actor.member_id, "add_action", "set_action", row.id, now)


def _checked(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def open_ones(session: Session, row: LearningSet) -> list[SetAction]:
    """What is still to be done in a set, the oldest first."""
    return list(
        session.scalars(
            select(SetAction)
            .where(SetAction.set_id == row.id, SetAction.state == OPEN)
            .order_by(SetAction.created_at, SetAction.id)
        )
    )


def report(session: Session, actor: Actor, set_id: str, reports: Mapping[str, Report], now: datetime) -> int:
    """Say what became of open actions, by their public ids. Returns how many are closed by it.

    Anybody inside may: one of them keeps the minutes. An action that somebody else has closed meanwhile stays as they
    said. Raises Invalid for an unknown state or an outcome that is too long, before anything is changed.
    """
    entry = inside(session, actor, set_id, change=True)
    said = {key: Report(one.state, _checked(one.outcome)) for key, one in reports.items()}
    faults = {
        f"outcome-{key}": "Write at most 500 characters." for key, one in said.items() if len(one.outcome) > LENGTH
    }
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    if {one.state for one in said.values()} - set(STATES):
        raise Invalid("Choose done, still open or dropped for each action.")
    closed = 0
    for row in open_ones(session, entry.row):
        one = said.get(row.public_id)
        if one is None:
            continue
        row.outcome = one.outcome
        if one.state != OPEN:
            row.state, row.closed_at = one.state, now
            closed += 1
            detail: history.Detail = {"state": one.state}
            history.record(session, actor.member_id, "close_action", "set_action", row.id, now, detail)
    session.flush()
    return closed
