"""What a correction changes in the figures, before it is made: at the ends of months, as known now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from haln.measure import facts, figures
from haln.measure.questions import Question
from haln.network.versions import Versions
from haln.taxonomy.vocabulary import Vocabulary

KEYS = ("members", "ties")


@dataclass(frozen=True, slots=True)
class Change:
    """Members and connections at the end of a day, as they are known and as they would be known."""

    day: date
    members: tuple[int, int]
    ties: tuple[int, int]


def preview(
    session: Session, vocabulary: Vocabulary, before: Versions, correct: Callable[[], None], today: date
) -> tuple[Change, ...]:
    """The days, of the ends of the last 36 months and today, on which a correction changes a number, the latest first.

    `correct` makes it. Nothing of it, nor of anything else in the transaction, is kept. Raises what `correct` raises.
    """
    try:
        correct()
        session.flush()
        after = facts.read(session, vocabulary)
    finally:
        session.rollback()
    was, would = _numbers(before, today), _numbers(after, today)
    return tuple(
        Change(day, *zip(was[day], would[day], strict=True))
        for day in sorted(was, reverse=True)
        if was[day] != would[day]
    )


def _numbers(versions: Versions, today: date) -> dict[date, tuple[int, int]]:
    found: dict[date, dict[str, int]] = {}
    for one in figures.series(versions, Question(today), KEYS):
        found.setdefault(one.as_of, {})[one.measure] = int(one.value or 0)
    return {day: (told["members"], told["ties"]) for day, told in found.items()}
