"""A demonstration's topics: three years of ideas, who backs them, what is said to them, and what came of them.

Made after everything else, from a stream of chance of their own, so that nothing that is there changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import topics
from haln.learn.demonstration.topic_words import AGAIN, ANSWERS, COMMENTS, MORE, RETIRED, TOPICS
from haln.models import (
    Cohort,
    Event,
    Member,
    MemberTheme,
    Topic,
    TopicAnswer,
    TopicBacking,
    TopicComment,
    TopicResult,
)
from haln.people.bulk import batched, catch_up_keys, insert_rows, next_key
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted

MOST_BACKED = 5
"""The live topics that somebody backs at once, as the setting has it unless it is changed."""

NAMES_THEMSELVES = 0.7
NOTHING_YET = 0.45
"""The share of topics of which nothing came, however many back them."""

_ALIVE = ("open", "answered", "planned")
_MODELS = (Topic, TopicBacking, TopicComment, TopicAnswer, TopicResult)


@dataclass(frozen=True, slots=True)
class _Person:
    id: int
    joined: datetime
    until: datetime | None
    themes: frozenset[str]

    def there(self, when: datetime) -> bool:
        """Whether they were in the network then."""
        return self.joined < when and (self.until is None or self.until > when)


@dataclass(slots=True)
class _Made:
    """A topic while it is written: what came of it, and how warmly it is taken up."""

    values: dict[str, Any]
    wish: float
    event: Any = None
    cohort: Any = None
    backers: list[int] = field(default_factory=list)


def write(session: Session, wanted: Wanted) -> int:
    """Write the topics. The same people, seed and day always give the same rows. Returns how many."""
    writer = _Writer(session, wanted)
    return writer.write() if writer.people and writer.hosts else 0


class _Writer:
    """One demonstration's topics while they are written."""

    def __init__(self, session: Session, wanted: Wanted) -> None:
        self._session, self._wanted = session, wanted
        self._rng: Random = stream(wanted.seed, "topics")
        self._now = datetime.combine(wanted.until, time(8), UTC)
        self.people = _people(session)
        self.hosts = list(
            session.scalars(
                select(Member.id)
                .where(Member.audience.in_(("facilitator", "staff")), Member.standing == "active")
                .order_by(Member.id)
            )
        )
        self._member = session.scalar(select(Member.id).where(Member.email == f"member@{DOMAIN}"))
        self._key = next_key(session, Topic)
        self._rows: dict[type[Any], list[dict[str, Any]]] = {model: [] for model in _MODELS}
        self._live: dict[int, int] = {}

    def write(self) -> int:
        """Write everything."""
        made = list(self._all())
        for one in made:
            self._back(one)
            self._talk(one)
            self._answer(one)
            self._come_of(one)
        self._sign_in_backs(made)
        self._rows[Topic] = [one.values for one in made]
        for model in _MODELS:
            for part in batched(self._rows[model]):
                insert_rows(self._session, model, part)
        self._session.flush()
        catch_up_keys(self._session, (Topic, TopicComment, TopicResult))
        return len(made)

    def _all(self) -> Iterator[_Made]:
        """Every topic of the words, spread over the months; some said again later and retired in favour of the first.

        Those retired come last: what they were retired in favour of is there before them.
        """
        ideas = [(theme, title, text) for theme, several in TOPICS.items() for title, text in several]
        self._rng.shuffle(ideas)
        days = 30 * self._wanted.months
        events, cohorts = self._events(), self._cohorts()
        made: list[_Made] = []
        for place, (theme, title, text) in enumerate(ideas):
            at = self._now - timedelta(days=days * (len(ideas) - place) / (len(ideas) + 1), minutes=self._minute())
            one = self._topic(theme, title, f"{text}\n\n{MORE}", at)
            self._fate(one, theme, events, cohorts)
            made.append(one)
        yield from made
        for original in [one for one in made if one.values["state"] in _ALIVE][::4]:
            values = original.values
            at = min(values["proposed_at"] + timedelta(days=20), self._now - timedelta(days=1))
            again = self._topic(values["themes"][0], AGAIN.format(values["title"]), MORE, at)
            again.wish = 0.1
            again.values |= {
                "state": "retired",
                "successor_id": values["id"],
                "retired_why": RETIRED[0],
                "closed_at": min(at + timedelta(days=9), self._now),
            }
            yield again

    def _minute(self) -> int:
        return self._rng.randrange(0, 600)

    def _topic(self, theme: str, title: str, text: str, at: datetime) -> _Made:
        about = [one for one in self.people if theme in one.themes and one.there(at)]
        proposer = self._rng.choice(about or self.people)
        values = {
            "id": self._key,
            "public_id": public_id(self._rng),
            "title": title,
            "text": text,
            "words": topics.searched(title, text),
            "themes": [theme],
            "proposed_by_id": proposer.id,
            "state": "open",
            "successor_id": None,
            "retired_why": "",
            "proposed_at": at,
            "talked_at": at,
            "closed_at": None,
        }
        self._key += 1
        return _Made(values, self._rng.choice((0.15, 0.5, 1.0)))

    def _fate(self, one: _Made, theme: str, events: list[Any], cohorts: list[Any]) -> None:
        """What came of a topic: an event or a cohort of its theme that came some weeks after, or nothing yet."""
        begun = one.values["proposed_at"]
        if self._rng.random() < NOTHING_YET:
            return
        for kind, found in (("event", events), ("cohort", cohorts)):
            fitting = next(
                (each for each in found if theme in each.themes and begun + timedelta(days=30) < each.at), None
            )
            if fitting is None or self._rng.random() > (0.5 if kind == "event" else 0.7):
                continue
            found.remove(fitting)
            setattr(one, kind, fitting)
            over = fitting.at < self._now and (kind == "event" or fitting.state == "formed")
            one.values["state"] = "held" if over else "planned"
            one.values["closed_at"] = fitting.at + timedelta(hours=2) if over else None
            one.wish = 1.0
            return

    def _events(self) -> list[Any]:
        """The events that take place, from their day; the earliest first."""
        rows = self._session.execute(
            select(Event.id, Event.themes, Event.state, Event.starts_at.label("at"))
            .where(Event.state == "planned")
            .order_by(Event.starts_at, Event.id)
        )
        return list(rows)

    def _cohorts(self) -> list[Any]:
        """The cohorts that members see, from the day they were made."""
        rows = self._session.execute(
            select(Cohort.id, Cohort.themes, Cohort.state, Cohort.created_at.label("at"))
            .where(Cohort.state.in_(("open", "closed", "formed")))
            .order_by(Cohort.created_at, Cohort.id)
        )
        return list(rows)

    def _end(self, one: _Made) -> datetime:
        """Until when a topic is backed and discussed."""
        closed: datetime | None = one.values["closed_at"]
        return min(closed or self._now, self._now)

    def _back(self, one: _Made) -> None:
        """People of its theme back it, as far as they have a backing left, most of them soon."""
        theme, begun, end = one.values["themes"][0], one.values["proposed_at"], self._end(one)
        alive = one.values["state"] in _ALIVE
        about = [each for each in self.people if theme in each.themes and each.there(begun)]
        wanted = min(len(about), 2 + int(one.wish * self._rng.uniform(0.02, 0.12) * len(self.people)), 60)
        for person in sorted(self._rng.sample(about, wanted), key=lambda each: each.id):
            if alive and self._live.get(person.id, 0) >= MOST_BACKED:
                continue
            self._backs(one, person.id, begun + (end - begun) * self._rng.random() ** 2)

    def _backs(self, one: _Made, member: int, at: datetime) -> None:
        named = self._rng.random() < NAMES_THEMSELVES
        row = {"topic_id": one.values["id"], "member_id": member, "named": named, "backed_at": at}
        self._rows[TopicBacking].append(row)
        one.backers.append(member)
        if one.values["state"] in _ALIVE:
            self._live[member] = self._live.get(member, 0) + 1

    def _sign_in_backs(self, made: Sequence[_Made]) -> None:
        """Who signs in first backs three topics, one of which is planned where one is."""
        if self._member is None:
            return
        free = [one for one in made if one.values["state"] in _ALIVE and self._member not in one.backers]
        free.sort(key=lambda one: one.values["state"] != "planned")
        for one in free[: max(0, 3 - self._live.get(self._member, 0))]:
            self._backs(one, self._member, self._end(one) - timedelta(days=1))

    def _talk(self, one: _Made) -> None:
        begun, end = one.values["proposed_at"], self._end(one)
        speakers = [member for member in one.backers if self._rng.random() < 0.3][:7]
        moments = sorted(_at_work(begun + (end - begun) * self._rng.random(), begun, end) for _ in speakers)
        said = self._rng.sample(COMMENTS, min(len(COMMENTS), len(speakers)))
        for member, moment, text in zip(speakers, moments, said, strict=False):
            self._rows[TopicComment].append(
                {
                    "public_id": public_id(self._rng),
                    "topic_id": one.values["id"],
                    "member_id": member,
                    "text": text,
                    "written_at": moment,
                    "hidden_why": "",
                }
            )
            one.values["talked_at"] = max(one.values["talked_at"], moment)

    def _answer(self, one: _Made) -> None:
        """Staff and facilitators answer what something comes of, and half of what many back."""
        state = one.values["state"]
        if state == "retired" or (state == "open" and (len(one.backers) < 6 or self._rng.random() < 0.3)):
            return
        at = one.values["proposed_at"] + (self._end(one) - one.values["proposed_at"]) * 0.4
        for number in range(1, 2 + (self._rng.random() < 0.2)):
            self._rows[TopicAnswer].append(
                {
                    "topic_id": one.values["id"],
                    "number": number,
                    "text": ANSWERS[(number + one.values["id"]) % len(ANSWERS)],
                    "by_id": self._rng.choice(self.hosts),
                    "answered_at": at + timedelta(days=number - 1),
                }
            )
        one.values["talked_at"] = max(one.values["talked_at"], at)
        if state == "open":
            one.values["state"] = "answered"

    def _come_of(self, one: _Made) -> None:
        made = one.event or one.cohort
        if made is None:
            return
        asked = max(one.values["proposed_at"], min(made.at, self._now) - timedelta(days=21))
        self._rows[TopicResult].append(
            {
                "topic_id": one.values["id"],
                "event_id": one.event.id if one.event else None,
                "cohort_id": one.cohort.id if one.cohort else None,
                "made_by_id": self._rng.choice(self.hosts),
                "made_at": asked - timedelta(days=2),
                "asked_at": asked,
            }
        )


def _at_work(moment: datetime, begun: datetime, end: datetime) -> datetime:
    """The moment, in the hours in which people write such things."""
    return min(max(moment.replace(hour=9 + moment.hour % 8), begun), end)


def _people(session: Session) -> list[_Person]:
    themes: dict[int, set[str]] = {}
    for member, theme in session.execute(select(MemberTheme.member_id, MemberTheme.theme)):
        themes.setdefault(member, set()).add(theme)
    rows = session.execute(
        select(Member.id, Member.joined_at, Member.left_at)
        .where(Member.standing.in_(("active", "left")), Member.onboarding_step >= 4)
        .order_by(Member.id)
    )
    return [_Person(row.id, row.joined_at, row.left_at, frozenset(themes.get(row.id, ()))) for row in rows]
