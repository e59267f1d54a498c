"""The days of a demonstration: when it begins and ends, and when in it people join."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random

DAYS_A_MONTH = 30.4375
_EVENTS = 5  # every so many months an event brings more people
_FOUNDERS = 0.05


@dataclass(frozen=True, slots=True)
class Calendar:
    """`months` months that end on the eve of the day `until`; days are counted from the first one, 0."""

    until: date
    months: int

    @property
    def days(self) -> int:
        """How many days there are; the last one is `days - 1`."""
        return max(1, round(self.months * DAYS_A_MONTH))

    @property
    def start(self) -> date:
        """The first day."""
        return self.until - timedelta(days=self.days)

    def date(self, day: int) -> date:
        """The date of a day."""
        return self.start + timedelta(days=day)

    def moment(self, day: int, second: int = 0) -> datetime:
        """A moment of a working day: `second` seconds after eight in the morning, UTC."""
        return datetime.combine(self.date(day), time(8), UTC) + timedelta(seconds=second % 36000)

    def month_end(self, month: int) -> int:
        """The day after the last one of a month, counted from 0."""
        return min(self.days, round((month + 1) * DAYS_A_MONTH))

    def joining_days(self, rng: Random, members: int) -> list[int]:
        """Return the day on which each member joins, ascending: founders, then ever more, most after an event."""
        weights = [
            (0.5 + month / self.months) * (1.9 if month % _EVENTS == 2 else 1.0) * (0.5 + rng.random())
            for month in range(self.months)
        ]
        sums = list(accumulate(weights))
        days = []
        for number in range(members):
            if number < max(6, members * _FOUNDERS):
                days.append(int(rng.random() * min(14, self.days)))
                continue
            month = bisect(sums, rng.random() * sums[-1], 0, self.months - 1)
            low = self.month_end(month - 1) if month else 0
            days.append(min(self.days - 1, low + int(rng.random() * max(1, self.month_end(month) - low))))
        return sorted(days)
