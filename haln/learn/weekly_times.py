"""Half-days of the week as numbers: when people could before, and when something meets, compared by them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

HALVES = ("morning", "afternoon", "evening")
Slot = tuple[date, str | None, datetime | None]
"""A day with its half, or with a moment."""


def code(day: date, half: str) -> int:
    """The number of a half-day: Monday morning is 0, Sunday evening 20."""
    return day.weekday() * len(HALVES) + HALVES.index(half)


def code_of_moment(moment: datetime, zone: ZoneInfo) -> int:
    """The number of the half-day in which a moment lies where the network is."""
    local = moment.astimezone(zone)
    return code(local.date(), HALVES[0] if local.hour < 12 else HALVES[1] if local.hour < 17 else HALVES[2])


def codes(slots: Iterable[Slot], zone: ZoneInfo) -> frozenset[int]:
    """The numbers of slots, as rows of CohortSlot hold them."""
    found = set()
    for day, half, moment in slots:
        if half is not None and half in HALVES:
            found.add(code(day, half))
        elif moment is not None:
            found.add(code_of_moment(moment, zone))
    return frozenset(found)
