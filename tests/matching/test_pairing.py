"""Pairing weighs as much as any pairing can, and takes no notice of the order of what it is given."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching import pairing
from haln.matching.pairing import Table, best_pairs


def symmetric(upper: np.ndarray) -> Table:  # type: ignore[type-arg]
    """A table of weights from its upper half."""
    half = np.triu(upper.astype(np.int64), 1)
    return half + half.T


def best_by_trying(table: Table) -> int:
    """The greatest weight of a perfect pairing, of all there are."""

    @cache
    def best(rest: frozenset[int]) -> int:
        if not rest:
            return 0
        one = min(rest)
        return max(int(table[one, other]) + best(rest - {one, other}) for other in rest - {one})

    return best(frozenset(range(len(table))))


def weight(table: Table, mates: np.ndarray) -> int:  # type: ignore[type-arg]
    assert sorted(mates.tolist()) == list(range(len(table)))
    assert all(mates[mates[one]] == one != mates[one] for one in range(len(table)))
    return int(table[np.arange(len(table)), mates].sum()) // 2


@given(st.integers(0, 5), st.sampled_from((2, 5, 1000, 2**40)), st.integers(0, 2**32))
@settings(deadline=None, max_examples=150)
def test_no_pairing_weighs_more(half: int, most: int, seed: int) -> None:
    table = symmetric(np.random.default_rng(seed).integers(-most, most, (2 * half, 2 * half)))
    assert weight(table, best_pairs(table).mates) == best_by_trying(table)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most", (3, 40, 5000))
def test_it_weighs_what_networkx_finds(seed: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of sixty, when few edges are looked at first, so that many have to be put in."""
    monkeypatch.setattr(pairing, "LIKELY", 2)
    monkeypatch.setattr(pairing, "ADDED", 1)
    table = symmetric(np.random.default_rng(seed).integers(0, most, (60, 60)))
    graph = nx.Graph()
    graph.add_weighted_edges_from((a, b, int(table[a, b])) for a, b in combinations(range(60), 2))
    peer = nx.max_weight_matching(graph, maxcardinality=True)
    found = best_pairs(table)
    assert weight(table, found.mates) == sum(graph[a][b]["weight"] for a, b in peer)
    assert found.rounds > 1


def test_nested_odd_cycles_come_apart_again() -> None:
    """Tables of few weights make blossoms within blossoms: everything that may happen to them does in some of these."""
    for seed in range(300):
        rng = np.random.default_rng(seed)
        table = symmetric(
            rng.integers(0, 3, (10, 10)) * rng.integers(0, 2, (10, 10)) * 7 - rng.integers(0, 2, (10, 10))
        )
        assert weight(table, best_pairs(table).mates) == best_by_trying(table)


def test_a_pairing_of_an_odd_number_or_of_huge_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="odd"):
        best_pairs(np.zeros((3, 3), np.int64))
    with pytest.raises(ValueError, match="large"):
        best_pairs(symmetric(np.full((2, 2), 2**59)))


def test_nobody_is_paired_with_nobody() -> None:
    assert best_pairs(np.zeros((0, 0), np.int64)).mates.size == 0
