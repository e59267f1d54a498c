"""How many still wait after so many days, where some had not waited that long yet: the Kaplan-Meier estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from haln.compiled import Doubles, Ints, Longs
from haln.network.history import Flags
from haln.network.structure import Z

_ROUNDING = 1e-12
"""A product of fractions that is a half may come out as a little more."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share from 0 to 1, with the ends of its interval of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Median:
    """The first day by whose end it has happened to half or more, and the ends of its interval of 95 %.

    None: it has not come so far yet, or cannot be said.
    """

    day: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Curve:
    """The share to whom it has not happened by the end of a day, for each day on which it happened to somebody.

    `at_risk` are those who waited until that day, `events` those of them to whom it happened then. `low` and `high` are
    the ends of pointwise intervals of 95 %. `people` were followed, the longest for `longest` days.
    """

    people: int
    longest: int
    days: Longs
    at_risk: Longs
    events: Longs
    waiting: Doubles
    low: Doubles
    high: Doubles

    def at(self, day: int) -> Estimate | None:
        """The share who still wait at the end of a day; none where nobody was followed that long."""
        place = int(np.searchsorted(self.days, day, "right")) - 1
        over = bool(len(self.days)) and not self.waiting[-1]
        if not self.people or (day > self.longest and not over):
            return None
        if place < 0:
            return Estimate(1.0, 1.0, 1.0)
        return Estimate(float(self.waiting[place]), float(self.low[place]), float(self.high[place]))

    @property
    def median(self) -> Median:
        """The median, with the days between whose intervals a half lies (Brookmeyer and Crowley 1982)."""
        return Median(*(self._first(share) for share in (self.waiting, self.low, self.high)))

    def _first(self, share: Doubles) -> int | None:
        reached = np.flatnonzero(share <= 0.5 + _ROUNDING)
        return int(self.days[reached[0]]) if len(reached) else None


def estimate(waited: Ints, happened: Flags) -> Curve:
    """Estimate the curve from how many days each was followed, and whether it happened at the end of them.

    Days are whole and at least 0; who is not followed any longer on a day counts as at risk on it. Product limit of
    Kaplan and Meier (1958); intervals by the variance of Greenwood (1926) on the scale of log(-log), which keeps them
    within 0 and 1 (Kalbfleisch and Prentice 1980). Raises ValueError for days below 0.
    """
    if len(waited) and int(waited.min()) < 0:
        raise ValueError("nobody waits for less than no days")
    every, where = np.unique(waited.astype(np.int64), return_inverse=True)
    gone = np.bincount(where, minlength=len(every))
    count = np.bincount(where[happened], minlength=len(every)).astype(np.int64)
    there = len(waited) - np.cumsum(gone) + gone
    some = np.flatnonzero(count)
    days, at_risk, events = every[some], there[some].astype(np.int64), count[some]
    waiting = np.cumprod(1 - events / at_risk).astype(np.float64)
    low, high = _band(waiting, at_risk, events)
    return Curve(len(waited), int(every[-1]) if len(every) else 0, days, at_risk, events, waiting, low, high)


def _band(waiting: Doubles, at_risk: Longs, events: Longs) -> tuple[Doubles, Doubles]:
    low, high = np.zeros(len(waiting)), np.ones(len(waiting))
    some = waiting > 0
    log = np.log(waiting[some])
    variance = np.cumsum(events[some] / (at_risk[some] * (at_risk[some] - events[some])))
    factor = np.exp(Z * np.sqrt(variance) / -log)
    low[some], high[some] = np.exp(log * factor), np.exp(log / factor)
    if len(some) > 1 and not some[-1]:
        high[-1] = high[-2]  # Once nobody waits the variance says nothing: the end of the day before stays.
    return low, high


def days_to(days: Sequence[int]) -> Median:
    """The median of how many days something took, each time of which it happened, with its interval."""
    return estimate(np.array(days, np.int32), np.ones(len(days), np.bool_)).median
