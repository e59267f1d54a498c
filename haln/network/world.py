"""What kind of network it is: a small world or not, with a core and a periphery or without."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from haln.compiled import Longs
from haln.network import structure
from haln.network.chance import Range, range_of
from haln.network.history import UNDEFINED, Snapshot
from haln.network.rewiring import rewired

GRAPHS = 20
SOURCES = 128


@dataclass(frozen=True, slots=True)
class SmallWorld:
    """Clustering and distance beside what chance makes of them, everybody keeping as many ties as they have.

    `ratio` is (clustering / its chance) / (distance / its chance), the small-world-ness of Humphries and Gurney (2008)
    with random graphs of the same degrees in the place of those of as many ties; above 1 is small. UNDEFINED where it
    says nothing: where chance closes no triangle, or nobody is tied. `low` and `high`: the ratios to the graphs between
    which 95 % of them lie. `distance` is of the largest part, from so many members drawn by the seed.
    """

    ratio: float
    low: float
    high: float
    clustering: float
    clustering_chance: Range
    distance: float
    distance_chance: Range
    samples: int
    seed: int


@dataclass(frozen=True, slots=True)
class CorePeriphery:
    """A core whose members are tied to each other, and a periphery whose members are not.

    `core` are rows of members, ascending. `misplaced`: pairs in the core without a tie and ties within the periphery,
    of all ways to cut the least. `fit` is the correlation of ties with that pattern over all pairs within the core and
    within the periphery, from -1 to 1, 1 where none is misplaced (Borgatti and Everett 1999, leaving out the pairs
    between); UNDEFINED where it says nothing.
    """

    core: Longs
    misplaced: int
    fit: float


def small_world(found: Snapshot, samples: int = GRAPHS, sources: int = SOURCES, seed: int = 0) -> SmallWorld:
    """Put clustering and distance beside those of so many graphs drawn by chance.

    Raises ValueError for less than one graph.
    """
    if samples < 1:
        raise ValueError("chance is worked out from one graph or more")
    clustering, distance = _both(found, sources, seed)
    # Only who is whose neighbour is asked of these: their pairs stay those of what was found.
    drawn = np.array([_both(replace(found, others=each), sources, seed) for each in rewired(found, samples, seed)])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = clustering / drawn[:, 0] / (distance / drawn[:, 1])
    by_chance = range_of(drawn[:, 0]), range_of(drawn[:, 1])
    says = distance > 0 and by_chance[0].expected > 0
    ratio = clustering / by_chance[0].expected / (distance / by_chance[1].expected) if says else UNDEFINED
    # A graph in which chance closed no triangle bounds nothing.
    around = range_of(ratios[np.isfinite(ratios)])
    low, high = (min(ratio, around.low), max(ratio, around.high)) if says else (UNDEFINED, UNDEFINED)
    return SmallWorld(ratio, low, high, clustering, by_chance[0], distance, by_chance[1], samples, seed)


def _both(found: Snapshot, sources: int, seed: int) -> tuple[float, float]:
    """Mean clustering, and mean distance within the largest part."""
    told = structure.distances(found, structure.components(found).giant, sources, seed)
    return structure.clustering(found).mean, told.mean


def core_periphery(found: Snapshot) -> CorePeriphery:
    """Cut members in the order of their ties where the fewest pairs are misplaced: no other cut is better (Lip 2011).

    Of cuts as good, the smallest core; of members with as many ties, the first.
    """
    many = len(found)
    order = np.argsort(-found.degrees, kind="stable")
    sizes = np.arange(many + 1, dtype=np.int64)
    reached = np.concatenate(([0], np.cumsum(found.degrees[order])))
    misplaced = sizes * (sizes - 1) // 2 + found.ties - reached
    size = int(np.argmin(misplaced))
    core = np.sort(order[:size])
    return CorePeriphery(core, int(misplaced[size]), _fit(found, core))


def _fit(found: Snapshot, core: Longs) -> float:
    """Correlate what is tied with what is in the core, over the pairs on one side."""
    inside = np.zeros(len(found), np.bool_)
    inside[core] = True
    one, other = inside[found.low], inside[found.high]
    both, neither = int((one & other).sum()), found.ties - int((one | other).sum())
    return fit_of(len(found), len(core), both, neither)


def cut_of(counts: Longs) -> tuple[int, int, int]:
    """Where `core_periphery` cuts, from how many members have each number of ties.

    The core are all with more ties than the first number that is returned, and of those with as many the first, so many
    as the second says; the third is how many ties all of them have, each counted for both its ends.
    """
    # One more misplaces fewer as long as they have more ties than there are before them: the core is as large as the
    # largest number of members with at least as many ties.
    most = np.cumsum(counts[::-1])[::-1]
    size = int(np.minimum(most, np.arange(len(counts))).max(initial=0))
    if not size:
        return 0, 0, 0
    least = int(np.flatnonzero(most >= size)[-1])
    above = int(most[least + 1]) if least + 1 < len(most) else 0
    reached = int((np.arange(least + 1, len(counts)) * counts[least + 1 :]).sum()) + least * (size - above)
    return least, size - above, reached


def fit_of(many: int, some: int, both: int, neither: int) -> float:
    """The fit of a core of some of many members, with so many ties in it and so many with neither end in it.

    It is phi of a two by two table.
    """
    rest, ties = many - some, both + neither
    pairs, others = some * (some - 1) // 2, rest * (rest - 1) // 2
    untied = pairs + others - ties
    if not (ties and untied and pairs and others):
        return UNDEFINED
    product = float(ties) * float(untied) * float(pairs) * float(others)
    return float((both * (others - neither) - (pairs - both) * neither) / np.sqrt(product))
