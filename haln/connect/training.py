"""Weights learned at night from the network's own history: tried, held against those in use, kept either way.

Learned from: the network as it was known at the ends of earlier months and which ties came within a month after, and
what members said to their suggestions. Held out: the ties of the last month. New weights are used from when they are no
worse on it than those in use; refused ones are kept, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.connect import encoding, listed_answers
from haln.connect.encoding import TopSector
from haln.matching import index as indexing
from haln.matching import learning
from haln.matching.blend import Weights
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.learning import Answer, Attempt, Past
from haln.matching.people import Network
from haln.matching.suggest import Settings
from haln.models import BlendModel, Member

MONTH = timedelta(days=30)
MONTHS = 6
"""So many months before the last one are looked at; fewer where they teach enough."""
EVERY = timedelta(days=6, hours=12)
"""How long weights are kept at least: a day more teaches little, and new weights make all rows anew."""


def current(session: Session) -> Weights:
    """The weights in use: those learned last and not refused, or those of other networks.

    Weights that were drawn to others than today's are of another make, and wait to be learned anew.
    """
    row = session.execute(
        select(BlendModel.version, BlendModel.weights)
        .where(BlendModel.accepted, BlendModel.prior == DEFAULT_WEIGHTS.version)
        .order_by(BlendModel.id.desc())
        .limit(1)
    ).first()
    return DEFAULT_WEIGHTS if row is None else Weights.of_data(row.version, row.weights)


def is_due(session: Session, now: datetime) -> bool:
    """Whether weights are to be learned again."""
    last = session.scalar(select(func.max(BlendModel.made_at)).where(BlendModel.prior == DEFAULT_WEIGHTS.version))
    return last is None or now - last >= EVERY


def attempt(session: Session, now: datetime, top_sector: TopSector, settings: Settings) -> Attempt | None:
    """Learn new weights, which only reads. Returns none where there is too little to learn from, or to judge by."""
    latest = now - MONTH
    if 2 * len(encoding.ties_made(session, latest, now)) < learning.FEWEST:
        return None
    return learning.attempt(
        _earlier(session, latest, top_sector),
        _answers(session, latest),
        _past(session, latest, now, top_sector),
        current(session),
        DEFAULT_WEIGHTS,
        _next_version(session),
        settings,
    )


def _answers(session: Session, until: datetime) -> list[Answer]:
    found = listed_answers.until(session, until)
    counts = Counter(one.member_id for one in found)
    return [learning.answered(one.names, one.rows, one.ties, one.liked, counts[one.member_id]) for one in found]


def keep(session: Session, made: Attempt, now: datetime) -> None:
    """Keep newly learned weights as a version, used from now on or refused. The caller commits."""
    session.add(
        BlendModel(
            version=made.weights.version,
            prior=DEFAULT_WEIGHTS.version,
            before=made.before.version,
            made_at=now,
            accepted=made.accepted,
            value=made.value,
            value_before=made.value_before,
            lessons={"ties": made.ties, "answers": made.answers, "last_month": made.asked},
            weights=made.weights.as_data(),
        )
    )
    session.flush()


def _next_version(session: Session) -> str:
    return f"learned-{(session.scalar(select(func.max(BlendModel.id))) or 0) + 1}"


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


@dataclass(frozen=True, slots=True)
class Version:
    """Weights that were learned once. `value`, `value_before`: mean nDCG@10 over the ties of the month before."""

    version: str
    made_at: datetime
    accepted: bool
    value: float
    before: str
    value_before: float
    lessons: Mapping[str, int]


def versions(session: Session, limit: int) -> list[Version]:
    """Weights that were learned, the newest first."""
    rows = session.scalars(select(BlendModel).order_by(BlendModel.id.desc()).limit(limit))
    return [
        Version(row.version, row.made_at, row.accepted, row.value, row.before, row.value_before, row.lessons)
        for row in rows
    ]
