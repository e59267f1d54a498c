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
# How much the asker has to do with the groups of the other, and of those they are tied to.
GROUPS = ("shared_group", "group_circle")
SIGNALS = (*PROFILE, *GROUPS, *GRAPH, *TEXT)
COLUMN = {name: column for column, name in enumerate(SIGNALS)}

Terms = tuple[Longs, Doubles, Bytes, Doubles]
LINEAR, SATURATING, LOG = 0, 1, 2
MANY_TIES = 40
"""From so many ties on, a member's weights are those of somebody with many."""

# What members say in so many words that they look for, and what they give; and the parts of the network that nobody
# links, which history tells against, for it has no such link: see `learning`.
STATED = frozenset({"they_offer", "you_offer", "step_ahead", "first_link"})
# More of these never lowers a score.
MONOTONE = frozenset(
    {
        *("they_offer", "you_offer", "shared_theme", "step_ahead", "lively", "text", "mixed_text"),
        *GROUPS,
        *REACHED,
        *("tie_overlap", "factors"),
    }
)


@dataclass(frozen=True, slots=True)
class Family:
    """The signals that one kind of blend is made of, in the order of their columns; more of `monotone` never lowers.

    `single`: signals with one term at most, which come first. `texts`: those that need texts of the asker's. `stated`:
    those of what people say they look for.
    """

    names: tuple[str, ...]
    monotone: frozenset[str]
    single: tuple[str, ...] = ()
    texts: frozenset[str] = frozenset()
    stated: frozenset[str] = frozenset()
    column: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column", {name: column for column, name in enumerate(self.names)})


PEOPLE = Family(SIGNALS, MONOTONE, PROFILE, frozenset(TEXT), frozenset(STATED))
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
        if any(one.shape not in (LINEAR, SATURATING, LOG) for _, one in every):
            raise ValueError("weights of an unknown shape")
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
        """Return weights that were kept.

        Raises ValueError where they are of signals or shapes that there are not, or not as `as_data` has them.
        """
        try:
            terms = {name: tuple(Weight(*one) for one in terms) for name, terms in data["terms"].items()}
            return cls(version, terms, family, data["strong"], data["good"])
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"weights of another form: {error}") from error

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
