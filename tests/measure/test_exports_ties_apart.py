"""Networks in which one to four ties differ within one class, and of which all files to publish are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.measure.definitions import PUBLISHED
from haln.measure.exports_broken_down import BY, with_groups
from haln.measure.exports_rows import Asked, Row, rows
from haln.measure.questions import Question
from haln.network.versions import MemberVersions, TieVersions, Versions

START = date(2024, 1, 31)
SMALL = 7
EACH = 20
OF_TIES = tuple(one.key for one in PUBLISHED if one.of_ties)
LEVELS = (3, 3, 3, 8, 13, 18, 23, 28)
"""Numbers at the low end of a class, or so low that four more are hidden, too."""


def days_of(levels: list[int]) -> list[date]:
    return [START + timedelta(days=11 * number) for number in range(len(levels))]


def a_network(levels: list[int], across: int, seed: int, *, late: int = 0, since: int = 0) -> Versions:
    """Two sectors of twenty; within the first, by each day, so many ties as its level; from `since` so many more."""
    drawn = Random(seed)
    within = list(combinations(range(EACH), 2))
    between = list(product(range(EACH), range(EACH, 2 * EACH)))
    drawn.shuffle(within)
    drawn.shuffle(between)
    told = [(*pair, START) for pair in between[:across]]
    for day, level, before in zip(days_of(levels), levels, [0, *levels], strict=False):
        told += [(*pair, day) for pair in within[before:level]]
    if late:
        told += [(*pair, days_of(levels)[since]) for pair in within[-late:]]
    joined = [START.toordinal()] * 2 * EACH
    places = {"audience": ["member"] * 2 * EACH, "sector": ["nhs"] * EACH + ["education"] * EACH}
    places |= {"region": ["E12000003"] * 2 * EACH}
    places |= {kind: ["1"] * 2 * EACH for kind in ("organisation", "place", "role")}
    since_day = [day.toordinal() for _, _, day in told]
    one, other = [pair[0] for pair in told], [pair[1] for pair in told]
    many = len(told)
    ties = TieVersions.of(range(many), one, other, since_day, since_day, [True] * many, ["met"] * many, [1] * many)
    people = MemberVersions.of(range(2 * EACH), joined, joined, [True] * 2 * EACH, places)  # type: ignore[arg-type]
    return Versions(people, ties)


def questions(day: date) -> Iterator[Question]:
    whole = Question(day, months=0)
    for people in ({}, {"sector": "nhs"}, {"sector": "education"}, {"region": "E12000003"}, {"with_hosts": False}):
        for evidence in ("", "met", "worked_together"):
            yield replace(whole, evidence=evidence, **people)  # type: ignore[arg-type]


def everything_published(found: Versions, levels: list[int]) -> Iterator[Row]:
    """All rows, of all days, all ways of asking and some keys by themselves, that may be published."""
    for day in days_of(levels):
        for question in questions(day):
            yield from rows(found, Asked(question, day, SMALL))
        for key in OF_TIES:
            yield from rows(found, Asked(Question(day, months=0, sector="nhs"), day, SMALL, (key,)))
    asked = Asked(Question(day, months=1), day, SMALL, by=BY)
    yield from with_groups(rows(found, asked), found, asked)


@settings(deadline=None, max_examples=4)
@given(
    st.lists(st.sampled_from(LEVELS), min_size=3, max_size=3).map(sorted),
    st.sampled_from([0, 10, 15]),
    st.integers(0, 2),
    st.integers(1, 4),
    st.integers(0, 999),
)
def test_no_files_together_tell_apart_networks_in_which_one_to_four_more_ties_were_made(
    levels: list[int], across: int, since: int, late: int, seed: int
) -> None:
    plain = a_network(levels, across, seed)
    other = a_network(levels, across, seed, late=late, since=since)
    assert list(everything_published(plain, levels)) == list(everything_published(other, levels))
    day = days_of(levels)[since]
    exact = [
        rows(found, Asked(Question(day, months=0), day, SMALL, ("ties",), exact=True))[0].value
        for found in (plain, other)
    ]
    assert (exact[1] or 0) == (exact[0] or 0) + late


@pytest.mark.parametrize("ties", range(SMALL + 1))
def test_no_figure_that_rests_on_few_ties_or_none_is_told(ties: int) -> None:
    found = a_network([ties], 0, 1)
    for question in questions(START):
        for row in rows(found, Asked(question, START, SMALL, OF_TIES)):
            assert row.suppressed and row.value is row.low is row.high is None


def test_many_ties_tell_how_they_lie_and_what_they_are_worth_across() -> None:
    found = a_network([40], 20, 1)
    told = {row.measure: row for row in rows(found, Asked(Question(START, months=0), START, SMALL, OF_TIES))}
    assert told["ties"].value == 60
    assert told["cross_sector_share"].value == round(20 / 60, 6)
    assert told["sector_ei"].value == round(-20 / 60, 6)
    assert told["diameter"].value and told["communities"].value and not told["clustering"].suppressed
    assert told["cross_region_share"].suppressed, "nobody is in another region, or few are"
