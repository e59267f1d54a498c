"""How long members stay, how soon they have a tie, and who comes back.

A stay is an unbroken time in which a member is there and counts; changes of group meanwhile do not break it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from haln.compiled import Ints, Longs
from haln.network import growth
from haln.network.history import NEVER, UNDEFINED, Flags, History, Only


@dataclass(frozen=True, slots=True)
class Stays:
    """Rows of the history's members, in their order, there from the day `since` until before the day `until`."""

    who: Ints
    since: Ints
    until: Ints


@dataclass(frozen=True, slots=True)
class Waits:
    """For each member who came: on which day, for how many days they were followed, and whether it happened then."""

    came_on: Ints
    waited: Ints
    happened: Flags

    def __len__(self) -> int:
        return len(self.came_on)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share; UNDEFINED of none."""
        return self.count / self.of if self.of else UNDEFINED


def stays(found: History, day: int, only: Only | None = None) -> Stays:
    """All stays that had begun by a day."""
    told = growth.comings(found, only)
    some = np.flatnonzero((told.came_on <= day) & (told.came_on < told.went_on))
    return Stays(told.came[some], told.came_on[some], told.went_on[some])


def staying(found: History, day: int, only: Only | None = None) -> Waits:
    """How long each member's first stay was: it ends with their leaving, or they are still there on the day."""
    told = stays(found, day, only)
    first = _first(told)
    since, until = told.since[first], told.until[first]
    return Waits(since, np.minimum(until, day) - since, until <= day)


def first_ties(found: History, day: int, only: Only | None = None, evidences: Collection[str] | None = None) -> Waits:
    """How long each member waited for a tie in their first stay: until they had one, or left, or until the day.

    A tie begins for them when both are there and count. Who has one on the day on which they come waited 0 days.
    """
    told = stays(found, day, only)
    first = _first(told)
    since, tied = told.since[first], _tied_on(found, told, day, evidences)[first]
    happened = tied <= day
    end = np.where(happened, tied, np.minimum(told.until[first], day))
    return Waits(since, (end - since).astype(np.int32), happened)


def within(waits: Waits, day: int, days: int) -> Share:
    """To how many it happened within so many days, of those who came at least so many days before the day."""
    old = waits.came_on <= day - days
    return Share(int((old & waits.happened & (waits.waited <= days)).sum()), int(old.sum()))


def returning(found: History, day: int, only: Only | None = None) -> Share:
    """How many were there again by the day, of the members who had left by then."""
    told = stays(found, day, only)
    count = np.bincount(told.who, minlength=len(found))
    left = np.bincount(told.who[told.until <= day], minlength=len(found))
    return Share(int((count > 1).sum()), int((left > 0).sum()))


def by_coming(waits: Waits, starts: Sequence[int]) -> list[Waits]:
    """Split by the day of coming: from each start until before the next; who came before all or later is in none."""
    parts = [(waits.came_on >= start) & (waits.came_on < end) for start, end in pairwise(starts)]
    return [Waits(waits.came_on[part], waits.waited[part], waits.happened[part]) for part in parts]


def _first(told: Stays) -> Longs:
    """The first stay of each member who has one."""
    return np.unique(told.who, return_index=True)[1]


def _tied_on(found: History, told: Stays, day: int, evidences: Collection[str] | None) -> Ints:
    """The first day of each stay on which the member was tied to somebody who was there, too; NEVER for none."""
    begun = found.tied_since <= day
    if evidences is not None:
        begun &= np.isin(found.evidence, [n for n, name in enumerate(found.evidences) if name in evidences])
    tie = np.flatnonzero(begun)
    each, one = _with_stays(found.low[tie], told, len(found))
    tie = tie[each]
    each, other = _with_stays(found.high[tie], told, len(found))
    tie, one = tie[each], one[each]
    since = np.maximum(found.tied_since[tie], np.maximum(told.since[one], told.since[other]))
    until = np.minimum(found.tied_until[tie], np.minimum(told.until[one], told.until[other]))
    met = since < until
    earliest = np.full(len(told.who), NEVER, np.int32)
    for ends in (one, other):
        np.minimum.at(earliest, ends[met], since[met])
    return earliest


def _with_stays(members: Ints, told: Stays, many: int) -> tuple[Longs, Longs]:
    """Pair each of some members with each of their stays: places among the members, and numbers of stays."""
    count = np.bincount(told.who, minlength=many)
    start = np.cumsum(count) - count
    own = count[members]
    place = np.repeat(np.arange(len(members)), own)
    within_own = np.arange(len(place)) - np.repeat(np.cumsum(own) - own, own)
    return place, (start[members[place]] + within_own).astype(np.int64)
