"""Pair everybody so that the pairs together weigh the most: exact, over all pairs, though few are looked at.

The kernel works on few edges and leaves prices behind. An edge that was left out can better the pairs only where its
weight is above its prices: such edges are put in, and the work is done again, until there is none. Then the prices
prove that no other pairing weighs more (Edmonds 1965; the pricing follows Derigs and Metz 1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Ints, Longs
from haln.matching import pairing_kernels
from haln.matching.blossom_kernels import FACTS

LIKELY = 12
"""So many edges of each vertex are looked at first, those that weigh most."""
ADDED = 6
"""So many of each vertex are put in at a time."""
LARGEST = 2**58
_LINES = 512

Table = NDArray[np.int64]
_Edges = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Paired:
    """`mates[v]` is whom v is paired with; `edges` were looked at in the end, after so many `rounds`."""

    mates: Ints
    edges: int
    rounds: int


def best_pairs(weights: Table) -> Paired:
    """Return the perfect pairing of greatest total weight of an even number of vertices.

    `weights` (n, n) is symmetric, of whole numbers of up to `LARGEST` either way; the diagonal is not looked at. Raises
    ValueError for an odd number or larger weights. The same table always gives the same pairs.
    """
    n = len(weights)
    if n % 2:
        raise ValueError("an odd number of vertices has no perfect pairing")
    if n == 0:
        return Paired(np.empty(0, np.int32), 0, 0)
    if max(int(weights.max()), -int(weights.min())) > LARGEST:
        raise ValueError("weights are too large")
    chosen = _likely(weights)
    rounds = 0
    while True:
        rounds += 1
        found = _Solved(weights, chosen)
        if not found.add_better(weights, chosen):
            return Paired(found.mates, int(chosen.sum()) // 2, rounds)


def _likely(weights: Table) -> _Edges:
    """The heaviest edges of each vertex, and one perfect pairing, so that there is one."""
    n = len(weights)
    chosen = np.zeros((n, n), np.bool_)
    many = min(LIKELY, n - 1)
    for start in range(0, n, _LINES):
        lines = weights[start : start + _LINES].copy()
        rows = np.arange(len(lines))
        lines[rows, start + rows] = np.iinfo(np.int64).min
        heaviest = np.argpartition(lines, n - many, axis=1)[:, n - many :]
        chosen[(start + rows)[:, None], heaviest] = True
    chosen[np.arange(0, n, 2), np.arange(1, n, 2)] = True
    chosen |= chosen.T
    np.fill_diagonal(chosen, val=False)
    return chosen


class _Solved:
    """The best pairing by some edges, with its prices."""

    def __init__(self, weights: Table, chosen: _Edges) -> None:
        n = len(weights)
        rows, others = np.nonzero(chosen)
        starts = np.zeros(n + 1, np.int64)
        starts[1:] = np.cumsum(chosen.sum(axis=1))
        self._facts = np.empty((FACTS, 2 * n), np.int32)
        self.mates: Ints = np.empty(n, np.int32)
        self._u: Longs = np.empty(n, np.int64)
        self._z: Longs = np.empty(2 * n, np.int64)
        doubled = 2 * weights[rows, others]
        alone = pairing_kernels.match(
            n, starts, others.astype(np.int32), doubled, self._facts, self.mates, self._u, self._z
        )
        if alone:
            raise RuntimeError("a perfect pairing was lost")

    def add_better(self, weights: Table, chosen: _Edges) -> bool:
        """Put in the edges, `ADDED` of each vertex at most, above their prices; whether there are any."""
        rows, others = self._above(weights)
        over = 2 * weights[rows, others] - self._u[rows] - self._u[others]
        within = np.empty(len(rows), np.int64)
        pairing_kernels.discounts(len(weights), self._facts, self._z, rows, others, within)
        over -= within
        better = over > 0
        rows, others, over = rows[better], others[better], over[better]
        order = np.lexsort((others, -over, rows))
        rows, others = rows[order], others[order]
        firsts = np.searchsorted(rows, rows)
        few = np.arange(len(rows)) - firsts < ADDED
        if chosen[rows, others].any():
            raise RuntimeError("an edge weighs more than the prices that it was matched by")
        chosen[rows[few], others[few]] = True
        chosen[others[few], rows[few]] = True
        return bool(few.any())

    def _above(self, weights: Table) -> tuple[Longs, Longs]:
        """The pairs that weigh more than the prices of their two ends."""
        rows, others = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for start in range(0, len(weights), _LINES):
            lines = 2 * weights[start : start + _LINES] - self._u[start : start + _LINES, None] > self._u
            lines[np.arange(len(lines)), start + np.arange(len(lines))] = False
            found = np.nonzero(lines)
            rows.append(found[0] + start)
            others.append(found[1])
        return np.concatenate(rows), np.concatenate(others)
