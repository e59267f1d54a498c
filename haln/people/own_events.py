"""What is kept about a member in events, as their own copy holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from haln.models import CalendarFeed, Event, EventAttendance, EventRegistration, Place

Document = dict[str, Any]

TAKEN: Mapping[str, str] = {
    "calendar_feed.member_id": "calendar_feed",
    "event.organiser_id": "events_organised",
    "event_attendance.member_id": "event_attendance",
    "event_registration.member_id": "event_registrations",
}
"""The part of the copy in which each column of events that points to a member is found."""

NOT_TAKEN: Mapping[str, str] = {
    "event_attendance.recorded_by_id": "whose attendance it is has it; who wrote it down has that in their record",
}
"""Why the other columns are not in the copy."""


def parts(session: Session, member_id: int) -> Mapping[str, list[Document]]:
    """All parts of events."""
    asked = select(
        Event.title.label("event"),
        Event.starts_at,
        EventRegistration.state,
        EventRegistration.says_hello,
        EventRegistration.asked_at,
        EventRegistration.changed_at,
    ).join(Event, Event.id == EventRegistration.event_id)
    there = select(Event.title.label("event"), Event.starts_at, EventAttendance.came, EventAttendance.recorded_on).join(
        Event, Event.id == EventAttendance.event_id
    )
    organised = select(
        Event.title,
        Event.standfirst,
        Event.description,
        Event.starts_at,
        Event.where,
        Place.name.label("place"),
        Event.state,
        Event.answer,
        Event.made_at,
    ).outerjoin(Place, Place.id == Event.place_id)
    return {
        "events_organised": _rows(
            session, organised.where(Event.organiser_id == member_id).order_by(Event.starts_at, Event.id)
        ),
        "event_registrations": _rows(
            session, asked.where(EventRegistration.member_id == member_id).order_by(Event.starts_at, Event.id)
        ),
        "event_attendance": _rows(
            session, there.where(EventAttendance.member_id == member_id).order_by(EventAttendance.id)
        ),
        "calendar_feed": _rows(session, select(CalendarFeed.created_at).where(CalendarFeed.member_id == member_id)),
    }


def _rows(session: Session, statement: Executable) -> list[Document]:
    return [dict(row._mapping) for row in session.execute(statement)]
