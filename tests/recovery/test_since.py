"""Who went since a backup, and who wants less since, is not brought back to what was."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.connect import blocks, coffee_opting
from haln.errors import Conflict
from haln.models import Block, CoffeeOptIn, Connection, DigestChoice, Member, StoppedAddress
from haln.people import accounts, digest_choices, erasure, leaving, stopped_mail
from haln.recovery import restoring, taking
from tests.builders import NOW, an_actor
from tests.recovery.places import an_edge, everything, opened

pytestmark = pytest.mark.slow

LATER = NOW + timedelta(days=1)
PAUSED = date(2027, 3, 1)


@pytest.fixture
def backup(network: str, tmp_path: Path) -> Path:
    with opened(network) as session:
        session.execute(update(Member).where(Member.standing == "active").values(news_since=NOW, paused_until=None))
        session.execute(update(Member).values(topic_mail=True, listed=True))
        for number in active(session)[:6]:
            digest_choices.choose(session, number, "week", ["events"], ["events"], NOW)
    taking.take(network, tmp_path / "one.backup", NOW)
    return tmp_path / "one.backup"


def active(session: Session) -> list[int]:
    asked = select(Member.id).where(Member.standing == "active", Member.audience == "member").order_by(Member.id)
    return list(session.scalars(asked))


def want_less(session: Session) -> list[int]:
    """One is erased, one leaves, one blocks another, one wants no mail, one is hidden and pauses."""
    numbers = active(session)[:6]
    erased, left, one, other, quiet, hidden = numbers
    erasure.erase(session, erased, LATER)
    leaving.leave(session, an_actor(session, left), LATER)
    blocks.put_between(session, one, other, LATER)
    member = session.get_one(Member, quiet)
    stopped_mail.stop(session, "quiet@example.org", "complained", "", LATER)
    accounts.set_mail(session, member.public_id, topics=False)
    accounts.set_news(session, member.public_id, wanted=False, now=LATER)
    digest_choices.stop(session, member.public_id, LATER)
    coffee_opting.stop(session, member.public_id, LATER)
    them = session.get_one(Member, hidden)
    them.listed, them.show_email, them.paused_until = False, 0, PAUSED
    session.commit()
    return numbers


def test_what_people_ended_since_stays_ended(network: str, backup: Path, tmp_path: Path) -> None:
    with opened(network) as session:
        erased, left, one, other, quiet, hidden = want_less(session)
    told = restoring.restore(backup, network, tmp_path, an_edge(LATER), replace=True).settled
    assert (told.erased, told.left, told.blocks, told.stopped) == (1, 1, 1, 1)
    assert (told.unsubscribed, told.hidden) == (1, 1)
    with opened(network) as session:
        standing = {row.id: row.standing for row in session.execute(select(Member.id, Member.standing))}
        assert (standing[erased], standing[left], standing[one]) == ("erased", "left", "active")
        tied = select(Connection.id).where((Connection.low_id == left) | (Connection.high_id == left))
        assert session.scalars(tied.where(Connection.until.is_(None))).all() == []
        assert session.get(Block, (one, other)) is not None
        assert session.get_one(StoppedAddress, "quiet@example.org").reason == "complained"
        found = session.get_one(Member, quiet)
        assert (found.topic_mail, found.news_since, found.event_mail) == (False, None, True)
        assert session.get_one(DigestChoice, quiet).frequency == "none"
        assert session.get_one(CoffeeOptIn, quiet).mode == "stopped"
        them = session.get_one(Member, hidden)
        assert (them.listed, them.show_email, them.paused_until) == (False, 0, PAUSED)


def test_who_left_is_written_nothing_that_fell_due(network: str, backup: Path, tmp_path: Path) -> None:
    with opened(network) as session:
        left = want_less(session)[1]
    seen = []

    def falls_due(session: Session) -> None:
        seen.append(session.get_one(Member, left).standing)

    restoring.restore(backup, network, tmp_path, an_edge(LATER, falls_due), replace=True)
    assert seen == ["left"]


def test_what_did_not_stand_still_did_not_only_move(network: str, backup: Path, tmp_path: Path) -> None:
    with opened(network) as session:
        want_less(session)
    there = everything(network)
    with pytest.raises(Conflict, match="1 people were erased in it, 1 left, and 4 blocks"):
        restoring.restore(backup, network, tmp_path, an_edge(LATER), replace=True, moved=True)
    assert everything(network) == there


def test_who_came_back_or_wants_more_since_is_as_in_the_backup(network: str, backup: Path, tmp_path: Path) -> None:
    with opened(network) as session:
        want_less(session)
    taking.take(network, tmp_path / "two.backup", LATER)
    restoring.restore(backup, network, tmp_path, an_edge(LATER), replace=True)
    told = restoring.restore(tmp_path / "two.backup", network, tmp_path, an_edge(LATER + timedelta(1)), replace=True)
    settled = told.settled
    assert (settled.erased, settled.left, settled.blocks, settled.unsubscribed, settled.hidden) == (0,) * 5
