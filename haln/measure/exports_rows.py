"""Figures as tidy rows, one for each figure, group and day: exact, or fit to be published.

What is published follows `haln.network.suppress`: of members, joins and leavers and of how many members are in each
group, nothing is told that could be subtracted to a small number. What rests on ties is told as
`haln.measure.exports_ties` has it, and organisations are rounded by themselves.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from haln.errors import Invalid
from haln.measure import exports_ties, figures
from haln.measure.definition import said
from haln.measure.definitions import BY_KEY, Measure
from haln.measure.exports_ties import Behind
from haln.measure.figures import YEAR, Figure
from haln.measure.questions import Question
from haln.network import growth, suppress
from haln.network.history import UNKNOWN, History, Snapshot, snapshot
from haln.network.suppress import Bounds
from haln.network.versions import Versions

KINDS = ("audience", "sector", "region")
"""The kinds of group of which each file counts the members."""

CROSSED = ("sector", "region")
"""The two kinds of which members are counted by both, as of the day alone."""

BETWEEN = " and "
PAIRS = BETWEEN.join(CROSSED)
NOT_KNOWN = "unknown"
EVERYBODY = "all"
UNFIT = said("To be published, figures leave out hosts, or show one sector, or one region: not two of these at once.")
"""Why figures of a question that is not publishable may not be published."""

_COUNTED = frozenset({"members", "organisations", "ties"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a file is to hold: the answer to a question, of all figures or those named, known on the day `today`.

    `exact`: for staff alone; else fit to be published, with no number of people from 1 to `threshold` in it. `by`: the
    kinds of group of which every figure is told (`haln.measure.exports_broken_down`).
    """

    question: Question
    today: date
    threshold: int
    keys: tuple[str, ...] = ()
    exact: bool = False
    by: tuple[str, ...] = ()

    @property
    def hidden_to(self) -> int:
        """Numbers of people from 1 to this one are hidden where the file is to be published."""
        return suppress.raised(self.threshold)

    @property
    def filter(self) -> str:
        """What was asked for beside the day, as words of an address; `all` for everybody and everything."""
        return self.question.filter or EVERYBODY

    def known_on(self, day: date) -> date:
        """The day up to which is told what was known, for a figure as of a day."""
        return self.question.known_by(day) or self.today


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of everybody who was asked for, or of one group of them, as of a day.

    `n` is the number of members behind it. What is `suppressed` has no value, nor has what is not `defined`, as the
    mean of nobody; of what is suppressed, it is not told whether it is. `low` and `high` hold the true number of people
    that is rounded, or are the ends of the figure's interval of 95 %.
    """

    as_of: date
    known_as_of: date
    measure: str
    version: int
    unit: str
    group_kind: str
    group: str
    filter: str
    value: float | int | None
    low: float | int | None
    high: float | int | None
    n: int | None
    suppressed: bool
    defined: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """What was worked out before, by the day it is as of: figures by their keys, and whole days as published."""

    figures: Mapping[date, Mapping[str, Figure]] = field(default_factory=dict)
    published: Mapping[date, Sequence[Row]] = field(default_factory=dict)


def rows(
    versions: Versions, asked: Asked, *, kept: Kept | None = None, every_day: bool = False, patient: bool = True
) -> list[Row]:
    """The rows of a file: by day, then figures in their order, then groups in theirs.

    `kept`: what was worked out before, which is taken as it is. `every_day`: costly figures, too, at the end of every
    month; `patient`: even those of a large network that are not kept.
    Raises Invalid where a file to be published narrows down who counts in more than one way.
    """
    question = asked.question
    if not asked.exact and not question.publishable:
        raise Invalid(UNFIT)
    by_day: dict[date, list[Figure]] = {}
    kept = kept or Kept()
    published = {} if asked.exact or asked.keys else kept.published
    told = figures.series(
        versions, question, asked.keys, kept=kept.figures, every_day=every_day, patient=patient, spared=published
    )
    for one in told:
        by_day.setdefault(one.as_of, []).append(one)
    now = None if question.then else question.known(versions, question.as_of)
    found: list[Row] = []
    for day in question.days():
        if day in published:
            found += _again(published[day], day, asked)
            continue
        known = question.known(versions, day) if now is None else now
        make = _exact if asked.exact else _published
        found += make(known, day, by_day.pop(day, []), asked)
    return found


def _again(published: Sequence[Row], day: date, asked: Asked) -> Iterator[Row]:
    """The rows of a day as they were worked out before. The table of two kinds is in a file for its own day alone."""
    for row in published:
        if row.group_kind != PAIRS or _has_pairs(day, asked):
            yield replace(row, known_as_of=asked.known_on(day))


def _row(asked: Asked, day: date, measure: Measure, value: float | None, n: int | None) -> Row:
    return Row(
        day,
        asked.known_on(day),
        measure.key,
        measure.version,
        measure.unit,
        EVERYBODY,
        EVERYBODY,
        asked.filter,
        value,
        None,
        None,
        n,
        value is None,
    )


def _exact(known: History, day: date, told: Sequence[Figure], asked: Asked) -> Iterator[Row]:
    there = snapshot(known, day.toordinal(), only=asked.question.only)
    for one in told:
        measure = BY_KEY[one.measure]
        value = _number(measure, one.value)
        row = replace(_row(asked, day, measure, value, len(there)), suppressed=False, defined=value is not None)
        yield replace(row, low=_finite(one.low), high=_finite(one.high))
    for kind, counts in _tables(there, asked):
        for group, count in counts.items():
            row = _row(asked, day, BY_KEY["members"], count, count)
            yield replace(row, group_kind=kind, group=group)
    if _has_pairs(day, asked):
        for group, count in _pairs(there).items():
            row = _row(asked, day, BY_KEY["members"], count, count)
            yield replace(row, group_kind=PAIRS, group=group)


def _published(known: History, day: date, told: Sequence[Figure], asked: Asked) -> Iterator[Row]:
    there = snapshot(known, day.toordinal())
    whole = _people(known, day.toordinal(), asked.threshold)
    shown = {
        kind: suppress.one_way(counts, whole["members"], asked.threshold) for kind, counts in _counts(there).items()
    }
    people = whole if not asked.question.only else {"members": _in_group(asked.question, shown)}
    members = people["members"]
    of_ties = any(BY_KEY[one.measure].of_ties for one in told) and not members.hidden
    ties = exports_ties.behind(known, day.toordinal(), asked.question, asked.threshold) if of_ties else None
    for one in told:
        measure = BY_KEY[one.measure]
        if not measure.published:
            continue
        row = _row(asked, day, measure, None, members.shown)
        yield _rounded(row, one, measure, people, ties, asked.threshold)
    for kind, counts in _tables(there, asked) if not asked.question.only else ():
        for group in counts:
            cell = (shown[kind] or {}).get(group, suppress.HIDDEN)
            row = replace(_row(asked, day, BY_KEY["members"], None, cell.shown), group_kind=kind, group=group)
            yield _within(row, cell)
    if _has_pairs(day, asked) and not asked.question.only:
        yield from _published_pairs(there, whole["members"], asked, day)


def _published_pairs(there: Snapshot, whole: Bounds, asked: Asked, day: date) -> Iterator[Row]:
    counts = _pairs(there)
    width = len(_of_kind(there, CROSSED[1]))
    flat = list(counts.values())
    table = [flat[start : start + width] for start in range(0, len(flat), width)]
    shown = suppress.two_way(table, whole, asked.threshold)
    cells = [suppress.HIDDEN] * len(flat) if shown is None else [cell for line in shown for cell in line]
    for group, cell in zip(counts, cells, strict=True):
        row = replace(_row(asked, day, BY_KEY["members"], None, cell.shown), group_kind=PAIRS, group=group)
        yield _within(row, cell)


def _rounded(
    row: Row, told: Figure, measure: Measure, people: dict[str, Bounds], ties: Behind | None, threshold: int
) -> Row:
    """A figure as it may be published. `ties`: those that are behind it; none where members are hidden."""
    members = people["members"]
    if measure.key in _FLOWS or measure.key == "members":
        return _within(row, people.get(measure.key, suppress.HIDDEN))
    if members.hidden:
        return row
    if not measure.of_ties and told.value is not None:
        return _within(row, suppress.bounds(round(told.value), threshold))
    ends = None if ties is None else exports_ties.published(told, measure, members, ties, threshold)
    return row if ends is None else replace(row, **ends._asdict(), suppressed=False, defined=ends.value is not None)


def _within(row: Row, cell: Bounds) -> Row:
    if cell.hidden:
        return row
    return replace(row, value=cell.shown, low=cell.low, high=cell.high, suppressed=False)


_FLOWS = ("joins", "leavers")


def _people(known: History, day: int, threshold: int) -> dict[str, Bounds]:
    """Members, and who came and went within a year, from the classes of the two counters."""
    comings = growth.comings(known)
    counters = [
        [suppress.bounds(growth.between(days, 0, until), threshold) for until in (day, day - YEAR)]
        for days in (comings.came_on, comings.went_on)
    ]
    (came, came_before), (went, went_before) = counters
    return {
        "members": suppress.minus(came, went, threshold),
        "joins": suppress.minus(came, came_before, threshold),
        "leavers": suppress.minus(went, went_before, threshold),
    }


def _in_group(question: Question, shown: dict[str, dict[str, Bounds] | None]) -> Bounds:
    """How many members are in the one group that is asked for."""
    ((kind, (group,)),) = question.only.items()
    table = shown[kind]
    return suppress.HIDDEN if table is None else table.get(group, suppress.bounds(0, 0))


def _counts(there: Snapshot) -> dict[str, dict[str, int]]:
    """How many members are in each group that anybody was in by that day, and of how many it is not known."""
    return {kind: _of_kind(there, kind) for kind in KINDS}


def group_names(known: History, day: date, kind: str) -> list[str]:
    """The groups of a kind that anybody was in by a day, and NOT_KNOWN."""
    return list(_of_kind(snapshot(known, day.toordinal()), kind))


def _of_kind(there: Snapshot, kind: str) -> dict[str, int]:
    known = there.history
    names = known.names.get(kind, ())
    if not names:
        return {NOT_KNOWN: len(there)}
    begun = set(known.groups[kind][known.since <= there.day].tolist()) - {UNKNOWN}
    counted = Counter(there.groups(kind).tolist())
    return {names[code]: counted[code] for code in sorted(begun)} | {NOT_KNOWN: counted[UNKNOWN]}


def _pairs(there: Snapshot) -> dict[str, int]:
    """How many members are in each pair of groups of the two kinds that are crossed, row by row."""
    # A group that is not known has the number -1, and so the last name.
    names = [[*there.history.names.get(kind, ()), NOT_KNOWN] for kind in CROSSED]
    codes = [there.groups(kind).tolist() if len(there) else [] for kind in CROSSED]
    counted = Counter((names[0][one], names[1][other]) for one, other in zip(*codes, strict=True))
    first, second = (_of_kind(there, kind) for kind in CROSSED)
    return {BETWEEN.join((one, other)): counted[one, other] for one in first for other in second}


def _has_pairs(day: date, asked: Asked) -> bool:
    """The table of two kinds is in a file once, as of its day, where how many members there are is asked for."""
    return day == asked.question.as_of and (not asked.keys or "members" in asked.keys)


def _tables(there: Snapshot, asked: Asked) -> list[tuple[str, dict[str, int]]]:
    """The tables of groups, where how many members there are is asked for."""
    return [] if asked.keys and "members" not in asked.keys else list(_counts(there).items())


def _number(measure: Measure, value: float | None) -> float | int | None:
    """A count as a whole number, everything else as it is; none where there is no such number."""
    value = _finite(value)
    if value is None:
        return None
    return round(value) if measure.unit in _COUNTED and value == round(value) else float(value)


def _finite(value: float | None) -> float | None:
    """A number that a file can hold: what never ends, as the time that nobody has waited out yet, is none."""
    return value if value is not None and math.isfinite(value) else None
