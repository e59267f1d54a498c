"""Where a plan is worth the sum of its pairs: nothing but the looking up is short, and no sum is ever wrong."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.annealing import Descent, Order, descend
from haln.matching.arrangement import Arrangement
from haln.matching.beginnings import filled, freedom_of
from haln.matching.problem import matrix_facts


def grouped(pairs: np.ndarray, sizes: list[int], seed: int, rounds: int) -> tuple[int, int]:
    """The worth of the best grouping that was met, as it was counted on the way, and as it is."""
    many, sets = len(pairs), len(sizes)
    facts = matrix_facts(pairs.astype(np.int16), sizes, sizes)
    nobody = Arrangement(sets, np.full(many, sets, np.int32), np.full(sets, -1, np.int32))
    freedom = freedom_of(nobody, frozenset(), frozenset())
    begin = filled(facts, nobody, freedom, seed, afresh=True)
    best, key, _ = descend(facts, begin, freedom, seed, Descent(rounds, Order(), 0.5, 0.05), lambda done, state: True)
    same = best.assigned[:, None] == best.assigned[None, :]
    assert np.bincount(best.assigned, minlength=sets).tolist() == sizes
    return -key[3], int(pairs[same].sum())


@st.composite
def pools(draw: st.DrawFn) -> tuple[np.ndarray, list[int]]:
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=3))
    many = sum(sizes)
    upper = np.triu(
        np.array(draw(st.lists(st.integers(0, 900), min_size=many**2, max_size=many**2))).reshape(many, -1), 1
    )
    return upper + upper.T, sizes


@settings(deadline=None, max_examples=60)
@given(pools(), st.integers(0, 5))
def test_the_sum_that_is_kept_is_the_sum_that_is_there(pool: tuple[np.ndarray, list[int]], seed: int) -> None:
    kept, there = grouped(*pool, seed, 4_000)
    assert kept == there


def test_the_best_grouping_of_a_small_pool_is_found() -> None:
    rng = np.random.default_rng(4)
    for seed in range(5):
        upper = np.triu(rng.integers(0, 1000, (9, 9)), 1)
        pairs = upper + upper.T
        best = max(
            sum(int(pairs[np.ix_(group, group)].sum()) for group in (one, other, rest))
            for one in map(list, itertools.combinations(range(9), 3))
            for other in map(list, itertools.combinations([n for n in range(9) if n not in one], 3))
            for rest in [[n for n in range(9) if n not in one and n not in other]]
        )
        assert grouped(pairs, [3, 3, 3], seed, 60_000)[1] == best


def test_a_pair_that_is_worth_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing or more"):
        matrix_facts(np.array([[0, -1], [-1, 0]], np.int16), [1, 1], [1, 1])
