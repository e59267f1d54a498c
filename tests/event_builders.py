"""Events for the tests: planned by Fay, in ten days from two to half past three."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from haln.learn import event_registrations
from haln.learn.event_facts import EventFacts
from haln.models import Event, EventAttendance, EventRegistration
from haln.people.tokens import public_id
from haln.taxonomy import vocabulary
from tests.builders import NOW, an_actor

LONDON = ZoneInfo("Europe/London")
THEMES = frozenset(theme.code for theme in vocabulary.load().themes)
LINK = "https://meet.example.org/secret"


def the_facts(**facts: object) -> EventFacts:
    """An event as it is asked for."""
    values: dict[str, object] = {
        "title": "Buying local",
        "on_day": NOW.date() + timedelta(days=10),
        "begins": time(14, 0),
        "ends": time(15, 30),
        "where": "Online",
        "joining_link": LINK,
    }
    return EventFacts(**{**values, **facts})  # type: ignore[arg-type]


def an_event(session: Session, organiser: int, starts_at: datetime | None = None, **facts: object) -> Event:
    """A planned event of ninety minutes in ten days; any column can be given by name."""
    starts = starts_at or NOW + timedelta(days=10)
    values: dict[str, object] = {
        "public_id": public_id(),
        "title": "Buying local",
        "standfirst": "Who buys what from whom.",
        "description": "",
        "ends_at": starts + timedelta(minutes=90),
        "where": "Online",
        "joining_link": LINK,
        "themes": [],
        "state": "planned",
        "made_at": NOW - timedelta(days=20),
    }
    row = Event(starts_at=starts, organiser_id=organiser, **{**values, **facts})
    session.add(row)
    session.flush()
    return row


def a_place(
    session: Session, row: Event, member: int, state: str = "registered", says_hello: bool = False, days: int = 5
) -> EventRegistration:
    """A registration of so many days ago."""
    asked = NOW - timedelta(days=days)
    made = EventRegistration(event_id=row.id, member_id=member, state=state, says_hello=says_hello)
    made.asked_at = made.changed_at = asked
    session.add(made)
    session.flush()
    return made


def was_there(session: Session, row: Event, *members: int, days_late: int = 0) -> None:
    """These were at the event, as it is known since its day."""
    known = row.starts_at.date() + timedelta(days=days_late)
    session.add_all(
        EventAttendance(event_id=row.id, member_id=member, came=True, recorded_on=known) for member in members
    )
    session.flush()


def register(session: Session, row: Event, member: int, says_hello: bool = False, now: datetime = NOW) -> str:
    """A member registers."""
    return event_registrations.register(session, an_actor(session, member), row.public_id, says_hello, now)
