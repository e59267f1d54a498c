"""Write a demonstration's events: two a month for all its months, some to come, who registered and who came.

Made after everything else, from a stream of chance of their own, so that nothing that is there changes.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.demonstration import event_outcomes
from haln.learn.demonstration.event_words import DESCRIPTION, HALLS, OTHERWISE, PROPOSAL, WEBINARS, WORKSHOPS
from haln.learn.session_times import moment
from haln.models import Connection, Event, EventAttendance, EventRegistration, Member, MemberTheme
from haln.people import places
from haln.people.bulk import batched, catch_up_keys, insert_rows, next_key
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted
from haln.people.erasure import ERASED
from haln.people.visibility import ACTIVE
from haln.taxonomy.vocabulary import Vocabulary

CAME = 0.68
"""The share of those with a place who come."""

AGREES = 0.6
"""The share of those who register who agree to be named to others."""

REMEMBERED = timedelta(days=150)
"""How long before a connection that rests on an event the two met there at most."""

_LINK = "https://meet.example.org/{}"


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    joined: datetime
    until: datetime | None
    active: bool
    themes: frozenset[str]

    def there(self, when: datetime) -> bool:
        """Whether they were in the network then."""
        return self.joined < when and (self.until is None or self.until > when)


@dataclass(slots=True)
class _Made:
    """An event while it is written. `came` are those who certainly were at it."""

    values: dict[str, Any]
    size: int
    came: set[int] = field(default_factory=set)

    @property
    def starts_at(self) -> datetime:
        """When it begins."""
        found: datetime = self.values["starts_at"]
        return found


def write(session: Session, vocabulary: Vocabulary, wanted: Wanted, zone: tzinfo = UTC) -> int:
    """Write the events. The same people, seed and day always give the same rows. Returns how many events."""
    writer = _Writer(session, vocabulary, wanted, zone)
    return writer.write() if writer.organisers else 0


class _Writer:
    """One demonstration's events while they are written."""

    def __init__(self, session: Session, vocabulary: Vocabulary, wanted: Wanted, zone: tzinfo) -> None:
        self._session, self._wanted, self._zone = session, wanted, zone
        self._rng = stream(wanted.seed, "events")
        self._themes = {theme.code: theme.label for theme in vocabulary.themes}
        self._people = _people(session)
        self._member = _signed_in(session, "member")
        self.organisers = _organisers(session)
        self._halls = [(*hall, places.named(session, hall[1])) for hall in HALLS]
        self._key = next_key(session, Event)
        self._attendance_key = next_key(session, EventAttendance)
        self._now = datetime.combine(wanted.until, time(8), zone).astimezone(UTC)
        self._registrations: list[dict[str, Any]] = []
        self._attendance: list[dict[str, Any]] = []

    def write(self) -> int:
        """Write everything."""
        past = self._past()
        self._put_the_met_together(past)
        ahead = self._ahead()
        for number, one in enumerate(past):
            self._fill_past(one, recorded=number < len(past) - 1)
        for one in ahead:
            self._fill_ahead(one)
        rows = [one.values for one in [*past, *ahead]]
        for model, made in (
            (Event, rows),
            (EventRegistration, self._registrations),
            (EventAttendance, self._attendance),
        ):
            for part in batched(made):
                insert_rows(self._session, model, part)
        self._session.flush()
        catch_up_keys(self._session, (Event, EventAttendance))
        event_outcomes.write(self._session, self._wanted.seed, self._wanted.until)
        return len(rows)

    def _past(self) -> list[_Made]:
        found = []
        for month in range(self._wanted.months, 0, -1):
            first = self._wanted.until - timedelta(days=30 * month)
            found.append(self._webinar(first + timedelta(days=self._rng.randrange(2, 12)), month))
            found.append(self._workshop(first + timedelta(days=self._rng.randrange(15, 27)), month))
        return found

    def _ahead(self) -> list[_Made]:
        until = self._wanted.until
        made = [
            self._webinar(until + timedelta(days=1), 12),
            self._workshop(until + timedelta(days=9), 0),
            self._webinar(until + timedelta(days=24), 23),
            self._workshop(until + timedelta(days=38), 4),
        ]
        theme = self._theme(5)
        title, standfirst = PROPOSAL
        proposer = next((one.id for one in self._people if one.active and one.id != self._member), 0)
        if proposer:
            words = (title.format(theme=_small(self._themes[theme])), standfirst)
            made.append(self._event(until + timedelta(days=30), 12, 60, words, theme, None, proposer, "proposed"))
        return made

    def _theme(self, number: int) -> str:
        codes = list(self._themes)
        return codes[number % len(codes)]

    def _webinar(self, day: date, number: int) -> _Made:
        theme = self._theme(number)
        known = WEBINARS.get(theme, OTHERWISE)
        words = known[(number // max(1, len(self._themes))) % len(known)]
        organiser = self.organisers[number % min(3, len(self.organisers))]
        size = self._rng.randrange(40, 200) * min(1.0, len(self._people) / 1200)
        return self._event(day, 12 + number % 3, 60, words, theme, None, organiser, size=max(8, int(size)))

    def _workshop(self, day: date, number: int) -> _Made:
        theme = self._theme(number * 5 + 3)
        words = WORKSHOPS[number % len(WORKSHOPS)]
        capacity = self._rng.randrange(15, 31)
        organiser = self.organisers[(number + 1) % min(4, len(self.organisers))]
        made = self._event(day, 10 + 4 * (number % 2), 120, words, theme, capacity, organiser, size=capacity + 4)
        if number % 2 == 0:
            _move_to(made, *self._halls[number // 2 % len(self._halls)])
        return made

    def _event(
        self,
        day: date,
        hour: int,
        minutes: int,
        words: tuple[str, str],
        theme: str,
        capacity: int | None,
        organiser: int,
        state: str = "planned",
        size: int = 0,
    ) -> _Made:
        day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
        starts = moment(day, time(hour), self._zone)
        over = starts < self._now
        label, name = _small(self._themes[theme]), public_id(self._rng)
        values = {
            "id": self._key,
            "public_id": name,
            "title": words[0].format(theme=label),
            "standfirst": words[1].format(theme=label),
            "description": DESCRIPTION.format(first=minutes // 3) if state == "planned" else "",
            "starts_at": starts,
            "ends_at": starts + timedelta(minutes=minutes),
            "where": "Online",
            "place_id": None,
            "joining_link": _LINK.format(name),
            "capacity": capacity,
            "themes": [theme],
            "organiser_id": organiser,
            "state": state,
            "answer": "",
            "sequence": 0,
            "recording_link": f"https://video.example.org/{name}" if over and capacity is None else "",
            "slides_link": f"https://slides.example.org/{name}" if over and self._rng.random() < 0.7 else "",
            "links_for": "members" if capacity is None else "registered",
            "others_came": self._rng.randrange(0, 12) if over and capacity is None else 0,
            "made_at": min(starts - timedelta(days=45), self._now - timedelta(days=3)),
        }
        self._key += 1
        return _Made(values, size)

    def _put_the_met_together(self, past: Sequence[_Made]) -> None:
        """Who says that their connection rests on an event was at one together not long before, where there was one."""
        days = [one.starts_at for one in sorted(past, key=lambda one: one.starts_at)]
        known = {one.id: one for one in self._people}
        order = sorted(past, key=lambda one: one.starts_at)
        rows = self._session.execute(
            select(Connection.low_id, Connection.high_id, Connection.since)
            .where(Connection.evidence == "co_attended")
            .order_by(Connection.since, Connection.id)
        )
        for low, high, since in rows:
            last = bisect.bisect_left(days, since) - 1
            choices = [order[at] for at in range(max(0, last - 3), last + 1) if days[at] > since - REMEMBERED]
            choices = [
                one
                for one in choices
                if low in known
                and high in known
                and known[low].there(one.starts_at)
                and known[high].there(one.starts_at)
                and len(one.came | {low, high}) <= (one.values["capacity"] or 400)
            ]
            if choices:
                self._rng.choice(choices).came.update((low, high))

    def _wish(self, one: _Made, count: int) -> list[int]:
        """So many who would like to come: who cares about its theme is more likely to (weighted, without return)."""
        theme, when = one.values["themes"][0], min(one.starts_at, self._now)
        keys = [
            (self._rng.random() ** (1 / (4.0 if theme in person.themes else 1.0)), person.id)
            for person in self._people
            if person.there(when) and (person.active or one.starts_at < self._now)
        ]
        return [member for _, member in sorted(keys, reverse=True)[:count]]

    def _register(self, one: _Made, members: Iterable[int], ahead: timedelta) -> list[int]:
        """Registrations in the order of asking; the last ones wait where there are too few places."""
        capacity, placed = one.values["capacity"], []
        rows = list(dict.fromkeys(members))
        for number, member in enumerate(rows):
            asked = min(one.starts_at, self._now) - ahead + timedelta(minutes=37 * number)
            place = capacity is None or number < capacity
            self._registrations.append(
                {
                    "event_id": one.values["id"],
                    "member_id": member,
                    "state": "registered" if place else "waiting",
                    "says_hello": self._rng.random() < AGREES or member == self._member,
                    "asked_at": asked,
                    "changed_at": asked,
                }
            )
            placed += [member] if place else []
        return placed

    def _fill_past(self, one: _Made, *, recorded: bool) -> None:
        wish = [member for member in self._wish(one, one.size) if member not in one.came]
        placed = self._register(one, [*sorted(one.came), *wish], timedelta(days=21))
        if not recorded:
            one.values["others_came"] = 0
            return
        for member in placed:
            if member in one.came or self._rng.random() < CAME:
                self._attendance.append(
                    {
                        "id": self._attendance_key,
                        "event_id": one.values["id"],
                        "member_id": member,
                        "came": True,
                        "recorded_on": one.starts_at.date(),
                        "recorded_by_id": one.values["organiser_id"],
                    }
                )
                self._attendance_key += 1

    def _fill_ahead(self, one: _Made) -> None:
        if one.values["state"] != "planned":
            return
        capacity = one.values["capacity"]
        wish = [member for member in self._wish(one, one.size) if member != self._member]
        first = capacity is None and one.starts_at < self._now + timedelta(days=3)
        waits = capacity is not None and one.starts_at < self._now + timedelta(days=20)
        mine = [self._member] if self._member and (first or waits) else []
        self._register(one, [*mine, *wish] if first else [*wish, *mine], timedelta(days=14))


def _move_to(made: _Made, hall: str, town: str, place_id: int | None) -> None:
    """Hold an event in a hall; it stays online where the registers know no such town."""
    if place_id is not None:
        made.values |= {"where": f"{hall}, {town}", "place_id": place_id, "joining_link": ""}


def _small(label: str) -> str:
    return label[:1].lower() + label[1:]


def _signed_in(session: Session, mailbox: str) -> int:
    return session.scalar(select(Member.id).where(Member.email == f"{mailbox}@{DOMAIN}")) or 0


def _organisers(session: Session) -> list[int]:
    """Who organises: the facilitator and the member of staff with sign-ins first, then other facilitators."""
    others = session.scalars(
        select(Member.id).where(Member.audience == "facilitator", Member.standing == ACTIVE).order_by(Member.id)
    ).all()
    first = [_signed_in(session, "facilitator"), _signed_in(session, "staff")]
    return list(dict.fromkeys(one for one in [*first, *others[:4]] if one))


def _people(session: Session) -> list[_Person]:
    themes: dict[int, set[str]] = {}
    for member, theme in session.execute(select(MemberTheme.member_id, MemberTheme.theme)):
        themes.setdefault(member, set()).add(theme)
    rows = session.execute(
        select(Member.id, Member.joined_at, Member.left_at, Member.standing)
        .where(Member.standing.in_((ACTIVE, "left", ERASED)), Member.audience == "member")
        .order_by(Member.id)
    )
    return [
        _Person(row.id, row.joined_at, row.left_at, row.standing == ACTIVE, frozenset(themes.get(row.id, ())))
        for row in rows
    ]
