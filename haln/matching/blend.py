"""Signals → a score whose parts add up to it, with weights that are data and have a version."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from haln.compiled import (
    BYTES,
    DOUBLE,
    DOUBLES,
    FLOATS,
    LONGS,
    OUT_DOUBLES,
    OUT_TABLE,
    TABLE,
    Bytes,
    Doubles,
    Floats,
    Longs,
    compiled,
)

# Signals of a pair that anyone's columns tell; the order is the order of their columns in every table.
PROFILE = (
    "they_offer",
    "you_offer",
    "shared_theme",
    "step_ahead",
    "same_place",
    "same_region",
    "place_other_sector",
    "same_sector",
    "same_role",
    "same_role_elsewhere",
    "same_level",
    "same_organisation",
    "first_link",
    "lively",
    "newcomer",
    "turn",
)
# Of everybody within a few steps; the rest of the graph and text signals is looked at for the best few only.
REACHED = ("common_ties", "adamic_adar", "resource_allocation", "near_walk", "far_walk", "three_steps")
GRAPH = (*REACHED, "tie_overlap", "factors", "degree_elsewhere")
TEXT = ("text", "circle_text", "text_circle", "circle_circle", "mixed_text")
SIGNALS = (*PROFILE, "shared_group", *GRAPH, *TEXT)
COLUMN = {name: column for column, name in enumerate(SIGNALS)}

Terms = tuple[Longs, Doubles, Bytes, Doubles]
LINEAR, SATURATING, LOG = 0, 1, 2
MANY_TIES = 40
"""From so many ties on, a member's weights are those of somebody with many."""

# What members say in so many words that they look for, and what they give: see `learning`.
STATED = frozenset({"they_offer", "you_offer", "step_ahead"})
# More of these never lowers a score.
MONOTONE = frozenset(
    {
        *("they_offer", "you_offer", "shared_theme", "step_ahead", "shared_group", "lively", "text", "mixed_text"),
        *REACHED,
        *("tie_overlap", "factors"),
    }
)


@dataclass(frozen=True, slots=True)
class Family:
    """The signals that one kind of blend is made of, in the order of their columns; more of `monotone` never lowers.

    `single`: signals with one term at most, which come first. `texts`: those that need texts of the asker's.
    """

    names: tuple[str, ...]
    monotone: frozenset[str]
    single: tuple[str, ...] = ()
    texts: frozenset[str] = frozenset()
    column: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", {name: column for column, name in enumerate(self.names)})


PEOPLE = Family(SIGNALS, MONOTONE, PROFILE, frozenset(TEXT))
"""What speaks for meeting somebody; what speaks for joining something is in `haln.matching.joining_signals`."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one signal x adds: weight × x/scale (linear), x/(x + scale) (saturating) or log(1 + x/scale).

    `typical`: an x at which the term adds nothing, as a candidate in general has it: more adds, less takes away. It
    moves no order, but says what speaks for somebody more than for others.

    `many`: the weight for an asker with `MANY_TIES` ties or more (None: the same); with fewer, in between by the
    logarithm of their number. What tells of a newcomer is not what tells of somebody who knows everyone.
    """

    weight: float
    shape: int = LINEAR
    scale: float = 1.0
    many: float | None = None
    typical: float = 0.0

    def ends(self) -> tuple[float, float]:
        """Return the weight without ties and with many."""
        return self.weight, self.weight if self.many is None else self.many


@dataclass(frozen=True, slots=True)
class Blend:
    """The weights that hold for one asker: one entry per term in each array; `offsets`: what it takes away.

    `profile`: values, shapes and scales of the profile signals, one each, of weights that draw.
    """

    columns: Longs
    values: Doubles
    shapes: Bytes
    scales: Doubles
    offsets: Doubles
    profile: tuple[Doubles, Bytes, Doubles]
    _asked: dict[tuple[str, ...], Terms] = field(default_factory=dict, repr=False, compare=False)

    def terms_of(self, *names: str) -> Terms:
        """Return the terms of some signals of `PEOPLE`: which of them (0, 1, …), weight, shape and scale of each."""
        if names not in self._asked:
            found = [(k, term) for k, name in enumerate(names) for term in np.flatnonzero(self.columns == COLUMN[name])]
            which, at = np.array([k for k, _ in found], np.int64), np.array([term for _, term in found], np.int64)
            self._asked[names] = which, self.values[at], self.shapes[at], self.scales[at]
        return self._asked[names]

    def arrays(self) -> tuple[Longs, Doubles, Bytes, Doubles, Doubles]:
        """Return what `blend` takes."""
        return self.columns, self.values, self.shapes, self.scales, self.offsets


