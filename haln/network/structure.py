"""How a snapshot hangs together: degrees, components, clustering, distances, those in between, cores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from haln.compiled import Doubles, Ints, Longs, Words
from haln.network import kernels
from haln.network.history import UNDEFINED, Snapshot

Z = 1.959963984540054
"""The normal distribution's quantile of an interval of 95 %."""

BATCHES = 16
"""Into so many parts a sample is divided to see how much it may differ."""


@dataclass(frozen=True, slots=True)
class Degrees:
    """How many ties members have. `gini`: 0 where all have as many, towards 1 where one has them all.

    Mean and median of nobody, and the Gini coefficient of no ties, are UNDEFINED.
    """

    mean: float
    median: float
    most: int
    isolates: int
    gini: float
    distribution: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Components:
    """The parts within which everybody is reached: their sizes, the largest first, and each member's part."""

    sizes: tuple[int, ...]
    label: Ints

    @property
    def giant_share(self) -> float:
        """The share of all members who are in the largest part; UNDEFINED where nobody reaches another."""
        return self.sizes[0] / len(self.label) if self.sizes and self.sizes[0] > 1 else UNDEFINED

    @property
    def giant(self) -> Longs:
        """The members of the largest part; of parts as large, the one with the first member."""
        if not self.sizes:
            return np.empty(0, np.int64)
        return np.flatnonzero(self.label == int(np.argmax(np.bincount(self.label))))


@dataclass(frozen=True, slots=True)
class Clustering:
    """How often two whom a member knows know each other.

    `mean`: of each member's own share, which is 0 for fewer than two ties (Watts and Strogatz 1998). `transitivity`:
    three times the triangles among all chains of three (Newman, Watts and Strogatz 2002). UNDEFINED of nobody, and
    without a chain.
    """

    mean: float
    transitivity: float
    triangles: int


@dataclass(frozen=True, slots=True)
class Centralisation:
    """How far betweenness is one member's, from 0, where all have as much, to 1, where all ways run through one.

    `low` and `high` are the ends of an interval of 95 %, and the value itself where it is `exact`; UNDEFINED of fewer
    than three members, of whom nobody can be between two.
    """

    value: float
    low: float
    high: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Distances:
    """Steps between members of the largest part.

    Where only some were asked, `low` and `high` are the ends of an interval of 95 % for the mean, and `diameter` is the
    least it can be; else both are the mean itself. Where no two members reach each other there is no distance: the mean
    is UNDEFINED, and there is no diameter.
    """

    mean: float
    low: float
    high: float
    diameter: int | None
    exact: bool


def degrees(found: Snapshot) -> Degrees:
    """Count ties per member."""
    return degrees_of(np.bincount(found.degrees))


