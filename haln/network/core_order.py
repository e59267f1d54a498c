"""The largest core number of anybody, held from one day to the next without those of everybody."""

from __future__ import annotations

import numpy as np

from haln.compiled import Longs
from haln.network import core_kernels, kernels
from haln.network.walk import NOT_YET, Walk

FEW = 8
"""Where fewer than one in so many ties differ, the largest core number is held from the day before."""


class LargestCore:
    """The largest core number, with an order of members that says that none is larger, and a core that none is less.

    The order is one in which members of fewest ties are taken away first: nobody has more later neighbours than the
    largest core number (Matula and Beck 1983). Where that is broken it is put right nearby (Zhang, Yu, Zhang and Qin
    2017, who keep an order of each core number).
    """

    def __init__(self) -> None:
        self._turn = NOT_YET
        self._largest = 0
        self._size = 0
        self._label: Longs = np.empty(0, np.int64)
        none = np.empty(0, np.int32)
        self._numbers = none, none, none, none, none, none

    def of(self, walk: Walk) -> int:
        """The largest core number where a walk is; 0 without ties."""
        if walk.turn != self._turn:
            if not (walk.follows(self._turn, FEW) and self._is_held(walk)):
                self._find(walk)
            self._turn = walk.turn
        return self._largest

    def _is_held(self, walk: Walk) -> bool:
        """Whether it is still the same, which can be seen from the pairs that differ."""
        pairs = walk.pairs
        size = 2 * (len(walk.lost) + len(walk.made)) + len(walk.spell)
        gone = core_kernels.held(
            walk.lost, walk.made, pairs.low, pairs.high, pairs.starts, pairs.ends, pairs.others, self._label,
            *self._numbers, self._largest, np.empty(size, np.int32), np.empty(size, np.int32),
        )  # fmt: skip
        self._size -= gone
        return gone != core_kernels.FAILED and self._size > 0

    def _find(self, walk: Walk) -> None:
        pairs, many = walk.pairs, len(walk.spell)
        core, order = np.zeros(many, np.int32), np.empty(many, np.int32)
        net = pairs.starts, pairs.ends, pairs.others
        kernels.cores(*net, core, order)
        self._largest = int(core.max(initial=0))
        self._size = int(np.count_nonzero(core == self._largest)) if self._largest else 0
        self._label = np.empty(many, np.int64)
        ahead, then, later, inner, earlier, state = (np.zeros(many, np.int32) for _ in range(6))
        core_kernels.certified(*net, order, core, self._largest, self._label, ahead, then, later, inner)
        self._numbers = ahead, then, later, inner, earlier, state
