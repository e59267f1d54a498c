"""Who holds others together, and the largest part, held from one day to the next without going through all ties."""

from __future__ import annotations

import numpy as np

from haln.compiled import Bytes, Doubles, Ints, Longs
from haln.network import block_kernels, ear_kernels
from haln.network.walk import NOT_YET, Walk

FEW = 8
"""Where fewer than one in so many ties differ, blocks are held from the day before."""

MOST = 1_000
"""Groups outside the largest block of more members are not walked: then all blocks are found anew."""


class Blocks:
    """In how many blocks each member of a walk is: who is in two or more holds others together."""

    def __init__(self) -> None:
        self._turn = NOT_YET
        self._cuts = 0
        self._members = 0
        self._block = 0
        self._blocks: Ints = np.empty(0, np.int32)
        self._part: Bytes = np.empty(0, np.uint8)
        self._inside: Bytes = np.empty(0, np.uint8)
        self._key: Doubles = np.empty(0)
        self._sides: tuple[Ints, Ints] = (self._blocks, self._blocks)
        self._two: Ints = np.empty(2, np.int32)

    def cut_members(self, walk: Walk) -> int:
        """How many members there are without whom their part would fall apart."""
        self._bring(walk)
        return self._cuts

    def giant_size(self, walk: Walk) -> int | None:
        """How many are in the largest part, where more than half of all are in one that has a block; otherwise none."""
        self._bring(walk)
        return self._members if 2 * self._members > len(walk.rows) else None

    @property
    def giant(self) -> Longs:
        """Who is in it where it was last asked how many they are: rows of the history, ascending."""
        return np.flatnonzero(self._part)

    def _bring(self, walk: Walk) -> None:
        if walk.turn != self._turn:
            if not (self._block and walk.follows(self._turn, FEW) and self._are_held(walk)):
                self._find(walk)
            self._turn = walk.turn

    def _are_held(self, walk: Walk) -> bool:
        """Whether all could be held where the pairs that differ were lost and made."""
        pairs, many = walk.pairs, len(walk.spell)
        mark, parent, queue = np.zeros(many, np.uint8), np.empty(many, np.int32), np.empty(2 * many, np.int32)
        way = np.empty(4 * many + (ear_kernels.PATIENCE + 1) * pairs.most, np.int32)
        pairs.move(walk.made, walk.lost)  # back to the day before; from here on nothing may fail
        fits, cuts, members = ear_kernels.held(
            walk.lost, walk.made, pairs.low, pairs.high, pairs.starts, pairs.others, pairs.tie, pairs.at, pairs.ends,
            self._inside, self._key, *self._sides, self._blocks, self._part, self._two, mark, parent, queue, way, MOST,
        )  # fmt: skip
        self._cuts += cuts
        self._members += members
        return bool(fits)

    def _find(self, walk: Walk) -> None:
        pairs, many = walk.pairs, len(walk.spell)
        self._blocks, part = np.empty(many, np.int32), np.empty(many, np.int32)
        self._inside, self._key = np.empty(many, np.uint8), np.zeros(many)
        net = pairs.starts, pairs.ends, pairs.others
        self._block = block_kernels.found(*net, self._blocks, part, self._inside, self._key, self._two)
        self._cuts = int(np.count_nonzero(self._blocks > 1))
        own = part[self._two[0]] if self._block else -1
        self._part = (part == own).astype(np.uint8)
        self._members = int(np.count_nonzero(self._part))
        self._sides = np.zeros(many, np.int32), np.zeros(many, np.int32)
        block_kernels.sided(*net, self._inside, self._key, *self._sides)
