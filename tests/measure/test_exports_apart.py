"""Networks in which small numbers of people differ, and of which all files to publish are the same together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from haln.measure.exports_broken_down import BY, with_groups
from haln.measure.exports_rows import Asked, Row, rows
from haln.measure.questions import Question
from haln.network.suppress import bounds
from haln.network.versions import MemberVersions, TieVersions, Versions

START = date(2024, 1, 31)
SMALL = 7
STEADY = 20
SECTOR, REGION = "nhs", "E12000003"
KEYS = ("members", "joins", "leavers")
MONTHS = 16
DAILY = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4)), min_size=MONTHS, max_size=MONTHS)


def middles(daily: list[int]) -> list[int]:
    """What is told of a counter each month."""
    return [bounds(count, SMALL).middle for count in accumulate(daily)]


def a_network(came: list[int], went: list[int]) -> Versions:
    """So many had come and gone by each month's end; the first twenty stay, in one sector and region."""
    days = [(START + timedelta(days=31 * month)).toordinal() for month in range(len(came))]
    joined = [day for day, count in zip(days, _steps(came), strict=True) for _ in range(count)]
    left = [day + 3 for day, count in zip(days, _steps(went), strict=True) for _ in range(count)]
    told = [(number, day, True) for number, day in enumerate(joined)]
    told += [(STEADY + number, day, False) for number, day in enumerate(left)]
    told.sort(key=lambda row: row[0])
    member, since, there = zip(*told, strict=True)
    places = {kind: [where if one < STEADY else None for one in member] for kind, where in PLACES.items()}
    empty: list[int] = []
    ties = TieVersions.of(empty, empty, empty, empty, empty, [], [], empty)
    return Versions(MemberVersions.of(member, since, since, there, places), ties)


PLACES = {
    "audience": "member",
    "sector": SECTOR,
    "region": REGION,
    "organisation": "1",
    "place": "1",
    "role": "strategy",
}


def _steps(counter: list[int]) -> list[int]:
    return [after - before for before, after in zip([0, *counter], counter, strict=False)]


def everything_published(found: Versions) -> Iterator[Row]:
    """All rows about people, of all days and all ways of asking that may be published."""
    for month in range(MONTHS):
        day = START + timedelta(days=31 * month + 5)
        for question in (
            Question(day, months=0),
            Question(day, months=0, with_hosts=False),
            Question(day, months=0, sector=SECTOR),
            Question(day, months=0, region=REGION),
        ):
            yield from rows(found, Asked(question, day, SMALL, KEYS))
    asked = Asked(Question(day, months=6), day, SMALL, KEYS, by=BY)
    yield from with_groups(rows(found, asked), found, asked)


@settings(deadline=None, max_examples=20)
@given(DAILY, st.integers(1, MONTHS - 1), st.integers(1, 4))
def test_no_files_together_tell_apart_networks_in_which_one_to_four_more_people_joined(
    daily: list[tuple[int, int]], month: int, more: int
) -> None:
    """Counters lie 2 below the middles of their classes, and in the other network up to 2 above from a month on."""
    came = middles([one + (STEADY + 13 if not number else 0) for number, (one, _) in enumerate(daily)])
    went = middles([other for _, other in daily])
    went = [min(gone, 5 * ((there - STEADY - 10) // 5)) for gone, there in zip(went, came, strict=True)]
    networks = []
    for late in (0, more):
        off = [-2 + (late if number >= month else 0) for number in range(MONTHS)]
        arrivals = [count + step for count, step in zip(came, off, strict=True)]
        departures = [count + step if count else 0 for count, step in zip(went, off, strict=True)]
        networks.append(a_network(arrivals, departures))
    one, other = (list(everything_published(found)) for found in networks)
    assert one == other
    day = START + timedelta(days=31 * month + 5)
    joins = [
        {row.measure: row.value for row in rows(found, Asked(Question(day, months=0), day, SMALL, KEYS, exact=True))}
        for found in networks
    ]
    assert joins[1]["joins"] == (joins[0]["joins"] or 0) + more
