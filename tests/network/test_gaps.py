"""What a network lacks is what anybody would count, on any graph, and what networkx says of those in between."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from typing import TypeAlias

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import chance, gaps
from haln.network.history import Snapshot, snapshot
from tests.network.graphs import graphs, grouped, of_graph, of_pairs

Grouped: TypeAlias = "tuple[Snapshot, nx.Graph[int], list[str | None]]"
COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 40))


@settings(deadline=None)
@given(graphs())
def test_those_alone_are_isolates(pair: tuple[Snapshot, nx.Graph[int]]) -> None:
    found, graph = pair
    assert gaps.alone(found).tolist() == sorted(nx.isolates(graph))


@settings(deadline=None)
@given(grouped(), st.sets(st.sampled_from(["nhs", "council"])))
def test_those_of_the_whole_network_are_found_again_among_some(drawn: Grouped, names: set[str]) -> None:
    whole, graph, sectors = drawn
    some = snapshot(whole.history, whole.day, only={"sector": names})
    isolates = {node for node in nx.isolates(graph) if sectors[node] in names}
    expected = gaps.ids(whole, sorted(isolates))
    assert gaps.ids(some, gaps.those(some, whole, gaps.alone(whole))) == expected


@settings(deadline=None)
@given(grouped(), st.sets(st.sampled_from(["nhs", "council"])))
def test_those_tied_only_to_some_groups_have_neighbours_in_no_other(drawn: Grouped, names: set[str]) -> None:
    found, graph, sectors = drawn
    inside = {node for node, sector in enumerate(sectors) if sector in names}
    expected = [n for n in graph if n not in inside and graph[n] and set(graph[n]) <= inside]
    assert gaps.tied_only_to(found, "sector", names).tolist() == sorted(expected)
    assert gaps.tied_only_to(found, "of no kind", names).tolist() == []


@settings(deadline=None, max_examples=40)
@given(grouped())
def test_pairs_of_groups_are_untied_where_no_tie_joins_them_and_chance_would(drawn: Grouped) -> None:
    found, graph, sectors = drawn
    told = chance.mixings(found, ("sector",), samples=20, seed=1)["sector"]
    names = list(told.observed.names)
    tied = {frozenset((sectors[a], sectors[b])) for a, b in graph.edges}
    expected = {
        (one, other): told.expected[names.index(one), names.index(other)]
        for one, other in combinations(names, 2)
        if frozenset((one, other)) not in tied
    }
    listed = gaps.untied(told)
    assert {(pair.one, pair.other): pair.expected for pair in listed} == {
        pair: by_chance for pair, by_chance in expected.items() if by_chance >= 1
    }
    assert [pair.expected for pair in listed] == sorted((pair.expected for pair in listed), reverse=True)


@settings(deadline=None)
@given(COUNTS, COUNTS, COUNTS)
def test_a_group_is_short_by_what_it_lacks_of_a_few_members_or_of_its_share(
    members: dict[str, int], reached: dict[str, int], known: dict[str, int]
) -> None:
    told = {one.group: one for one in gaps.short(members, reached, known)}
    for group in {*members, *reached, *known}:
        has, there, bodies = members.get(group, 0), reached.get(group, 0), known.get(group, 0)
        share = sum(reached.values()) * bodies / sum(known.values()) if sum(known.values()) else 0
        lacks = max(gaps.FEW - has, math.ceil(share) - there if there < share / 2 else 0)
        assert (told[group].missing if group in told else 0) == max(0, lacks)
    assert [one.missing for one in told.values()] == sorted((one.missing for one in told.values()), reverse=True)


@settings(deadline=None)
@given(graphs(), st.integers(0, 4))
def test_those_who_hold_parts_together_are_cut_nodes_and_the_busiest(
    pair: tuple[Snapshot, nx.Graph[int]], many: int
) -> None:
    found, graph = pair
    score = nx.betweenness_centrality(graph)
    told = gaps.holding(found, many)
    cut = set(nx.articulation_points(graph))
    assert len(told) == len(set(told)) and cut <= set(told)
    assert all(score[one] >= score[other] - 1e-12 for one, other in pairwise(told))
    others = [node for node in told if node not in cut]
    assert len(others) <= many and all(score[node] > 0 for node in told)
    busiest = sorted((value for value in score.values() if value > 1e-12), reverse=True)[:many]
    assert [score[node] for node in told][: len(busiest)] == pytest.approx(busiest)


def test_ids_are_the_members_own() -> None:
    found = of_pairs(4, [(0, 1)])
    assert gaps.ids(found, gaps.alone(found)) == [2, 3]
    assert gaps.ids(of_graph(nx.Graph()), []) == []
