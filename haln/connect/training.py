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
from haln.connect.encoding import TopSector
from haln.matching import attempts, learning
from haln.matching import index as indexing
from haln.matching.attempts import Attempt
from haln.matching.blend import Weights
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.learning import Answer, Past, lessons
from haln.matching.people import Network
from haln.matching.suggest import Settings
from haln.models import Member
from haln.people import learned_weights

MONTH = timedelta(days=30)
MONTHS = 6
"""So many months before the last one are looked at; fewer where they teach enough."""


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
    return attempts.attempt(
        (lessons(past, settings) for past in _earlier(session, latest, top_sector)),
        _answers(session, latest),
        list(lessons(_past(session, latest, now, top_sector), settings)),
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


def _earlier(session: Session, latest: datetime, top_sector: TopSector) -> Iterator[Past]:
    """The months before the last one, the newest first, as far as anybody had joined by then."""
    first = session.scalar(select(func.min(Member.joined_at)))
    for months in range(1, MONTHS + 1):
        then = latest - months * MONTH
        if first is None or then <= first:
            return
        yield _past(session, then, then + MONTH, top_sector)


def _past(session: Session, then: datetime, until: datetime, top_sector: TopSector) -> Past:
    came = encoding.ties_made(session, then, until)
    network = Network(
        people=encoding.people_then(session, then, top_sector) if came else (),
        ties=encoding.ties(session, then=then),
        memberships=encoding.memberships(session, then=then),
        today=then.date().toordinal(),
    )
    return Past(indexing.build(network), came)
