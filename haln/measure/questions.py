"""What is asked for: as of which day, as known when, of whom, by which evidence."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from haln.connect import connections
from haln.errors import Invalid
from haln.network.history import History, Only
from haln.network.versions import Versions
from haln.people.correcting import EARLIEST
from haln.taxonomy.vocabulary import Vocabulary

MOST_MONTHS = 120

YEAR = 365
"""So many days are a year, also where one has more."""


@dataclass(frozen=True, slots=True)
class Question:
    """Figures as of a day, and at the ends of so many months before it.

    `known_on`: as known at the end of that day; none: as known now. `then`: each month as it was known at its own end.
    `evidence`: ties of this evidence only; empty: any. `with_hosts`: count staff and facilitators, too.
    """

    as_of: date
    known_on: date | None = None
    then: bool = False
    months: int = 36
    evidence: str = ""
    with_hosts: bool = True
    sector: str = ""
    region: str = ""

    @property
    def only(self) -> Only:
        """Which members count."""
        found: dict[str, tuple[str, ...]] = {}
        if not self.with_hosts:
            found["audience"] = ("member",)
        for kind, group in (("sector", self.sector), ("region", self.region)):
            if group:
                found[kind] = (group,)
        return found

    @property
    def publishable(self) -> bool:
        """Whether figures of those who count may be published: who counts is narrowed down in one way at most."""
        return len(self.only) < 2

    @property
    def evidences(self) -> tuple[str, ...] | None:
        """Which evidence counts; none: any."""
        return (self.evidence,) if self.evidence else None

    @property
    def filter(self) -> str:
        """Who and what counts, as words of an address; empty for everybody and everything."""
        said = [
            "" if self.with_hosts else "hosts=without",
            f"evidence={self.evidence}" if self.evidence else "",
            f"sector={self.sector}" if self.sector else "",
            f"region={self.region}" if self.region else "",
        ]
        return "&".join(one for one in said if one)

    def narrowed(self, kind: str, group: str) -> Question:
        """The same of one sector or region alone, by its code; of all of them, where none is given."""
        return replace(self, sector=group) if kind == "sector" else replace(self, region=group)

    def known_by(self, day: date) -> date | None:
        """The day up to which is told what was known, for what is as of a day; none: as known now."""
        return day if self.then else self.known_on

    def known(self, versions: Versions, day: date) -> History:
        """The history as it was known for what is as of a day."""
        known_on = self.known_by(day)
        return versions.known(None if known_on is None else known_on.toordinal())

    def days(self) -> tuple[date, ...]:
        """The ends of the months before the day, the earliest first, and the day itself."""
        return (*month_ends(self.as_of, self.months), self.as_of)


def asked(given: Mapping[str, str], today: date, vocabulary: Vocabulary) -> Question:
    """Read a question from the words of an address or a command.

    Raises Invalid for a day that is none, lies ahead or too long ago, for a group or evidence that is unknown, for a
    nation that has regions, and for days as known then and as known on one day at once.
    """
    known: dict[str, Collection[str]] = {
        "evidence": connections.EVIDENCE,
        "sector": [one.code for one in vocabulary.top_sectors],
        "region": [one.ons_code for one in vocabulary.choosable_regions],
        "hosts": ("without",),
        "known": ("then",),
    }
    if given.get("region", "") in {one.ons_code for one in vocabulary.regions} - set(known["region"]):
        raise Invalid(
            "Members of this nation are counted by its regions: choose one of these.",
            {"region": "Members of this nation are counted by its regions: choose one of these."},
        )
    for field, codes in known.items():
        if given.get(field) and given[field] not in codes:
            raise Invalid("Choose one of the list.", {field: "Choose one of the list."})
    as_of = _day(given.get("as_of", ""), "as_of", today) or today
    known_on, then = _day(given.get("known_on", ""), "known_on", today), given.get("known", "") == "then"
    if known_on is not None and then:
        raise Invalid(
            "Choose one: as known on one day, or each day as it was known then.",
            {"known_on": "Choose one: as known on one day, or each day as it was known then."},
        )
    return Question(
        as_of,
        known_on,
        then,
        evidence=given.get("evidence", ""),
        with_hosts=given.get("hosts", "") != "without",
        sector=given.get("sector", ""),
        region=given.get("region", ""),
    )


def _day(text: str, field: str, today: date) -> date | None:
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("Give a day as in 2026-03-31.", {field: "Give a day as in 2026-03-31."}) from None
    if found > today:
        raise Invalid("That day is still to come.", {field: "That day is still to come."})
    if found < EARLIEST:
        raise Invalid("That day is too long ago.", {field: "That day is too long ago."})
    return found


def month_ends(day: date, count: int) -> tuple[date, ...]:
    """The last days of the months that ended before a day, the earliest first."""
    found = []
    year, month = day.year, day.month
    for _ in range(count):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        found.append(date(year, month, calendar.monthrange(year, month)[1]))
    return tuple(reversed(found))
