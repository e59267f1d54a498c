"""What those who were introduced say of it, of the whole network: who of them said it, and who did not, is told nobody.

An answer is private to the one who gives it. So these sums are added up in stages (`haln.network.stages`): what people
answered waits until enough people have answered anything at all, whatever it is, so that beside each of them there are
more others than are hidden. An amount is what an answer changed: 1 for the first of the two who says that they met, −1
where the last who said so takes it back. Only days that are over count, as an answer may be changed on its own day.

Proved: answers are added and never changed after their day, so which answers make up which stage never changes again.
All that is told, of any days, are sums of whole stages; until a stage is whole, nobody's answer changes anything.
Kept from staff therefore: parts by source, reason or month, and of groups of members; days until two met.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.connect.meetings import ASIDE, MET, TOUCH, USEFUL
from haln.models import MeetingAnswer
from haln.network import stages, suppress
from haln.network.stages import Given, Stage

IN_TOUCH = "in_touch"
_PLACES: Mapping[str, tuple[str, ...]] = {MET: (MET, USEFUL), TOUCH: (IN_TOUCH,)}
"""The sums that answers to each question belong to."""

_SAYS: Mapping[str, tuple[str, ...]] = {MET: (MET, USEFUL), USEFUL: (USEFUL,), IN_TOUCH: ("yes",)}
"""The answers that each sum counts."""

Row = tuple[int, int, str, str, datetime]
"""An introduction, who answers, the question, the answer, and when."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Introductions of which at least one of the two says so, in fives; none where it is hidden, which 0 is, too."""

    met: int | None
    useful: int | None
    in_touch: int | None


class Meetings:
    """All answers, to be told of as of any days."""

    def __init__(self, rows: Iterable[Row], threshold: int) -> None:
        """Rows in the order in which they were given; beside each person there are more than `threshold` others."""
        self._threshold = threshold
        self._stages = {name: stages.stages(given, self.others) for name, given in _changes(rows).items()}

    @property
    def hidden_to(self) -> int:
        """Sums from 0 to this one are hidden."""
        return suppress.raised(self._threshold)

    @property
    def others(self) -> int:
        """Answers wait until more people than these have answered: beside each there are more than are hidden."""
        return self.hidden_to + 1

    def until(self, day: date) -> Sums:
        """So far, at the end of a day."""
        return self._told(lambda found: stages.total(found, day.toordinal()))

    def within(self, start: date, until: date) -> Sums:
        """In the days after `start`: what came to be counted in them, of introductions of any days."""
        first, last = start.toordinal(), until.toordinal()
        return self._told(lambda found: stages.total(found, last) - stages.total(found, first))

    def _told(self, amount: Callable[[list[Stage]], int]) -> Sums:
        return Sums(*(self._shown(amount(self._stages.get(name, []))) for name in _SAYS))

    def _shown(self, amount: int) -> int | None:
        return suppress.bounds(amount, self._threshold).shown if amount > 0 else None


def _changes(rows: Iterable[Row]) -> dict[str, list[Given]]:
    """What each answer changed of each sum that its question belongs to, also where that is nothing."""
    found: dict[str, list[Given]] = defaultdict(list)
    held: dict[int, dict[tuple[int, str], str]] = defaultdict(dict)
    for number, member, question, answer, given_at in rows:
        answers = held[number]
        before = {name: _says(answers, question, name) for name in _PLACES[question]}
        answers[member, question] = answer
        day = given_at.astimezone(UTC).date().toordinal()
        for name, was in before.items():
            found[name].append((day, member, _says(answers, question, name) - was))
    return found


def _says(answers: Mapping[tuple[int, str], str], question: str, name: str) -> bool:
    """Whether one of the two says so now."""
    return any(asked == question and answer in _SAYS[name] for (_, asked), answer in answers.items())


def read(session: Session, threshold: int, now: datetime) -> Meetings:
    """Read all answers of days that are over: one query."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    rows = session.execute(
        select(
            MeetingAnswer.introduction_id,
            MeetingAnswer.member_id,
            MeetingAnswer.question,
            MeetingAnswer.answer,
            MeetingAnswer.given_at,
        )
        .where(MeetingAnswer.answer != ASIDE, MeetingAnswer.given_at < today)
        .order_by(MeetingAnswer.given_at, MeetingAnswer.id)
    )
    return Meetings([(row[0], row[1], row[2], row[3], row[4]) for row in rows], threshold)
