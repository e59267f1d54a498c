"""Weights of what to join, learned at night from who joined what: tried, held against those in use, kept either way.

Learned from: what stood open at earlier moments and who joined it within a month after. Held out: what was joined in
the last month. New weights are used from when they are no worse on it than those in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.learn import past_openings
from haln.learn.opening_rows import Ways
from haln.matching import attempts
from haln.matching.attempts import Attempt
from haln.matching.blend import Weights
from haln.matching.joining_learning import PULL, joining_lessons
from haln.matching.joining_weights import PAGE_WEIGHTS
from haln.matching.learning import FEWEST, Lesson
from haln.models import Member
from haln.people import learned_weights

MONTH = timedelta(days=30)
MONTHS = 12
"""So many months before the last one are looked at, for calls come twice a year; fewer where they teach enough."""
SEED = 0


def current(session: Session, learns: bool = True) -> Weights:
    """The weights in use: those learned last and not refused, or those of other networks.

    `learns`: without, what was learned does not hold.
    """
    return learned_weights.current(session, PAGE_WEIGHTS) if learns else PAGE_WEIGHTS


def is_due(session: Session, now: datetime) -> bool:
    """Whether weights are to be learned again."""
    return learned_weights.is_due(session, PAGE_WEIGHTS, now)


def attempt(session: Session, now: datetime, ways: Ways, few: int) -> Attempt | None:
    """Learn new weights, which only reads. Returns none where there is too little to learn from, or to judge by.

    `few`: the largest number of people that is not told: what lists do not know is not learned from either.
    """
    latest = now - MONTH
    if past_openings.joiners(session, latest, now, ways) < FEWEST:
        return None
    return attempts.attempt(
        _earlier(session, latest, ways, few),
        (),
        _lessons(session, latest, now, ways, few),
        current(session),
        PAGE_WEIGHTS,
        learned_weights.TRIED,
        PULL,
    )


def keep(session: Session, made: Attempt, now: datetime) -> None:
    """Keep newly learned weights as a version, used from now on or refused. The caller commits."""
    counts = {"joined": made.lessons, "last_month": made.asked}
    learned_weights.keep(session, made, PAGE_WEIGHTS, counts, now)


def _earlier(session: Session, latest: datetime, ways: Ways, few: int) -> Iterator[list[Lesson]]:
    """The months before the last one, the newest first, as far as anybody had joined by then."""
    first = session.scalar(select(func.min(Member.joined_at)))
    for months in range(1, MONTHS + 1):
        then = latest - months * MONTH
        if first is None or then <= first:
            return
        if past_openings.joiners(session, then, then + MONTH, ways):
            yield _lessons(session, then, then + MONTH, ways, few)


def _lessons(session: Session, then: datetime, until: datetime, ways: Ways, few: int) -> list[Lesson]:
    return list(joining_lessons(past_openings.read(session, then, until, ways, few, SEED), SEED))
