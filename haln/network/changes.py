"""From one day to the next: whether anything changes, and what its changes alone bring.

Counts are updated where they come out to the last digit as if they were counted anew: everything here is whole numbers.
"""

from __future__ import annotations

import numpy as np

from haln.compiled import Ints, Longs
from haln.network import change_kernels, kernels
from haln.network.history import History, Snapshot

FEW = 8
"""Where fewer than one in so many ties differ, triangles are counted from those alone."""


def still(found: History, one: int, other: int) -> bool:
    """Whether nothing begins and nothing ends after the earlier of two days and up to the later."""
    place = int(np.searchsorted(found.turns, min(one, other), "right"))
    return place == len(found.turns) or int(found.turns[place]) > max(one, other)


def alike(one: Snapshot, other: Snapshot) -> bool:
    """Whether on two days of one history the same people are there, in the same groups and with the same ties."""
    pairs = ((one.spells, other.spells), (one.low, other.low), (one.high, other.high))
    return one.history is other.history and all(np.array_equal(*pair) for pair in pairs)


def triangles(found: Snapshot) -> Longs:
    """In how many triangles each member is."""
    count = np.empty(len(found), np.int64)
    kernels.triangles(found.starts, found.others, count)
    return count


def triangles_after(before: Snapshot, count: Longs, after: Snapshot) -> Longs:
    """The same of another day of the same history, from the `count` of the day before and the ties that differ."""
    lost, made = missing(before.keys, after.keys), missing(after.keys, before.keys)
    if FEW * (len(lost) + len(made)) > after.ties:
        return triangles(after)
    whole = np.zeros(len(before.history), np.int64)
    whole[before.rows] = count - _touched(before, lost)
    updated: Longs = whole[after.rows] + _touched(after, made)
    return updated


def missing(some: Longs, others: Longs) -> Longs:
    """The places of those of some numbers that are not among others; both ascend."""
    gone = np.empty(len(some), np.uint8)
    change_kernels.missing(some, others, gone)
    return np.flatnonzero(gone)


def _touched(found: Snapshot, ties: Longs) -> Longs:
    """In how many triangles with at least one of some ties each member is."""
    count = np.zeros(len(found), np.int64)
    if len(ties):
        low: Ints = found.low[ties]
        change_kernels.triangles_of(found.starts, found.others, low, found.high[ties], count)
    return count
