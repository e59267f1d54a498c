"""What tests of suggestions ask: the rows that are kept, and whom a list holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.connect.refresh import settings_for
from haln.models import Suggestion
from haln.taxonomy.vocabulary import load

SETTINGS = settings_for(6, 3.0)
THEMES = [theme.code for theme in load().themes]


def top_sector(code: str) -> str:
    return code.split("-")[0]


def rows(session: Session) -> list[tuple[Any, ...]]:
    found = session.execute(
        select(
            Suggestion.member_id,
            Suggestion.rank,
            Suggestion.other_id,
            Suggestion.score,
            Suggestion.band,
            Suggestion.reasons,
            Suggestion.signals,
        )
        .where(Suggestion.unlisted_at.is_(None))
        .order_by(Suggestion.member_id, Suggestion.rank)
    )
    return [tuple(row) for row in found]


def listed(session: Session, member_id: int) -> set[int]:
    current = Suggestion.unlisted_at.is_(None)
    return set(session.scalars(select(Suggestion.other_id).where(Suggestion.member_id == member_id, current)))


def anyone_listed(session: Session, member_id: int) -> int:
    return sorted(listed(session, member_id))[0]
