"""When sets meet: right across the change of the clocks, and refused in plain words where it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import pytest
import vobject
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from haln.errors import Invalid
from haln.learn import calendar_files, session_times
from haln.learn.calendar_files import Entry
from haln.learn.event_facts import EventFacts
from haln.learn.session_times import Span
from tests.builders import NOW
from tests.learn.sets import LONDON, a_meeting, utc

minutes = st.integers(15, 600)
moments = st.integers(0, 10_000).map(lambda number: NOW + timedelta(minutes=number))


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(1, 12), st.integers(1, 30), st.integers(3, 20))
def test_every_session_of_a_series_begins_at_the_same_hour_on_the_wall(
    first: date, weeks: int, count: int, hour: int
) -> None:
    spans = session_times.series(a_meeting(first, begins=time(hour), ends=time(hour + 1)), weeks, count, LONDON)
    local = [span.starts_at.astimezone(LONDON) for span in spans]
    assert {one.time() for one in local} == {time(hour)}
    assert [one.date() for one in local] == [first + timedelta(weeks=weeks * number) for number in range(count)]


def test_across_the_change_of_the_clocks_the_moment_moves_by_an_hour() -> None:
    spans = session_times.series(a_meeting(date(2026, 10, 22)), 1, 2, LONDON)
    assert [span.starts_at for span in spans] == [utc(2026, 10, 22, 13, 0), utc(2026, 10, 29, 14, 0)]


def test_an_hour_that_the_clocks_leave_out_is_refused() -> None:
    with pytest.raises(Invalid, match="no such time on 2026-03-29"):
        session_times.moment(date(2026, 3, 29), time(1, 30), LONDON)


CHANGES = (date(2027, 3, 28), date(2027, 10, 31))
hours = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def as_asked(on_day: date, begins: time, ends: time, make: Callable[[tzinfo], Span]) -> Span | None:
    """The span of two hours on the wall; none where it may be refused: an hour left out, too short, or too long."""
    try:
        return make(LONDON)
    except Invalid:
        walls = [datetime.combine(on_day, at, LONDON).astimezone(UTC) for at in (begins, ends)]
        left_out = [at for at, wall in zip((begins, ends), walls, strict=True) if wall.astimezone(LONDON).time() != at]
        assert left_out or not timedelta(minutes=15) <= walls[1] - walls[0] <= timedelta(minutes=600)
        return None


@settings(max_examples=300)
@given(st.sampled_from(CHANGES), hours, hours)
@example(CHANGES[0], time(0, 30), time(3, 30))
@example(CHANGES[1], time(0, 30), time(3, 30))
@example(CHANGES[1], time(1, 30), time(2, 30))
def test_hours_on_the_wall_come_back_on_a_day_on_which_the_clocks_change(day: date, one: time, other: time) -> None:
    begins, ends = sorted((one, other))
    facts = EventFacts("Buying local", day, begins, ends)
    for make in (facts.span, a_meeting(day, begins=begins, ends=ends).span):
        span = as_asked(day, begins, ends, make)
        if span is None or not span.minutes:
            continue
        walls = [at.astimezone(LONDON).replace(tzinfo=None) for at in (span.starts_at, span.ends_at)]
        assert walls == [datetime.combine(day, begins), datetime.combine(day, ends)]
        made = calendar_files.written([Entry("abc", "Growing", span.starts_at, span.minutes, 0, False)], NOW)
        (read,) = vobject.readOne(made.decode()).vevent_list
        again: Any = Calendar.from_ical(made).walk("VEVENT")[0]
        for found in ((read.dtstart.value, read.dtend.value), (again["dtstart"].dt, again["dtend"].dt)):
            assert [at.astimezone(LONDON).replace(tzinfo=None) for at in found] == walls


def test_the_end_may_not_be_an_hour_that_the_clocks_leave_out_and_the_change_may_leave_too_little() -> None:
    with pytest.raises(Invalid, match="no such time on") as refused:
        a_meeting(CHANGES[0], begins=time(0, 30), ends=time(1, 30)).span(LONDON)
    assert list(refused.value.fields) == ["ends"]
    with pytest.raises(Invalid, match="it would last 10 minutes"):
        a_meeting(CHANGES[0], begins=time(0, 50), ends=time(2, 0)).span(LONDON)
    with pytest.raises(Invalid, match="it would last 660 minutes"):
        a_meeting(CHANGES[1], begins=time(0, 0), ends=time(10, 0)).span(LONDON)


def test_each_session_of_a_series_ends_at_its_hour() -> None:
    first = a_meeting(date(2027, 3, 21), begins=time(0, 30), ends=time(3, 30))
    spans = session_times.series(first, 1, 2, LONDON)
    assert [span.minutes for span in spans] == [180, 120]
    assert {span.ends_at.astimezone(LONDON).time() for span in spans} == {time(3, 30)}


@given(moments, minutes, moments, minutes)
def test_overlapping_is_mutual_and_touching_is_none(one: object, long: int, other: object, short: int) -> None:
    first, second = Span(one, long), Span(other, short)  # type: ignore[arg-type]
    assert first.meets(second) == second.meets(first)
    assert first.meets(first)
    assert not first.meets(Span(first.ends_at, short))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"ends": time(13, 0)}, "ends"),
        ({"ends": time(14, 0)}, "ends"),
        ({"ends": time(14, 5)}, "ends"),
        ({"begins": time(8), "ends": time(19)}, "ends"),
        ({"on_day": date(2031, 1, 1)}, "day"),
        ({"on_day": date(2020, 1, 1)}, "day"),
        ({"where": "x" * 201}, "where"),
        ({"agenda": "x" * 2_001}, "agenda"),
        ({"joining_link": "javascript:alert(1)"}, "link"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(facts: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        session_times.checked(a_meeting(**facts), NOW)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("count", [0, 31, 500])
def test_too_many_at_once_are_refused(count: int) -> None:
    with pytest.raises(Invalid, match="between 1 and 30"):
        session_times.series(a_meeting(), 1, count, LONDON)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "http://meet.example.org/x",
        "https://",
        "https://localhost/x",
        "https://you@meet.example.org",
        "https://meet.example.org/a b",
        'https://meet.example.org/"><script>',
        "https://meet.example.org:port/",
        "https://[::1]/",
        "//meet.example.org/x",
        "https://meet.example.org/" + "x" * 500,
    ],
)
def test_a_joining_link_that_is_no_safe_link_is_refused(link: str) -> None:
    assert session_times.link_fault(link)


@pytest.mark.parametrize("link", ["", " https://meet.example.org/abc?pwd=1#x ", "https://zoom.example.co.uk:8443/j/9"])
def test_a_good_joining_link_and_none_at_all_are_taken(link: str) -> None:
    assert session_times.link_fault(link) == ""
