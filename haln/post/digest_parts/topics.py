"""Topics proposed since, about the reader's themes, that may be backed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.topic_state import ALIVE
from haln.models import Topic
from haln.people import markdown
from haln.post.digest_parts.base import Found, Reader, Why
from haln.post.digest_times import LONGEST
from haln.post.shared import Shared

MOST = 3
EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Proposed:
    """A topic as members find it. `by`: the number of who proposed it, who needs no news of it."""

    public_id: str
    title: str
    text: str
    themes: frozenset[str]
    by: int
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """A topic in a digest, and why it is there."""

    topic: Proposed
    why: Why


def read(session: Session, reader: Reader, shared: Shared) -> Found | None:
    """Up to three topics, the newest first. Who proposed and who backs them stands on their pages, behind the gate."""
    proposed = shared.once("topics", reader.now, lambda: _proposed(session, reader.now))
    new = [one for one in proposed if reader.is_new(one.proposed_at) and one.by != reader.id]
    found = tuple(Item(one, why) for one in new if (why := reader.why(one.themes)) is not None)[:MOST]
    return Found(found, len(found)) if found else None


def _proposed(session: Session, now: datetime) -> list[Proposed]:
    rows = session.execute(
        select(Topic.public_id, Topic.title, Topic.text, Topic.themes, Topic.proposed_by_id, Topic.proposed_at)
        .where(Topic.proposed_at > now - LONGEST, Topic.state.in_(ALIVE))
        .order_by(Topic.proposed_at.desc(), Topic.id.desc())
    ).all()
    return [
        Proposed(
            public_id=row.public_id,
            title=row.title,
            text=markdown.plain(row.text, EXCERPT),
            themes=frozenset(row.themes),
            by=row.proposed_by_id,
            proposed_at=row.proposed_at,
        )
        for row in rows
    ]
