"""What a network already has when it starts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import AlgorithmRun, Member


def is_empty(session: Session) -> bool:
    """Whether the network has never had a member."""
    return session.scalar(select(Member.id).limit(1)) is None


def has_suggestions(session: Session) -> bool:
    """Whether everybody's suggestions were ever made to the end."""
    finished = select(AlgorithmRun.id).where(AlgorithmRun.kind == "suggestions", AlgorithmRun.finished_at.is_not(None))
    return session.scalar(finished.limit(1)) is not None