@dataclass(frozen=True, slots=True)
class Weights:
    """A blend: the terms of each signal (none: 0) under a version to store with what it made.

    A signal has as many shapes as it needs; but see `draws`. `strong`, `good`: the least score of each band, for what a
    score means depends on the weights.
    """

    version: str
    by_signal: Mapping[str, tuple[Weight, ...]]
    family: Family = PEOPLE
    strong: float = 2.8
    good: float = 1.3
    _arrays: tuple[Longs, Doubles, Bytes, Doubles, Doubles] = field(init=False, repr=False, compare=False)
    # What was asked for before: as many as there are numbers of ties up to those of somebody with many.
    _known: dict[tuple[int, bool], Blend] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check()
        object.__setattr__(self, "_known", {})
        terms = [(self.family.column[name], one) for name, one in self.terms(*self.family.names)]
        arrays = (
            np.array([column for column, _ in terms], np.int64),
            np.array([one.ends() for _, one in terms], np.float64).reshape(-1, 2),
            np.array([one.shape for _, one in terms], np.uint8),
            np.array([one.scale for _, one in terms], np.float64),
            np.array([_shaped(one) for _, one in terms], np.float64),
        )
        for array in arrays:
            array.setflags(write=False)
        object.__setattr__(self, "_arrays", arrays)

    def _check(self) -> None:
        unknown = self.by_signal.keys() - self.family.column.keys()
        if unknown:
            raise ValueError(f"weights for unknown signals: {', '.join(sorted(unknown))}")
        every = self.terms(*self.family.names)
        wrong = sorted({name for name, one in every if name in self.family.monotone and min(one.ends()) < 0})
        if wrong:
            raise ValueError(f"more of these must not lower a score: {', '.join(wrong)}")
        if any(one.scale <= 0 for _, one in every):
            raise ValueError("a scale is above 0")

    def draws(self) -> bool:
        """Tell whether candidates can be drawn by these: a profile signal has one term at most."""
        return all(len(self.by_signal.get(name, ())) <= 1 for name in self.family.single)

    def as_data(self) -> dict[str, Any]:
        """Return all but the version and the family as plain numbers, to be kept."""
        terms = {
            name: [[one.weight, one.shape, one.scale, one.many, one.typical] for one in terms]
            for name, terms in self.by_signal.items()
        }
        return {"strong": self.strong, "good": self.good, "terms": terms}

    @classmethod
    def of_data(cls, version: str, data: Mapping[str, Any], family: Family = PEOPLE) -> "Weights":
        """Return weights that were kept. Raises ValueError where they are of signals that there are not."""
        terms = {name: tuple(Weight(*one) for one in terms) for name, terms in data["terms"].items()}
        return cls(version, terms, family, data["strong"], data["good"])

    def terms(self, *names: str) -> list[tuple[str, Weight]]:
        """Return the terms of some signals."""
        return [(name, one) for name in names for one in self.by_signal.get(name, ())]

    def at(self, ties: int, texts: bool = True) -> Blend:
        """Return the weights for an asker with so many ties; without texts of theirs or their ties, none is typical."""
        asker = min(ties, MANY_TIES), texts
        if asker not in self._known:
            self._known[asker] = self._made(*asker)
        return self._known[asker]

    def _made(self, ties: int, texts: bool) -> Blend:
        columns, ends, shapes, scales, typical = self._arrays
        share = share_of_many(ties)
        values = (1.0 - share) * ends[:, 0] + share * ends[:, 1]
        single = len(self.family.single)
        own = columns < single
        weight, shape, scale = np.zeros(single), np.zeros(single, np.uint8), np.ones(single)
        weight[columns[own]], shape[columns[own]], scale[columns[own]] = values[own], shapes[own], scales[own]
        of_texts = np.isin(columns, [self.family.column[name] for name in sorted(self.family.texts)])
        offsets = typical if texts else np.where(of_texts, 0.0, typical)
        for array in (values, offsets, weight, shape, scale):
            array.setflags(write=False)
        return Blend(columns, values, shapes, scales, offsets, (weight, shape, scale))


