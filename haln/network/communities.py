"""Communities: groups of members who are tied among themselves more than chance would tie them.

They are found by the method of Leiden (Traag, Waltman and van Eck 2019): members move between communities, which are
then made of parts that hang together, and the parts move in their place; then all of it again from where it ended. The
order in which members are asked is by chance; of the parts that a member can join the best is taken, not any.

All sums are whole numbers, so that the same seed gives the same communities on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from haln.compiled import Ints, Longs
from haln.network import community_kernels as kernels
from haln.network.history import UNDEFINED, Snapshot
from haln.network.kernels import components
from haln.network.structure import shuffled

RUNS = 10
"""So many seeds are tried; the best is kept, and how alike they are is their stability."""

ROUNDS = 2
"""So many times at most the method begins again; ten would gain 0.005 of modularity where 0.5 is found."""


@dataclass(frozen=True, slots=True)
class Communities:
    """Each member's community, the best of so many runs; numbered by size, the largest first.

    `modularity` is from below 0 to below 1. `stability`: how alike two runs are on average, as the adjusted Rand index
    (Hubert and Arabie 1985), 1 where they agree and about 0 where they agree as chance does. Both are
    UNDEFINED without ties; the stability of one run is, too.
    """

    label: Ints
    sizes: tuple[int, ...]
    modularity: float
    stability: float
    runs: int
    seed: int

    @property
    def number(self) -> int:
        """How many communities there are; somebody alone is none."""
        return sum(size > 1 for size in self.sizes)


def communities(found: Snapshot, seed: int = 0, runs: int = RUNS) -> Communities:
    """Find communities `runs` times, with seeds that follow from `seed`, and keep the first of the best.

    Raises ValueError for less than one run.
    """
    if runs < 1:
        raise ValueError("communities are found in one run or more")
    each = [_numbered(leiden(found, one)) for one in np.random.SeedSequence(seed).generate_state(runs).tolist()]
    values = [modularity(found, label) for label in each]
    best = int(np.argmax(values))
    label = each[best]
    likeness = [adjusted_rand(one, other) for one, other in combinations(each, 2)]
    sizes = tuple(int(size) for size in np.bincount(label)) if len(label) else ()
    stability = float(np.mean(likeness)) if likeness and found.ties else UNDEFINED
    return Communities(label, sizes, values[best], stability, runs, seed)


def modularity(found: Snapshot, label: Ints) -> float:
    """The share of ties within groups less what chance would put there (Newman and Girvan 2004); UNDEFINED of none."""
    if not found.ties:
        return UNDEFINED
    within = int((label[found.low] == label[found.high]).sum())
    ends = np.bincount(label, weights=found.degrees) / (2 * found.ties)
    return float(within / found.ties - (ends**2).sum())


def adjusted_rand(one: Ints, other: Ints) -> float:
    """How alike two ways to put the same members into groups are (Hubert and Arabie 1985).

    1 where they are the same, about 0 where they are alike by chance. Groups are numbered from 0.
    """
    many = len(one)
    if not many:
        return 1.0
    both, ours, theirs = int(kernels.together(one, other)), _pairs(one), _pairs(other)
    by_chance = ours * theirs / max(1, many * (many - 1) // 2)
    most = (ours + theirs) / 2
    return 1.0 if most == by_chance else float((both - by_chance) / (most - by_chance))


def _pairs(label: Ints) -> int:
    """How many pairs are in one group."""
    sizes = np.bincount(label)
    return int((sizes * (sizes - 1) // 2).sum())


def leiden(found: Snapshot, seed: int) -> Ints:
    """Find communities once: each member's, as a number from 0. Every community hangs together."""
    chance = np.random.PCG64(seed)
    label = np.arange(len(found), dtype=np.int32)
    if not found.ties:
        return label
    ones = np.ones(len(found.others), np.int64)
    for _ in range(ROUNDS):
        before = label
        label = _round(found, ones, label, chance)
        if _same(before, label):
            break
    return label


def _round(found: Snapshot, ones: Longs, label: Ints, chance: np.random.BitGenerator) -> Ints:
    """Move members, then parts of communities, then parts of those, until none can be put together; then split."""
    starts, others, weights, strength = found.starts, found.others, ones, found.degrees
    whose = np.arange(len(found), dtype=np.int32)  # each member's node of the level
    group = label.copy()
    while True:
        order = shuffled(len(strength), chance).astype(np.int32)
        kernels.move(starts, others, weights, strength, order, group)
        kernels.renumber(group)
        part = np.empty(len(group), np.int32)
        kernels.refine(starts, others, weights, strength, order, group, part)
        kernels.renumber(part)
        many = int(part.max()) + 1
        if many == len(strength):
            break
        starts, others, weights, strength = _merged(starts, others, weights, strength, part)
        of_parts = np.empty(many, np.int32)
        of_parts[part] = group
        whose, group = part[whose], of_parts
    split = np.empty(len(found), np.int32)
    components(found.starts, found.others, group[whose], split)
    return split


def _merged(
    starts: Ints, others: Ints, weights: Longs, strength: Longs, group: Ints
) -> tuple[Ints, Ints, Longs, Longs]:
    """The level above: a node for each group, ties between groups with their weight; what lies within is left out."""
    many = int(group.max()) + 1
    begins, strengths = np.empty(many + 1, np.int32), np.empty(many, np.int64)
    joined, total = np.empty(len(others), np.int32), np.empty(len(others), np.int64)
    count = kernels.merge(starts, others, weights, strength, group, begins, joined, total, strengths)
    return begins, joined[:count].copy(), total[:count].copy(), strengths


def _numbered(label: Ints) -> Ints:
    """Number groups anew: the largest first, of as many the one with the first member."""
    if not len(label):
        return label
    _, first, where, size = np.unique(label, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(size), np.int32)
    rank[np.lexsort((first, -size))] = np.arange(len(size), dtype=np.int32)
    return rank[where]


def _same(one: Ints, other: Ints) -> bool:
    """Whether two ways to put members into groups are one, whatever the groups' numbers."""
    return np.array_equal(_numbered(one), _numbered(other))
