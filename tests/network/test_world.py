"""A small world is one beside chance, and no cut into core and periphery is better than the one that is found."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from haln.network import world
from haln.network.history import UNDEFINED, Snapshot
from tests.network.graphs import graphs, of_graph, of_pairs


def misplaced(graph: nx.Graph[int], core: set[int]) -> int:
    """Pairs in the core without a tie, and ties in the periphery."""
    inside = [pair for pair in combinations(sorted(core), 2) if not graph.has_edge(*pair)]
    return len(inside) + sum(one not in core and other not in core for one, other in graph.edges)


@settings(deadline=None)
@given(graphs(7))
def test_no_cut_into_core_and_periphery_is_better(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    told = world.core_periphery(found)
    core = set(told.core.tolist())
    assert told.misplaced == misplaced(graph, core)
    cuts = (set(some) for size in range(len(graph) + 1) for some in combinations(graph, size))
    assert told.misplaced == min(misplaced(graph, cut) for cut in cuts)


@settings(deadline=None)
@given(graphs())
def test_its_fit_is_the_correlation_over_the_pairs_on_one_side(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    told = world.core_periphery(found)
    core = set(told.core.tolist())
    pairs = [(one, other) for one, other in combinations(graph, 2) if (one in core) == (other in core)]
    tied = np.array([graph.has_edge(*each) for each in pairs], float)
    ideal = np.array([each[0] in core for each in pairs], float)
    if not pairs or not tied.std() or not ideal.std():
        assert np.isnan(told.fit)
    else:
        assert told.fit == pytest.approx(np.corrcoef(tied, ideal)[0, 1])


def test_a_clear_core_fits_wholly() -> None:
    graph = nx.complete_graph(6)
    graph.add_edges_from((node, node % 6) for node in range(6, 30))
    told = world.core_periphery(of_graph(graph))
    assert (told.core.tolist(), told.misplaced, told.fit) == (list(range(6)), 0, 1)


def test_a_small_world_is_one_and_a_random_graph_is_none() -> None:
    small = world.small_world(of_graph(nx.connected_watts_strogatz_graph(300, 8, 0.1, seed=2)))
    assert small.ratio > 5 and small.low > 5 and small.low <= small.ratio <= small.high
    loose = world.small_world(of_graph(nx.gnm_random_graph(300, 1800, seed=2)))
    assert 0.7 < loose.low <= loose.ratio <= loose.high < 1.4


def test_the_ratio_is_of_networkx_figures_for_graphs_of_the_same_degrees() -> None:
    graph = nx.connected_watts_strogatz_graph(80, 6, 0.2, seed=3)
    told = world.small_world(of_graph(graph), 100)
    assert told.clustering == pytest.approx(nx.average_clustering(graph))
    assert told.distance == pytest.approx(nx.average_shortest_path_length(graph))
    clustering, distance = [], []
    for seed in range(60):
        other = nx.double_edge_swap(graph.copy(), 4 * graph.size(), 100 * graph.size(), seed)
        part = other.subgraph(max(nx.connected_components(other), key=len))
        clustering.append(nx.average_clustering(other))
        distance.append(nx.average_shortest_path_length(part))
    expected = told.clustering / np.mean(clustering) / (told.distance / np.mean(distance))
    assert told.ratio == pytest.approx(expected, rel=0.08)
    again = world.small_world(of_graph(graph), 100)
    assert again == told


@pytest.mark.parametrize("pairs", [[], [(0, 1)], [(0, 1), (1, 2)], [(0, 1), (1, 2), (0, 2)]])
def test_where_it_says_nothing_it_is_undefined_and_never_infinite(pairs: list[tuple[int, int]]) -> None:
    told = world.small_world(of_pairs(4, pairs), 5)
    closes = len(pairs) == 3  # a triangle with one more member who has no tie is the only graph of its degrees
    assert [told.ratio, told.low, told.high] == pytest.approx([1.0 if closes else UNDEFINED] * 3, nan_ok=True)
    nobody = world.core_periphery(of_pairs(0, []))
    assert (len(nobody.core), nobody.misplaced) == (0, 0) and np.isnan(nobody.fit)


def test_no_graph_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="one graph"):
        world.small_world(of_pairs(2, [(0, 1)]), 0)
