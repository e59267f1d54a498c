"""Exact best-k: scores over an inverted index, and the k best of many scores."""

import numpy as np

from haln.compiled import (
    BYTES,
    DOUBLES,
    FLOATS,
    INTS,
    LONG,
    LONGS,
    OUT_FLOATS,
    Bytes,
    Doubles,
    Floats,
    Ints,
    Longs,
    compiled,
    inlined,
)


@inlined
def _add_scaled(weight: float, rows: Ints, weights: Floats, scores: Floats) -> None:
    for k in range(rows.size):
        # Unsigned: an index that may be negative is first looked at, which takes as long as all the rest.
        scores[np.uint64(rows[k])] += weight * weights[k]


@compiled(INTS, FLOATS, LONGS, INTS, FLOATS, OUT_FLOATS)
def add_products(terms: Ints, weights: Floats, starts: Longs, rows: Ints, row_weights: Floats, scores: Floats) -> None:
    """Add to `scores` the product of a sparse query with every row of an inverted index.

    `rows[starts[t]:starts[t + 1]]` hold term t. Each score is summed in the order of the query's terms, so that it
    does not depend on which other rows there are.
    """
    for k in range(terms.size):
        holders = slice(starts[terms[k]], starts[terms[k] + 1])
        _add_scaled(weights[k], rows[holders], row_weights[holders], scores)


@compiled(INTS, FLOATS, LONGS, INTS, FLOATS, INTS, OUT_FLOATS, OUT_FLOATS)
def replace_products(
    terms: Ints,
    weights: Floats,
    starts: Longs,
    row_terms: Ints,
    row_weights: Floats,
    rows: Ints,
    query: Floats,
    scores: Floats,
) -> None:
    """Score `rows` afresh from their own terms: their entries in the inverted index are out of date.

    `query` is scratch of one zero per term, and zero again afterwards.
    """
    for k in range(terms.size):
        query[terms[k]] = weights[k]
    for row in rows:
        total = np.float32(0.0)
        for entry in range(starts[row], starts[row + 1]):
            total += query[row_terms[entry]] * row_weights[entry]
        scores[row] = total
    for k in range(terms.size):
        query[terms[k]] = 0.0


@inlined
def _worse(score: float, member: int, other_score: float, other: int) -> bool:
    return score < other_score or (score == other_score and member > other)


@inlined
def _sink(heap: Longs, size: int, row: int, scores: Doubles, ids: Longs) -> None:
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        right = down + 1
        if right < size and _worse(scores[heap[right]], ids[heap[right]], scores[heap[down]], ids[heap[down]]):
            down = right
        if not _worse(scores[heap[down]], ids[heap[down]], scores[row], ids[row]):
            break
        heap[at] = heap[down]
        at = down
    if size > 0:
        heap[at] = row


@compiled(DOUBLES, BYTES, LONGS, LONG)
def best_rows(scores: Doubles, allowed: Bytes, ids: Longs, count: int) -> Longs:
    """Return the `count` allowed rows of highest score, best first; the lower member id wins a draw."""
    heap = np.empty(count, np.int64)  # the worst of those kept is on top
    size = 0
    for row in range(scores.size):
        if not allowed[row]:
            continue
        if size < count:
            at = size
            size += 1
            while at > 0:
                up = (at - 1) // 2
                if not _worse(scores[row], ids[row], scores[heap[up]], ids[heap[up]]):
                    break
                heap[at] = heap[up]
                at = up
            heap[at] = row
        elif count > 0 and _worse(scores[heap[0]], ids[heap[0]], scores[row], ids[row]):
            _sink(heap, size, row, scores, ids)
    best = np.empty(size, np.int64)
    while size > 0:
        size -= 1
        best[size] = heap[0]
        last = heap[size]
        _sink(heap, size, last, scores, ids)
    return best
