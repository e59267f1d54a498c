"""Which sessions of learning sets were held in a period, and how many came, as it was known when the question asks.

Of a session, and of whether somebody was at it, what was written down last holds alone: a session that was moved later,
or an attendance that was entered later, is not in what was known before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from haln.measure.periods import Period
from haln.models import AttendanceVersion, SessionVersion

HELD, PRESENT = "held", "present"


@dataclass(frozen=True, slots=True)
class Met:
    """How often a set met in the period, and how many were there, all sessions together."""

    sessions: int
    present: int


NEVER_MET = Met(0, 0)


def met(session: Session, period: Period) -> Mapping[int, Met]:
    """The sessions of each set that met, by its number: whoever was there counts, also with a filter."""
    rows = session.execute(_met(period))
    return {number: Met(sessions, present) for number, sessions, present in rows}


def _met(period: Period) -> Select[int, int, int]:
    held, came, other = SessionVersion, AttendanceVersion, aliased(AttendanceVersion)
    same = and_(other.session_id == came.session_id, other.member_id == came.member_id)
    known_on = period.question.known_by(period.until)
    sessions, said = select(func.max(held.id)).group_by(held.session_id), select(func.max(other.id)).where(same)
    if known_on is not None:
        sessions, said = sessions.where(held.recorded_on <= known_on), said.where(other.recorded_on <= known_on)
    there = and_(
        came.session_id == held.session_id, came.state == PRESENT, came.id == said.correlate(came).scalar_subquery()
    )
    return (
        select(held.set_id, func.count(held.session_id.distinct()), func.count(came.id))
        .outerjoin(came, there)
        .where(held.id.in_(sessions), held.state == HELD, held.from_on > period.start, held.from_on <= period.until)
        .group_by(held.set_id)
    )
