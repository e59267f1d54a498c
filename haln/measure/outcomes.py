"""How often what came of connections and sets, as it may be told: to readers, and to staff, too.

Of each kind two counters are looked at: outcomes until a day, and different people who told of one. Each is told in
classes (`haln.network.suppress.bounds`), for neither ever falls as days go by; periods are differences of classes.
Outcomes are told only where their people are. Kinds are never added up but from what is told, so nothing can be
subtracted but classes, and any sequence of files of any days and periods is a function of these classes: the arrivals
of a stretch keep at least five possible numbers. Funding is summed up in stages of people (`haln.network.stages`).

All outcomes count, whoever may read them and whoever has left since. They count from the day on which they happened, as
known on the day of asking: what is told late changes days before it, and what its writer deletes counts no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Outcome
from haln.network import stages, suppress
from haln.network.stages import Stage
from haln.network.suppress import Bounds
from haln.people.outcomes import FUNDING, KINDS


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
        """Rows are kind, day, writer and amount; numbers of people from 1 to `threshold` are hidden."""
        self._threshold = threshold
        self._days: dict[str, list[int]] = defaultdict(list)
        self._first: dict[str, dict[int, int]] = defaultdict(dict)
        amounts = []
        for kind, happened_on, writer, amount in sorted(rows, key=lambda row: (row[1], row[2])):
            day = happened_on.toordinal()
            self._days[kind].append(day)
            self._first[kind].setdefault(writer, day)
            if amount is not None and kind == FUNDING:
                amounts.append((day, writer, amount))
        self._stages: list[Stage] = stages.stages(amounts, suppress.raised(threshold))

    def people(self, kind: str, day: date) -> Bounds:
        """What may be told of the number of people who told of an outcome of this kind until a day."""
        last = day.toordinal()
        return suppress.bounds(sum(first <= last for first in self._first[kind].values()), self._threshold)

    def outcomes(self, kind: str, day: date) -> Bounds | None:
        """What may be told of the number of outcomes until a day; none where that of their people is hidden."""
        if self.people(kind, day).hidden:
            return None
        last = day.toordinal()
        return suppress.bounds(sum(one <= last for one in self._days[kind]), self._threshold)

    def pounds(self, day: date) -> int | None:
        """What may be told of the funding until a day: 0 where nobody told of any, none where it is hidden."""
        told = stages.about(stages.total(self._stages, day.toordinal()))
        return told or (None if self.people(FUNDING, day).high else 0)

    def line(self, kind: str, start: date, until: date) -> Line:
        """One kind until a day, and in the days after `start`."""
        now, before = self.outcomes(kind, until), self.outcomes(kind, start)
        within = None if now is None or before is None else suppress.minus(now, before, self._threshold).shown
        found = Line(kind, None if now is None else now.shown, self.people(kind, until).shown, within)
        if kind != FUNDING:
            return found
        told = [stages.total(self._stages, day.toordinal()) for day in (start, until)]
        gained = stages.about(told[1] - told[0]) or None
        return Line(kind, found.outcomes, found.people, within, self.pounds(until), gained)

    def lines(self, start: date, until: date) -> list[Line]:
        """All kinds in their order."""
        return [self.line(kind, start, until) for kind in KINDS]


def read(session: Session, threshold: int) -> Outcomes:
    """Read all outcomes: one query."""
    rows = session.execute(select(Outcome.kind, Outcome.happened_on, Outcome.written_by_id, Outcome.amount))
    return Outcomes([(row[0], row[1], row[2], row[3]) for row in rows], threshold)
