"""The outbox as staff read it.

Letters that only their readers may know of are not among it: one row for each would tell how many there are, and when,
however few. How they fare is told in rounded numbers (`haln.post.delivery`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.models import Mail
from haln.post import letters
from haln.post.letters import SEALED
from haln.post.writing import Desk, Order, Worded

STATES = ("waiting", "leased", "sending", "sent", "failed", "cancelled")
_NUMBERED = re.compile(r"^<\d+\.")
_OPEN = Mail.kind.not_in(SEALED)


@dataclass(frozen=True, slots=True)
class Line:
    """A message in the list."""

    public_id: str
    kind: str
    address: str
    state: str
    created_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message, with how far it got."""

    line: Line
    due_at: datetime
    sent_at: datetime | None
    message_id: str
    last_error: str
    words: Worded | None

    @property
    def told_id(self) -> str:
        """Its Message-ID without the number of its row, as older ones have it: numbers count sealed letters, too."""
        return _NUMBERED.sub("<[…].", self.message_id)


def listed(session: Session, state: str | None, before: str, limit: int) -> list[Line]:
    """Messages, newest first, at most one more than `limit`: that one says that there are more.

    With `before` those that come after it in the list. Raises NotFound when there is no such message.
    """
    chosen = select(Mail.public_id, Mail.kind, Mail.address, Mail.state, Mail.created_at, Mail.attempts)
    chosen = chosen.where(_OPEN)
    if state is not None:
        chosen = chosen.where(Mail.state == state)
    if before:
        last = session.execute(select(Mail.created_at, Mail.id).where(Mail.public_id == before, _OPEN)).one_or_none()
        if last is None:
            raise NotFound("There is no such message.")
        chosen = chosen.where(tuple_(Mail.created_at, Mail.id) < tuple_(last.created_at, last.id))
    found = session.execute(chosen.order_by(Mail.created_at.desc(), Mail.id.desc()).limit(limit + 1))
    return [Line(*row) for row in found]


def counts(session: Session) -> dict[str, int]:
    """How many messages are in each state."""
    found = session.execute(select(Mail.state, func.count()).where(_OPEN).group_by(Mail.state)).all()
    return {row[0]: row[1] for row in found}


def message(session: Session, public_id: str, desk: Desk, now: datetime) -> Message:
    """One message as it was worded, or would be now; links that are keys and private notes are left out.

    Raises NotFound, also for one that only its reader may know of.
    """
    row = session.execute(
        select(
            Mail.public_id,
            Mail.kind,
            Mail.address,
            Mail.state,
            Mail.created_at,
            Mail.attempts,
            Mail.due_at,
            Mail.sent_at,
            Mail.message_id,
            Mail.last_error,
            Mail.member_id,
            Mail.language,
            Mail.values,
        ).where(Mail.public_id == public_id, _OPEN)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such message.")
    kept = row[12].get("wording")
    words: Worded | None = None
    if kept:
        words = Worded(kept["subject"], kept["text"], "")
    elif row.state != "cancelled":
        words = letters.preview(session, Order(row.kind, row.address, row.member_id, row.language, row[12]), desk, now)
    line = Line(row.public_id, row.kind, row.address, row.state, row.created_at, row.attempts)
    return Message(line, row.due_at, row.sent_at, row.message_id or "", row.last_error or "", words)


def anew(now: datetime) -> dict[str, Any]:
    """What a row that failed becomes, to be tried again."""
    return {"state": "waiting", "attempts": 0, "due_at": now, "returned": None, "returned_at": None}


def retry(session: Session, actor: Actor, public_id: str, now: datetime) -> None:
    """Send a message again that failed for good. Raises NotFound, Conflict."""
    failed = (Mail.public_id == public_id, Mail.state == "failed", _OPEN)
    again = session.execute(
        update(Mail).where(*failed).values(**anew(now)).returning(Mail.id),
        execution_options={"synchronize_session": False},
    ).first()
    if again is None:
        if session.scalar(select(Mail.id).where(Mail.public_id == public_id, _OPEN)) is None:
            raise NotFound("There is no such message.")
        raise Conflict("This message has not failed; there is nothing to try again.")
    history.record(session, actor.member_id, "retry_mail", "mail", again.id, now)
