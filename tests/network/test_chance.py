"""Graphs drawn by chance keep everybody's number of ties, and every such graph is as likely as every other."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.compiled import Ints
from haln.network import chance
from haln.network.history import Snapshot
from haln.network.mixing import mixing
from haln.network.rewiring import rewired, samples_for
from tests.network.graphs import graphs, grouped, of_graph, of_pairs

Pairs = frozenset[tuple[int, int]]


def pairs_of(found: Snapshot, others: Ints) -> list[tuple[int, int]]:
    """Every end of every tie."""
    owner = np.repeat(np.arange(len(found)), found.degrees)
    return list(zip(owner.tolist(), others.tolist(), strict=True))


def every_graph(degrees: list[int]) -> list[Pairs]:
    """All simple graphs in which everybody has so many ties, by trying all sets of pairs."""
    pairs = list(combinations(range(len(degrees)), 2))
    found = []
    for chosen in combinations(pairs, sum(degrees) // 2):
        ends = [node for pair in chosen for node in pair]
        if [ends.count(node) for node in range(len(degrees))] == degrees:
            found.append(frozenset(chosen))
    return found


@settings(deadline=None)
@given(graphs(), st.integers(0, 2**63))
def test_everybody_keeps_their_ties_and_no_tie_is_double_or_to_oneself(
    pair: tuple[Snapshot, nx.Graph[int]], seed: int
) -> None:
    found, _ = pair
    for others in rewired(found, 3, seed):
        ends = pairs_of(found, others)
        assert len(set(ends)) == len(ends)
        assert all(one != other and (other, one) in ends for one, other in ends)


@settings(deadline=None, max_examples=30)
@given(grouped(), st.integers(0, 2**63))
def test_the_same_seed_gives_the_same_digits(
    drawn: tuple[Snapshot, nx.Graph[int], list[str | None]], seed: int
) -> None:
    found = drawn[0]
    one = chance.mixings(found, ("sector",), 7, seed)["sector"]
    other = chance.mixings(found, ("sector",), 7, seed)["sector"]
    assert (one.samples, one.seed) == (7, seed)
    assert np.array_equal(one.expected, other.expected) and np.array_equal(one.low, other.low)
    assert (one.ei_index, one.across_share, one.group_ei) == (other.ei_index, other.across_share, other.group_ei)
    assert one.ei_index.low <= one.ei_index.high or np.isnan(one.ei_index.expected)


def test_another_seed_gives_other_graphs() -> None:
    found = of_graph(nx.gnm_random_graph(60, 180, seed=1))
    assert len({next(iter(rewired(found, 1, seed))).tobytes() for seed in range(20)}) == 20


@pytest.mark.parametrize(
    "pairs",
    [
        [(0, 1), (2, 3)],
        [(0, 1), (1, 2), (2, 3), (3, 4)],
        [(0, 1), (0, 2), (0, 3), (1, 2), (3, 4)],
        [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)],
        [(0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (4, 5)],
    ],
)
def test_every_graph_with_these_numbers_of_ties_is_as_likely(pairs: list[tuple[int, int]]) -> None:
    found = of_pairs(max(max(pair) for pair in pairs) + 1, pairs)
    every = every_graph(found.degrees.tolist())
    samples = 1000 * len(every)
    count = dict.fromkeys(every, 0)
    for others in rewired(found, samples, 11):
        count[frozenset(pair for pair in pairs_of(found, others) if pair[0] < pair[1])] += 1
    # Graphs that follow each other are alike, so the count of one spreads more than that of independent draws.
    assert len(every) > 1
    assert min(count.values()) > 800 and max(count.values()) < 1200


def test_what_chance_expects_is_the_mean_over_every_graph() -> None:
    pairs, sectors = [(0, 1), (0, 2), (0, 3), (1, 2), (3, 4), (4, 5)], ["nhs", "nhs", "council", None, "council", "nhs"]
    found = of_pairs(6, pairs, sectors)
    every = [mixing(of_pairs(6, graph, sectors), "sector") for graph in every_graph(found.degrees.tolist())]
    told = chance.mixings(found, ("sector",), 20_000, 3)["sector"]
    tables = np.array([one.table for one in every])
    assert told.expected == pytest.approx(tables.mean(axis=0), abs=0.03)
    assert told.deviation == pytest.approx(tables.std(axis=0), abs=0.03)
    for spread, values in (
        (told.across_share, [one.across_share for one in every]),
        (told.ei_index, [one.ei_index for one in every]),
        *((each, [one.group_ei[group] for one in every]) for group, each in enumerate(told.group_ei)),
    ):
        assert spread.expected == pytest.approx(np.mean(values), abs=0.02)
        assert spread.deviation == pytest.approx(np.std(values), abs=0.02)


def test_it_expects_what_networkx_swaps_give() -> None:
    graph = nx.barabasi_albert_graph(50, 3, seed=5)
    sectors = [("nhs", "council", "university")[node % 3] for node in graph]
    found = of_graph(graph, sectors)
    told = chance.mixings(found, ("sector",), 2000, 1)["sector"]
    tables = []
    for seed in range(150):
        other = nx.double_edge_swap(graph.copy(), 4 * found.ties, 100 * found.ties, seed)
        tables.append(mixing(of_graph(other, sectors), "sector").table)
    error = told.deviation / np.sqrt(150) + told.deviation / np.sqrt(500)
    assert (np.abs(told.expected - np.mean(tables, axis=0)) < 4 * error).all()


def test_what_is_tied_by_sector_alone_is_far_from_chance() -> None:
    graph = nx.planted_partition_graph(3, 30, 0.3, 0.02, seed=2)
    found = of_graph(graph, [f"sector {node // 30}" for node in graph])
    told = chance.mixings(found, ("sector",))["sector"]
    assert told.samples == 200
    assert (np.diag(told.z) > 5).all() and told.z[0, 1] < -5
    assert told.observed.ei_index < told.ei_index.low
    assert told.ei_index.z(told.observed.ei_index) < -5
    assert told.ei_index.low < told.ei_index.expected < told.ei_index.high


def test_a_chance_that_never_varies_has_no_z() -> None:
    told = chance.mixings(of_pairs(3, [(0, 1), (1, 2), (0, 2)], ["nhs", "nhs", "council"]), ("sector",), 20)["sector"]
    assert np.isnan(told.z).all() and np.isnan(told.ei_index.z(told.observed.ei_index))
    assert told.expected.tolist() == told.observed.table.tolist()


def test_several_kinds_are_counted_on_the_same_graphs_and_nobody_is_no_error() -> None:
    found = of_graph(nx.gnm_random_graph(30, 60, seed=4), ["nhs", "council", "nhs"] * 10)
    both = chance.mixings(found, ("sector", "region"), 50, 9)
    alone = chance.mixings(found, ("sector",), 50, 9)
    assert np.array_equal(both["sector"].expected, alone["sector"].expected)
    assert both["region"].expected.shape == (0, 0) and np.isnan(both["region"].ei_index.expected)
    nobody = chance.mixings(of_pairs(0, []), ("sector",))["sector"]
    assert np.isnan(nobody.across_share.expected) and nobody.group_ei == ()


def test_large_networks_are_drawn_less_often() -> None:
    assert [samples_for(ties) for ties in (0, 8_000, 20_000, 40_000, 1_000_000)] == [200, 200, 200, 100, 40]
    with pytest.raises(ValueError, match="one graph"):
        chance.mixings(of_pairs(2, [(0, 1)]), ("sector",), 0)
