"""A demonstration's digests and notifications: the same each time, and nothing that is still to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.models import Digest, DigestChoice, Mail, Member, Notice
from haln.people.demonstration.writing import Wanted
from haln.post import demonstration, notices
from tests.digest_builders import DAYS
from tests.people.demonstration import places

MEMBERS, MONTHS = 200, 18
UNTIL = datetime.combine(places.UNTIL, time(0), UTC)


def made() -> Iterator[Session]:
    with places.an_empty_network() as session:
        places.a_demonstration(session, members=MEMBERS, months=MONTHS)
        demonstration.write(session, Wanted(MEMBERS, MONTHS, 7, places.UNTIL), DAYS)
        yield session


@pytest.fixture(scope="module")
def invented() -> Iterator[Session]:
    yield from made()


def rows(session: Session) -> list[tuple[object, ...]]:
    told = select(Notice.member_id, Notice.kind, Notice.about_id, Notice.at, Notice.seen_at).order_by(Notice.id)
    chosen = select(DigestChoice.member_id, DigestChoice.frequency, DigestChoice.parts)
    statements = (told, chosen.order_by(DigestChoice.member_id), select(Digest.member_id, Digest.items))
    return [tuple(row) for statement in statements for row in session.execute(statement)]


def test_the_same_seed_makes_the_same_rows(invented: Session) -> None:
    for again in made():
        assert rows(again) == rows(invented)


def test_all_frequencies_are_there_and_some_have_not_said(invented: Session) -> None:
    counts = dict(invented.execute(select(DigestChoice.frequency, func.count()).group_by(DigestChoice.frequency)).all())
    assert set(counts) == {"week", "month", "none"}
    active = invented.scalar(select(func.count(Member.id)).where(Member.standing == "active")) or 0
    assert sum(counts.values()) < active


def test_nothing_is_still_to_come_and_what_was_sent_is_in_the_outbox(invented: Session) -> None:
    assert all(at < UNTIL for at in invented.scalars(select(Notice.at)))
    for items, state in invented.execute(select(Digest.items, Mail.state).join(Mail, Mail.id == Digest.mail_id)):
        assert state == ("sent" if items else "cancelled")


def test_somebody_has_something_to_read(invented: Session) -> None:
    unread = invented.scalars(select(Notice.member_id).where(Notice.seen_at.is_(None)).distinct()).all()
    assert any(notices.unread(invented, member, UNTIL) for member in unread)
