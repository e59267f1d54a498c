"""Compiled loops over pairs that are in order, and over triangles that come and go with the pairs of a day."""

from __future__ import annotations

import numpy as np

from haln.compiled import INTS, OUT_DOUBLES, OUT_INTS, OUT_LONGS, Doubles, Ints, Longs, compiled, inlined
from haln.network.walk_kernels import put_in, take_out


@compiled(INTS, INTS, OUT_INTS, OUT_INTS)
def adjacent(low: Ints, high: Ints, starts: Ints, others: Ints) -> None:
    """Write each node's neighbours, ascending, of pairs that are ascending by low, then high, each there once."""
    many = starts.size - 1
    starts[:] = 0
    for place in range(low.size):
        starts[low[place] + 1] += 1
        starts[high[place] + 1] += 1
    for node in range(many):
        starts[node + 1] += starts[node]
    free = starts[:many].copy()
    # The lower neighbours of a node come first, in the order of the pairs; then the higher ones.
    for place in range(low.size):
        others[free[high[place]]] = low[place]
        free[high[place]] += 1
    for place in range(low.size):
        others[free[low[place]]] = high[place]
        free[low[place]] += 1


@inlined
def _shared(starts: Ints, ends: Ints, count: Longs, own: Doubles, node: int) -> None:
    """Write which share of the chains of three of which a node is the middle are closed; 0 where there is none."""
    degree = np.int64(ends[node] - starts[node])
    chains = degree * (degree - 1) // 2
    own[node] = count[node] / chains if chains > 0 else 0.0


@inlined
def _closing(
    starts: Ints, ends: Ints, others: Ints, mark: Ints, one: int, other: int, step: int, count: Longs, own: Doubles
) -> None:
    """Count the triangles of a pair that is not tied, with all three of their members; `mark` is all 0 and stays so."""
    if ends[one] - starts[one] > ends[other] - starts[other]:
        one, other = other, one
    for place in range(starts[one], ends[one]):
        mark[others[place]] = 1
    for place in range(starts[other], ends[other]):
        third = others[place]
        if mark[third]:
            count[one] += step
            count[other] += step
            count[third] += step
            _shared(starts, ends, count, own, third)
    for place in range(starts[one], ends[one]):
        mark[others[place]] = 0


@compiled(INTS, INTS, INTS, INTS, INTS, OUT_INTS, OUT_INTS, OUT_INTS, OUT_INTS, OUT_INTS, OUT_LONGS, OUT_DOUBLES)
def triangles_after(
    lost: Ints,
    made: Ints,
    low: Ints,
    high: Ints,
    starts: Ints,
    others: Ints,
    tie: Ints,
    at: Ints,
    ends: Ints,
    mark: Ints,
    count: Longs,
    own: Doubles,
) -> None:
    """Take pairs out of the lists of `walk_kernels` and put others in, one after the other, and follow triangles.

    `count` is in how many each node is, `own` the share of its chains that are closed. `mark` is all 0 and stays so.
    """
    for number in range(lost.size):
        pair = lost[number]
        take_out(pair, low, high, others, tie, at, ends)
        _closing(starts, ends, others, mark, low[pair], high[pair], -1, count, own)
    for number in range(made.size):
        pair = made[number]
        _closing(starts, ends, others, mark, low[pair], high[pair], 1, count, own)
        put_in(pair, low, high, others, tie, at, ends)
    for number in range(lost.size + made.size):
        pair = lost[number] if number < lost.size else made[number - lost.size]
        _shared(starts, ends, count, own, low[pair])
        _shared(starts, ends, count, own, high[pair])
