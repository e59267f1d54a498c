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

HANDS = 2048


@compiled(INTS, FLOATS, LONGS, INTS, FLOATS, LONG)
def sums_of(rows: Ints, shown: Floats, starts: Longs, terms: Ints, weights: Floats, count: int) -> tuple[Ints, Doubles]:
    """Return the terms, ascending, that are in the shown texts of these rows, and the sum of each one's weights.

    `count`: how many terms there are.
    """
    sums, held = np.zeros(count), np.zeros(count, np.uint8)
    for row in rows:
        if shown[row]:
            for entry in range(starts[row], starts[row + 1]):
                sums[terms[entry]] += weights[entry]
                held[terms[entry]] = 1
    found = np.flatnonzero(held)
    return found.astype(np.int32), sums[found]


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


@inlined
def _within_reach(scores: Doubles, allowed: Bytes, count: int) -> float:
    """Return a score that at least `count` allowed rows reach: all but a few that do are among the best.

    It is the `count`-th highest of what rows dealt out to `HANDS` reach at most; no bound where there are few rows.
    """
    if count == 0 or 2 * count > HANDS or scores.size < 4 * HANDS:
        return -np.inf
    highest = np.full(HANDS, -np.inf)
    for first in range(0, scores.size - HANDS + 1, HANDS):
        some, may = scores[first : first + HANDS], allowed[first : first + HANDS]
        for k in range(HANDS):
            score = some[k] if may[k] else -np.inf
            highest[k] = score if score > highest[k] else highest[k]
    least: float = np.partition(highest, HANDS - count)[HANDS - count]
    return least


@inlined
def _take(row: int, heap: Longs, size: int, scores: Doubles, ids: Longs) -> int:
    """Put a row among those kept, if it belongs there; returns how many are kept."""
    if size < heap.size:
        at = size
        while at > 0:
            up = (at - 1) // 2
            if not _worse(scores[row], ids[row], scores[heap[up]], ids[heap[up]]):
                break
            heap[at] = heap[up]
            at = up
        heap[at] = row
        return size + 1
    if _worse(scores[heap[0]], ids[heap[0]], scores[row], ids[row]):
        _sink(heap, size, row, scores, ids)
    return size


@compiled(DOUBLES, BYTES, LONGS, LONG)
def best_rows(scores: Doubles, allowed: Bytes, ids: Longs, count: int) -> Longs:
    """Return the `count` allowed rows of highest score, best first; the lower member id wins a draw."""
    heap = np.empty(count, np.int64)  # the worst of those kept is on top
    size = 0
    least = _within_reach(scores, allowed, count)
    for row in range(scores.size if count else 0):
        if scores[row] >= least and allowed[row]:
            size = _take(row, heap, size, scores, ids)
    best = np.empty(size, np.int64)
    while size > 0:
        size -= 1
        best[size] = heap[0]
        last = heap[size]
        _sink(heap, size, last, scores, ids)
    return best
