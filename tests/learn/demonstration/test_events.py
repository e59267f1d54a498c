"""A demonstration's events: the same for the same numbers, possible, and where people say that they met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.demonstration import events
from haln.models import Connection, Event, EventAttendance, EventRegistration, Member, Outcome, OutcomeAgreement, Place
from haln.people import masking, outcome_events
from haln.people.demonstration.writing import Wanted
from haln.taxonomy import vocabulary
from tests.people.demonstration import places

LONDON = ZoneInfo("Europe/London")
NOW = datetime.combine(places.UNTIL, time(8), UTC)


def made() -> Iterator[Session]:
    with places.an_empty_network() as session:
        places.a_demonstration(session, members=150, months=12)
        wanted = Wanted(150, 12, 2026, places.UNTIL)
        assert events.write(session, vocabulary.load(), wanted, LONDON) == 29
        session.flush()
        yield session


@pytest.fixture(scope="module")
def invented() -> Iterator[Session]:
    yield from made()


def everything(session: Session) -> list[Any]:
    return [
        [tuple(row) for row in session.execute(select(*model.__table__.columns).order_by(*model.__table__.primary_key))]
        for model in (Event, EventRegistration, EventAttendance, Outcome, OutcomeAgreement)
    ]


def test_the_same_numbers_give_the_same_events(invented: Session) -> None:
    for other in made():
        assert everything(other) == everything(invented)


def test_what_came_of_them_is_told_by_those_who_may_and_names_those_who_may_be_named(invented: Session) -> None:
    starts = {row.id: row.starts_at for row in invented.scalars(select(Event))}
    members = {row.id: row for row in invented.scalars(select(Member))}
    rows = invented.scalars(select(Outcome).where(Outcome.event_id.is_not(None))).all()
    assert len(rows) >= 8 and {row.consent for row in rows} == {"count", "anonymous", "named"}
    asked = set(invented.scalars(select(OutcomeAgreement.outcome_id)))
    for row in rows:
        writer, event = members[row.written_by_id], row.event_id or 0
        told = select(Event.id).where(Event.id == event, outcome_events.tellable(writer.id, NOW))
        assert invented.scalar(told) == event
        assert starts[event].date() < row.happened_on <= row.written_at.date() < places.UNTIL
        assert (row.text == "") == (writer.standing != "active")
        named = {one.id for one in members.values() if masking.holds(row.text, one.name)}
        assert named <= outcome_events.nameable(invented, writer.id, [event])[event]
        assert (row.id in asked) == (bool(named) and row.consent == "named")


def test_what_is_told_could_be(invented: Session) -> None:
    taken: Counter[int] = Counter(
        invented.scalars(select(EventRegistration.event_id).where(EventRegistration.state == "registered"))
    )
    for row in invented.scalars(select(Event)):
        assert timedelta(minutes=15) <= row.ends_at - row.starts_at <= timedelta(hours=10)
        assert row.starts_at.astimezone(LONDON).weekday() < 5
        assert 8 <= row.starts_at.astimezone(LONDON).hour <= 18
        assert row.capacity is None or taken[row.id] <= row.capacity
    joined = {row.id: row.joined_at for row in invented.execute(select(Member.id, Member.joined_at))}
    starts = {row.id: row.starts_at for row in invented.execute(select(Event.id, Event.starts_at))}
    placed = set()
    for one in invented.scalars(select(EventRegistration)):
        assert joined[one.member_id] < starts[one.event_id]
        assert one.asked_at < NOW
        if one.state == "registered":
            placed.add((one.event_id, one.member_id))
    for came in invented.scalars(select(EventAttendance)):
        assert (came.event_id, came.member_id) in placed and starts[came.event_id] < NOW


def test_those_who_say_that_they_met_at_an_event_mostly_did(invented: Session) -> None:
    there: dict[int, set[int]] = {}
    for came in invented.scalars(select(EventAttendance)):
        there.setdefault(came.member_id, set()).add(came.event_id)
    rows = invented.execute(
        select(Connection.low_id, Connection.high_id).where(
            Connection.evidence == "co_attended", Connection.since > NOW - timedelta(days=240)
        )
    ).all()
    met = [row for row in rows if there.get(row.low_id, set()) & there.get(row.high_id, set())]
    assert rows and len(met) >= len(rows) // 2


def test_an_event_that_names_a_town_is_in_it_and_the_others_are_online(invented: Session) -> None:
    rows = invented.execute(select(Event.where, Place.name).outerjoin(Place, Place.id == Event.place_id)).all()
    assert {(row.where.rpartition(", ")[2], row.name) for row in rows} >= {("Online", None), ("Leeds", "Leeds")}
    assert all(row.where == "Online" if row.name is None else row.where.endswith(f", {row.name}") for row in rows)
