"""Times that a cohort asks about."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid
from haln.learn import slots
from haln.learn.slots import Grid, Poll
from haln.models import Application, ApplicationSlot, Cohort, CohortFacilitator
from tests.builders import NOW, Cast, an_actor
from tests.cohort_builders import a_cohort, an_application

LONDON = ZoneInfo("Europe/London")
TODAY = NOW.date()
MONDAY = date(2026, 9, 7)


def grid(**facts: object) -> Grid:
    values: dict[str, object] = {
        "first": MONDAY,
        "weeks": 2,
        "weekdays": frozenset({0, 3}),
        "halves": frozenset({"morning", "evening"}),
    }
    return Grid(**{**values, **facts})  # type: ignore[arg-type]  # by name


def a_poll(session: Session, cast: Cast) -> Cohort:
    return a_cohort(session, cast.fay, availability="dates")


def test_a_grid_has_the_chosen_halves_of_the_chosen_days_in_their_order() -> None:
    found = slots.half_days(grid(), TODAY)
    assert found[:4] == [
        (MONDAY, "morning"),
        (MONDAY, "evening"),
        (MONDAY + timedelta(days=3), "morning"),
        (MONDAY + timedelta(days=3), "evening"),
    ]
    assert len(found) == 8


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"first": TODAY - timedelta(days=1)}, "first"),
        ({"first": None}, "first"),
        ({"first": date(9999, 12, 31)}, "first"),
        ({"weeks": 0}, "weeks"),
        ({"weeks": 27}, "weeks"),
        ({"weekdays": frozenset()}, "weekdays"),
        ({"weekdays": frozenset({7})}, "weekdays"),
        ({"halves": frozenset({"midnight"})}, "halves"),
    ],
)
def test_what_is_no_grid_is_refused_beside_its_field(facts: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        slots.half_days(grid(**facts), TODAY)
    assert field in refused.value.fields


def test_an_hour_stays_the_same_on_the_clock_on_either_side_of_the_change() -> None:
    """The clocks go back on 25 October 2026."""
    found = slots.hours(Poll(date(2026, 10, 20), (time(14),), 2), LONDON, TODAY)
    assert [moment for _day, moment in found] == [
        datetime(2026, 10, 20, 13, tzinfo=UTC),
        datetime(2026, 10, 27, 14, tzinfo=UTC),
    ]
    assert [moment.astimezone(LONDON).hour for _day, moment in found] == [14, 14]


def test_an_hour_that_the_clocks_leave_out_is_refused_and_one_that_comes_twice_is_the_first() -> None:
    with pytest.raises(Invalid, match="leave this hour out"):
        slots.moment(date(2027, 3, 28), time(1, 30), LONDON)
    assert slots.moment(date(2026, 10, 25), time(1, 30), LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.times())
def test_every_hour_that_is_taken_is_shown_as_it_was_entered(day: date, clock: time) -> None:
    try:
        found = slots.moment(day, clock, LONDON)
    except Invalid:
        assert day.month == 3
        assert clock.hour == 1
        return
    local = found.astimezone(LONDON)
    assert (local.date(), local.hour, local.minute) == (day, clock.hour, clock.minute)


def test_times_are_numbered_in_their_order_and_keep_their_answers(session: Session, cast: Cast) -> None:
    fay, row = an_actor(session, cast.fay), a_poll(session, cast)
    slots.add_hours(session, fay, row.public_id, 1, Poll(MONDAY, (time(14),), 1), LONDON, TODAY, NOW)
    (first,) = slots.of_cohort(session, row.id)
    an_application(session, row.id, cast.ada, [first.id])
    early = Poll(MONDAY, (time(9), time(14), time(16)), 1)
    assert slots.add_hours(session, fay, row.public_id, 2, early, LONDON, TODAY, NOW) == 2
    found = slots.of_cohort(session, row.id)
    assert [one.position for one in found] == [0, 1, 2]
    assert [one.starts_at.astimezone(LONDON).hour for one in found if one.starts_at] == [9, 14, 16]
    assert found[1].id == first.id
    assert slots.answers(session, row.id) == {first.id: 1}
    with pytest.raises(Conflict, match="there already"):
        slots.add_hours(session, fay, row.public_id, 3, early, LONDON, TODAY, NOW)


def test_what_is_taken_away_goes_from_applications_and_facilitators_too(session: Session, cast: Cast) -> None:
    fay, row = an_actor(session, cast.fay), a_cohort(session, cast.fay, days=2)
    ids = [one.id for one in slots.of_cohort(session, row.id)]
    an_application(session, row.id, cast.ada, ids[:2])
    session.get_one(CohortFacilitator, (row.id, cast.fay)).slots = ids[1:3]
    assert slots.take_away(session, fay, row.public_id, 1, [ids[1], ids[3]], NOW) == 1
    assert [one.id for one in slots.of_cohort(session, row.id)] == [ids[0], ids[2]]
    assert [one.position for one in slots.of_cohort(session, row.id)] == [0, 1]
    assert session.scalars(select(ApplicationSlot.slot_id)).all() == [ids[0]]
    assert session.get_one(CohortFacilitator, (row.id, cast.fay)).slots == [ids[2]]
    assert session.scalars(select(Application.state)).all() == ["applied"]
    with pytest.raises(Invalid, match="Choose the times"):
        slots.take_away(session, fay, row.public_id, 2, [ids[1]], NOW)


def test_there_are_never_more_times_than_people_look_through(session: Session, cast: Cast) -> None:
    fay, row = an_actor(session, cast.fay), a_cohort(session, cast.fay, days=1)
    much = grid(weeks=26, weekdays=frozenset(range(5)))
    with pytest.raises(Conflict, match="262 times to look through; at most 120"):
        slots.add_grid(session, fay, row.public_id, 1, much, TODAY, NOW)


@pytest.mark.parametrize(
    ("closes_on", "ends_on", "field"),
    [
        (MONDAY, None, 0),
        (MONDAY + timedelta(days=1), None, 0),
        (None, MONDAY - timedelta(days=1), 0),
        (None, MONDAY + timedelta(days=6), 1),
        (MONDAY - timedelta(days=1), MONDAY + timedelta(days=7), None),
    ],
)
def test_times_at_which_no_set_can_meet_are_refused_beside_their_field(
    session: Session, cast: Cast, closes_on: date | None, ends_on: date | None, field: int | None
) -> None:
    """While people may apply there is no set yet, and in weeks after the end there is none any more."""
    fay, days = an_actor(session, cast.fay), {"closes_on": closes_on, "ends_on": ends_on, "starts_on": None}
    halves = a_cohort(session, cast.fay, availability="halfdays", **days)
    hours = a_cohort(session, cast.fay, availability="dates", **days)
    poll = Poll(MONDAY, (time(14),), 2)

    def lay(row: Cohort) -> int:
        if row is halves:
            return slots.add_grid(session, fay, row.public_id, 1, grid(), TODAY, NOW)
        return slots.add_hours(session, fay, row.public_id, 1, poll, LONDON, TODAY, NOW)

    for row, fields in ((halves, ("first", "weeks")), (hours, ("day", "poll_weeks"))):
        if field is None:
            assert lay(row)
            continue
        with pytest.raises(Invalid) as refused:
            lay(row)
        assert list(refused.value.fields) == [fields[field]]
        row.state = "closed"  # nobody applies any more, whatever the last day was to be
        if closes_on:
            assert lay(row)


def test_a_poll_takes_no_half_days(session: Session, cast: Cast) -> None:
    fay, row = an_actor(session, cast.fay), a_poll(session, cast)
    with pytest.raises(Conflict, match="in another way"):
        slots.add_grid(session, fay, row.public_id, 1, grid(), TODAY, NOW)


def test_the_last_time_a_facilitator_named_is_not_taken_from_under_them(session: Session, cast: Cast) -> None:
    row, fay = a_cohort(session, cast.fay, days=1), an_actor(session, cast.fay)
    first, second = [one.id for one in slots.of_cohort(session, row.id)]
    leader = session.get_one(CohortFacilitator, (row.id, cast.fay))
    leader.slots = [first]
    session.commit()
    with pytest.raises(Conflict, match="all the times that Fay Lindqvist can lead at"):
        slots.take_away(session, fay, row.public_id, row.version, [first], NOW)
    session.rollback()
    assert leader.slots == [first]
    slots.take_away(session, fay, row.public_id, row.version, [second], NOW)
    assert leader.slots == [first]


def test_a_poll_ends_before_time_does() -> None:
    with pytest.raises(Invalid) as refused:
        slots.hours(Poll(date(9999, 12, 31), (time(14),), 2), LONDON, TODAY)
    assert list(refused.value.fields) == ["day"]
