"""Figures of the network as of a day."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol, TypeVar

from haln.measure.definitions import BY_KEY
from haln.measure.questions import YEAR, Question
from haln.network import chance, communities, structure, world
from haln.network import days as network_days
from haln.network.days import Day
from haln.network.history import History, Snapshot
from haln.network.versions import Versions
from haln.network.walk import Course

SLACK = 15
"""Days by which a year before may be less than a year: figures are as of the ends of months."""

SEED = 1
"""Everything that is drawn by chance starts from it, so that a report that is made again has the same digits."""

MEASURED_WHOLE, SOURCES = 5_000, 1_024
"""Up to so many members all distances are counted; of more, those from so many members drawn by the seed."""


BETWEEN_WHOLE, BETWEEN_SOURCES, BETWEEN_MOST = 2_000, 256, 6_400_000
"""Of so many members betweenness is exact; of more it is from so many drawn by the seed, and from fewer where so many
times all members would be more than the last number."""

WORKED_OUT_AT_ONCE = 5_000
"""Of a network of more members, costly figures are worked out ahead: nobody waits for them in front of a page."""

_KINDS = ("sector", "region")


class _AsOf(Protocol):
    @property
    def as_of(self) -> date: ...


Dated = TypeVar("Dated", bound=_AsOf)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as of a day; without a value where it is not defined, as a mean of nobody is.

    `low` and `high` are the ends of its interval of 95 %, where it has one.

    That is of what chance makes of it where the figure is chance's, and of what it may be where it is from a sample.
    """

    measure: str
    as_of: date
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval of 95 %."""

    value: float
    low: float
    high: float


Values = dict[str, float | Estimate | None]
"""Figures by their keys; what is not a number is not defined, and neither is none."""

_NOTHING: Mapping[date, Mapping[str, Figure]] = {}
_NO_FIGURES: Mapping[str, Figure] = {}


def series(
    versions: Versions,
    question: Question,
    keys: Sequence[str] = (),
    *,
    kept: Mapping[date, Mapping[str, Figure]] = _NOTHING,
    every_day: bool = False,
    patient: bool = True,
    spared: Container[date] = (),
) -> list[Figure]:
    """All figures that are asked for (none named: all) at the question's days, the earliest first.

    `kept`: figures that were worked out before, which are taken as they are; `spared`: days that nobody needs.
    Where none is named, costly figures are worked out as of the question's own day alone, unless for `every_day`: a
    page of everything comes in a moment, and who asks for one of them by name waits for its months. Who is not
    `patient` does not get those of a network that is too large for it, unless they are kept.
    """
    days = Days(versions, question, keys, patient=patient)
    found: list[Figure] = []
    for day in question.days():
        if day not in spared:
            costly = every_day or bool(keys) or day == question.as_of
            found += days.on(day, kept=kept.get(day, {}), costly=costly)
    return found


class Days:
    """Works out figures of one day after the other, and takes from the day before what has not changed.

    The figures of a day are those that it has by itself, to the last digit, whatever day was asked for before.
    """

    def __init__(
        self, versions: Versions, question: Question, keys: Sequence[str] = (), *, patient: bool = True
    ) -> None:
        self._versions = versions
        self._question = question
        self._keys = keys
        self._patient = patient
        self._days: network_days.Days | None = None
        self._there: Day | None = None
        self._values: dict[tuple[str, ...], Values] = {}

    def on(self, day: date, *, kept: Mapping[str, Figure] = _NO_FIGURES, costly: bool = True) -> Iterator[Figure]:
        """The figures as of a day: of each family those that are kept, or those that are worked out."""
        for family in FAMILIES:
            wanted = [key for key in family.keys if not self._keys or key in self._keys]
            if all(key in kept for key in wanted):
                yield from (kept[key] for key in wanted)
            elif not family.costly or (costly and (self._patient or len(self._at(day)) <= WORKED_OUT_AT_ONCE)):
                values = self._worked_out(family, self._at(day))
                yield from (_figure(key, day, values[key]) for key in wanted)

    def _worked_out(self, family: Family, there: Day) -> Values:
        if family.of_day or family.keys not in self._values:
            self._values[family.keys] = family.work_out(there, self._question)
        return self._values[family.keys]

    def _at(self, day: date) -> Day:
        """Who is there on a day, worked out when it is first asked for; what is said of another day is forgotten."""
        if self._there is not None and self._there.day == day.toordinal():
            return self._there
        known, asked = self._known(day), self._question
        if self._days is None or self._days.course.history is not known:
            evidences = None if asked.evidences is None else frozenset(asked.evidences)
            self._days = network_days.Days(Course(known, asked.only, evidences))
        self._there, same = self._days.on(day.toordinal())
        if not same:
            self._values = {}
        return self._there

    def _known(self, day: date) -> History:
        """The history as it was known for a day: the same for all days, unless each is told as known then."""
        return self._question.known(self._versions, day) if self._question.then else self._known_once

    @cached_property
    def _known_once(self) -> History:
        return self._question.known(self._versions, self._question.as_of)


def _figure(key: str, day: date, value: float | Estimate | None) -> Figure:
    found = value.value if isinstance(value, Estimate) else value
    if found is None or math.isnan(found):
        return Figure(key, day, None)
    return Figure(key, day, found, value.low, value.high) if isinstance(value, Estimate) else Figure(key, day, found)


def _size(found: Day, question: Question) -> Values:
    return {"members": len(found), "organisations": found.different("organisation")}


def _flows(found: Day, question: Question) -> Values:
    year = found.day - YEAR, found.day
    return {"joins": found.course.came(*year), "leavers": found.course.went(*year)}


def _ties(found: Day, question: Question) -> Values:
    told = found.degrees
    return {
        "ties": found.ties,
        "degree_mean": told.mean,
        "connected_share": 1 - told.isolates / len(found) if len(found) else None,
        "degree_gini": told.gini,
        "density": structure.density_of(len(found), found.ties),
    }


def _parts(found: Day, question: Question) -> Values:
    return {"giant_share": found.giant_share}


def _distances(found: Day, question: Question) -> Values:
    told = found.distances(MEASURED_WHOLE, SOURCES, SEED)
    mean = told.mean if told.exact else Estimate(told.mean, told.low, told.high)
    return {"distance_mean": mean, "diameter": told.diameter}


def _triangles(found: Day, question: Question) -> Values:
    told = found.clustering
    return {"clustering": told.mean, "transitivity": told.transitivity}


def _groups(found: Day, question: Question) -> Values:
    values: Values = {}
    for kind in _KINDS:
        told = found.mixing(kind)
        values |= {
            f"cross_{kind}_share": told.across_share,
            f"{kind}_ei": told.ei_index,
            f"{kind}_assortativity": told.assortativity,
        }
    return _across(values, question)


def _across(values: Values, question: Question) -> Values:
    """Figures of groups: of one sector alone there is nothing to say across sectors, nor of one region."""
    return {key: None if any(kind in key for kind in question.only) else value for key, value in values.items()}


def _cores(found: Day, question: Question) -> Values:
    return {
        "core_largest": found.core_largest or None,
        "core_fit": found.core_fit,
        "cut_members": found.cut_members,
    }


def _between(found: Day, question: Question) -> Values:
    told = structure.centralisation(found.snapshot, between_sources(found.snapshot), SEED)
    value = told.value if told.exact else Estimate(told.value, told.low, told.high)
    return {"betweenness_centralisation": value}


def between_sources(found: Snapshot) -> int | None:
    """From how many members betweenness is estimated; none: from all of them."""
    return (
        None
        if len(found) <= BETWEEN_WHOLE
        else min(BETWEEN_SOURCES, max(structure.BATCHES, BETWEEN_MOST // max(1, len(found))))
    )


def _chance(found: Day, question: Question) -> Values:
    told = chance.mixings(found.snapshot, _KINDS, seed=SEED)
    ranges = {f"{kind}_ei_chance": one.ei_index for kind, one in told.items()}
    return _across({key: Estimate(one.expected, one.low, one.high) for key, one in ranges.items()}, question)


def _communities(found: Day, question: Question) -> Values:
    told = communities.communities(found.snapshot, SEED)
    return {"communities": told.number, "modularity": told.modularity, "community_stability": told.stability}


def _small_world(found: Day, question: Question) -> Values:
    told = world.small_world(found.snapshot, seed=SEED)
    return {"small_world": Estimate(told.ratio, told.low, told.high)}


@dataclass(frozen=True, slots=True)
class Family:
    """Figures that are worked out together. `costly`: it takes as long as all months of all others.

    `of_day`: they rest on the day itself; all others on who is there and who is tied, whichever day it is.
    """

    keys: tuple[str, ...]
    work_out: Callable[[Day, Question], Values]
    costly: bool = False
    of_day: bool = False


_GROUPED = tuple(name.format(kind) for kind in _KINDS for name in ("cross_{}_share", "{}_ei", "{}_assortativity"))

FAMILIES = (
    Family(("members", "organisations"), _size),
    Family(("joins", "leavers"), _flows, of_day=True),
    Family(("ties", "degree_mean", "connected_share", "degree_gini", "density"), _ties),
    Family(("giant_share",), _parts),
    Family(("distance_mean", "diameter"), _distances),
    Family(("clustering", "transitivity"), _triangles),
    Family(_GROUPED, _groups),
    Family(("core_largest", "core_fit", "cut_members"), _cores),
    Family(("betweenness_centralisation",), _between, costly=True),
    Family(("sector_ei_chance", "region_ei_chance"), _chance, costly=True),
    Family(("communities", "modularity", "community_stability"), _communities, costly=True),
    Family(("small_world",), _small_world, costly=True),
)


def by_measure(figures: Sequence[Figure]) -> Iterator[tuple[str, list[Figure]]]:
    """The figures of each measure in the order of their days, measures in that of their definitions."""
    found: dict[str, list[Figure]] = {}
    for one in figures:
        found.setdefault(one.measure, []).append(one)
    yield from ((key, found[key]) for key in BY_KEY if key in found)


def year_before(series: Sequence[Dated]) -> Dated | None:
    """Of what is told of one measure, the earliest first, that of about a year before the last."""
    last = series[-1].as_of.toordinal()
    return next((one for one in reversed(series) if one.as_of.toordinal() <= last - YEAR + SLACK), None)
