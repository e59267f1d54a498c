"""Who was at which event by a period's end, as it was known when the question asks.

Of a member and an event, what was written down last holds alone. The day is the event's, which does not change once
it has begun, or once it is recorded who came. Nobody was at what was cancelled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.measure.periods import Period
from haln.models import Event, EventAttendance


@dataclass(frozen=True, slots=True)
class Held:
    """An event, the day it was on (proleptic ordinal), and who was there."""

    number: int
    day: int
    people: frozenset[int]


def held(session: Session, period: Period) -> Mapping[int, Held]:
    """The events until the period's end at which somebody is recorded to have been, by number. One query."""
    rows = EventAttendance
    last = select(func.max(rows.id)).group_by(rows.event_id, rows.member_id)
    known_on = period.question.known_by(period.until)
    if known_on is not None:
        last = last.where(rows.recorded_on <= known_on)
    until = datetime.combine(period.until + timedelta(days=1), time(), UTC)
    found = session.execute(
        select(rows.event_id, rows.member_id, Event.starts_at)
        .join(Event, Event.id == rows.event_id)
        .where(rows.id.in_(last), rows.came, Event.starts_at < until, Event.state == "planned")
    )
    people: dict[int, set[int]] = defaultdict(set)
    days: dict[int, int] = {}
    for event, member, starts_at in found:
        people[event].add(member)
        days[event] = starts_at.date().toordinal()
    return {event: Held(event, days[event], frozenset(there)) for event, there in people.items()}


def of_members(events: Iterable[Held]) -> Mapping[int, frozenset[int]]:
    """At which events each member was, by number."""
    found: dict[int, set[int]] = defaultdict(set)
    for one in events:
        for member in one.people:
            found[member].add(one.number)
    return {member: frozenset(numbers) for member, numbers in found.items()}
