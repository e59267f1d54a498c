"""The same nearest k for everyone by what others offer: each gives (rows, scores), 0 and -1 where there are no more.

scikit-learn, scipy and networkx are here anyway; sparse_dot_topn and networkit are installed by hand, see
requirements/bench.txt. Whichever is not there is told by `absent`.
"""

from __future__ import annotations

import heapq
import importlib.util
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]
Peer = Callable[[Any, int], tuple[Rows, Scores]]
BLOCK = 500

MODULES = {"sparse_dot_topn": "sparse_dot_topn", "networkit": "networkit"}


def absent(name: str) -> bool:
    """Whether a peer is not installed."""
    return name in MODULES and importlib.util.find_spec(MODULES[name]) is None


def scikit_learn(texts: Any, count: int) -> tuple[Rows, Scores]:
    """NearestNeighbors, brute force, cosine distance."""
    from sklearn.neighbors import NearestNeighbors

    count = min(count, texts.shape[0] - 1)
    search = NearestNeighbors(n_neighbors=count, algorithm="brute", metric="cosine", n_jobs=1).fit(texts)
    distances, rows = search.kneighbors()
    return rows, 1.0 - distances.astype(np.float64)


def blocked_cosine(texts: Any, count: int) -> tuple[Rows, Scores]:
    """cosine_similarity of some hundred rows at a time with all, and the best of each by partition."""
    from sklearn.metrics.pairwise import cosine_similarity

    rows, scores = [], []
    for first in range(0, texts.shape[0], BLOCK):
        block = cosine_similarity(texts[first : first + BLOCK], texts)
        lines = np.arange(len(block))
        block[lines, first + lines] = -1.0
        best = np.argpartition(block, -count, axis=1)[:, -count:]
        values = np.take_along_axis(block, best, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        rows.append(np.take_along_axis(best, order, axis=1))
        scores.append(np.take_along_axis(values, order, axis=1).astype(np.float64))
    return np.concatenate(rows), np.concatenate(scores)


def sparse_dot_topn(texts: Any, count: int) -> tuple[Rows, Scores]:
    """sp_matmul_topn in one thread, of one more than asked for: everybody is nearest to themselves."""
    module = importlib.import_module("sparse_dot_topn")
    found = module.sp_matmul_topn(texts, texts.T.tocsr(), top_n=count + 1, sort=True, n_threads=1)
    return _padded(found.tocsr(), count)


def scipy_ties(ties: Any, count: int) -> tuple[Rows, Scores]:
    """Adamic-Adar as a product of sparse matrices, without the diagonal and those who are tied."""
    degree = np.maximum(np.asarray(ties.sum(axis=1)).ravel(), 2)
    product = (ties @ sparse.diags(1.0 / np.log(degree)).tocsr() @ ties).tocsr()
    product = product - product.multiply(ties)
    product.eliminate_zeros()
    return _padded(product.tocsr(), count)


def networkx_ties(ties: Any, count: int) -> tuple[Rows, Scores]:
    """adamic_adar_index of all pairs two steps apart."""
    graph = nx.from_scipy_sparse_array(ties)
    pairs = {
        (one, other)
        for middle in graph
        for one in graph[middle]
        for other in graph[middle]
        if one < other and other not in graph[one]
    }
    return _of_pairs(nx.adamic_adar_index(graph, pairs), ties.shape[0], count)


def networkit_ties(ties: Any, count: int) -> tuple[Rows, Scores]:
    """AdamicAdarIndex of all pairs two steps apart, in one thread."""
    kit = importlib.import_module("networkit")
    kit.setNumberOfThreads(1)
    graph = kit.Graph(ties.shape[0])
    upper = sparse.triu(ties).tocoo()
    for one, other in zip(upper.row.tolist(), upper.col.tolist(), strict=True):
        graph.addEdge(one, other)
    pairs = kit.linkprediction.MissingLinksFinder(graph).findAtDistance(2)
    scored = kit.linkprediction.AdamicAdarIndex(graph).runOn(pairs)
    return _of_pairs(((*pair, score) for pair, score in scored), ties.shape[0], count)


def _padded(matrix: Any, count: int) -> tuple[Rows, Scores]:
    """The best of each row of a sparse matrix, without its diagonal."""
    rows = np.full((matrix.shape[0], count), -1, np.int64)
    scores = np.zeros((matrix.shape[0], count))
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        others, values = matrix.indices[part], matrix.data[part]
        keep = others != row
        others, values = others[keep], values[keep]
        if len(values) > count:
            best = np.argpartition(values, -count)[-count:]
            others, values = others[best], values[best]
        order = np.argsort(-values, kind="stable")
        rows[row, : len(order)], scores[row, : len(order)] = others[order], values[order]
    return rows, scores


def _of_pairs(pairs: Any, members: int, count: int) -> tuple[Rows, Scores]:
    lists: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for one, other, score in pairs:
        for near, far in ((one, other), (other, one)):
            held = lists[near]
            if len(held) < count:
                heapq.heappush(held, (score, far))
            elif score > held[0][0]:
                heapq.heapreplace(held, (score, far))
    rows, scores = np.full((members, count), -1, np.int64), np.zeros((members, count))
    for row, held in lists.items():
        held.sort(reverse=True)
        rows[row, : len(held)] = [other for _, other in held]
        scores[row, : len(held)] = [score for score, _ in held]
    return rows, scores


TEXT: dict[str, Peer] = {
    "scikit-learn NearestNeighbors": scikit_learn,
    "blocked cosine_similarity": blocked_cosine,
    "sparse_dot_topn": sparse_dot_topn,
}
TIES: dict[str, Peer] = {"scipy.sparse": scipy_ties, "networkit": networkit_ties, "networkx": networkx_ties}
