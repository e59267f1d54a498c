"""Digests for the tests: due on Tuesdays at eight in London; the next one is on the day after NOW."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Digest, DigestChoice, Introduction, Mail, Suggestion
from haln.people.tokens import public_id
from haln.post import digest_times, digests
from haln.post.digest_parts.registry import PARTS
from tests.builders import NOW

DAYS = digest_times.days("tuesday", 8, ZoneInfo("Europe/London"))
DUE = datetime(2026, 6, 16, 7, 0, tzinfo=UTC)
"""Tuesday at eight in London."""
WEEK = timedelta(days=7)
ALL = tuple(PARTS)


def a_choice(
    session: Session,
    member: int,
    frequency: str = "week",
    parts: Collection[str] = ALL,
    chosen_at: datetime = NOW - timedelta(days=40),
) -> DigestChoice:
    """What a member chose some weeks ago."""
    row = DigestChoice(member_id=member, frequency=frequency, parts=list(parts), chosen_at=chosen_at)
    session.add(row)
    session.flush()
    return row


def a_suggestion(session: Session, member: int, other: int, listed_at: datetime = NOW, rank: int = 1) -> Suggestion:
    """Somebody in a member's list, because both are in the same sector."""
    row = Suggestion(
        member_id=member,
        other_id=other,
        rank=rank,
        score=1.0,
        band="good",
        reasons=[{"kind": "same_role_other_organisation", "weight": 1.0, "evidence": {"role": "strategy"}}],
        signals={},
        weights_version="test",
        listed_at=listed_at,
        refreshed_at=listed_at,
    )
    session.add(row)
    session.flush()
    return row


def asks(session: Session, asker: int, asked: int, at: datetime = NOW, **facts: object) -> Introduction:
    """One member asks another to connect."""
    values: dict[str, object] = {
        "public_id": public_id(),
        "kind": "asked",
        "asker_answer": "yes",
        "note": "A private word.",
        "created_at": at,
        "expires_at": at + timedelta(days=14),
    }
    row = Introduction(asker_id=asker, asked_id=asked, **{**values, **facts})
    session.add(row)
    session.flush()
    return row


def order_all(session: Session, now: datetime = DUE, portion: int = 200) -> int:
    """Order every digest that is due, in portions. Returns how many."""
    count = 0
    while made := digests.order_due(session, DAYS, now, portion):
        session.commit()
        count += made
    return count


def digest_of(session: Session, member: int, due: datetime = DUE) -> Digest:
    """A member's digest of a day."""
    return session.get_one(Digest, (member, due.date()), populate_existing=True)


def mail_of(session: Session, member: int) -> list[Mail]:
    """The rows of the outbox of a member's digests, the oldest first."""
    rows = select(Mail).where(Mail.kind == "digest", Mail.member_id == member).order_by(Mail.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))
