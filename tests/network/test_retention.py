"""How soon members have a tie, how long they stay and who comes back: as counting day by day has it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import retention
from haln.network.history import NEVER, History, Node, Tie, history, snapshot
from haln.network.retention import Share, Waits

LAST = 14
KINDS = st.sampled_from(["nhs", "council"])
DAYS = st.lists(st.integers(0, LAST), unique=True, min_size=1, max_size=5).map(sorted)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A few members who come, go, come back and change their sector, with ties at any time."""
    many = draw(st.integers(1, 5))
    nodes = [node for member in range(many) for node in _spells(draw, member)]
    pairs = st.tuples(st.integers(0, many - 1), st.integers(0, many - 1)).filter(lambda pair: pair[0] != pair[1])
    spells = draw(st.lists(st.tuples(pairs, DAYS, st.sampled_from(["met", "declared"])), max_size=8))
    return history(
        nodes, [Tie(*pair, days[0], days[-1] if len(days) > 1 else NEVER, how) for pair, days, how in spells]
    )


def _spells(draw: st.DrawFn, member: int) -> list[Node]:
    days = draw(DAYS)
    made = []
    for since, until in zip(days, [*days[1:], NEVER], strict=True):
        if draw(st.booleans()) or (not made and until == NEVER):
            made.append(Node(member, since, until, {"sector": draw(KINDS)}))
    return made


def _there(found: History, day: int, only: Mapping[str, tuple[str, ...]] | None) -> set[int]:
    return set(snapshot(found, day, only=only).rows.tolist())


def _tied(
    found: History, day: int, only: Mapping[str, tuple[str, ...]] | None, how: tuple[str, ...] | None
) -> set[int]:
    one = snapshot(found, day, only=only, evidences=how)
    return set(one.rows[one.degrees > 0].tolist())


def rows(waits: Waits) -> list[tuple[int, int, bool]]:
    """A row each: came on, waited, happened."""
    return list(zip(waits.came_on.tolist(), waits.waited.tolist(), waits.happened.tolist(), strict=True))


ONLY = st.sampled_from([None, {"sector": ("nhs",)}])


@settings(deadline=None)
@given(histories(), st.integers(0, LAST + 2), ONLY, st.sampled_from([None, ("met",)]))
def test_a_member_waits_from_coming_until_a_tie_or_until_leaving_or_until_the_day(
    found: History, day: int, only: Mapping[str, tuple[str, ...]] | None, how: tuple[str, ...] | None
) -> None:
    expected = []
    for member in range(len(found)):
        there = [one for one in range(day + 1) if member in _there(found, one, only)]
        if not there:
            continue
        came = left = there[0]
        while left <= day and left in there:
            left += 1
        tied = next((one for one in range(came, left) if member in _tied(found, one, only, how)), None)
        expected.append((came, (min(left, day) if tied is None else tied) - came, tied is not None))
    assert rows(retention.first_ties(found, day, only, how)) == expected


@settings(deadline=None)
@given(histories(), st.integers(0, LAST + 2), ONLY)
def test_staying_and_returning_are_what_counting_day_by_day_says(
    found: History, day: int, only: Mapping[str, tuple[str, ...]] | None
) -> None:
    expected, left, back = [], 0, 0
    for member in range(len(found)):
        there = [member in _there(found, one, only) for one in range(day + 1)]
        if True not in there:
            continue
        came = there.index(True)
        gone = there.index(False, came) if False in there[came:] else None
        expected.append((came, (day if gone is None else gone) - came, gone is not None))
        left += gone is not None
        back += gone is not None and True in there[gone:]
    assert rows(retention.staying(found, day, only)) == expected
    assert retention.returning(found, day, only) == Share(back, left)


def test_who_is_tied_on_the_day_they_come_waited_no_day_at_all() -> None:
    found = history([Node(1, 0), Node(2, 5), Node(3, 6)], [Tie(1, 2, 3), Tie(1, 3, 16)])
    assert rows(retention.first_ties(found, 20)) == [(0, 5, True), (5, 0, True), (6, 10, True)]
    assert rows(retention.first_ties(found, 15)) == [(0, 5, True), (5, 0, True), (6, 9, False)]


def test_only_those_who_came_long_enough_ago_are_asked() -> None:
    found = history([Node(1, 0), Node(2, 0), Node(3, 50), Node(4, 0, 20)], [Tie(1, 2, 91), Tie(1, 3, 51)])
    assert retention.within(retention.first_ties(found, 139), 139, 90) == Share(1, 3)  # 2 waited a day too long
    assert retention.within(retention.first_ties(found, 140), 140, 90) == Share(2, 4)


def test_cohorts_part_those_who_came_between_their_days() -> None:
    waits = retention.staying(history([Node(n, day) for n, day in enumerate([0, 3, 4, 7, 9])], []), 9)
    assert [rows(part) for part in retention.by_coming(waits, [3, 7, 9])] == [
        [(3, 6, False), (4, 5, False)],
        [(7, 2, False)],
    ]


def test_nobody_has_no_figures() -> None:
    nobody = history([], [])
    assert rows(retention.first_ties(nobody, 5)) == rows(retention.staying(nobody, 5)) == []
    assert retention.returning(nobody, 5) == Share(0, 0) and math.isnan(Share(0, 0).value)
