"""Issues of the newsletter for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.models import Member, Newsletter
from haln.people.tokens import public_id
from tests.builders import NOW


def a_block(kind: str = "words", **facts: object) -> dict[str, Any]:
    """A block; any part can be given by name."""
    of_its_kind: dict[str, dict[str, object]] = {
        "words": {"heading": "Bread for the wards", "text": "Six bakers **now** bake."},
        "call": {"button": "Take part", "link": "/events"},
    }
    return {"id": public_id(), "version": 1, "kind": kind, "text": "", **of_its_kind.get(kind, {}), **facts}


def an_issue(session: Session, *blocks: dict[str, Any], **facts: object) -> Newsletter:
    """A draft with a block of words, or with those given; any column can be given by name."""
    values: dict[str, object] = {
        "public_id": public_id(),
        "subject": "News of June",
        "sectors": [],
        "regions": [],
        "themes": [],
        "languages": [],
        "state": "draft",
        "made_at": NOW - timedelta(days=2),
        "changed_at": NOW - timedelta(days=1),
    }
    row = Newsletter(blocks=list(blocks or (a_block(),)), **{**values, **facts})
    if row.state == "scheduled" and row.send_at is None:
        row.send_at = NOW
    if row.state in ("sending", "sent", "stopped") and row.began_at is None:
        row.began_at = NOW - timedelta(hours=1)
    session.add(row)
    session.flush()
    return row


def want_news(session: Session, *members: int, since: datetime | None = NOW - timedelta(days=30)) -> None:
    """These asked for the newsletter; with no `since`, for no more of it."""
    session.execute(update(Member).where(Member.id.in_(members)).values(news_since=since))
    session.flush()
