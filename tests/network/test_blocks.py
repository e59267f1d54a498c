"""Who holds others together, held from day to day, are those of the day by itself, and so is the largest part."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import structure
from haln.network.blocks import Blocks
from haln.network.history import NEVER, History, Node, Tie, history, snapshot
from haln.network.walk import Course, Walk
from tests.network.graphs import nx_of
from tests.network.histories import ASKED, histories


@settings(deadline=None)
@given(histories(), ASKED)
def test_blocks_of_a_day_come_from_the_ties_that_differ(
    drawn: tuple[History, list[Node], list[Tie]], asked: list[int]
) -> None:
    _are_held(drawn[0], asked)


@st.composite
def sparse(draw: st.DrawFn) -> History:
    """About twenty people with few ties, so that blocks come and go, merge and fall apart."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), min_size=20, max_size=40))
    days = st.integers(0, 12)
    ties = [Tie(*pair, since := draw(days), since + draw(days)) for pair in pairs if pair[0] != pair[1]]
    return history([Node(node, 0, NEVER) for node in range(20)], ties)


@settings(deadline=None, max_examples=200)
@given(sparse())
def test_sparse_networks_fall_into_blocks(told: History) -> None:
    _are_held(told, [*range(20), *range(20)[::-1]])


@pytest.mark.parametrize("seed", range(3))
def test_blocks_of_a_large_day_come_from_the_ties_that_differ(seed: int) -> None:
    random = np.random.default_rng(seed)
    graph = nx.powerlaw_cluster_graph(200, 2, 0.5, seed=seed)
    ties = [Tie(*pair, int(random.integers(0, 120)), int(random.integers(120, 240))) for pair in graph.edges]
    held = _are_held(history([Node(node, int(random.integers(0, 50))) for node in graph], ties), list(range(240)))
    assert held > 150, "on most days they do not have to be found"


def _are_held(told: History, asked: list[int]) -> int:
    """Hold that blocks and the largest part are found on all days; return on how many they were not found anew."""
    walk, blocks = Walk(Course(told), asked[0]), Blocks()
    held = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("haln.network.blocks.FEW", 0)
        for day in asked:
            walk.to(day)
            before = blocks._blocks
            alone = snapshot(told, day)
            assert blocks.cut_members(walk) == len(structure.articulation(alone))
            parts = structure.components(alone)
            many = blocks.giant_size(walk)
            if many is not None:
                assert many == parts.sizes[0]
                assert blocks.giant.tolist() == alone.rows[parts.giant].tolist()
            held += before is blocks._blocks
            _are_told(walk, blocks)
    return held


def _are_told(walk: Walk, blocks: Blocks) -> None:
    """All are in as many blocks as networkx finds, and the block that is known is one of these."""
    pairs, tied = walk.pairs, walk.pairs.tied
    graph = nx_of(len(walk.spell), zip(pairs.low[tied].tolist(), pairs.high[tied].tolist(), strict=True))
    found = [set(block) for block in nx.biconnected_components(graph)]
    assert blocks._blocks.tolist() == [sum(node in block for block in found) for node in graph]
    inside = set(np.flatnonzero(blocks._inside).tolist())
    assert not inside or inside in found
    for node in inside - set(blocks._two.tolist()):
        assert blocks._sides[0][node] and blocks._sides[1][node]
