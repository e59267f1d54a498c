"""Weights learned at night from the network's own history: tried, held against those in use, kept either way.

Learned from: the network as it was known at the ends of earlier months and which ties came within a month after, and
what members said to their suggestions. Held out: the ties of the last month. New weights are used from when they are no
worse on it than those in use; refused ones are kept, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.connect import encoding, listed_answers
from haln.connect.history import History
from haln.connect.person_rows import TopSector
from haln.matching import attempts, learning
from haln.matching import index as indexing
from haln.matching.attempts import Attempt
from haln.matching.blend import Weights
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.learning import Answer, Past, enough_lessons
from haln.matching.people import Network
from haln.matching.suggest import Settings
from haln.models import Member
from haln.people import learned_weights

MONTH = timedelta(days=30)
MONTHS = 6
"""So many months before the last one are looked at; fewer where they teach enough."""
JUDGES = 500
"""By the ties of so many members, at most, new weights are held against those in use."""


def current(session: Session) -> Weights:
    """The weights in use: those learned last and not refused, or those of other networks."""
    return learned_weights.current(session, DEFAULT_WEIGHTS)


def is_due(session: Session, now: datetime) -> bool:
    """Whether weights are to be learned again."""
    return learned_weights.is_due(session, DEFAULT_WEIGHTS, now)


def attempt(session: Session, now: datetime, top_sector: TopSector, settings: Settings) -> Attempt | None:
    """Learn new weights, which only reads. Returns none where there is too little to learn from, or to judge by."""
    latest = now - MONTH
    if 2 * len(encoding.ties_made(session, latest, now)) < learning.FEWEST:
        return None
    history = History.read(session, latest, top_sector)
    return attempts.attempt(
        (enough_lessons(past, settings) for past in _earlier(session, history, latest)),
        _answers(session, latest),
        list(enough_lessons(_past(session, history, latest, now), settings, count=JUDGES)),
        current(session),
        DEFAULT_WEIGHTS,
        learned_weights.TRIED,
    )


def _answers(session: Session, until: datetime) -> list[Answer]:
    found = listed_answers.until(session, until)
    counts = Counter(one.member_id for one in found)
    return [learning.answered(one.names, one.rows, one.ties, one.liked, counts[one.member_id]) for one in found]


def keep(session: Session, made: Attempt, now: datetime) -> None:
    """Keep newly learned weights as a version, used from now on or refused. The caller commits."""
    counts = {"ties": made.lessons, "answers": made.answers, "last_month": made.asked}
    learned_weights.keep(session, made, DEFAULT_WEIGHTS, counts, now)


def _earlier(session: Session, history: History, latest: datetime) -> Iterator[Past]:
    """The months before the last one, the newest first, as far as anybody had joined by then."""
    first = session.scalar(select(func.min(Member.joined_at)))
    for months in range(1, MONTHS + 1):
        then = latest - months * MONTH
        if first is None or then <= first:
            return
        yield _past(session, history, then, then + MONTH)


def _past(session: Session, history: History, then: datetime, until: datetime) -> Past:
    came = encoding.ties_made(session, then, until)
    network = history.network(session, then) if came else Network(())
    return Past(indexing.build(network, counts=history.counts), came)