def degrees_of(counts: Longs) -> Degrees:
    """The same from how many members have each number of ties. All sums are of whole numbers, whatever their order."""
    many = int(counts.sum())
    if not many:
        return Degrees(UNDEFINED, UNDEFINED, 0, 0, UNDEFINED, ())
    some = np.flatnonzero(counts)
    total = int((some * counts[some]).sum())
    up_to = np.cumsum(counts)
    middle = [int(np.searchsorted(up_to, place, "right")) for place in ((many - 1) // 2, many // 2)]
    told = tuple(zip(some.tolist(), counts[some].tolist(), strict=True))
    return Degrees(total / many, sum(middle) / 2, int(some[-1]), int(counts[0]), _gini_of(counts, total), told)


def _gini_of(counts: Longs, total: int) -> float:
    """The Gini coefficient of whole numbers, of each of which there are so many: to the last digit that of `gini`."""
    if not total:
        return UNDEFINED
    many = int(counts.sum())
    before = np.cumsum(counts) - counts
    ranked = int((np.arange(len(counts)) * (counts * before + counts * (counts + 1) // 2)).sum())
    return 2 * float(ranked) / (many * float(total)) - (many + 1) / many


def gini(values: Doubles) -> float:
    """How unevenly values of at least 0 are shared out (Gini 1912, as Glasser 1962 has it); UNDEFINED of nothing."""
    total = float(values.sum())
    if not total:
        return UNDEFINED
    many = len(values)
    ranks = np.arange(1, many + 1)
    return float(2 * (ranks * np.sort(values)).sum() / (many * total) - (many + 1) / many)


def density(found: Snapshot) -> float:
    """The share of all pairs who are tied; UNDEFINED without a pair. It falls as a network grows: counts say more."""
    return density_of(len(found), found.ties)


def density_of(many: int, ties: int) -> float:
    """The same from how many members and ties there are."""
    return 2 * ties / (many * (many - 1)) if many > 1 else UNDEFINED


def components(found: Snapshot) -> Components:
    """Find the parts within which everybody is reached."""
    label = np.empty(len(found), np.int32)
    kernels.components(found.starts, found.others, np.zeros(len(found), np.int32), label)
    sizes = np.bincount(label) if len(label) else np.empty(0, np.int64)
    return Components(tuple(int(size) for size in np.sort(sizes)[::-1]), label)


def triangles(found: Snapshot) -> Longs:
    """In how many triangles each member is."""
    count = np.empty(len(found), np.int64)
    kernels.triangles(found.starts, found.others, count)
    return count


def clustering(found: Snapshot) -> Clustering:
    """Put triangles beside what could be some."""
    count = triangles(found)
    chains = found.degrees * (found.degrees - 1) // 2
    return clustering_of(closed_shares(found, count), int(chains.sum()), int(count.sum()))


def closed_shares(found: Snapshot, count: Longs) -> Doubles:
    """Which share of the chains of three of which each member is the middle are closed; 0 where there is none."""
    chains = found.degrees * (found.degrees - 1) // 2
    own: Doubles = np.divide(count, chains, out=np.zeros(len(found)), where=chains > 0)
    return own


def clustering_of(own: Doubles, chains: int, closed: int) -> Clustering:
    """The same from each member's share, in the order of members, and from how many chains there are and are closed."""
    if not len(own):
        return Clustering(UNDEFINED, UNDEFINED, 0)
    return Clustering(float(own.mean()), closed / chains if chains else UNDEFINED, closed // 3)


def distances(found: Snapshot, giant: Longs, sources: int | None = None, seed: int = 0) -> Distances:
    """Count steps from all members of the largest part (`sources` none), or from so many drawn by a seed."""
    return distances_from(found, giant, drawn(found, giant, sources, seed))


def drawn(found: Snapshot, giant: Longs, sources: int | None = None, seed: int = 0) -> Longs:
    """Who is asked for their steps: all members of the largest part, or so many drawn by a seed.

    Each member has a number by chance, and those with the least are drawn: who is drawn on one day is on the next, too,
    unless they leave or one with a lesser number comes.
    """
    if sources is None or sources >= len(giant):
        return giant
    numbers = numbered(found.history.members[found.rows[giant]], seed)
    least = np.argpartition(numbers, sources)[:sources]
    chosen: Longs = giant[least[np.argsort(numbers[least])]]
    return chosen


def numbered(ids: Longs, seed: int) -> Words:
    """A number by chance for each member, the same whoever else there is."""
    return _mixed(ids.astype(np.uint64) ^ _mixed(np.array([seed], np.uint64)))


def _mixed(numbers: Words) -> Words:
    """Other numbers that have nothing in common with some (SplitMix64, Steele, Lea and Flood 2014)."""
    mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def distances_from(found: Snapshot, giant: Longs, asked: Longs) -> Distances:
    """Count steps from some members of the largest part to all of it, all of them at once."""
    if len(giant) < 2:
        return Distances(UNDEFINED, UNDEFINED, UNDEFINED, None, True)
    batches = -(-len(asked) // kernels.WORD)
    total, reached, furthest = np.empty(batches, np.int64), np.empty(batches, np.int64), np.empty(len(asked), np.int64)
    kernels.distances(found.starts, found.others, asked, total, reached, furthest)
    return told(total, reached, int(furthest.max()), len(asked) / len(giant))


def told(total: Longs, reached: Longs, furthest: int, share: float) -> Distances:
    """What the steps of batches of members add up to, together a share of all of the largest part."""
    mean = float(total.sum() / reached.sum())
    spread = _spread(total / reached, share) if share < 1 else 0.0
    return Distances(mean, mean - spread, mean + spread, furthest, share == 1)


def _sampled(some: Longs, count: int, seed: int) -> Longs:
    chosen: Longs = some[shuffled(len(some), np.random.PCG64(seed))[:count]]
    return chosen


def shuffled(many: int, random: np.random.BitGenerator) -> Longs:
    """The numbers from 0 to below `many` in an order by chance, the same for a seed whatever version of numpy is used.

    numpy promises that of the bits of a generator, and not of its `permutation`.
    """
    return np.argsort(random.random_raw(many), kind="stable").astype(np.int64)


def _spread(means: Doubles, share: float) -> float:
    """Half an interval of 95 % from the means of batches, of a share of all who could be asked; infinite of one."""
    if len(means) < 2:
        return float("inf")
    return float(Z * means.std(ddof=1) / np.sqrt(len(means)) * np.sqrt(1 - share))


def between(found: Snapshot, sources: int | None = None, seed: int = 0) -> Doubles:
    """The share of all pairs between whom each member lies, as networkx scales it; estimated from so many sources."""
    many = len(found)
    everybody = np.arange(many, dtype=np.int64)
    exact = sources is None or sources >= many
    asked = everybody if exact else _sampled(everybody, sources or 1, seed)
    score = np.zeros(many)
    if many > 2:
        kernels.betweenness(found.starts, found.others, asked, score)
        score *= many / len(asked) / ((many - 1) * (many - 2))
    return score


def centralisation(found: Snapshot, sources: int | None = None, seed: int = 0) -> Centralisation:
    """How far the one through whom most shortest paths run stands out: exact, or from so many sources drawn by a seed.

    The sum of differences between the highest betweenness and each one's, over the most it can be (Freeman 1978). From
    a sample each member has an interval, and that of the highest reaches from the highest lower end to the highest
    upper end. The highest of estimates is too high: its value is corrected by the jackknife over parts of the sample
    (Quenouille 1956).
    """
    many = len(found)
    if many < 3:  # nobody is between two
        return Centralisation(UNDEFINED, UNDEFINED, UNDEFINED, True)
    if sources is None or sources >= many:
        value = float(_standing_out(between(found)).max())
        return Centralisation(value, value, value, True)
    asked = _sampled(np.arange(many, dtype=np.int64), sources, seed)
    parts = np.array_split(asked, min(BATCHES, sources))
    each = np.empty((len(parts), many))
    for row, some in enumerate(parts):
        kernels.betweenness(found.starts, found.others, some, each[row])
        each[row] *= many / len(some) / ((many - 1) * (many - 2))
    return _of_sample(_standing_out(each), sources / many)


def _standing_out(score: Doubles) -> Doubles:
    """How far each one lies above the mean, so that the highest of them is the centralisation."""
    many = score.shape[-1]
    above: Doubles = (score - score.mean(axis=-1, keepdims=True)) * (many / (many - 1))
    return above


def _of_sample(each: Doubles, share: float) -> Centralisation:
    """The highest of columns of which each row is an estimate, together from a share of all who could be asked."""
    turns = len(each)
    mean = each.mean(axis=0)
    highest = float(mean.max())
    if turns < 2:  # one estimate says nothing of how others would differ
        return Centralisation(min(1.0, highest), 0.0, 1.0, False)
    without = ((mean * turns - each) / (turns - 1)).max(axis=1)
    deviation = each.std(axis=0, ddof=1) * np.sqrt((1 - share) / turns)
    spread = float(stdtrit(turns - 1, 0.975)) * deviation
    # Of few who were asked, the one in between them all is found in more ways than there are.
    low, high = (min(1.0, max(0.0, float(end.max()))) for end in (mean - spread, mean + spread))
    value = turns * highest - (turns - 1) * float(without.mean())
    return Centralisation(min(max(value, low), high), low, high, False)


def cores(found: Snapshot) -> Ints:
    """The largest k for which each member is in a group whose members all have k ties within it (Seidman 1983)."""
    core = np.zeros(len(found), np.int32)
    if len(found):
        order = np.empty(len(found), np.int32)
        kernels.cores(found.starts, found.starts[1:], found.others, core, order)
    return core


def articulation(found: Snapshot) -> Longs:
    """The members without whom their part would fall apart."""
    cut = np.zeros(len(found), np.int32)
    kernels.cut_nodes(found.starts, found.others, cut)
    return np.flatnonzero(cut)
