"""Any small network, as a snapshot and as networkx has it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import networkx as nx
from hypothesis import strategies as st

from haln.network.history import Node, Snapshot, Tie, history, snapshot

MOST = 14
SECTORS = ("council", "nhs", "university")


@st.composite
def graphs(draw: st.DrawFn, most: int = MOST) -> tuple[Snapshot, nx.Graph[int]]:
    """A snapshot of any small network, and the same as networkx has it."""
    many = draw(st.integers(0, most))
    pairs = [(one, other) for one in range(many) for other in range(one)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return of_pairs(many, chosen), nx_of(many, chosen)


@st.composite
def grouped(draw: st.DrawFn) -> tuple[Snapshot, nx.Graph[int], list[str | None]]:
    """Such a network whose members are in sectors, of some of whom it is not known."""
    _, graph = draw(graphs())
    sectors = draw(st.lists(st.sampled_from([*SECTORS, None]), min_size=len(graph), max_size=len(graph)))
    return of_pairs(len(graph), graph.edges, sectors), graph, sectors


def of_pairs(many: int, pairs: Iterable[tuple[int, int]], sectors: Sequence[str | None] = ()) -> Snapshot:
    """A snapshot of so many members, tied in pairs, and in sectors where they are given."""
    known = [{"sector": sector} if sector else {} for sector in sectors] or [{}] * many
    nodes = [Node(number, 0, groups=groups) for number, groups in enumerate(known)]
    return snapshot(history(nodes, [Tie(*pair, 0) for pair in pairs]), 0)


def of_graph(graph: nx.Graph[int], sectors: Sequence[str | None] = ()) -> Snapshot:
    """A snapshot of a graph whose nodes are 0, 1, …"""
    return of_pairs(len(graph), graph.edges, sectors)


def nx_of(many: int, pairs: Iterable[tuple[int, int]]) -> nx.Graph[int]:
    """The same as networkx has it."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(many))
    graph.add_edges_from(pairs)
    return graph
