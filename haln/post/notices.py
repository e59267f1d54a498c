"""Notifications as a member sees them: what happened that concerns them and still holds, the newest first.

The list and its count are read by one statement, so that the count never tells of what the list may not show. What has
not been read is in the list before anything that has, so that whatever is counted is there to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, union_all
from sqlalchemy.orm import Session

from haln.connect import notices as of_connecting
from haln.errors import NotFound
from haln.learn import notices as of_learning
from haln.learn import topic_notices as of_topics
from haln.models import Moment
from haln.people import notices
from haln.people.reading import rows

FAMILIES = (*of_connecting.FAMILIES, *of_learning.FAMILIES, *of_topics.FAMILIES)
"""Every family of notifications. Another brings its statement, and its kinds stand in `haln.people.notices.ABOUT`."""

LONGEST = 100
_SINCE = bindparam("since", type_=Moment)


@dataclass(frozen=True, slots=True)
class Line:
    """One notification: whom and what it names, the page it leads to, and whether it has been read."""

    id: int
    kind: str
    at: datetime
    seen: bool
    name: str
    second: str
    title: str
    detail: str
    path: str


@cache
def _all() -> Any:
    return union_all(*(family() for family in FAMILIES)).subquery("told")


@cache
def _listed() -> Select[Any]:
    told = _all()
    unread_then_newest = (told.c.seen_at.is_not(None), told.c.at.desc(), told.c.id.desc())
    return select(told).where(told.c.at > _SINCE).order_by(*unread_then_newest).limit(LONGEST)


@cache
def _counted() -> Select[Any]:
    told = _all()
    unread = select(told.c.id).where(told.c.seen_at.is_(None), told.c.at > _SINCE).limit(LONGEST).subquery()
    return select(func.count()).select_from(unread)


@cache
def _one() -> Select[Any]:
    told = _all()
    return select(told.c.path).where(told.c.id == bindparam("notice"))


def listed(session: Session, member_id: int, now: datetime) -> tuple[Line, ...]:
    """A member's notifications of the last 90 days that still hold, the newest first. One query."""
    found = sorted(rows(session, _listed(), _asked(member_id, now)), key=lambda row: (row.at, row.id), reverse=True)
    return tuple(
        Line(row.id, row.kind, row.at, row.seen_at is not None, row.name, row.second, row.title, row.detail, row.path)
        for row in found
    )


def unread(session: Session, member_id: int, now: datetime) -> int:
    """How many of those that are listed they have not read. One query."""
    return int(rows(session, _counted(), _asked(member_id, now)).scalar() or 0)


def open_one(session: Session, member_id: int, notice_id: int, now: datetime) -> str:
    """Note that a member has read one of theirs; returns the page that it leads to.

    Raises NotFound for another's, and for what no longer holds.
    """
    path: str | None = rows(session, _one(), {**_asked(member_id, now), "notice": notice_id}).scalar()
    if path is None:
        raise NotFound("This is over: it is not among your notifications any more.")
    notices.see(session, member_id, notice_id, now)
    return path


def _asked(member_id: int, now: datetime) -> dict[str, object]:
    return {"viewer": member_id, "now": now, "today": now.date(), "since": now - notices.KEPT}
