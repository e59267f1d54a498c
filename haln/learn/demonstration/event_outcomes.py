"""What came of a demonstration's events, as those tell who were at them, from a stream of chance of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Event, EventAttendance, EventRegistration, Member, Outcome, OutcomeAgreement
from haln.people.bulk import batched, catch_up_keys, insert_rows, next_key
from haln.people.demonstration.chance import stream
from haln.people.demonstration.outcomes import Part, Told, told
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.words import table
from haln.people.visibility import ACTIVE

TELLS, MEMBER_TELLS = 0.05, 0.4
"""The share of those who were at an event who tell of it; of the member who signs in, more."""

SOONEST, LATEST = 4, 200
"""After how many days."""


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    name: str
    email: str | None
    active: bool
    until: datetime | None


def write(session: Session, seed: int, until: date) -> int:
    """Write what came of the events until a day. Returns how many outcomes."""
    rng, words = stream(seed, "outcomes of events"), table("outcomes")["event"]
    people = {row.id: _Person(*row) for row in session.execute(_everybody())}
    agreed = _agreed(session)
    number, rows, agreements = next_key(session, Outcome), list[dict[str, Any]](), list[dict[str, Any]]()
    for event, held, writer in session.execute(_attendance()):
        person = people[writer]
        chance = MEMBER_TELLS if person.email == f"member@{DOMAIN}" else TELLS
        day = held.date() + timedelta(days=rng.randint(SOONEST, LATEST))
        if rng.random() >= chance or day >= until or (person.until and person.until.date() <= day):
            continue
        there = agreed.get(event, [])
        others = [people[other] for other in there if other != writer] if writer in there else []
        one = _told(rng, words, person, others, day, until)
        named = one.outcome["text"] != one.outcome["told"]
        agreements += [row | {"outcome_id": number} for row in one.agreements if named]
        rows.append(one.outcome | {"id": number, "connection_id": None, "set_id": None, "event_id": event})
        number += 1
    for model, made in ((Outcome, rows), (OutcomeAgreement, agreements)):
        for part in batched(made):
            insert_rows(session, model, part)
    session.flush()
    catch_up_keys(session, (Outcome,))
    return len(rows)


def _told(
    rng: Random, words: Mapping[str, list[str]], person: _Person, others: Sequence[_Person], day: date, until: date
) -> Told:
    """One outcome; it names only whoever agreed at the event to be named."""
    other = rng.choice([one for one in others if one.active] or [None])
    if other is None:
        words = {kind: [one for one in said if "{them}" not in one] for kind, said in words.items()}

    def written() -> datetime:
        later = min(day + timedelta(days=rng.randint(0, 9)), until - timedelta(days=1))
        return datetime.combine(later, time(9), UTC) + timedelta(seconds=rng.randrange(30000))

    them = other.name if other else ""
    part = Part(person.id, not person.active, other.id if other else None, False, them)
    return told(rng, words, part, day, written)


def _everybody() -> Any:
    return select(Member.id, Member.name, Member.email, (Member.standing == ACTIVE).label("active"), Member.left_at)


def _attendance() -> Any:
    return (
        select(EventAttendance.event_id, Event.starts_at, EventAttendance.member_id)
        .join(Event, Event.id == EventAttendance.event_id)
        .where(EventAttendance.came)
        .order_by(EventAttendance.id)
    )


def _agreed(session: Session) -> Mapping[int, list[int]]:
    """Who agreed to be named, by event."""
    found: dict[int, list[int]] = {}
    rows = session.execute(
        select(EventRegistration.event_id, EventRegistration.member_id)
        .where(EventRegistration.says_hello, EventRegistration.state == "registered")
        .order_by(EventRegistration.event_id, EventRegistration.member_id)
    )
    for event, member in rows:
        found.setdefault(event, []).append(member)
    return found
