"""Communities are as good as networkx's, hang together, and come out the same for the same seed."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from haln.network import communities, community_kernels, kernels
from haln.network.history import UNDEFINED, Snapshot
from tests.network.graphs import graphs, of_graph, of_pairs


def sets_of(label: np.ndarray) -> list[set[int]]:
    return [set(np.flatnonzero(label == number).tolist()) for number in np.unique(label)]


def grown(many: int, seed: int) -> nx.Graph[int]:
    """Like the demonstration's: triangles close, a few people know many, and groups know each other."""
    inside = nx.powerlaw_cluster_graph(many, 4, 0.5, seed=seed)
    across = nx.planted_partition_graph(12, many // 12, 0.15, 0.002, seed=seed)
    return nx.compose(inside, across)


@settings(deadline=None)
@given(graphs(), st.integers(0, 2**32))
def test_modularity_is_what_networkx_says_and_communities_hang_together(
    pair: tuple[Snapshot, nx.Graph[int]], seed: int
) -> None:
    found, graph = pair
    told = communities.communities(found, seed, 3)
    parts = sets_of(told.label)
    assert [len(part) for part in parts] == list(told.sizes)
    assert list(told.sizes) == sorted(told.sizes, reverse=True)
    assert all(nx.is_connected(graph.subgraph(part)) for part in parts)
    assert told.number == sum(len(part) > 1 for part in parts)
    expected = nx.community.modularity(graph, parts) if graph.edges else UNDEFINED
    assert told.modularity == pytest.approx(expected, nan_ok=True)
    again = communities.communities(found, seed, 3)
    assert np.array_equal(again.label, told.label) and again.stability == pytest.approx(told.stability, nan_ok=True)
    assert np.isnan(told.stability) == (not graph.edges)


@settings(deadline=None)
@given(graphs(), st.integers(0, 2**32))
def test_nobody_gains_by_moving_alone_once_nothing_moves(pair: tuple[Snapshot, nx.Graph[int]], seed: int) -> None:
    found, graph = pair
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(communities, "ROUNDS", 1000)
        label = communities.leiden(found, seed)
    value = communities.modularity(found, label)
    for one, other in [*graph.edges, *((other, one) for one, other in graph.edges)]:
        moved = label.copy()
        moved[one] = label[other]
        assert communities.modularity(found, moved) <= value + 1e-12


@pytest.mark.parametrize("name", ["karate", "grown 400", "grown 800", "planted", "ring of cliques"])
def test_they_are_as_good_as_the_best_of_ten_of_networkx(name: str) -> None:
    graph = {
        "karate": nx.karate_club_graph,
        "grown 400": lambda: grown(400, 1),
        "grown 800": lambda: grown(800, 2),
        "planted": lambda: nx.planted_partition_graph(8, 40, 0.3, 0.01, seed=1),
        "ring of cliques": lambda: nx.ring_of_cliques(12, 6),
    }[name]()
    plain = nx.Graph(graph.edges)
    plain.add_nodes_from(range(len(graph)))
    best = max(
        nx.community.modularity(plain, nx.community.louvain_communities(plain, seed=seed, weight=None))
        for seed in range(10)
    )
    told = communities.communities(of_pairs(len(graph), graph.edges), 1)
    assert told.modularity >= 0.995 * best
    one = communities.modularity(of_graph(graph), communities.leiden(of_graph(graph), 5))
    assert one >= 0.98 * best


@settings(deadline=None)
@given(graphs(), st.data())
def test_parts_of_groups_that_do_not_hang_together_are_split(
    pair: tuple[Snapshot, nx.Graph[int]], data: st.DataObject
) -> None:
    found, graph = pair
    groups = data.draw(st.lists(st.integers(0, 2), min_size=len(graph), max_size=len(graph)))
    part = np.empty(len(graph), np.int32)
    kernels.components(found.starts, found.others, np.array(groups, np.int32), part)
    inside = nx.Graph((one, other) for one, other in graph.edges if groups[one] == groups[other])
    inside.add_nodes_from(graph)
    assert sorted(map(sorted, sets_of(part))) == sorted(map(sorted, nx.connected_components(inside)))


@settings(deadline=None)
@given(graphs(), st.data())
def test_parts_that_are_moved_together_lie_in_one_community_and_hang_together(
    pair: tuple[Snapshot, nx.Graph[int]], data: st.DataObject
) -> None:
    found, graph = pair
    groups = data.draw(st.lists(st.integers(0, 2), min_size=len(graph), max_size=len(graph)))
    order = np.array(data.draw(st.permutations(range(len(graph)))), np.int32)
    group, part = np.array([min(one, max(0, len(graph) - 1)) for one in groups], np.int32), order.copy()
    ones = np.ones(len(found.others), np.int64)
    community_kernels.refine(found.starts, found.others, ones, found.degrees, order, group, part)
    for one in sets_of(part):
        assert len({int(group[node]) for node in one}) == 1
        assert nx.is_connected(graph.subgraph(one))
    if not graph.edges:
        return
    joined = communities.modularity(found, part)
    assert joined >= communities.modularity(found, np.arange(len(graph), dtype=np.int32)) - 1e-12


def test_what_is_plain_to_see_is_found_and_is_stable() -> None:
    graph = nx.ring_of_cliques(12, 6)
    told = communities.communities(of_graph(graph), 3)
    assert told.sizes == (6,) * 12 and told.number == 12 and told.stability == 1
    loose = communities.communities(of_graph(nx.gnm_random_graph(300, 900, seed=1)), 3)
    assert loose.stability < 0.6


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4))))
def test_likeness_is_the_adjusted_rand_index(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array([pair[at] for pair in pairs], np.int32) for at in (0, 1))
    expected = adjusted_rand_score(one, other) if pairs else 1
    assert communities.adjusted_rand(one, other) == pytest.approx(expected)


def test_no_run_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="one run"):
        communities.communities(of_pairs(2, [(0, 1)]), 1, 0)
