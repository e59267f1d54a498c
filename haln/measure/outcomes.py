"""How often what came of connections, sets and events, as it may be told: to readers, and to staff, too.

Outcomes of a kind and funding are added up in stages (`haln.network.stages`): what is told waits until it comes from
more people than are hidden. So the difference of any two days, files or periods is nothing, or comes from more than
that many people at once; it is told in fives, and funding with two digits. How many different people told of a kind is
a counter that never falls as days go by, told in classes (`haln.network.suppress.bounds`): stretches of days keep at
least five possible numbers. Kinds are never added up.

All outcomes count, whoever may read them and whoever has left since. They count from the day on which they were told,
once that day is over: what is told late changes no day before it, so the numbers of a past day come out again. What its
writer changes or deletes changes them all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Outcome
from haln.network import stages, suppress
from haln.network.stages import Stage
from haln.network.suppress import Bounds
from haln.people.outcomes import FUNDING, KINDS

VERSION = 3
"""Of the definition: 1 counted outcomes from the day on which they happened, 2 none of events."""


@dataclass(frozen=True, slots=True)
class Line:
    """One kind, until a day and in the period before it: what may be told of it, none where it is hidden.

    `pounds`, `pounds_within`: of funding alone.
    """

    kind: str
    outcomes: int | None
    people: int | None
    within: int | None
    pounds: int | None = None
    pounds_within: int | None = None


class Outcomes:
    """All outcomes by kind, to be told of as of any days."""

    def __init__(self, rows: Sequence[tuple[str, date, int, int | None]], threshold: int) -> None:
        """Rows are kind, day of telling, writer and amount; numbers of people from 1 to `threshold` are hidden."""
        self._threshold = threshold
        self._first: dict[str, dict[int, int]] = defaultdict(dict)
        told: dict[str, list[stages.Given]] = defaultdict(list)
        amounts = []
        for kind, told_on, writer, amount in sorted(rows, key=lambda row: (row[1], row[2])):
            day = told_on.toordinal()
            self._first[kind].setdefault(writer, day)
            told[kind].append((day, writer, 1))
            if amount is not None and kind == FUNDING:
                amounts.append((day, writer, amount))
        small = suppress.raised(threshold)
        self._told = {kind: stages.stages(given, small) for kind, given in told.items()}
        self._pounds: list[Stage] = stages.stages(amounts, small)

    @property
    def hidden_to(self) -> int:
        """Numbers of people from 1 to this one are hidden."""
        return suppress.raised(self._threshold)

    def people(self, kind: str, day: date) -> Bounds:
        """What may be told of the number of people who told of an outcome of this kind until a day."""
        last = day.toordinal()
        return suppress.bounds(sum(first <= last for first in self._first[kind].values()), self._threshold)

    def outcomes(self, kind: str, day: date) -> int | None:
        """What may be told of the number of outcomes until a day: 0 where there is none for certain."""
        total = stages.total(self._told.get(kind, []), day.toordinal())
        return suppress.bounds(total, self._threshold).shown if total else self._nothing(kind, day)

    def pounds(self, day: date) -> int | None:
        """What may be told of the funding until a day: 0 where nobody told, none where it or its count is hidden."""
        if self.outcomes(FUNDING, day) is None:
            return None
        return stages.about(stages.total(self._pounds, day.toordinal())) or self._nothing(FUNDING, day)

    def _nothing(self, kind: str, day: date) -> int | None:
        """Where no stage is whole: 0 if nobody told of anything, none if some may wait."""
        return None if self.people(kind, day).high else 0

    def line(self, kind: str, start: date, until: date) -> Line:
        """One kind until a day, and in the days after `start`."""
        gained = self._gained(self._told.get(kind, []), start, until)
        within = suppress.bounds(gained, self._threshold).shown if gained else self._nothing(kind, until)
        found = Line(kind, self.outcomes(kind, until), self.people(kind, until).shown, within)
        if kind != FUNDING:
            return found
        pounds = stages.about(self._gained(self._pounds, start, until)) or self._nothing(FUNDING, until)
        return replace(found, pounds=self.pounds(until), pounds_within=None if within is None else pounds)

    def _gained(self, found: list[Stage], start: date, until: date) -> int:
        """What the stages grew by."""
        return stages.total(found, until.toordinal()) - stages.total(found, start.toordinal())

    def lines(self, start: date, until: date, known_on: date | None = None) -> list[Line]:
        """All kinds in their order; nothing that was told after `known_on`."""
        first, last = (day if known_on is None else min(day, known_on) for day in (start, until))
        return [self.line(kind, first, last) for kind in KINDS]


def read(session: Session, threshold: int, now: datetime) -> Outcomes:
    """Read all outcomes that were told on days that are over: one query. Days are days of UTC."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    rows = session.execute(
        select(Outcome.kind, Outcome.written_at, Outcome.written_by_id, Outcome.amount).where(
            Outcome.written_at < today
        )
    )
    return Outcomes([(row[0], row[1].astimezone(UTC).date(), row[2], row[3]) for row in rows], threshold)
