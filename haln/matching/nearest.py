"""Everyone's nearest k at once, exactly: by text, and by the ties in between. Each pair is worked out once.

Rows are taken in ascending order; a row meets only rows behind it, and both ends of a pair hear of it. So everybody
hears of others in ascending order, and whoever came first wins a draw: lists come out as if sorted by score, then by
row. Texts are met tile by tile, for all rows up to a tile's end: its postings and sums stay in the processor's own
memory, and the order in which anybody hears of others is the same. Beside what is given, memory is two numbers per
place in the lists, a few per row, and the postings of one tile.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haln.compiled import (
    BYTES,
    DOUBLES,
    FLOATS,
    INTS,
    LONG,
    LONGS,
    OUT_CHOICES,
    OUT_TABLE,
    Bytes,
    Doubles,
    Floats,
    Ints,
    Longs,
    compiled,
    inlined,
)
from haln.matching.ragged import Ragged

TILE = 4096  # rows that are met by all before them, before the next ones are
_STRIDE = 64  # rows that are looked over at once: most hold nothing for anybody


@dataclass(frozen=True, slots=True)
class Nearest:
    """Line r holds the rows nearest to row r, best first (-1: no more), and how near they are (0 there)."""

    rows: NDArray[np.int32]
    scores: NDArray[np.float64]


def nearest_texts(texts: Ragged, shown: Floats, terms: int, count: int, tile: int = TILE) -> Nearest:
    """Return for every row the `count` shown rows whose texts have the greatest product with its own, above 0.

    `texts`: (terms ascending, weights) per row, of unit length or 0, so that products are cosines; `shown`: 1 or 0 per
    row, who is shown to nobody finds others all the same. A product is summed in single precision by ascending term,
    so it is, to the bit, the one of a row with all others (`haln.matching.signals.text_scores`). `tile`: how many rows
    are met at once; that is a matter of time and memory alone.
    """
    found = _empty(len(texts), count)
    if count and len(texts):
        terms_of, weights = texts.columns
        seen = (shown > 0).astype(np.uint8)
        _pair_texts(texts.starts, terms_of, weights, terms, tile, seen, found.rows, found.scores)
    return found


def nearest_by_ties(ties: Ragged, worth: Doubles, count: int) -> Nearest:
    """Return for every row the `count` rows, not tied to it, whose ties in common are worth most, above 0.

    `worth`: what a tie to each row counts when it is in common, above 0; see `worth_of_ties`. The first column of
    `ties` holds each row's ties, both ways, each once and ascending; weights and who may see a tie are not asked.
    """
    if not (worth > 0).all():
        raise ValueError("a tie in common is worth something")
    found = _empty(len(ties), count)
    if count and len(ties):
        _pair_by_ties(ties.starts, ties.columns[0], worth, found.rows, found.scores)
    return found


def worth_of_ties(ties: Ragged) -> dict[str, Doubles]:
    """Return what a tie to each row is worth: 1 (common ties), 1/log degree (Adamic and Adar 2003), 1/degree.

    The last is resource allocation (Zhou, Lü and Zhang 2009). Rows of one tie have nobody to bring together.
    """
    degree = np.maximum(ties.lengths(), 2)
    return {
        "common_ties": np.ones(len(ties)),
        "adamic_adar": 1.0 / np.log(degree),
        "resource_allocation": 1.0 / degree,
    }


def _empty(members: int, count: int) -> Nearest:
    return Nearest(np.full((members, count), -1, np.int32), np.zeros((members, count)))


@inlined
def _hear(row: int, other: int, score: float, rows: Ints, scores: Doubles) -> None:
    """Take `other` up in the list of `row`, the lower row first of two that are as near; the last one leaves."""
    own, line = rows[row], scores[row]
    place = np.uint64(own.size - 1)  # unsigned, as in `_add_scaled`: a fifth of all the time by ties
    one = np.uint64(1)
    while place > 0:
        held, before = own[place - one], line[place - one]
        if before > score or (before == score and 0 <= held < other):
            break
        own[place], line[place] = held, before
        place -= one
    own[place], line[place] = other, score


@inlined
def _add_scaled(weight: float, rows: Ints, values: Floats, scores: Floats) -> None:
    # As in topk, and once more here: what is kept on disk is not seen to be old when another module changes.
    for k in range(rows.size):
        scores[np.uint64(rows[k])] += weight * values[k]


@inlined
def _any_above(values: Floats, bounds: Floats, bound: float) -> bool:
    # Neither ends early nor branches, so that it is done eight values at a time.
    found = np.int32(0)
    for k in range(values.size):
        found |= np.int32((values[k] > bound) | (values[k] > bounds[k]))
    return bool(found)


@inlined
def _above(values: Floats, bounds: Floats, bound: float, places: Longs) -> int:
    """Write where a value is above its own bound or the common one, ascending; returns how many there are."""
    size = 0
    for k in range(values.size):
        # Written always, counted where it holds: whether it does cannot be foreseen, and a wrong guess costs more.
        places[np.uint64(size)] = k
        size += int((values[k] > bound) | (values[k] > bounds[k]))
    return size


@inlined
def _turn_round(
    starts: Longs, terms: Ints, weights: Floats, ahead: Longs, ends: Longs, owners: Ints, values: Floats
) -> None:
    """Write the postings of some rows, numbered from 0: `ahead[t]` to `ends[t]` hold those with term t, ascending."""
    ends[:] = 0
    for k in range(starts[0], starts[-1]):
        ends[terms[k]] += 1
    at = 0
    for term in range(ends.size):
        ahead[term] = at
        at += ends[term]
        ends[term] = ahead[term]
    for row in range(starts.size - 1):
        for k in range(starts[row], starts[row + 1]):
            place = ends[terms[k]]
            owners[place], values[place] = row, weights[k]
            ends[terms[k]] = place + 1


@compiled(LONGS, INTS, FLOATS, LONG, LONG, BYTES, OUT_CHOICES, OUT_TABLE)
def _pair_texts(
    starts: Longs,
    terms: Ints,
    weights: Floats,
    count_of_terms: int,
    tile: int,
    shown: Bytes,
    rows: NDArray[np.int32],
    scores: NDArray[np.float64],
) -> None:
    count, last = starts.size - 1, rows.shape[1] - 1
    ahead, ends = np.empty(count_of_terms, np.int64), np.empty(count_of_terms, np.int64)
    products = np.zeros(tile, np.float32)
    least = np.zeros(count, np.float32)  # what is too little for each row's list
    places = np.empty(_STRIDE, np.int64)
    for first in range(0, count, tile):
        end = min(first + tile, count)
        held = starts[end] - starts[first]
        owners, values = np.empty(held, np.int32), np.empty(held, np.float32)
        _turn_round(starts[first : end + 1], terms, weights, ahead, ends, owners, values)
        bounds = least[first:end]
        for row in range(end):
            for k in range(starts[row], starts[row + 1]):
                term = terms[k]
                ahead[term] += row >= first  # rows of the tile are met by those before them only
                behind = slice(ahead[term], ends[term])
                _add_scaled(weights[k], owners[behind], values[behind], products)
            for at in range(max(0, row + 1 - first), end - first, _STRIDE):
                stride = slice(at, min(at + _STRIDE, end - first))
                if not _any_above(products[stride], bounds[stride], least[row]):
                    continue
                for k in range(_above(products[stride], bounds[stride], least[row], places)):
                    place = at + places[k]
                    other, product = first + place, products[place]
                    if product > least[row] and shown[other]:
                        _hear(row, other, product, rows, scores)
                        least[row] = scores[row, last]
                    if product > least[other] and shown[row]:
                        _hear(other, row, product, rows, scores)
                        least[other] = scores[other, last]
            products[:] = 0.0


@compiled(LONGS, INTS, DOUBLES, OUT_CHOICES, OUT_TABLE)
def _pair_by_ties(
    starts: Longs, others: Ints, worth: Doubles, rows: NDArray[np.int32], scores: NDArray[np.float64]
) -> None:
    count, last = starts.size - 1, rows.shape[1] - 1
    ahead = starts[:-1].copy()  # the first tie of each row that leads behind the row whose turn it is
    sums = np.zeros(count)
    reached = np.empty(count + 1, np.int32)
    for row in range(count):
        size = 0
        for k in range(starts[row], starts[row + 1]):
            middle = others[k]
            ahead[middle] += 1
            worthy = worth[middle]
            for other in others[ahead[middle] : starts[middle + 1]]:
                at = np.uint64(other)
                reached[np.uint64(size)] = other
                size += sums[at] == 0.0
                sums[at] += worthy
        for k in range(starts[row], starts[row + 1]):
            sums[others[k]] = 0.0  # tied already
        for k in range(size):
            other = reached[k]
            score = sums[other]
            sums[other] = 0.0
            least = scores[row, last]
            if score > least or (score == least and score > 0.0 and other < rows[row, last]):
                _hear(row, other, score, rows, scores)
            if score > scores[other, last]:
                _hear(other, row, score, rows, scores)
