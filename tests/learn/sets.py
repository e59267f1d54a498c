"""A set that meets, for the tests: Ada, Ben, Cai and Dee sit in it, Fay leads it, Sol is staff."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from haln.learn import sessions
from haln.learn.session_times import Meeting
from haln.models import LearningSet, SetAction, SetNote, SetSession
from haln.people.tokens import public_id
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, an_actor
from tests.cohort_builders import a_learning_set

LONDON = ZoneInfo("Europe/London")
WORDS = vocabulary.load()
LATER = NOW + timedelta(days=200)


def the_set(session: Session, cast: Cast, **facts: object) -> LearningSet:
    """The set of the four, led by Fay unless said otherwise."""
    values = {"facilitator_id": cast.fay, **facts}
    return a_learning_set(session, [cast.ada, cast.ben, cast.cai, cast.dee], **values)


def key(row: LearningSet) -> str:
    """The set's public id."""
    assert row.public_id
    return row.public_id


def a_meeting(on_day: date | None = None, **facts: object) -> Meeting:
    """A session as it is asked for: in ten days from two to half past three."""
    values: dict[str, object] = {
        "on_day": on_day or NOW.date() + timedelta(days=10),
        "begins": time(14, 0),
        "ends": time(15, 30),
    }
    return Meeting(**{**values, **facts})  # type: ignore[arg-type]


def a_session(session: Session, row: LearningSet, starts_at: datetime | None = None, **facts: object) -> SetSession:
    """A planned session in ten days."""
    values: dict[str, object] = {"public_id": public_id(), "set_id": row.id, "minutes": 90, **facts}
    made = SetSession(starts_at=starts_at or NOW + timedelta(days=10), **values)
    session.add(made)
    session.flush()
    return made


def planned(session: Session, cast: Cast, row: LearningSet, count: int = 1, **facts: object) -> list[SetSession]:
    """Sessions planned by Fay every four weeks."""
    fay = an_actor(session, cast.fay)
    made = sessions.plan(session, fay, key(row), a_meeting(**facts), 4, count, LONDON, NOW)  # type: ignore[arg-type]
    return [sessions.of_set(session, row, one) for one in made]


def a_note(session: Session, row: LearningSet, author: int, text: str = "We agreed to meet in Leeds.") -> SetNote:
    """A note of the set."""
    made = SetNote(public_id=public_id(), set_id=row.id, author_id=author, text=text, created_at=NOW, changed_at=NOW)
    session.add(made)
    session.flush()
    return made


def an_action(
    session: Session, row: LearningSet, owner: int, text: str = "Ring the growers", **facts: object
) -> SetAction:
    """An open action."""
    values: dict[str, object] = {"public_id": public_id(), "created_at": NOW, **facts}
    made = SetAction(set_id=row.id, owner_id=owner, text=text, **values)
    session.add(made)
    session.flush()
    return made


def utc(*parts: int) -> datetime:
    """A moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]
