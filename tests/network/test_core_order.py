"""The largest core number held from day to day is that of the day by itself, and so is what says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from haln.network import structure
from haln.network.core_order import LargestCore
from haln.network.history import NEVER, History, Node, Tie, history, snapshot
from haln.network.walk import Course, Walk
from tests.network.histories import ASKED, histories


@settings(deadline=None)
@given(histories(), ASKED)
def test_the_largest_core_of_a_day_comes_from_the_ties_that_differ(
    drawn: tuple[History, list[Node], list[Tie]], asked: list[int]
) -> None:
    _is_held(drawn[0], asked)


@pytest.mark.parametrize("seed", range(3))
def test_the_largest_core_of_a_large_day_comes_from_the_ties_that_differ(seed: int) -> None:
    random = np.random.default_rng(seed)
    ends = random.integers(0, 60, (700, 2))
    pairs = {(int(min(pair)), int(max(pair))) for pair in ends if pair[0] != pair[1]}
    ties = [Tie(*pair, int(random.integers(0, 90)), int(random.integers(90, 180))) for pair in sorted(pairs)]
    held = _is_held(history([Node(node, 0, NEVER) for node in range(60)], ties), list(range(180)))
    assert held > 140, "on most days it does not have to be found"


@pytest.mark.parametrize("seed", range(60))
def test_many_ties_at_once_are_put_right_or_the_largest_core_is_found_anew(seed: int) -> None:
    random = np.random.default_rng(seed)
    ends, begun = random.integers(0, 50, (500, 2)), random.integers(0, 40, 500)
    ties = [Tie(*pair, since, since + 10) for pair, since in zip(ends.tolist(), begun.tolist(), strict=True)]
    told = history([Node(node, 0, NEVER) for node in range(50)], [tie for tie in ties if tie.one != tie.other])
    _is_held(told, random.integers(0, 50, 40).tolist())


def _is_held(told: History, asked: list[int]) -> int:
    """Hold that the largest core number is found on all days, and return on how many it was not found anew."""
    walk, largest = Walk(Course(told), asked[0]), LargestCore()
    held = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("haln.network.core_order.FEW", 0)
        for day in asked:
            walk.to(day)
            order = largest._label
            assert largest.of(walk) == structure.cores(snapshot(told, day)).max(initial=0)
            held += order is largest._label
            _says_so(walk, largest)
    return held


def _says_so(walk: Walk, largest: LargestCore) -> None:
    """Nobody has more later neighbours than it, and all who are left of a core have as many in it."""
    pairs = walk.pairs
    _, _, later, inner, earlier, state = largest._numbers
    assert not earlier.any() and not state.any()
    for node in range(len(walk.spell)):
        around = pairs.others[pairs.starts[node] : pairs.ends[node]]
        assert later[node] == np.count_nonzero(largest._label[around] > largest._label[node])
        assert later[node] <= largest._largest
        if inner[node] >= 0:
            assert inner[node] == np.count_nonzero(inner[around] >= 0) >= largest._largest
