"""What chance alone would make of the ties within and across groups, everybody keeping as many ties as they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from haln.compiled import INTS, OUT_TABLE, Doubles, Ints, compiled
from haln.network.history import UNDEFINED, UNKNOWN, Snapshot
from haln.network.mixing import Mixing, ei_of, mixing
from haln.network.rewiring import rewired, samples_for

TAILS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Range:
    """What chance makes of a number: its mean, its standard deviation, and the ends between which 95 % lie.

    All are UNDEFINED where the number is so in every graph.
    """

    expected: float
    deviation: float
    low: float
    high: float

    def z(self, observed: float) -> float:
        """How many standard deviations what is observed lies above what is expected; NaN where chance never varies."""
        return (observed - self.expected) / self.deviation if self.deviation else float("nan")


@dataclass(frozen=True, slots=True)
class Chance:
    """Mixing beside what chance makes of it, from so many graphs drawn by a seed.

    Tables are symmetric like the one of `observed`: how many ties chance makes on average between two groups, its
    standard deviation, and the ends between which 95 % of graphs lie. `group_ei` has a range for each group.
    """

    observed: Mixing
    samples: int
    seed: int
    expected: Doubles
    deviation: Doubles
    low: Doubles
    high: Doubles
    across_share: Range
    ei_index: Range
    group_ei: tuple[Range, ...]

    @property
    def z(self) -> Doubles:
        """How many standard deviations each cell lies above its expectation; NaN where chance never varies."""
        with np.errstate(invalid="ignore", divide="ignore"):
            difference: Doubles = (self.observed.table - self.expected) / self.deviation
        return np.where(self.deviation > 0, difference, np.nan)


def range_of(values: Doubles) -> Range:
    """The range of what chance made, of at least one graph. Graphs in which the number is UNDEFINED say nothing."""
    values = values[~np.isnan(values)]
    if not len(values):
        return Range(UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED)
    low, high = np.quantile(values, TAILS)
    if values.min() == values.max():  # what rounding makes of a sum is no deviation
        return Range(float(low), 0.0, float(low), float(high))
    return Range(float(values.mean()), float(values.std(ddof=1)), float(low), float(high))


def mixings(found: Snapshot, kinds: Sequence[str], samples: int | None = None, seed: int = 0) -> Mapping[str, Chance]:
    """Put the mixing of each kind of group beside what chance makes of it.

    All kinds are counted on the same graphs: all simple graphs in which every member has as many ties as they have are
    as likely. `samples` none: 200, and fewer of a large network. Raises ValueError for less than one.
    """
    many = samples_for(found.ties) if samples is None else samples
    if many < 1:
        raise ValueError("chance is worked out from one graph or more")
    observed = {kind: mixing(found, kind) for kind in kinds}
    groups = {kind: _numbered(found, kind, len(observed[kind].names)) for kind in kinds}
    owners = {kind: np.repeat(group, found.degrees) for kind, group in groups.items()}
    tables = {kind: np.empty((many, len(one.names) + 1, len(one.names) + 1)) for kind, one in observed.items()}
    for turn, others in enumerate(rewired(found, many, seed)):
        for kind in kinds:
            _count(owners[kind], groups[kind], others, tables[kind][turn])
    # The last group of each kind are those of whom it is not known.
    return {kind: _chance(observed[kind], tables[kind][:, :-1, :-1], seed) for kind in kinds}


def _numbered(found: Snapshot, kind: str, many: int) -> Ints:
    """Each member's group; one more group for those of whom it is not known."""
    if not many:
        return np.zeros(len(found), np.int32)
    group = found.groups(kind)
    return np.where(group == UNKNOWN, many, group).astype(np.int32)


@compiled(INTS, INTS, INTS, OUT_TABLE)
def _count(owners: Ints, group: Ints, others: Ints, table: Doubles) -> None:
    """Write ties between groups from both ends of each: what lies within a group is met twice."""
    table[:] = 0
    for place in range(others.size):
        table[owners[place], group[others[place]]] += 1
    for number in range(table.shape[0]):
        table[number, number] /= 2


def _chance(observed: Mixing, drawn: Doubles, seed: int) -> Chance:
    """Sum up the tables of all graphs, the first dimension of `drawn`."""
    within = np.trace(drawn, axis1=1, axis2=2)
    across = (drawn.sum(axis=(1, 2)) - within) / 2
    inside = np.diagonal(drawn, axis1=1, axis2=2)
    outside = drawn.sum(axis=2) - inside
    low, high = np.quantile(drawn, TAILS, axis=0)
    total = across + within
    shares = np.divide(across, total, out=np.full(len(total), UNDEFINED), where=total > 0)
    return Chance(
        observed,
        len(drawn),
        seed,
        drawn.mean(axis=0),
        drawn.std(axis=0, ddof=1) if len(drawn) > 1 else np.zeros(drawn.shape[1:]),
        low,
        high,
        range_of(shares),
        range_of(ei_of(across, within)),
        tuple(range_of(ei_of(*each)) for each in zip(outside.T, inside.T, strict=True)),
    )