def _shaped(one: Weight) -> float:
    x = one.typical / one.scale
    return math.log1p(x) if one.shape == LOG else x / (1.0 + x) if one.shape == SATURATING else x


def share_of_many(ties: int) -> float:
    """Return how far a member with so many ties is on the way to one with many: 0 to 1."""
    return min(1.0, math.log1p(ties) / math.log1p(MANY_TIES))


@compiled(TABLE, LONGS, DOUBLES, BYTES, DOUBLES, DOUBLES, OUT_TABLE, OUT_DOUBLES)
def blend(
    signals: Doubles,
    columns: Longs,
    weights: Doubles,
    shapes: Bytes,
    scales: Doubles,
    offsets: Doubles,
    parts: Doubles,
    scores: Doubles,
) -> None:
    """Write each signal's part of each row's score, and their sum in the order of the columns."""
    for row in range(signals.shape[0]):
        for column in range(signals.shape[1]):
            parts[row, column] = 0.0
        for term in range(columns.size):
            if weights[term] == 0.0:
                continue  # many are, for one number of ties or the other, and a logarithm takes long
            x = signals[row, columns[term]] / scales[term]
            if shapes[term] == 1:
                x = x / (x + 1.0)
            elif shapes[term] == 2:
                x = np.log(1.0 + x)
            parts[row, columns[term]] += weights[term] * (x - offsets[term])
        total = 0.0
        for column in range(signals.shape[1]):
            total += parts[row, column]
        scores[row] = total


@compiled(LONGS, FLOATS, DOUBLE, DOUBLE, DOUBLE, OUT_DOUBLES)
def add_part(rows: Longs, values: Floats, weight: float, shape: float, scale: float, scores: Doubles) -> None:
    """Add one signal's part to the scores of some rows."""
    for row in rows:
        x = values[row] / scale
        if shape == 1.0:
            x = x / (x + 1.0)
        elif shape == 2.0:
            x = np.log(1.0 + x)
        scores[row] += weight * x


# Learned where ties have dates: somebody silent for years hardly makes a tie, a month or two say little.
_SILENT = Weight(1.5, SATURATING, 0.02, 1.2, 0.1)
# Themes, places and roles, which public networks lack, are set by hand in log odds, so that an offer that meets a seek
# counts about as much as three common ties.
_BY_HAND = {
    "they_offer": (Weight(2.0, SATURATING, 1.5),),
    "you_offer": (Weight(1.5, SATURATING, 1.5),),
    "shared_theme": (Weight(1.2, SATURATING, 2.0),),
    "step_ahead": (Weight(0.7, SATURATING, 1.5),),
    "same_place": (Weight(0.3),),
    "same_region": (Weight(0.2),),
    "place_other_sector": (Weight(0.3),),
    "same_sector": (Weight(0.15),),
    "same_role": (Weight(0.1),),
    "same_role_elsewhere": (Weight(0.3),),
    "same_level": (Weight(0.1),),
    "same_organisation": (Weight(-0.6),),
    "first_link": (Weight(0.25),),
    "lively": (_SILENT,),
    "newcomer": (Weight(0.25),),
    "turn": (Weight(0.1),),
}

# What the candidates that are looked at closely are drawn by: few signals, cheap for everyone at once. One conditional
# logit over 390 members each of the validation splits of five public networks, as below, beside everybody they have no
# tie with. How many ties somebody has counts for those who have few themselves: they have little else to go by.
POOL_WEIGHTS = Weights(
    "pool-2",
    {
        **_BY_HAND,
        "shared_group": (Weight(1.34, LOG, 0.2, 0.63),),
        "adamic_adar": (Weight(0.46, LOG, 0.26, 0.74),),
        "far_walk": (Weight(0.86, LOG, 0.00027, 0.21),),
        "three_steps": (Weight(0.0, LOG, 0.00072, 1.03),),
        "degree_elsewhere": (Weight(0.7, LINEAR, 1.0, -0.06),),  # of `index.well_tied`
        "text": (Weight(4.61, SATURATING, 0.3, 0.16),),
        "circle_text": (Weight(2.01, SATURATING, 0.3, 0.8),),
    },
)

