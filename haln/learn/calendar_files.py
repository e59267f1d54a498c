"""Calendar files of sessions and events (RFC 5545): published, in UTC, right across any change of the clocks.

Each keeps its UID for as long as it lives; its SEQUENCE grows with every change, and a cancelled one says so, so
that a calendar that has taken the first file in follows the later ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event, vText, vUri

PRODUCERS = {
    frozenset({"sessions"}): "-//HALN//Learning sets//EN",
    frozenset({"events"}): "-//HALN//Events//EN",
}
OF_BOTH = "-//HALN//Events and learning sets//EN"


@dataclass(frozen=True, slots=True)
class Entry:
    """One session or event as a calendar has it. `page` is the address of its page; `kind`: sessions or events."""

    public_id: str
    title: str
    starts_at: datetime
    minutes: int
    sequence: int
    cancelled: bool
    where: str = ""
    joining_link: str = ""
    agenda: str = ""
    page: str = ""
    kind: str = "sessions"


def written(entries: Iterable[Entry], now: datetime) -> bytes:
    """A calendar file with these, in order of time."""
    calendar, entries = Calendar(), list(entries)
    calendar.add("prodid", PRODUCERS.get(frozenset(entry.kind for entry in entries), OF_BOTH))
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in sorted(entries, key=lambda one: (one.starts_at, one.public_id)):
        calendar.add_component(_event(entry, now))
    made: bytes = calendar.to_ical()
    return made


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.public_id}@{entry.kind}.haln")
    event.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.starts_at.astimezone(UTC) + timedelta(minutes=entry.minutes))
    event.add("summary", vText(entry.title))
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    place = entry.where or entry.joining_link
    if place:
        event.add("location", vText(place))
    said = [part for part in (entry.agenda, entry.joining_link, entry.page) if part]
    if said:
        event.add("description", vText("\n\n".join(said)))
    address = entry.joining_link or entry.page
    if address:
        event.add("url", vUri(address))
    return event
