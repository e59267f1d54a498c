"""Letters that a restored database would send, of which nobody knows whether they have left already.

They stand among those that failed, with a sentence that says why, until somebody decides: by hand on the page of a
message, or all of them, or those of one kind, by a command.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.models import Mail
from haln.post.held import HELD, SENTENCE
from haln.post.reading import anew

_TO_LEAVE = ("waiting", "leased", "sending")
_AS_IT_STANDS = {"synchronize_session": False}


def hold(session: Session) -> int:
    """Hold back everything that was to leave. Returns how many letters."""
    held = session.scalars(
        update(Mail)
        .where(Mail.state.in_(_TO_LEAVE))
        .values(state="failed", last_error=SENTENCE, leased_until=None, leased_by=None)
        .returning(Mail.id),
        execution_options=_AS_IT_STANDS,
    )
    return len(held.all())


def counts(session: Session) -> dict[str, int]:
    """How many letters of each kind are held back."""
    found = session.execute(select(Mail.kind, func.count()).where(HELD).group_by(Mail.kind).order_by(Mail.kind)).all()
    return {row[0]: row[1] for row in found}


def _held(kinds: Collection[str]) -> ColumnElement[bool]:
    return and_(HELD, Mail.kind.in_(kinds)) if kinds else HELD


def let_go(session: Session, kinds: Collection[str], now: datetime) -> int:
    """Send what is held back: of these kinds, or of all when none is named. Returns how many letters."""
    values = {**anew(now), "last_error": None}
    return _decide(session, kinds, values, "send_held_mail", now)


def drop(session: Session, kinds: Collection[str], now: datetime) -> int:
    """Never send what is held back: of these kinds, or of all when none is named. Returns how many letters."""
    return _decide(session, kinds, {"state": "cancelled"}, "cancel_held_mail", now)


def _decide(session: Session, kinds: Collection[str], values: dict[str, object], action: str, now: datetime) -> int:
    decided = session.scalars(
        update(Mail).where(_held(kinds)).values(**values).returning(Mail.id), execution_options=_AS_IT_STANDS
    )
    count = len(decided.all())
    if count:
        history.record(session, None, action, "mail", None, now, {"kinds": sorted(kinds), "count": count})
    return count
