"""What a member leaves behind in events: places end when they go, proposals are emptied when they are erased."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, exists, select, update
from sqlalchemy.orm import Session

from haln.models import CalendarFeed, Event, EventRegistration

_AS_IT_STANDS = {"synchronize_session": False}

ERASING: Mapping[str, str] = {
    "calendar_feed.member_id": "deleted",
    "event.organiser_id": "kept: a node without a name; what never took place is emptied, titles others need aside",
    "event_attendance.member_id": "kept: how many were there, and who met whom",
    "event_attendance.recorded_by_id": "kept: a node without a name",
    "event_registration.member_id": "kept for events that were, given up for those to come",
}
"""What erasing does with each column of events that points to a member."""


def withdraw(session: Session, member_id: int, now: datetime) -> None:
    """Give up all places at events to come, take proposals back, and end the calendar that is followed.

    The places go to who waits (the worker sees to it). Events that they organise stay: staff see to those.
    """
    ahead = select(Event.id).where(Event.starts_at > now)
    _run(
        session,
        update(EventRegistration)
        .where(
            EventRegistration.member_id == member_id,
            EventRegistration.state != "cancelled",
            EventRegistration.event_id.in_(ahead),
        )
        .values(state="cancelled", changed_at=now),
    )
    _run(
        session,
        update(EventRegistration).where(EventRegistration.member_id == member_id).values(says_hello=False),
    )
    _run(
        session,
        update(Event)
        .where(Event.organiser_id == member_id, Event.state == "proposed")
        .values(state="withdrawn", sequence=Event.sequence + 1),
    )
    _run(session, delete(CalendarFeed).where(CalendarFeed.member_id == member_id))


def erase(session: Session, member_id: int) -> None:
    """Empty what a member proposed and what never took place, after `withdraw`.

    A cancelled event keeps its title while others are registered for it: their own lists and calendars name it.
    """
    held = exists().where(EventRegistration.event_id == Event.id, EventRegistration.state != "cancelled")
    theirs = and_(Event.state == "cancelled", held)
    unheld = (Event.organiser_id == member_id, Event.state.in_(("declined", "cancelled", "withdrawn")))
    nothing = dict.fromkeys(("standfirst", "description", "where", "joining_link", "answer"), "")
    title = case((theirs, Event.title), else_="")
    _run(session, update(Event).where(*unheld).values({**nothing, "title": title}))


def _run(session: Session, statement: Any) -> None:
    session.execute(statement, execution_options=_AS_IT_STANDS)
