"""Staff keep a story out of the report, with a reason. They never change it; the writer sees that it is kept out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Permission, require
from haln.errors import Conflict, Invalid, NotFound
from haln.models import Outcome

TELLS_WHO, UNCLEAR, OTHER = "tells_who", "unclear", "other"
REASONS = (TELLS_WHO, UNCLEAR, OTHER)
"""It may tell who somebody is; it cannot be understood alone; another reason."""


def hide(session: Session, actor: Actor, outcome: str, reason: str, now: datetime) -> None:
    """Keep a story out of the report. Raises Invalid, NotFound for what is no story, Conflict when it is out."""
    if reason not in REASONS:
        raise Invalid("Choose a reason.", {"reason": "Choose a reason."})
    row = _story(session, actor, outcome)
    if row.hidden_for:
        raise Conflict("This story is kept out of the report already.")
    row.hidden_for = reason
    _record(session, actor, "hide_outcome", row, now, {"reason": reason})


def show(session: Session, actor: Actor, outcome: str, now: datetime) -> None:
    """Let a story into the report again. Raises NotFound, Conflict when it is in already."""
    row = _story(session, actor, outcome)
    if not row.hidden_for:
        raise Conflict("This story is in the report already.")
    row.hidden_for = ""
    _record(session, actor, "show_outcome", row, now, {})


def _story(session: Session, actor: Actor, outcome: str) -> Outcome:
    require(actor, Permission.SEE_MEASURES)
    row = session.scalars(
        select(Outcome)
        .where(Outcome.public_id == outcome, Outcome.consent.in_(("anonymous", "named")))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("There is no such story, or it is not told any more.")
    return row


def _record(session: Session, actor: Actor, action: str, row: Outcome, now: datetime, detail: history.Detail) -> None:
    session.flush()
    history.record(session, actor.member_id, action, "outcome", row.id, now, detail)
