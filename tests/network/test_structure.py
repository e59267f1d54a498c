"""Every measure of structure is what networkx says it is, on any graph."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import structure
from haln.network.history import Node, Snapshot, Tie, history, snapshot
from tests.network.graphs import graphs


@settings(deadline=None)
@given(graphs())
def test_degrees_and_density(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    told = structure.degrees(found)
    each = [degree for _, degree in graph.degree()]
    assert told.distribution == tuple((n, each.count(n)) for n in sorted(set(each)))
    assert told.isolates == nx.number_of_isolates(graph)
    assert told.mean == pytest.approx(np.mean(each) if each else 0)
    assert structure.density(found) == pytest.approx(nx.density(graph))


@settings(deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1))
def test_gini_is_the_mean_difference_over_twice_the_mean(values: list[int]) -> None:
    numbers = np.array(values, float)
    expected = np.abs(numbers[:, None] - numbers).mean() / (2 * numbers.mean()) if numbers.sum() else 0
    assert structure.gini(numbers) == pytest.approx(expected)


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


@settings(deadline=None)
@given(graphs())
def test_clustering(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    told = structure.clustering(found)
    assert told.triangles == sum(nx.triangles(graph).values()) // 3
    assert told.transitivity == pytest.approx(nx.transitivity(graph))
    assert told.mean == pytest.approx(nx.average_clustering(graph) if len(graph) else 0)


@settings(deadline=None)
@given(graphs())
def test_distances_of_the_largest_part(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    giant = structure.components(found).giant
    told = structure.distances(found, giant)
    part = graph.subgraph(giant.tolist())
    if len(part) < 2:
        assert (told.mean, told.diameter) == (0, 0)
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
        assert not sampled.exact and math.isfinite(sampled.high) and sampled.diameter <= exact.diameter
        held += sampled.low <= exact.mean <= sampled.high
    assert held >= 34  # 95 % are meant to; fewer than 34 of 40 has a chance of one in a thousand
    told = structure.between(found, 300, 1)
    whole = structure.between(found)
    assert np.corrcoef(told, whole)[0, 1] > 0.9
    assert told.sum() == pytest.approx(whole.sum(), rel=0.1)
