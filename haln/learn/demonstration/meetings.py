"""What happens in a set: sessions, who was there, what they said they would do, what they noted and thought of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random

from haln.learn.demonstration.folk import Person
from haln.learn.demonstration.ledger import Ledger
from haln.learn.demonstration.past import Group, at
from haln.learn.session_times import moment
from haln.models import Attendance, Reflection, SetAction, SetNote, SetSession
from haln.people.demonstration.chance import public_id

SESSIONS, EVERY, MINUTES = 6, 45, 90
_HOURS = (10, 14)  # of a morning, of an afternoon, on the wall where the network is
_THERE, _SENT_WORD = 0.84, 0.1
_TROUBLED = 0.5


class Meetings:
    """Writes the life of one set until the day `until`."""

    def __init__(self, ledger: Ledger, rng: Random, folk: Mapping[int, Person], until: date, zone: tzinfo) -> None:
        self._ledger, self._rng, self._folk, self._until, self._zone = ledger, rng, folk, until, zone

    def write(self, group: Group, troubled: bool) -> None:
        """Write everything of the set; in a troubled one, people stay away."""
        days = self._days(group)
        held = [day for day in days if day < self._until]
        for number, day in enumerate(days):
            starts = moment(day, time(_HOURS[group.slot % 2]), self._zone)
            here = [member for member in group.members if group.left.get(member, date.max) > day]
            if not here:
                continue
            presenter = here[number % len(here)]
            key = self._session(group, starts, presenter, day in held)
            if day in held:
                after = held[number + 1] if number + 1 < len(held) else None
                self._attendance(key, here, starts, group.facilitator, _TROUBLED if troubled else _THERE)
                self._actions(group, key, here, starts, after)
                self._note(group, key, here, starts)
        if group.ended_on is not None:
            self._reflections(group, group.ended_on)

    def _days(self, group: Group) -> list[date]:
        """A session every six weeks or so, always on the same day of the week; none after the set has ended."""
        first = group.started_on + timedelta(days=7)
        first += timedelta(days=(group.slot // 2 - first.weekday()) % 7)
        days = [first + timedelta(days=(EVERY // 7) * 7 * number) for number in range(SESSIONS)]
        return [day for day in days if group.ended_on is None or day < group.ended_on]

    def _session(self, group: Group, starts: datetime, presenter: int, held: bool) -> int:
        person = self._folk[presenter]
        return self._ledger.add(
            SetSession,
            public_id=public_id(self._rng),
            set_id=group.id,
            starts_at=starts,
            minutes=MINUTES,
            where="Online",
            joining_link="",
            agenda="" if person.silent else person.says(self._rng).sentence("sets", "agenda"),
            presenter_id=presenter,
            state="held" if held else "planned",
            sequence=0,
        )

    def _attendance(
        self, key: int, here: Sequence[int], starts: datetime, facilitator: int | None, there: float
    ) -> None:
        for member in here:
            chance = self._rng.random()
            state = "present" if chance < there else "apologies" if chance < there + _SENT_WORD else "absent"
            self._ledger.add(
                Attendance,
                session_id=key,
                member_id=member,
                state=state,
                recorded_at=starts + timedelta(minutes=MINUTES + 5),
                recorded_by_id=facilitator,
            )

    def _actions(self, group: Group, key: int, here: Sequence[int], starts: datetime, after: date | None) -> None:
        rng = self._rng
        for owner in rng.sample(list(here), min(len(here), rng.choice((1, 2, 2, 3)))):
            person = self._folk[owner]
            if person.silent:
                continue
            told, chance = person.says(rng), rng.random()
            state = "open" if after is None or chance > 0.84 else "done" if chance < 0.74 else "dropped"
            self._ledger.add(
                SetAction,
                public_id=public_id(rng),
                set_id=group.id,
                session_id=key,
                owner_id=owner,
                text=told.sentence("sets", "action"),
                state=state,
                outcome=told.sentence("sets", "outcome") if state == "done" else "",
                written_by_id=group.facilitator or owner,
                created_at=starts + timedelta(minutes=MINUTES - 5),
                closed_at=at(after, 12) if after and state != "open" else None,
            )

    def _note(self, group: Group, key: int, here: Sequence[int], starts: datetime) -> None:
        author = self._rng.choice(list(here))
        person = self._folk[author]
        if person.silent or self._rng.random() > 0.6:
            return
        written = starts + timedelta(minutes=MINUTES + 30)
        self._ledger.add(
            SetNote,
            public_id=public_id(self._rng),
            set_id=group.id,
            session_id=key,
            author_id=author,
            text=person.says(self._rng).sentence("sets", "note"),
            created_at=written,
            changed_at=written,
        )

    def _reflections(self, group: Group, ended: date) -> None:
        rng = self._rng
        for member in group.members:
            person = self._folk[member]
            if member in group.left or rng.random() > 0.7:
                continue
            words = person.says(rng).sentence("sets", "reflection") if rng.random() < 0.75 else ""
            self._ledger.add(
                Reflection,
                set_id=group.id,
                member_id=member,
                useful=rng.choice((3, 4, 4, 5, 5, 5)),
                changed=rng.random() < 0.55,
                text="" if person.silent else words,
                shared=not person.silent and bool(words) and rng.random() < 0.4,
                written_at=at(ended, 9) + timedelta(hours=3 * rng.random()),
            )
