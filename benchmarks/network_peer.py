"""The network's figures in the plain way: a networkx graph for each day, and networkx's own functions on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from haln.network.history import History

WHOLE_ONLY = ("distance_mean", "diameter")
"""What networkx cannot finish for all pairs of many members, and what is then from a sample here."""

SHARED = (
    "members",
    "ties",
    "degree_mean",
    "connected_share",
    "degree_gini",
    "density",
    "giant_share",
    *WHOLE_ONLY,
    "clustering",
    "transitivity",
    "cross_sector_share",
    "sector_ei",
    "sector_assortativity",
    "cross_region_share",
    "region_ei",
    "region_assortativity",
    "core_largest",
    "cut_members",
)


def plain(history: History, days: list[int], keys: list[str]) -> Callable[[], dict[str, float]]:
    """What works out these figures at all days."""
    sectors, regions = (
        [history.names[kind][code] if code >= 0 else None for code in history.groups[kind].tolist()]
        for kind in ("sector", "region")
    )
    columns = (history.who, history.since, history.until)
    spells = list(zip(*(column.tolist() for column in columns), sectors, regions, strict=True))
    ties = (history.low, history.high, history.tied_since, history.tied_until)
    tied = list(zip(*(column.tolist() for column in ties), strict=True))

    def work_out() -> dict[str, float]:
        found: dict[str, float] = {}
        for day in days:
            graph: nx.Graph[int] = nx.Graph()
            for member, since, until, sector, region in spells:
                if since <= day < until:
                    graph.add_node(member, sector=sector, region=region)
            for low, high, since, until in tied:
                if since <= day < until and low in graph and high in graph:
                    graph.add_edge(low, high)
            found |= {
                f"{key} {day}": float(value) for key, value in _figures(graph, "diameter" in keys) if value is not None
            }
        return found

    return work_out


def _figures(graph: nx.Graph[int], whole: bool) -> Iterator[tuple[str, float | None]]:
    many, each = len(graph), sorted(degree for _, degree in graph.degree())
    yield "members", many
    yield "ties", graph.number_of_edges()
    yield "degree_mean", sum(each) / many if many else None
    yield "connected_share", 1 - nx.number_of_isolates(graph) / many if many else None
    weighted = sum(rank * degree for rank, degree in enumerate(each, 1))
    yield "degree_gini", 2 * weighted / (many * sum(each)) - (many + 1) / many if sum(each) else None
    yield "density", nx.density(graph) if many > 1 else None
    giant = max(nx.connected_components(graph), key=len, default=set())
    yield "giant_share", len(giant) / many if many else None
    if whole:
        yield from _distances(nx.Graph(graph.subgraph(giant)))
    yield "clustering", nx.average_clustering(graph) if many else None
    yield "transitivity", nx.transitivity(graph) if each and each[-1] > 1 else None
    for kind in ("sector", "region"):
        yield from _mixing(graph, kind)
    yield "core_largest", max(nx.core_number(graph).values(), default=None)
    yield "cut_members", sum(1 for _ in nx.articulation_points(graph))


def _distances(part: nx.Graph[int]) -> Iterator[tuple[str, float | None]]:
    yield "distance_mean", nx.average_shortest_path_length(part) if len(part) > 1 else None
    yield "diameter", nx.diameter(part) if len(part) > 1 else None


def _mixing(graph: nx.Graph[int], kind: str) -> Iterator[tuple[str, float | None]]:
    groups = nx.get_node_attributes(graph, kind)
    known = graph.subgraph([node for node, group in groups.items() if group is not None])
    across = sum(groups[one] != groups[other] for one, other in known.edges)
    share = across / known.number_of_edges() if known.number_of_edges() else None
    yield f"cross_{kind}_share", share
    yield f"{kind}_ei", None if share is None else 2 * share - 1
    several = len({groups[node] for edge in known.edges for node in edge}) > 1
    yield f"{kind}_assortativity", nx.attribute_assortativity_coefficient(known, kind) if several else None
