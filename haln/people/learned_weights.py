"""Weights learned at night from the network's own history: every version of them, and which hold.

Of people to meet and of what to join alike: weights that were drawn to the same prior are versions of each other.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.matching.attempts import Attempt
from haln.matching.blend import Weights
from haln.models import BlendModel

_log = logging.getLogger(__name__)

EVERY = timedelta(days=6, hours=12)
"""How long weights are kept at least: a day more teaches little, and new weights make all rows anew."""

TRIED = "tried"
"""What weights are called until they are kept."""


def current(session: Session, prior: Weights) -> Weights:
    """The weights in use: those learned last and not refused, or those of other networks, `prior`.

    Weights that were drawn to others than today's are of another make, and wait to be learned anew. Weights that cannot
    be read were learned by a later version of the program, from which somebody went back: those before them hold.
    """
    learned = (
        select(BlendModel.version, BlendModel.weights)
        .where(BlendModel.accepted, BlendModel.prior == prior.version)
        .order_by(BlendModel.id.desc())
    )
    at = 0
    while (row := session.execute(learned.offset(at).limit(1)).first()) is not None:
        try:
            return Weights.of_data(row.version, row.weights, prior.family)
        except ValueError as error:
            passed_over(row.version, str(error))
        at += 1
    return prior


@cache
def passed_over(version: str, why: str) -> None:
    """Log once in each process that weights cannot be read: an idle worker asks for them every other second."""
    _log.warning("Learned weights %s cannot be read (%s): those before them are used", version, why)


def is_due(session: Session, prior: Weights, now: datetime) -> bool:
    """Whether weights are to be learned again."""
    last = session.scalar(select(func.max(BlendModel.made_at)).where(BlendModel.prior == prior.version))
    return last is None or now - last >= EVERY


def keep(session: Session, made: Attempt, prior: Weights, lessons: Mapping[str, int], now: datetime) -> None:
    """Keep newly learned weights as a version, used from now on or refused. The caller commits.

    `lessons`: how many of which kind they were learned from, and by how many they were judged. They are named here and
    not when learning began, since when others may have been kept.
    """
    number = (session.scalar(select(func.max(BlendModel.id))) or 0) + 1
    session.add(
        BlendModel(
            version=f"learned-{number}",
            prior=prior.version,
            before=made.before.version,
            made_at=now,
            accepted=made.accepted,
            value=made.value,
            value_before=made.value_before,
            lessons=dict(lessons),
            weights=made.weights.as_data(),
        )
    )
    session.flush()


@dataclass(frozen=True, slots=True)
class Version:
    """Weights that were learned once. `value`, `value_before`: mean nDCG@10 over what came in the month before."""

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
