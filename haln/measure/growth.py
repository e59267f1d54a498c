"""How the network grows: what changed between two days, who came and went, first connections, who stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from haln.measure.periods import Period
from haln.network import growth, retention
from haln.network.growth import Change
from haln.network.history import snapshot, there_on
from haln.network.retention import Share
from haln.network.survival import Curve, Estimate, estimate
from haln.network.versions import Versions

SOON = 90
"""So many days after they came a member should have a connection."""

FIRST_TIE = (7, 30, SOON, 180, 365)
"""Days after coming for which the page says how many have a connection."""

STAY = (90, 180, 365, 730)
"""Days after coming for which the page says how many are still there."""

COHORTS = 12
"""So many quarters, the last ones."""


@dataclass(frozen=True, slots=True)
class Month:
    """Who came and went in a month, or the part of it within the period; `members` were there at its end."""

    until: date
    joined: int
    left: int
    members: int

    @property
    def net(self) -> int:
        """How many more came than went."""
        return self.joined - self.left


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who came first in the quarter that begins on a day.

    `staying` is the share still there after each of the days STAY, none where nobody was followed that long; `soon` are
    those with a connection within SOON days, of those who came that long ago.
    """

    start: date
    members: int
    staying: tuple[Estimate | None, ...]
    soon: Share


@dataclass(frozen=True, slots=True)
class Earlier:
    """How many members came before the first of the quarters, which begins on a day: these are in no cohort."""

    start: date
    members: int


@dataclass(frozen=True, slots=True)
class Told:
    """All that the page says of a period. The curves are of everybody who came until its end."""

    change: Change
    months: tuple[Month, ...]
    first_tie: Curve
    soon: Share
    staying: Curve
    returning: Share
    cohorts: tuple[Cohort, ...]
    earlier: Earlier


def told(versions: Versions, period: Period) -> Told:
    """Work out all of it."""
    question = period.question
    found, day = question.known(versions, period.until), period.until.toordinal()
    waits = retention.first_ties(found, day, question.only, question.evidences)
    stays = retention.staying(found, day, question.only)
    return Told(
        change(versions, period),
        by_month(versions, period),
        estimate(waits.waited, waits.happened),
        retention.within(waits, day, SOON),
        estimate(stays.waited, stays.happened),
        retention.returning(found, day, question.only),
        _cohorts(waits, stays, period.until),
        _earlier(waits, period.until),
    )


def change(versions: Versions, period: Period) -> Change:
    """How connections changed between the ends of the first and the last day."""
    question = period.question
    before, after = (
        snapshot(question.known(versions, day), day.toordinal(), only=question.only, evidences=question.evidences)
        for day in (period.start, period.until)
    )
    return growth.change(before, after)


def by_month(versions: Versions, period: Period) -> tuple[Month, ...]:
    """Who came and went in each month of the period, the earliest first."""
    question = period.question
    months, before = [], period.start
    found = question.known(versions, period.until)
    for day in period.months():
        if question.then:
            found = question.known(versions, day)
        comings = growth.comings(found, question.only)
        days = before.toordinal(), day.toordinal()
        months.append(
            Month(
                day,
                growth.between(comings.came_on, *days),
                growth.between(comings.went_on, *days),
                len(there_on(found, days[1], question.only)),
            )
        )
        before = day
    return tuple(months)


def _cohorts(waits: retention.Waits, stays: retention.Waits, until: date) -> tuple[Cohort, ...]:
    starts = quarters(until, COHORTS)
    ends = [*(start.toordinal() for start in starts), until.toordinal() + 1]
    parts = zip(starts, retention.by_coming(waits, ends), retention.by_coming(stays, ends), strict=True)
    return tuple(
        Cohort(
            start,
            len(waiting),
            tuple(estimate(staying.waited, staying.happened).at(day) for day in STAY),
            retention.within(waiting, until.toordinal(), SOON),
        )
        for start, waiting, staying in parts
        if len(waiting)
    )


def _earlier(waits: retention.Waits, until: date) -> Earlier:
    start = quarters(until, COHORTS)[0]
    (before,) = retention.by_coming(waits, [0, start.toordinal()])
    return Earlier(start, len(before))


def quarters(day: date, count: int) -> tuple[date, ...]:
    """The first days of the quarter of a day and of those before it, the earliest first."""
    number = day.year * 4 + (day.month - 1) // 3
    return tuple(date(one // 4, one % 4 * 3 + 1, 1) for one in range(number - count + 1, number + 1))
