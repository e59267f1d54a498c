"""What else whoever leads a set leads at the hours of its sessions: to know, never in the way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn.session_times import LONGEST, Span
from haln.learn.sessions import PLANNED
from haln.learn.set_access import managing
from haln.models import LearningSet, SetSession


@dataclass(frozen=True, slots=True)
class Overlap:
    """A session of another set that the actor leads, in the order of their hours."""

    set_name: str
    starts_at: datetime


def also_led(session: Session, actor: Actor, set_id: str, session_ids: Collection[str]) -> list[Overlap]:
    """Sessions of other running sets that the actor leads at the hours of these ones, by public ids.

    Only of the actor's own sets, and only where they lead this one: of others nothing is told.
    Raises NotFound, NotPermitted.
    """
    row = managing(session, actor, set_id).row
    if row.facilitator_id != actor.member_id:
        return []
    mine = session.execute(
        select(SetSession.starts_at, SetSession.minutes).where(
            SetSession.set_id == row.id, SetSession.public_id.in_(session_ids), SetSession.state == PLANNED
        )
    )
    spans = [Span(one.starts_at, one.minutes) for one in mine]
    if not spans:
        return []
    others = session.execute(
        select(LearningSet.name, SetSession.starts_at, SetSession.minutes)
        .join(LearningSet, LearningSet.id == SetSession.set_id)
        .where(
            LearningSet.facilitator_id == actor.member_id,
            LearningSet.id != row.id,
            LearningSet.ended_on.is_(None),
            SetSession.state == PLANNED,
            SetSession.starts_at < max(span.ends_at for span in spans),
            SetSession.starts_at > min(span.starts_at for span in spans) - timedelta(minutes=LONGEST),
        )
        .order_by(SetSession.starts_at, SetSession.id)
    )
    return [
        Overlap(one.name, one.starts_at)
        for one in others
        if any(span.meets(Span(one.starts_at, one.minutes)) for span in spans)
    ]
