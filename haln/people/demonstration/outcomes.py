"""What came of ties and learning sets in the demonstration, and what those introduced say of having met."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from haln.people.demonstration.calendar import Calendar
from haln.people.demonstration.chance import Weighted, public_id, stream
from haln.people.demonstration.gatherings import Gathering
from haln.people.demonstration.growth import Tie
from haln.people.demonstration.people import Crowd
from haln.people.demonstration.words import table
from haln.people.masking import GAP

Row = dict[str, Any]
_KINDS = Weighted(
    ("changed_practice", "joint_project", "confidence", "funding", "senior_support"), (0.3, 0.25, 0.2, 0.15, 0.1)
)
_CONSENTS = Weighted(("count", "anonymous", "named"), (0.45, 0.33, 0.22))
_MET = Weighted(("not_yet", "met", "useful", "aside"), (0.24, 0.33, 0.38, 0.05))
_AGREES = Weighted(("yes", None, "no"), (0.7, 0.2, 0.1))
_OF_TIE, _OF_SEAT, _OF_THE_MEMBER = 0.014, 0.12, 0.5
_ANSWERS = 0.5
_ASKED, _TOUCH = 14, 180  # days after both said yes


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome to write down with its agreements, members by their numbers."""

    outcome: Row
    agreements: list[Row]


@dataclass(frozen=True, slots=True)
class Part:
    """Who writes an outcome, and who else is in it, called `them` there; each may have left since."""

    writer: int
    writer_gone: bool
    other: int | None
    other_gone: bool
    them: str


class Outcomes:
    """Writes outcomes and answers as rows; members stand in them by number. The `member` who signs in tells more."""

    def __init__(self, crowd: Crowd, calendar: Calendar, seed: int, member: int) -> None:
        self._crowd, self._calendar, self._member = crowd, calendar, member
        self._rng, self._meetings = stream(seed, "outcomes"), stream(seed, "meetings")
        self._words: Mapping[str, Mapping[str, list[str]]] = table("outcomes")

    def answers(self, low: int, high: int, accepted: datetime) -> Iterator[Row]:
        """What the two of an accepted introduction say of it later."""
        rng = self._meetings
        for who in (low, high):
            asked = accepted + timedelta(days=_ASKED, seconds=rng.randrange(36000))
            said, later = _MET.pick(rng), rng.randint(20, 90)
            moment = asked + timedelta(days=int(rng.expovariate(1 / 9)))
            if rng.random() >= _ANSWERS or not self._there(who, moment):
                continue
            yield self._answer(who, "met", said, moment)
            if said == "not_yet" and rng.random() < 0.4 and self._there(who, moment + timedelta(days=later)):
                said, moment = rng.choice(("met", "useful")), moment + timedelta(days=later)
                yield self._answer(who, "met", said, moment)
            moment = max(moment, accepted + timedelta(days=_TOUCH + rng.randint(0, 40)))
            if said in ("met", "useful") and rng.random() < _ANSWERS and self._there(who, moment):
                yield self._answer(who, "touch", "yes" if rng.random() < 0.72 else "no", moment)

    def _there(self, who: int, moment: datetime) -> bool:
        """Whether somebody was a member at a moment that is not still to come."""
        day = (moment.date() - self._calendar.start).days
        return day < min(self._calendar.days, self._crowd.left[who])

    def _answer(self, who: int, question: str, answer: str, moment: datetime) -> Row:
        return {"member_id": who, "question": question, "answer": answer, "given_at": moment}

    def of_tie(self, tie: Tie) -> Iterator[Told]:
        """What came of a tie, if anything."""
        rng, both = self._rng, (tie.low, tie.high)
        chance = _OF_THE_MEMBER if self._member in both else _OF_TIE * (1 + tie.intensity)
        writer, other = both if rng.random() < 0.5 else both[::-1]
        day = tie.day + rng.randint(25, 320)
        ended = self._calendar.days if tie.until is None else tie.until
        if rng.random() < chance and day < min(ended, self._calendar.days, self._crowd.left[writer]):
            yield self._told("connection", writer, other, day)

    def of_set(self, gathering: Gathering) -> Iterator[Told]:
        """What came of a learning set for those who sit in it."""
        rng = self._rng
        for writer in gathering.members:
            day = gathering.first_day + rng.randint(60, 330)
            if rng.random() < _OF_SEAT and day < min(self._calendar.days, self._crowd.left[writer]):
                yield self._told("set", writer, None, day)

    def _told(self, source: str, writer: int, other: int | None, day: int) -> Told:
        rng, crowd, calendar = self._rng, self._crowd, self._calendar

        def written() -> datetime:
            return calendar.moment(min(calendar.days - 1, day + rng.randint(0, 9)), rng.randrange(36000))

        gone = [who is not None and crowd.left[who] <= calendar.days for who in (writer, other)]
        them = "" if other is None else crowd.first_names[other]
        part = Part(writer, gone[0], other, gone[1], them)
        return told(rng, self._words[source], part, calendar.date(day), written)


def told(
    rng: Random, words: Mapping[str, list[str]], part: Part, happened_on: date, written: Callable[[], datetime]
) -> Told:
    """An outcome of a kind by chance, in words of that kind. `written` is asked once for when it was told."""
    kind, consent, answer = _KINDS.pick(rng), _CONSENTS.pick(rng), _AGREES.pick(rng)
    phrase = rng.choice(words[kind])
    amount = _amount(rng) if kind == "funding" and rng.random() < 0.8 else None
    moment = written()
    if part.writer_gone:
        phrase, consent = "", "count"
    elif part.other_gone:
        phrase, answer = phrase.replace("{them}", GAP), "no"
    outcome = {
        "public_id": public_id(rng),
        "written_by_id": part.writer,
        "kind": kind,
        "amount": amount,
        "happened_on": happened_on,
        "text": phrase.replace("{them}", part.them),
        "told": phrase.replace("{them}", GAP),
        "signed": phrase.replace("{them}", part.them) if consent == "named" else "",
        "consent": consent,
        "hidden_for": "",
        "written_at": moment,
        "changed_at": moment,
        "version": 1,
    }
    if consent != "named" or part.other is None:
        return Told(outcome, [])
    answered = None if answer is None else moment
    return Told(outcome, [{"member_id": part.other, "answer": answer, "asked_at": moment, "answered_at": answered}])


def _amount(rng: Random) -> int:
    """Most grants are small; few are not."""
    pounds = min(400_000.0, max(800.0, rng.lognormvariate(9.4, 1.0)))
    return round(pounds / 100) * 100
