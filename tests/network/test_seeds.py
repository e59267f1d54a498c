"""What a seed gives is kept from version to version: a report that is made again years later has the same digits."""

from __future__ import annotations

import networkx as nx
import numpy as np

from haln.network import communities, structure
from haln.network.rewiring import rewired
from tests.network.graphs import of_pairs

KARATE = of_pairs(34, nx.karate_club_graph().edges)


def test_an_order_by_chance() -> None:
    assert structure.shuffled(8, np.random.PCG64(1)).tolist() == [2, 4, 7, 5, 0, 6, 3, 1]


def test_a_graph_by_chance() -> None:
    assert next(iter(rewired(KARATE, 1, 1)))[:12].tolist() == [3, 21, 20, 9, 2, 30, 25, 10, 11, 32, 23, 28]


def test_communities() -> None:
    told = communities.communities(KARATE, 1)
    assert told.sizes == (12, 11, 6, 5)
    first = [1, 1, 1, 1, 3, 3, 3, 1, 0, 0, 3, 1, 1, 1, 0, 0, 3]
    assert told.label[:17].tolist() == first
    assert round(told.modularity, 4) == 0.4198  # the most there can be
