"""Every measure of structure is what networkx says it is, on any graph."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import structure
from haln.network.history import UNDEFINED, Node, Snapshot, Tie, history, snapshot
from tests.network.graphs import graphs, of_graph


@settings(deadline=None)
@given(graphs())
def test_degrees_and_density(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    told = structure.degrees(found)
    each = [degree for _, degree in graph.degree()]
    assert told.distribution == tuple((n, each.count(n)) for n in sorted(set(each)))
    assert told.isolates == nx.number_of_isolates(graph)
    assert told.mean == pytest.approx(np.mean(each) if each else UNDEFINED, nan_ok=True)
    assert told.median == pytest.approx(np.median(each) if each else UNDEFINED, nan_ok=True)
    # networkx calls the density of one node 0: of no pair there is no share.
    assert structure.density(found) == pytest.approx(nx.density(graph) if len(graph) > 1 else UNDEFINED, nan_ok=True)


@settings(deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1))
def test_gini_is_the_mean_difference_over_twice_the_mean(values: list[int]) -> None:
    numbers = np.array(values, float)
    expected = np.abs(numbers[:, None] - numbers).mean() / (2 * numbers.mean()) if numbers.sum() else UNDEFINED
    assert structure.gini(numbers) == pytest.approx(expected, nan_ok=True)


@settings(deadline=None)
@given(graphs())
def test_components(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    told = structure.components(found)
    parts = list(nx.connected_components(graph))
    assert list(told.sizes) == sorted(map(len, parts), reverse=True)
    for part in parts:
        assert len({int(told.label[node]) for node in part}) == 1
    assert len(set(told.label.tolist())) == len(parts)
    largest = max(map(len, parts), default=0)
    share = largest / len(graph) if largest > 1 else UNDEFINED  # one alone is connected with nobody
    assert told.giant_share == pytest.approx(share, nan_ok=True)


@settings(deadline=None)
@given(graphs())
def test_clustering(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    told = structure.clustering(found)
    assert told.triangles == sum(nx.triangles(graph).values()) // 3
    # networkx says 0 without a chain, too, and fails on nobody.
    chains = any(degree > 1 for _, degree in graph.degree())
    assert told.transitivity == pytest.approx(nx.transitivity(graph) if chains else UNDEFINED, nan_ok=True)
    assert told.mean == pytest.approx(nx.average_clustering(graph) if len(graph) else UNDEFINED, nan_ok=True)


@settings(deadline=None)
@given(graphs())
def test_distances_of_the_largest_part(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    giant = structure.components(found).giant
    told = structure.distances(found, giant)
    part = graph.subgraph(giant.tolist())
    if len(part) < 2:
        assert math.isnan(told.mean) and told.diameter is None
        return
    assert told.mean == pytest.approx(nx.average_shortest_path_length(part))
    assert told.diameter == nx.diameter(part)
    assert told.low == told.mean == told.high and told.exact


@settings(deadline=None)
@given(graphs())
def test_those_in_between_cores_and_cut_nodes(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    expected = nx.betweenness_centrality(graph)
    assert structure.between(found) == pytest.approx([expected[n] for n in range(len(graph))])
    numbers = nx.core_number(graph)
    assert structure.cores(found).tolist() == [numbers[n] for n in range(len(graph))]
    assert structure.articulation(found).tolist() == sorted(nx.articulation_points(graph))


def test_on_a_larger_network_and_from_a_sample() -> None:
    graph = nx.connected_watts_strogatz_graph(900, 8, 0.2, seed=3)
    found = snapshot(history([Node(n, 0) for n in graph], [Tie(*pair, 0) for pair in graph.edges]), 0)
    giant = structure.components(found).giant
    exact = structure.distances(found, giant)
    assert exact.mean == pytest.approx(nx.average_shortest_path_length(graph))
    assert exact.diameter == nx.diameter(graph)
    assert structure.clustering(found).mean == pytest.approx(nx.average_clustering(graph))
    held = 0
    for seed in range(40):
        sampled = structure.distances(found, giant, 320, seed)
        assert not sampled.exact and math.isfinite(sampled.high) and (sampled.diameter or 0) <= nx.diameter(graph)
        held += sampled.low <= exact.mean <= sampled.high
    assert held >= 34  # 95 % are meant to; fewer than 34 of 40 has a chance of one in a thousand
    told = structure.between(found, 300, 1)
    whole = structure.between(found)
    assert np.corrcoef(told, whole)[0, 1] > 0.9
    assert told.sum() == pytest.approx(whole.sum(), rel=0.1)


@settings(deadline=None)
@given(graphs())
def test_betweenness_is_as_much_one_member_s_as_freeman_counts_it(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    each = list(nx.betweenness_centrality(graph).values())
    expected = sum(max(each) - one for one in each) / (len(each) - 1) if len(each) > 2 else UNDEFINED
    told = structure.centralisation(found)
    assert [told.low, told.value, told.high] == pytest.approx([expected] * 3, abs=1e-12, nan_ok=True) and told.exact
    if len(graph) > 3:
        sampled = structure.centralisation(found, 3, seed=1)
        assert 0 <= sampled.low <= sampled.value <= sampled.high <= 1 and not sampled.exact


def test_all_ways_of_a_star_run_through_one_and_those_of_a_ring_through_all_alike() -> None:
    star, ring = of_graph(nx.star_graph(8)), of_graph(nx.cycle_graph(9))
    assert structure.centralisation(star).value == pytest.approx(1)
    assert structure.centralisation(ring).value == pytest.approx(0, abs=1e-12)
    assert structure.centralisation(star, 1).high == 1 and structure.centralisation(star, 1).low == 0


@pytest.mark.parametrize("asked", [1, 2, 3, 5])
def test_an_estimate_lies_between_nobody_and_all_though_the_one_in_between_was_not_asked(asked: int) -> None:
    for seed in range(20):
        told = structure.centralisation(of_graph(nx.star_graph(5)), asked, seed)
        assert 0 <= told.low <= told.value <= told.high <= 1


@pytest.mark.parametrize(
    "graph",
    [
        nx.barabasi_albert_graph(600, 3, seed=1),
        nx.connected_watts_strogatz_graph(600, 8, 0.2, seed=3),  # nobody stands out
        nx.powerlaw_cluster_graph(600, 3, 0.5, seed=2),
    ],
)
def test_the_interval_of_a_sample_holds_how_much_is_one_member_s(graph: nx.Graph[int]) -> None:
    found = of_graph(graph)
    exact = structure.centralisation(found).value
    samples = [structure.centralisation(found, 200, seed) for seed in range(40)]
    assert sum(one.low <= exact <= one.high for one in samples) >= 34  # as above
    assert sum(one.value for one in samples) / 40 == pytest.approx(exact, rel=0.1)  # the highest of 600 is no bias
    assert structure.centralisation(found, 200, 1) == samples[1]
