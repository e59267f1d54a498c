"""Comings, goings and changes are what counting day by day gives, on any history."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import growth
from haln.network.history import NEVER, History, Node, Only, Snapshot, Tie, history, snapshot

LAST = 12


@st.composite
def lives(draw: st.DrawFn) -> list[Node]:
    """Spells of a few members, some right after each other; a member may change sector, go, and come again."""
    nodes = []
    for member in range(draw(st.integers(0, 6))):
        bounds = sorted(draw(st.lists(st.integers(0, LAST), min_size=2, max_size=6, unique=True)))
        for since, until in zip(bounds, [*bounds[1:], NEVER], strict=True):
            if draw(st.booleans()):
                nodes.append(Node(member, since, until, {"sector": draw(st.sampled_from(["nhs", "council"]))}))
    return nodes


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Node], list[Tie]]:
    """Such members, and spells of ties between them."""
    nodes = draw(lives())
    known = sorted({node.member for node in nodes})
    ties = []
    for one in known:
        for other in known:
            if one < other and draw(st.booleans()):
                since = draw(st.integers(0, LAST))
                ties.append(Tie(one, other, since, draw(st.sampled_from([NEVER, *range(since, LAST + 2)]))))
    return nodes, ties


def there(nodes: list[Node], day: int, sector: str | None = None) -> set[int]:
    return {n.member for n in nodes if n.since <= day < n.until and sector in (None, n.groups["sector"])}


def tied(nodes: list[Node], ties: list[Tie], day: int) -> set[tuple[int, int]]:
    some = there(nodes, day)
    return {(t.one, t.other) for t in ties if t.since <= day < t.until and {t.one, t.other} <= some}


@settings(deadline=None)
@given(lives(), st.sampled_from([None, "nhs"]))
def test_who_comes_was_not_there_the_day_before_and_who_goes_is_there_no_more(
    nodes: list[Node], sector: str | None
) -> None:
    only: Only | None = {"sector": [sector]} if sector else None
    found = history(nodes, [])
    told = growth.comings(found, only)
    came, went = set(), set()
    for day in range(LAST + 1):
        before, now = there(nodes, day - 1, sector), there(nodes, day, sector)
        came |= {(member, day) for member in now - before}
        went |= {(member, day) for member in before - now}
    went |= {(member, NEVER) for member in there(nodes, LAST, sector)}
    ids = found.members
    assert sorted(zip(ids[told.came].tolist(), told.came_on.tolist(), strict=True)) == sorted(came)
    assert sorted(zip(ids[told.went].tolist(), told.went_on.tolist(), strict=True)) == sorted(went)


@settings(deadline=None)
@given(lives(), st.integers(-1, LAST), st.integers(0, LAST))
def test_members_are_those_before_and_whoever_came_without_whoever_went(
    nodes: list[Node], start: int, length: int
) -> None:
    found, end = history(nodes, []), start + length
    told = growth.comings(found)
    gained = growth.between(told.came_on, start, end) - growth.between(told.went_on, start, end)
    assert len(snapshot(found, end)) == len(snapshot(found, start)) + gained


@settings(deadline=None)
@given(histories(), st.integers(0, LAST), st.integers(0, LAST))
def test_every_tie_that_was_made_or_lost_has_one_reason(
    drawn: tuple[list[Node], list[Tie]], start: int, length: int
) -> None:
    nodes, ties = drawn
    found, end = history(nodes, ties), start + length
    told = growth.change(snapshot(found, start), snapshot(found, end))
    before, after = tied(nodes, ties, start), tied(nodes, ties, end)
    new, gone = there(nodes, end) - there(nodes, start), there(nodes, start) - there(nodes, end)
    made, lost = after - before, before - after
    assert (told.ties_before, told.ties_after) == (len(before), len(after))
    assert told.with_newcomers == sum(bool(new & set(pair)) for pair in made)
    assert told.with_leavers == sum(bool(gone & set(pair)) for pair in lost)
    assert told.between_members == len(made) - told.with_newcomers
    assert told.ended == len(lost) - told.with_leavers
    total = told.with_newcomers + told.between_members - told.with_leavers - told.ended
    assert told.ties_after == told.ties_before + total


def _two(members: tuple[int, int]) -> tuple[Snapshot, History]:
    found = history([Node(member, 0) for member in members], [Tie(*members, 3)])
    return snapshot(found, 0), found


def test_two_histories_of_the_same_members_can_be_compared_and_too_large_numbers_are_refused() -> None:
    before, found = _two((5, 9))
    grown = history([Node(member, 0) for member in (1, 5, 9)], [Tie(5, 9, 0), Tie(1, 9, 0)])
    told = growth.change(snapshot(found, 4), snapshot(grown, 4))
    assert (told.ties_before, told.with_newcomers, told.between_members, told.ties_after) == (1, 1, 0, 2)
    large, _ = _two((5, 2**31))
    with pytest.raises(ValueError, match="numbers below"):
        growth.change(before, large)
