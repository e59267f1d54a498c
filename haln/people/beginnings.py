"""Whether anybody is here yet."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member


def is_empty(session: Session) -> bool:
    """Whether the network has never had a member."""
    return session.scalar(select(Member.id).limit(1)) is None
