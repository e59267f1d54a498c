"""Signals → a score whose parts add up to it, with weights that are data and have a version."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
GRAPH = ("common_ties", "adamic_adar", "resource_allocation", "near_walk", "far_walk", "degree_elsewhere")
TEXT = ("text", "circle_text", "text_circle", "circle_circle")
SIGNALS = (*PROFILE, "shared_group", *GRAPH, *TEXT)
COLUMN = {name: column for column, name in enumerate(SIGNALS)}

LINEAR, SATURATING, LOG = 0, 1, 2

# More of these never lowers a score.
MONOTONE = frozenset(
    {"they_offer", "you_offer", "shared_theme", "step_ahead", "shared_group", "lively", "text", *GRAPH[:5]}
)


@dataclass(frozen=True, slots=True)
class Weight:
    """What one signal x adds: weight × x/scale (linear), x/(x + scale) (saturating) or log(1 + x/scale)."""

    weight: float
    shape: int = LINEAR
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Weights:
    """A blend: a weight per signal (none: 0) under a version to store with what it made."""

    version: str
    by_signal: Mapping[str, Weight]
    _arrays: tuple[Doubles, Bytes, Doubles] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        unknown = self.by_signal.keys() - COLUMN.keys()
        if unknown:
            raise ValueError(f"weights for unknown signals: {', '.join(sorted(unknown))}")
        wrong = [name for name in sorted(MONOTONE) if name in self.by_signal and self.by_signal[name].weight < 0]
        if wrong:
            raise ValueError(f"more of these must not lower a score: {', '.join(wrong)}")
        if any(weight.scale <= 0 for weight in self.by_signal.values()):
            raise ValueError("a scale is above 0")
        rows = [self.by_signal.get(name, Weight(0.0)) for name in SIGNALS]
        arrays = (
            np.array([row.weight for row in rows], np.float64),
            np.array([row.shape for row in rows], np.uint8),
            np.array([row.scale for row in rows], np.float64),
        )
        for array in arrays:
            array.setflags(write=False)
        object.__setattr__(self, "_arrays", arrays)

    def arrays(self) -> tuple[Doubles, Bytes, Doubles]:
        """Return weight, shape and scale per signal, in the order of `SIGNALS`; not to be written to."""
        return self._arrays


@compiled(TABLE, DOUBLES, BYTES, DOUBLES, OUT_TABLE, OUT_DOUBLES)
def blend(signals: Doubles, weights: Doubles, shapes: Bytes, scales: Doubles, parts: Doubles, scores: Doubles) -> None:
    """Write each signal's part of each row's score, and their sum in the order of the columns."""
    for row in range(signals.shape[0]):
        total = 0.0
        for column in range(signals.shape[1]):
            x = signals[row, column] / scales[column]
            if shapes[column] == 1:
                x = x / (x + 1.0)
            elif shapes[column] == 2:
                x = np.log(1.0 + x)
            parts[row, column] = weights[column] * x
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


# Where the numbers come from. Texts, ties, groups: one logistic regression over the candidate pools of the validation
# splits of three public networks, weighing them alike (NBER working papers and who writes with whom; citations of cora;
# friends, tags and artists of hetrec2011-lastfm), signals of MONOTONE at least 0, rounded. It gave resource allocation,
# the near walk and degree nothing beside the others. Themes, places and roles, which those networks lack, are set by
# hand in the same unit (log odds), so that an offer that meets a seek counts about as much as three common ties.
DEFAULT_WEIGHTS = Weights(
    "fixed-1",
    {
        "they_offer": Weight(2.0, SATURATING, 1.5),
        "you_offer": Weight(1.5, SATURATING, 1.5),
        "shared_theme": Weight(1.2, SATURATING, 2.0),
        "step_ahead": Weight(0.7, SATURATING, 1.5),
        "same_place": Weight(0.3),
        "same_region": Weight(0.2),
        "place_other_sector": Weight(0.3),
        "same_sector": Weight(0.15),
        "same_role": Weight(0.1),
        "same_role_elsewhere": Weight(0.3),
        "same_level": Weight(0.1),
        "same_organisation": Weight(-0.6),
        "first_link": Weight(0.25),
        "lively": Weight(0.3),
        "newcomer": Weight(0.25),
        "turn": Weight(0.1),
        "shared_group": Weight(0.76, LOG, 0.3),
        "common_ties": Weight(0.12, LOG, 1.0),
        "adamic_adar": Weight(1.2, LOG, 0.5),
        "far_walk": Weight(0.92, LOG, 0.001),
        "text": Weight(2.3),
        "circle_text": Weight(1.45),
        "text_circle": Weight(2.35),
    },
)
