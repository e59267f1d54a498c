"""Resources as members write them and staff publish them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.resources import drafts, reviews
from haln.learn.resources.contents import ALL_PARTS, EVERYONE, Content
from haln.models import Resource
from haln.taxonomy import vocabulary
from tests.builders import NOW, an_actor

WORDS = vocabulary.load()
PARTS = {
    "background": "We bought **bread** from far away.",
    "outcomes": "Six bakers in Leeds now bake for the wards.",
    "lessons": "- Ask the bakers first",
    "body": "Bread rises slowly.",
}


def a_content(title: str = "Bread for the wards", **changed: object) -> Content:
    """A text with everything that any kind needs; any field can be given by name."""
    values: dict[str, object] = {
        "standfirst": "How a hospital came to buy bread nearby.",
        "parts": dict(PARTS),
        "link": "https://www.example.org/bread",
        "themes": ("food",),
        "readers": EVERYONE,
    }
    assert set(PARTS) == set(ALL_PARTS)
    return Content(title, **{**values, **changed})  # type: ignore[arg-type]  # whatever a test gives


def a_draft(session: Session, writer: int, content: Content | None = None, kind: str = "case_study") -> Resource:
    """A draft of a member."""
    key = drafts.start(session, an_actor(session, writer), kind, content or a_content(), WORDS, NOW)
    return session.scalars(select(Resource).where(Resource.public_id == key)).one()


def sent(
    session: Session, writer: int, content: Content | None = None, kind: str = "case_study", now: datetime = NOW
) -> Resource:
    """A resource that waits for staff."""
    row = a_draft(session, writer, content, kind)
    drafts.send(session, an_actor(session, writer), row.public_id, now)
    return row


def published(
    session: Session,
    writer: int,
    staff: int,
    content: Content | None = None,
    kind: str = "case_study",
    now: datetime = NOW,
) -> Resource:
    """A resource that readers see."""
    row = sent(session, writer, content, kind, now)
    reviews.decide(session, an_actor(session, staff), row.public_id, reviews.PUBLISH, "", row.version, now)
    return row
