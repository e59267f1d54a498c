"""Communities: groups of members who are tied among themselves more than chance would tie them.

They are found by the method of Louvain (Blondel, Guillaume, Lambiotte and Lefebvre 2008) with a queue of those whose
neighbours have moved (Ozaki, Tezuka and Inaba 2016), again and again from where it ended until nothing is gained. A
community that came apart is split, which the method alone may leave (Traag, Waltman and van Eck 2019).

All sums are whole numbers, so that the same seed gives the same communities on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, count

import numpy as np

from haln.compiled import INTS, LONGS, OUT_INTS, Ints, Longs, compiled
from haln.network.history import Snapshot

RUNS = 10
"""So many seeds are tried; the best is kept, and how alike they are is their stability."""

ROUNDS = 10
"""So many times at most the method begins again from where it ended; it mostly gains nothing from the third on."""


@dataclass(frozen=True, slots=True)
class Communities:
    """Each member's community, the best of so many runs; numbered by size, the largest first.

    `modularity` is from below 0 to below 1. `stability`: how alike two runs are on average, as the adjusted Rand index
    (Hubert and Arabie 1985), 1 where they agree and about 0 where they agree as chance does.
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
    each = [_numbered(louvain(found, one)) for one in np.random.SeedSequence(seed).generate_state(runs).tolist()]
    values = [modularity(found, label) for label in each]
    label = each[int(np.argmax(values))]
    likeness = [adjusted_rand(one, other) for one, other in combinations(each, 2)]
    sizes = tuple(int(size) for size in np.bincount(label)) if len(label) else ()
    stability = float(np.mean(likeness)) if likeness else 1.0
    return Communities(label, sizes, max(values), stability, runs, seed)


def modularity(found: Snapshot, label: Ints) -> float:
    """The share of ties within groups less what chance would put there (Newman and Girvan 2004); 0 without ties."""
    if not found.ties:
        return 0.0
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
    together = one.astype(np.int64) * (int(other.max()) + 1) + other
    both, ours, theirs = (_pairs(np.unique(groups, return_counts=True)[1]) for groups in (together, one, other))
    by_chance = ours * theirs / max(1, many * (many - 1) // 2)
    most = (ours + theirs) / 2
    return 1.0 if most == by_chance else float((both - by_chance) / (most - by_chance))


def _pairs(sizes: Longs) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def louvain(found: Snapshot, seed: int) -> Ints:
    """Find communities once: each member's, as a number from 0. Every community hangs together."""
    chance = np.random.default_rng(seed)
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


def _round(found: Snapshot, ones: Longs, label: Ints, chance: np.random.Generator) -> Ints:
    """Move members, then whole communities, then communities of those, as long as it gains anything; then split."""
    starts, others, weights, strength = found.starts, found.others, ones, found.degrees
    whose = np.arange(len(found), dtype=np.int32)  # each member's node of the level
    group = label
    for level in count():
        group = group.copy()
        order = chance.permutation(len(strength)).astype(np.int32)
        moved = _move(starts, others, weights, strength, order, group)
        group = _numbered(group)
        label = group[whose]
        if level and not moved:
            break
        starts, others, weights, strength = _merged(starts, others, weights, strength, group)
        whose, group = label, np.arange(len(strength), dtype=np.int32)
    split = np.empty(len(found), np.int32)
    _split(found.starts, found.others, label, split)
    return split


def _merged(
    starts: Ints, others: Ints, weights: Longs, strength: Longs, group: Ints
) -> tuple[Ints, Ints, Longs, Longs]:
    """The level above: a node for each group, ties between groups with their weight; what lies within is left out."""
    many = int(group.max()) + 1
    owner = np.repeat(group, np.diff(starts)).astype(np.int64)
    apart = owner != group[others]
    keys, where = np.unique(owner[apart] * many + group[others[apart]], return_inverse=True)
    total = np.zeros(len(keys), np.int64)
    np.add.at(total, where, weights[apart])
    begins = np.searchsorted(keys // many, np.arange(many + 1)).astype(np.int32)
    sums = np.zeros(many, np.int64)
    np.add.at(sums, group, strength)
    return begins, (keys % many).astype(np.int32), total, sums


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


@compiled(INTS, INTS, LONGS, LONGS, INTS, OUT_INTS)
def _move(starts: Ints, others: Ints, weights: Longs, strength: Longs, order: Ints, group: Ints) -> int:
    """Move nodes to the neighbouring group that raises modularity most, until no move does; return how many moved.

    A node stays where nothing is gained, and of groups that gain as much goes to the one it meets first.
    """
    many = group.size
    total, links = np.zeros(many, np.int64), np.zeros(many, np.int64)
    met = np.empty(many, np.int32)
    whole = np.int64(0)
    for node in range(many):
        total[group[node]] += strength[node]
        whole += strength[node]
    queue, waits = order.copy(), np.ones(many, np.uint8)
    head, waiting, moved = 0, many, 0
    while waiting:
        node = queue[head]
        head = head + 1 if head + 1 < many else 0
        waiting -= 1
        waits[node] = 0
        here, around = group[node], 0
        for place in range(starts[node], starts[node + 1]):
            theirs = group[others[place]]
            if not links[theirs]:
                met[around] = theirs
                around += 1
            links[theirs] += weights[place]
        total[here] -= strength[node]
        best, most = here, links[here] * whole - strength[node] * total[here]
        for at in range(around):
            gain = links[met[at]] * whole - strength[node] * total[met[at]]
            if gain > most:
                best, most = met[at], gain
            links[met[at]] = 0
        total[best] += strength[node]
        if best == here:
            continue
        group[node] = best
        moved += 1
        for place in range(starts[node], starts[node + 1]):
            other = others[place]
            if group[other] != best and not waits[other]:
                tail = head + waiting
                queue[tail if tail < many else tail - many] = other
                waiting += 1
                waits[other] = 1
    return moved


@compiled(INTS, INTS, INTS, OUT_INTS)
def _split(starts: Ints, others: Ints, group: Ints, part: Ints) -> int:
    """Number the parts of groups that hang together within their group; return how many there are."""
    many = part.size
    stack = np.empty(many, np.int32)
    part[:] = -1
    found = 0
    for first in range(many):
        if part[first] >= 0:
            continue
        part[first] = found
        stack[0] = first
        size = 1
        while size:
            size -= 1
            node = stack[size]
            for place in range(starts[node], starts[node + 1]):
                other = others[place]
                if part[other] < 0 and group[other] == group[node]:
                    part[other] = found
                    stack[size] = other
                    size += 1
        found += 1
    return found
