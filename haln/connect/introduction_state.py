"""What the state of an introduction means to those who read it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_

from haln.models import Introduction
from haln.people.visibility import Who

ASKED, WOVEN = "asked", "woven"


def is_open(now: datetime) -> ColumnElement[bool]:
    """Whether an introduction waits for an answer, as everybody in it may know; a late worker changes nothing."""
    return and_(Introduction.state == "open", Introduction.expires_at > now)


def between(one: Who, other: Who) -> ColumnElement[bool]:
    """Introductions of which these two are the ends."""
    return or_(
        and_(Introduction.asker_id == one, Introduction.asked_id == other),
        and_(Introduction.asker_id == other, Introduction.asked_id == one),
    )
