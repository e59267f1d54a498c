"""What an applicant can hope for: the mean of those they could sit with, and the mean of the best of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Longs
from haln.matching.bonds import Bonds
from haln.matching.pair_values import Shorts
from haln.matching.set_facts import UNIT, Masks

_BLOCK = 512


@dataclass(frozen=True, eq=False)
class Prospects:
    """By row, in scores per person. Only those count with whom a rule that is a must lets them sit.

    So the ideal of whoever can make fewer times is no higher, as long as enough are left to fill a set; where fewer are
    left, both are the mean of these.
    """

    chance: Longs
    ideal: Longs


def prospects(pairs: Shorts, masks: Masks, need: int, bonds: Bonds, most: int) -> Prospects:
    """Return everyone's prospects in sets of `most` people that share `need` time slots."""
    rows = len(pairs)
    chance, ideal = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    best = min(most, rows) - 1
    for first in range(0, rows if best > 0 else 0, _BLOCK):
        some = np.arange(first, min(first + _BLOCK, rows))
        allowed = _allowed(some, masks, need, bonds)
        values = np.where(allowed, pairs[some], -1).astype(np.int32)
        many = allowed.sum(axis=1)
        top = np.partition(values, rows - best, axis=1)[:, rows - best :]
        total = np.where(allowed, pairs[some], 0).sum(axis=1, dtype=np.int64)
        chance[some] = UNIT * total // np.maximum(many, 1)
        ideal[some] = UNIT * np.maximum(top, 0).sum(axis=1, dtype=np.int64) // np.clip(many, 1, best)
    return Prospects(chance, ideal)


def _allowed(some: Longs, masks: Masks, need: int, bonds: Bonds) -> NDArray[np.bool_]:
    allowed: NDArray[np.bool_] = np.ones((len(some), len(masks)), np.bool_)
    if need:
        common = np.zeros(allowed.shape, np.uint8)
        for word in range(masks.shape[1]):
            common += np.bitwise_count(masks[some, word][:, None] & masks[None, :, word])
        allowed = common >= need
    for line, row in enumerate(some):
        mine = slice(bonds.start[row], bonds.start[row + 1])
        allowed[line, bonds.other[mine][bonds.same_hard[mine] > 0]] = False
        allowed[line, row] = False
    return allowed