# Where a network has too little to learn from. One conditional logit over 390 members each of the validation splits of
# five public networks (cora, the cora of CANE, hetrec2011-lastfm, Twitch in English, NBER working papers), signals of
# MONOTONE at least 0, drawn to 0 as by four members; each signal in three shapes, for members without ties and for
# those with many. `haln evaluate` says what they are worth, and what is added by learning.
DEFAULT_WEIGHTS = Weights(
    "fixed-3",
    {
        **_BY_HAND,
        "lively": (Weight(0.3), _SILENT),
        "shared_group": (Weight(0.55, LOG, 0.4, 0.075), Weight(0.38, LOG, 0.02, 0.23), Weight(0.35, LINEAR, 1.6, 0.15)),
        "common_ties": (Weight(0.0, LOG, 1.0, 0.0), Weight(0.0, LOG, 0.05, 0.0), Weight(0.0, LINEAR, 4.0, 0.057)),
        "adamic_adar": (Weight(0.0, LOG, 0.3, 0.8), Weight(0.0, LOG, 0.015, 0.0), Weight(0.028, LINEAR, 1.2, 0.0)),
        "resource_allocation": (
            Weight(0.52, LOG, 0.03, 0.0),
            Weight(0.0, LOG, 0.0015, 0.0),
            Weight(0.0, LINEAR, 0.12, 0.0),
        ),
        "near_walk": (
            Weight(0.0, LOG, 0.0006, 0.0),
            Weight(0.0, LOG, 0.00003, 0.011),
            Weight(0.0, LINEAR, 0.0024, 0.0),
        ),
        "far_walk": (
            Weight(0.14, LOG, 0.0006, 0.0),
            Weight(0.27, LOG, 0.00003, 0.032),
            Weight(0.0, LINEAR, 0.0024, 0.0),
        ),
        "three_steps": (
            Weight(0.0, LOG, 0.001, 0.39),
            Weight(0.0, LOG, 0.00005, 0.088),
            Weight(0.0, LINEAR, 0.004, 0.0),
        ),
        "tie_overlap": (Weight(0.0, LOG, 0.07, 0.0), Weight(0.0, LOG, 0.0035, 0.0), Weight(0.0, LINEAR, 0.28, 0.2)),
        "factors": (Weight(0.6, LOG, 0.08, 0.35), Weight(0.0, LOG, 0.004, 0.0), Weight(0.37, LINEAR, 0.32, 0.13)),
        "degree_elsewhere": (
            Weight(1.3, LOG, 6.0, 0.012),
            Weight(-0.46, LOG, 0.3, -0.2),
            Weight(0.076, LINEAR, 24.0, 0.013),
        ),
        "text": (
            Weight(0.012, LOG, 0.08, 0.0, 0.08),
            Weight(0.0, LOG, 0.004, 0.0, 0.08),
            Weight(0.26, LINEAR, 0.32, 0.0, 0.08),
        ),
        "circle_text": (
            Weight(0.16, LOG, 0.1, 0.23),
            Weight(-0.22, LOG, 0.005, -0.13),
            Weight(0.22, LINEAR, 0.4, -0.071),
        ),
        "text_circle": (
            Weight(0.81, LOG, 0.03, 0.18),
            Weight(-0.32, LOG, 0.0015, -0.087),
            Weight(0.41, LINEAR, 0.12, -0.23),
        ),
        "circle_circle": (
            Weight(-0.84, LOG, 0.07, -0.3),
            Weight(-0.45, LOG, 0.0035, -0.25),
            Weight(-1.2, LINEAR, 0.28, -0.62),
        ),
        "mixed_text": (
            Weight(1.7, LOG, 0.2, 0.75, 0.2),
            Weight(1.7, LOG, 0.01, 0.97, 0.2),
            Weight(1.0, LINEAR, 0.8, 0.36, 0.2),
        ),
    },
)
