"""The compiled measures once more, written plainly: what the kernels are checked against, and slow."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import networkx as nx
import numpy as np
from scipy import sparse

from haln.compiled import Doubles
from haln.matching.ragged import Ragged


def to_graph(ties: Ragged) -> "nx.Graph[int]":
    """Return the ties as a graph of rows with `weight` and `open` on its edges."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(ties)))
    for row in range(len(ties)):
        for other, weight, is_open in zip(*ties.row(row), strict=True):
            graph.add_edge(row, int(other), weight=float(weight), open=bool(is_open))
    return graph


def common_ties(graph: "nx.Graph[int]", asker: int, nameable: Sequence[bool]) -> dict[int, tuple[int, float, float]]:
    """Return (common ties, Adamic-Adar, resource allocation) for everyone two steps from the asker."""
    found: dict[int, tuple[int, float, float]] = {}
    for middle in sorted(graph[asker]):
        if not nameable[middle]:
            continue
        degree = graph.degree[middle]
        for other in graph[middle]:
            if other == asker or not graph.edges[middle, other]["open"]:
                continue
            both = graph.edges[asker, middle]["weight"] * graph.edges[middle, other]["weight"]
            count, adamic_adar, allocation = found.get(other, (0, 0.0, 0.0))
            per_log = both / math.log(max(degree, 2))
            found[other] = (count + 1, adamic_adar + per_log, allocation + both / degree)
    return found


def personalised_pagerank(graph: "nx.Graph[int]", asker: int, damping: float) -> Mapping[int, float]:
    """Return networkx's PageRank of walks from the asker, whose own ties may be walked though not open."""
    walked: nx.DiGraph[int] = nx.DiGraph()
    start = -1  # the asker's first step, from a place nobody comes back to
    walked.add_nodes_from(graph)
    walked.add_node(start)
    for one, other, tie in graph.edges(data=True):
        if tie["open"]:
            walked.add_edge(one, other, weight=tie["weight"])
            walked.add_edge(other, one, weight=tie["weight"])
    for other in graph[asker]:
        walked.add_edge(start, other, weight=graph.edges[asker, other]["weight"])
    # Walks that end for want of an open tie do not start again: their share is lost, as it is in forward push.
    lost = len(graph)
    for node in list(walked):
        if walked.out_degree(node) == 0:
            walked.add_edge(node, lost)
    walked.add_edge(lost, lost)
    return nx.pagerank(walked, damping, personalization={start: 1.0}, tol=1e-13, max_iter=2000)


def products(texts: Ragged, row: int, terms: int) -> Doubles:
    """Return the product of one row of terms with every row."""
    matrix = sparse.csr_matrix((texts.columns[1], texts.columns[0], texts.starts), (len(texts), max(1, terms)))
    return np.asarray((matrix @ matrix[[row]].T).todense(), np.float64).ravel()


def best(scores: Sequence[float], allowed: Sequence[bool], ids: Sequence[int], count: int) -> list[int]:
    """Return the best allowed rows; the lower id wins a draw."""
    return sorted((row for row in range(len(scores)) if allowed[row]), key=lambda row: (-scores[row], ids[row]))[:count]


def varied(scores: Sequence[float], traits: Sequence[Sequence[int]], spread: float, count: int) -> list[int]:
    """Return the order of `diversify.vary`."""
    order: list[int] = []
    seen: Counter[tuple[int, int]] = Counter()

    def value(row: int) -> float:
        shared = [seen[trait, value] if value >= 0 else 0 for trait, value in enumerate(traits[row])]
        return scores[row] - spread * sum(times / (times + 2.0) for times in shared)

    while len(order) < min(count, len(scores)):
        row = max((row for row in range(len(scores)) if row not in order), key=lambda row: (value(row), -row))
        order.append(row)
        seen.update((trait, value) for trait, value in enumerate(traits[row]) if value >= 0)
    return order


def auctioned(
    wishes: Sequence[Sequence[int]],
    values: Sequence[Sequence[float]],
    turns: Sequence[int],
    length: int,
    dues: Sequence[float],
    step: float,
) -> list[list[int]]:
    """Return for each asker the wishes given by `auction.auction`, in the order of the wishes (-1: no more)."""
    held: dict[int, list[tuple[float, int]]] = {row: [] for own in wishes for row in own if row >= 0}
    given: list[set[int]] = [set() for _ in wishes]
    waiting = list(reversed(turns))

    def price(row: int) -> float:
        lowest = min((bid for bid, _ in held[row]), default=math.inf)
        return min(lowest, dues[len(held[row])]) if len(held[row]) < len(dues) else lowest

    while waiting:
        asker = waiting.pop()
        while len(given[asker]) < length:
            left = [
                (value - price(row), -place, row)
                for place, (row, value) in enumerate(zip(wishes[asker], values[asker], strict=True))
                if row >= 0 and row not in given[asker] and value - price(row) >= -dues[-1]
            ]
            if not left:
                break
            gain, _, row = max(left)
            others = [-dues[-1], *(other for other, _, it in left if it != row)]
            paid = price(row)
            if len(held[row]) == len(dues) or paid < dues[len(held[row])]:
                place = min(range(len(held[row])), key=lambda at: held[row][at][0])
                loser = held[row][place][1]
                given[loser].remove(row)
                if loser not in waiting:
                    waiting.append(loser)
                held[row][place] = (paid + (gain - max(others)) + step, asker)
            else:
                held[row].append((paid + (gain - max(others)) + step, asker))
            given[asker].add(row)
    return [[row for row in own if row in mine] for own, mine in zip(wishes, given, strict=True)]


def nearest_texts(texts: Ragged, shown: Sequence[float], terms: int, count: int) -> list[list[tuple[int, float]]]:
    """Return for each row the (row, product) of `nearest.nearest_texts`."""
    found = []
    for row in range(len(texts)):
        scores = products(texts, row, terms)
        allowed = [other != row and shown[other] > 0 and scores[other] > 0 for other in range(len(texts))]
        rows = best(scores.tolist(), allowed, range(len(texts)), count)
        found.append([(other, float(scores[other])) for other in rows])
    return found


def nearest_by_ties(graph: "nx.Graph[int]", measure: str, count: int) -> list[list[tuple[int, float]]]:
    """Return for each row the (row, worth of the ties in common) of `nearest.nearest_by_ties`, by networkx."""
    found = []
    for row in graph:
        pairs = [(row, other) for other in graph if other != row and not graph.has_edge(row, other)]
        if measure == "common_ties":
            scored = [(one, other, float(len(list(nx.common_neighbors(graph, one, other))))) for one, other in pairs]
        else:
            index = nx.adamic_adar_index if measure == "adamic_adar" else nx.resource_allocation_index
            scored = list(index(graph, pairs))
        scored = sorted((pair for pair in scored if pair[2] > 0), key=lambda pair: (-pair[2], pair[1]))
        found.append([(other, score) for _, other, score in scored[:count]])
    return found
