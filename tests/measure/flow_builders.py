"""Introductions and suggestions as rows, at any time before now."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from haln.models import Introduction, Suggestion
from haln.people.tokens import public_id
from tests.builders import NOW


def an_introduction(
    session: Session,
    asker: int,
    asked: int,
    state: str = "open",
    days: int = 30,
    took: int | None = None,
    **facts: object,
) -> int:
    """Offered so many days ago; accepted ones closed after `took` days (0)."""
    created = NOW - timedelta(days=days)
    closed = created + timedelta(days=took or 0) if state == "accepted" or took is not None else None
    values: dict[str, object] = {
        "public_id": public_id(),
        "kind": "asked",
        "asker_id": asker,
        "asked_id": asked,
        "source": "directory",
        "state": state,
        "asker_answer": "yes",
        "asked_answer": "yes" if state == "accepted" else None,
        "created_at": created,
        "expires_at": created + timedelta(days=14),
        "closed_at": closed,
    }
    row = Introduction(**{**values, **facts})
    session.add(row)
    session.flush()
    return row.id


def a_suggestion(
    session: Session, member: int, other: int, kind: str, listed: datetime = NOW, unlisted: datetime | None = None
) -> int:
    """`other` listed for `member`, for one reason first."""
    reasons = [{"kind": kind, "evidence": {}, "weight": 1.0}, {"kind": "active", "evidence": {}, "weight": 0.1}]
    row = Suggestion(
        member_id=member,
        other_id=other,
        rank=1,
        score=0.5,
        band="good",
        reasons=reasons if kind else [],
        signals={},
        weights_version="1",
        listed_at=listed,
        refreshed_at=listed,
        unlisted_at=unlisted,
    )
    session.add(row)
    session.flush()
    return row.id
