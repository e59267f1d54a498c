"""How ties run within and across groups is counted as anybody would count it, and assortative as networkx says."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TypeAlias

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from haln.network.history import UNDEFINED, Snapshot
from haln.network.mixing import mixing
from tests.network.graphs import grouped, of_pairs

Grouped: TypeAlias = "tuple[Snapshot, nx.Graph[int], list[str | None]]"


@settings(deadline=None)
@given(grouped())
def test_ties_are_counted_by_the_groups_of_their_ends(drawn: Grouped) -> None:
    found, graph, sectors = drawn
    told = mixing(found, "sector")
    ends = [sorted((str(sectors[a]), str(sectors[b]))) for a, b in graph.edges if sectors[a] and sectors[b]]
    for a, b in combinations_with_replacement(range(len(told.names)), 2):
        assert told.table[a, b] == told.table[b, a] == ends.count([told.names[a], told.names[b]])
    assert told.unknown == len(graph.edges) - len(ends)
    assert told.members.tolist() == [sectors.count(name) for name in told.names]
    across = sum(a != b for a, b in ends)
    assert (told.across, told.within) == (across, len(ends) - across)
    assert told.ei_index == pytest.approx((2 * across - len(ends)) / len(ends) if ends else UNDEFINED, nan_ok=True)


@settings(deadline=None)
@given(grouped())
def test_each_group_has_an_index_of_its_own_and_groups_without_a_tie_are_named(drawn: Grouped) -> None:
    found, graph, sectors = drawn
    told = mixing(found, "sector")
    for number, name in enumerate(told.names):
        ends = [{sectors[a], sectors[b]} for a, b in graph.edges if name in (sectors[a], sectors[b])]
        known = [end for end in ends if None not in end]
        external = sum(len(end) == 2 for end in known)
        expected = (2 * external - len(known)) / len(known) if known else UNDEFINED
        assert told.group_ei[number] == pytest.approx(expected, nan_ok=True)
    tied = {frozenset((sectors[a], sectors[b])) for a, b in graph.edges}
    untied = {frozenset((told.names[a], told.names[b])) for a, b in told.untied}
    pairs = {frozenset((a, b)) for a in told.names for b in told.names if a != b}
    assert untied == pairs - tied
    assert all(a < b for a, b in told.untied)


@settings(deadline=None)
@given(grouped())
def test_assortativity_is_what_networkx_says_of_ties_whose_groups_are_known(drawn: Grouped) -> None:
    found, graph, sectors = drawn
    known = graph.subgraph([node for node in graph if sectors[node]])
    nx.set_node_attributes(graph, dict(enumerate(sectors)), "sector")
    told = mixing(found, "sector").assortativity
    if len({sectors[node] for node in known if known.degree(node)}) < 2:
        assert np.isnan(told)
        return
    expected = nx.attribute_assortativity_coefficient(known, "sector")
    assert told == pytest.approx(expected)
    assert np.isfinite(told)


def test_a_kind_of_group_that_nobody_has_is_empty() -> None:
    told = mixing(of_pairs(3, [(0, 1)]), "sector")
    assert (told.names, told.unknown, told.untied) == ((), 1, ())
    assert np.isnan([told.across_share, told.ei_index, told.assortativity]).all()
