"""From one day to the next: whether anything changes, and the triangles that its changes alone bring.

Counts are updated where they come out to the last digit as if they were counted anew: everything here is whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from haln.compiled import Doubles, Ints, Longs
from haln.network import change_kernels, structure
from haln.network.history import History, Snapshot, places
from haln.network.structure import Clustering
from haln.network.walk import NOT_YET, Walk

FEW = 8
"""Where fewer than one in so many ties differ, triangles are counted from those alone."""


def still(found: History, one: int, other: int) -> bool:
    """Whether nothing begins and nothing ends after the earlier of two days and up to the later."""
    (place,) = places(found.turns, min(one, other))
    return place == len(found.turns) or int(found.turns[place]) > max(one, other)


class Triangles:
    """In how many triangles the members of a walk are, and which share of their chains of three is closed, by row."""

    def __init__(self) -> None:
        self._turn = NOT_YET
        self._count: Longs = np.empty(0, np.int64)
        self._own: Doubles = np.empty(0)
        self._mark: Ints = np.empty(0, np.int32)
        self._closed = 0

    def of(self, walk: Walk, found: Callable[[], Snapshot]) -> Clustering:
        """What `structure.clustering` tells of the day by itself: followed from the day before, or counted anew."""
        if walk.turn != self._turn:
            if walk.follows(self._turn, FEW):
                self._follow(walk)
            else:
                self._count_anew(walk, found())
            self._closed = int(self._count.sum())
            self._turn = walk.turn
        degrees = np.arange(len(walk.counts))
        chains = int((walk.counts * (degrees * (degrees - 1) // 2)).sum())
        return structure.clustering_of(self._own[walk.rows], chains, self._closed)

    def _follow(self, walk: Walk) -> None:
        pairs = walk.pairs
        pairs.move(walk.made, walk.lost)  # back to the day before
        change_kernels.triangles_after(
            walk.lost, walk.made, pairs.low, pairs.high, pairs.starts, pairs.others, pairs.tie, pairs.at, pairs.ends,
            self._mark, self._count, self._own,
        )  # fmt: skip

    def _count_anew(self, walk: Walk, found: Snapshot) -> None:
        many = len(walk.spell)
        self._mark, self._count, self._own = np.zeros(many, np.int32), np.zeros(many, np.int64), np.zeros(many)
        count = structure.triangles(found)
        self._count[walk.rows] = count
        self._own[walk.rows] = structure.closed_shares(found, count)
