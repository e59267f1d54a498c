"""When sets meet: right across the change of the clocks, and refused in plain words where it cannot be."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haln.errors import Invalid
from haln.learn import session_times
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
