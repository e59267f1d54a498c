"""What a network already has when it starts."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from haln.models import AlgorithmRun, Counter, Member

INVENTED = "demonstration"
RENAMED = "renamed-network"
"""Counters whose row says that the members of this network are invented, or real ones under invented names."""


def is_empty(session: Session) -> bool:
    """Whether the network has never had a member."""
    return session.scalar(select(Member.id).limit(1)) is None


def has_suggestions(session: Session) -> bool:
    """Whether everybody's suggestions were ever made to the end."""
    finished = select(AlgorithmRun.id).where(AlgorithmRun.kind == "suggestions", AlgorithmRun.finished_at.is_not(None))
    return session.scalar(finished.limit(1)) is not None


def mark_people(session: Session, mark: str, count: int) -> None:
    """Write down that `count` members are invented, or go by invented names: every page says so from then on."""
    session.execute(insert(Counter).values(name=mark, value=count))


def people_mark(session: Session) -> str:
    """Whether the members are invented (INVENTED), go by invented names (RENAMED), or are themselves (empty)."""
    return session.scalar(select(Counter.name).where(Counter.name.in_((INVENTED, RENAMED))).limit(1)) or ""
