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
"""To so many hands rows are dealt at most: as many numbers as stay near the processor."""


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
def _within_reach(scores: Doubles, allowed: Bytes, count: int) -> float:
    """Return a score that at least `count` allowed rows reach: all but a few that do are among the best.

    It is the `count`-th highest of what rows dealt out to some hands, four or more to each, reach at most. No bound
    where hands are few beside `count`: most rows would reach it.
    """
    hands = min(HANDS, scores.size // 4)
    if 2 * count > hands:
        return -np.inf
    highest = np.full(hands, -np.inf)
    for first in range(0, scores.size - hands + 1, hands):
        some, may = scores[first : first + hands], allowed[first : first + hands]
        for k in range(hands):
            score = some[k] if may[k] else -np.inf
            highest[k] = score if score > highest[k] else highest[k]
    least: float = np.partition(highest, hands - count)[hands - count]
    return least


@compiled(DOUBLES, BYTES, LONGS, LONG)
def best_rows(scores: Doubles, allowed: Bytes, ids: Longs, count: int) -> Longs:
    """Return the `count` allowed rows of highest score, best first, or all there are; the lower member id wins a draw.

    `scores`, `allowed` (1 or 0) and `ids` have a value for each row.
    """
    if count == 0:
        return np.empty(0, np.int64)
    within = np.empty(scores.size, np.int64)
    size = 0
    least = _within_reach(scores, allowed, count)
    for row in range(scores.size):
        if scores[row] >= least and allowed[row]:
            within[size] = row
            size += 1
    rows = within[:size]
    rows = rows[np.argsort(ids[rows], kind="mergesort")]
    return rows[np.argsort(-scores[rows], kind="mergesort")][:count]
