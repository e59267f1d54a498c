"""When digests are due: on one day of the week, at one hour; the monthly ones on the first such day of a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from haln.errors import Misconfigured
from haln.people.digest_choices import MONTH, WEEK
from haln.post.shared import HELD

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

APART = {WEEK: timedelta(days=6), MONTH: timedelta(days=25)}
"""No two digests of one member are due within this time, whatever they or the operator change in between."""

SETTLED = 2 * HELD
"""A digest tells of what came until this long before it is put together, and the next one of what came after that.

What letters share may be a minute old by then, and what was written just before that may not have been stored yet.
"""

LATE = timedelta(days=3)
"""A service that was down when digests were due makes them up to this much later; then it waits for the next day."""

LONGEST = timedelta(days=62)
"""A digest tells of nothing older than this, however long it is since the last one left."""

FIRST = timedelta(days=31)
"""How far a member's first digest looks back."""


@dataclass(frozen=True, slots=True)
class Days:
    """The day of the week (0 is Monday) and the hour at which digests are due, in the network's time zone."""

    weekday: int
    hour: int
    zone: tzinfo

    def last(self, frequency: str, now: datetime) -> datetime:
        """When digests of a frequency were last due."""
        today = now.astimezone(self.zone).date()
        if frequency == WEEK:
            return next(moment for moment in self._weekly(today) if moment <= now)
        return next(moment for moment in self._monthly(today) if moment <= now)

    def next(self, frequency: str, now: datetime) -> datetime:
        """When digests of a frequency are due next."""
        last = self.last(frequency, now)
        return self.last(frequency, last + timedelta(days=8 if frequency == WEEK else 36))

    def _weekly(self, today: date) -> list[datetime]:
        day = today - timedelta(days=(today.weekday() - self.weekday) % 7)
        return [self._at(day), self._at(day - timedelta(days=7))]

    def _monthly(self, today: date) -> list[datetime]:
        first = today.replace(day=1)
        before = (first - timedelta(days=1)).replace(day=1)
        return [self._at(one + timedelta(days=(self.weekday - one.weekday()) % 7)) for one in (first, before)]

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, time(self.hour), self.zone)


def days(day: str, hour: int, zone: tzinfo) -> Days:
    """The days that the settings name. Raises Misconfigured."""
    name = day.strip().casefold()
    if name not in DAYS:
        raise Misconfigured("HALN_DIGEST_DAY must be a day of the week, in English: %(days)s.", days=", ".join(DAYS))
    if not 0 <= hour <= 23:
        raise Misconfigured("HALN_DIGEST_HOUR must be an hour from 0 to 23.")
    return Days(DAYS.index(name), hour, zone)
