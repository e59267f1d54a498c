"""A restored database revives nothing that ended, and sends nothing that may have left."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import AuditRecord, Mail, Member
from haln.people import links, mailbox, sessions
from haln.people.links import Purpose
from haln.post import holding, outbox
from haln.recovery import restoring, settling, taking
from haln.recovery.settling import Settled
from haln.recovery.since import Since
from tests.builders import NOW, by_key, the_cast
from tests.recovery.places import an_edge, opened

LATER = NOW + timedelta(days=1)


def falls_due(session: Session) -> None:
    """What a worker would do now by the clock: once only, by a key."""
    mailbox.put(session, "topic_held", "ada@trust.example", {"n": 1}, LATER, dedupe_key="due on Tuesday")
    session.commit()


def states_of(session: Session) -> dict[str, int]:
    session.flush()
    return dict(Counter(session.scalars(select(Mail.state))))


def test_sign_ins_keys_and_links_that_worked_then_work_no_more(session: Session) -> None:
    cast = the_cast(session)
    token = sessions.start(session, cast.ada, NOW, 14)
    key = by_key(session, cast.sol)["Authorization"].removeprefix("Bearer ")
    link = links.mint(session, Purpose.RESET, session.get_one(Member, cast.ada).email or "", cast.ada, LATER)
    assert sessions.actor_for(session, token, LATER) and sessions.actor_for_key(session, key, LATER)
    links.look(session, Purpose.RESET, link, LATER)
    settled = settling.settle(session, NOW, Since(), lambda _session: None, LATER)
    assert settled == Settled(sign_ins=1, keys=1)
    assert sessions.actor_for(session, token, LATER) is None
    assert sessions.actor_for_key(session, key, LATER) is None
    with pytest.raises(links.Gone):
        links.look(session, Purpose.RESET, link, LATER)


def test_what_waited_and_what_fell_due_since_is_held_and_never_written_twice(session: Session) -> None:
    for number, state in enumerate(("waiting", "leased", "sending", "sent", "cancelled")):
        mailbox.put(session, "verify", f"new{number}@example.org", {}, NOW)
        session.flush()
        session.scalars(select(Mail).order_by(Mail.id.desc())).first().state = state  # type: ignore[union-attr]
    settled = settling.settle(session, NOW, Since(), falls_due, LATER)
    assert settled.letters == 4
    assert states_of(session) == {"failed": 4, "sent": 1, "cancelled": 1}
    assert outbox.claim(session, LATER, "worker") == []
    falls_due(session)
    assert states_of(session) == {"failed": 4, "sent": 1, "cancelled": 1}
    assert holding.counts(session) == {"topic_held": 1, "verify": 3}


def test_what_is_held_leaves_or_never_does_as_is_decided(session: Session) -> None:
    for number in range(3):
        mailbox.put(session, "verify", f"new{number}@example.org", {}, NOW)
    mailbox.put(session, "topic_held", "ada@trust.example", {}, NOW)
    mailbox.put(session, "reset", "broken@example.org", {}, NOW)
    session.flush()
    session.scalars(select(Mail).where(Mail.kind == "reset")).one().state = "failed"  # for a reason of its own
    holding.hold(session)
    assert holding.let_go(session, ("topic_held",), LATER) == 1
    assert len(outbox.claim(session, LATER, "worker")) == 1
    assert holding.drop(session, (), LATER) == 3
    assert holding.counts(session) == {} and holding.let_go(session, (), LATER) == 0
    assert states_of(session) == {"leased": 1, "cancelled": 3, "failed": 1}
    acts = set(session.scalars(select(AuditRecord.action)))
    assert acts == {"send_held_mail", "cancel_held_mail"}


@pytest.mark.slow
def test_a_service_that_only_moved_goes_on_where_it_was(network: str, empty: str, tmp_path: Path) -> None:
    with opened(network) as session:
        member = session.scalars(select(Member.id).where(Member.standing == "active")).first() or 0
        token = sessions.start(session, member, NOW, 14)
        mailbox.put(session, "verify", "new@example.org", {}, NOW)
        waiting = states_of(session)["waiting"]
    taking.take(network, tmp_path / "one.backup", NOW)
    restoring.restore(tmp_path / "one.backup", empty, tmp_path, an_edge(LATER, falls_due), moved=True)
    with opened(empty) as session:
        assert sessions.actor_for(session, token, LATER) is not None
        assert states_of(session)["waiting"] == waiting
