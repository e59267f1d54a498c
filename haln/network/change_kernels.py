"""Compiled loops over what differs between two days, and over pairs that are in order."""

from __future__ import annotations

from typing import Any

import numpy as np

from haln.compiled import INTS, LONGS, OUT_BYTES, OUT_INTS, OUT_LONGS, Bytes, Ints, Longs, compiled, inlined


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


@compiled(LONGS, LONGS, OUT_BYTES)
def missing(some: Longs, others: Longs, gone: Bytes) -> None:
    """Mark which of some keys are not among others; both ascend, each key there once."""
    place = 0
    for number in range(some.size):
        while place < others.size and others[place] < some[number]:
            place += 1
        gone[number] = place == others.size or others[place] != some[number]


@inlined
def _place(starts: Ints, others: Ints, node: int, other: int) -> Any:
    """Where the one is in the list of the other's neighbours."""
    first, last = starts[node], starts[node + 1] - 1
    while first < last:
        middle = (first + last) // 2
        if others[middle] < other:
            first = middle + 1
        else:
            last = middle
    return first


@compiled(INTS, INTS, INTS, INTS, OUT_LONGS)
def triangles_of(starts: Ints, others: Ints, low: Ints, high: Ints, count: Longs) -> None:
    """Write in how many triangles with at least one of some ties each node is.

    A triangle with several of them is counted with the first.
    """
    order = np.zeros(others.size, np.int32)  # by place in the lists; 0 where a tie is none of them
    for number in range(low.size):
        order[_place(starts, others, low[number], high[number])] = number + 1
        order[_place(starts, others, high[number], low[number])] = number + 1
    count[:] = 0
    for number in range(low.size):
        one, other = low[number], high[number]
        ours, theirs = starts[one], starts[other]
        while ours < starts[one + 1] and theirs < starts[other + 1]:
            if others[ours] < others[theirs]:
                ours += 1
            elif others[ours] > others[theirs]:
                theirs += 1
            else:
                first = (not order[ours] or order[ours] > number) and (not order[theirs] or order[theirs] > number)
                if first:
                    count[one] += 1
                    count[other] += 1
                    count[others[ours]] += 1
                ours += 1
                theirs += 1
