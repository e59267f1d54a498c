"""The texts of members' circles: how long the sum of what their ties wrote is, and its mixture with their own."""

import numpy as np
from numpy.typing import NDArray

from haln.compiled import BYTES, FLOATS, INTS, LONG, LONGS, OUT_TABLE, Bytes, Floats, Ints, Longs, compiled, inlined
from haln.matching.ragged import Ragged

Lengths = NDArray[np.float64]


def circle_lengths(ties: Ragged, texts: Ragged, shown: Floats, terms: int, rows: Longs) -> Lengths:
    """Return for some rows (len(rows), 2): how long the sum of the shown texts of their open ties is, and the mixture.

    The mixture is a member's shown text plus that sum brought to unit length: from 0 to 2, and 0 where both are empty.
    """
    others, _, is_open = ties.columns
    row_terms, weights = texts.columns
    lengths = np.zeros((len(rows), 2))
    _lengths(rows, ties.starts, others, is_open, texts.starts, row_terms, weights, shown, max(1, terms), lengths)
    return lengths


@inlined
def _taken(first: int, last: int, terms: Ints, sums: Lengths) -> float:
    # Each term of the circle counts once: it is 0 from its first visit on.
    square = 0.0
    for place in range(first, last):
        square += sums[terms[place]] * sums[terms[place]]
        sums[terms[place]] = 0.0
    return square


@compiled(LONGS, LONGS, INTS, BYTES, LONGS, INTS, FLOATS, FLOATS, LONG, OUT_TABLE)
def _lengths(
    rows: Longs,
    starts: Longs,
    others: Ints,
    is_open: Bytes,
    text_starts: Longs,
    terms: Ints,
    weights: Floats,
    shown: Floats,
    count: int,
    lengths: Lengths,
) -> None:
    sums = np.zeros(count)
    for k in range(rows.size):
        row = rows[k]
        for entry in range(starts[row], starts[row + 1]):
            if is_open[entry] and shown[others[entry]] > 0.0:
                for place in range(text_starts[others[entry]], text_starts[others[entry] + 1]):
                    sums[terms[place]] += weights[place]
        square, product, own = 0.0, 0.0, 0.0
        if shown[row] > 0.0:
            for place in range(text_starts[row], text_starts[row + 1]):
                product += sums[terms[place]] * weights[place]
                own += weights[place] * weights[place]
        for entry in range(starts[row], starts[row + 1]):
            if is_open[entry] and shown[others[entry]] > 0.0:
                square += _taken(text_starts[others[entry]], text_starts[others[entry] + 1], terms, sums)
        length = np.sqrt(square)
        lengths[k, 0] = length
        if length > 0.0:
            lengths[k, 1] = np.sqrt(max(0.0, own + 1.0 + 2.0 * product / length))
        else:
            lengths[k, 1] = np.sqrt(own)
