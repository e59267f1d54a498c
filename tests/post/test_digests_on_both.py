"""Notifications and digests on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people import notices
from haln.post import digest_letters
from haln.post import notices as told
from haln.post.digest_parts.base import Ways
from haln.post.shared import Shared
from tests.builders import NOW, Cast, a_theme, the_cast
from tests.digest_builders import ALL, DUE, a_choice, a_suggestion, asks, digest_of, order_all
from tests.event_builders import an_event
from tests.post.test_notices import KINDS, tell
from tests.resource_builders import a_content, published
from tests.topic_builders import a_topic


@pytest.fixture
def network(stored: Session) -> Cast:
    cast = the_cast(stored)
    stored.commit()
    return cast


def test_each_kind_is_told_once_and_read(stored: Session, network: Cast) -> None:
    for kind in KINDS:
        member = tell(stored, network, kind)
        (line,) = told.listed(stored, member, NOW)
        assert (line.kind, told.unread(stored, member, NOW)) == (kind, 1)
        assert told.open_one(stored, member, line.id, NOW) == line.path
        assert told.unread(stored, member, NOW) == 0
        stored.rollback()


def test_many_are_told_at_once_and_again_while_they_have_not_read(stored: Session, network: Cast) -> None:
    event = an_event(stored, network.fay, state="declined")
    orders = {member: {"event_id": event.id} for member in network.everyone()}
    for minutes in (0, 5):
        notices.put(stored, "event_answered", orders, NOW + timedelta(minutes=minutes))
    assert told.unread(stored, network.fay, NOW + timedelta(minutes=6)) == 1
    assert told.unread(stored, network.ada, NOW + timedelta(minutes=6)) == 0  # she did not propose it


def test_a_digest_is_ordered_and_put_together(stored: Session, network: Cast) -> None:
    ada = network.ada
    a_theme(stored, ada, "food", interest=True)
    a_suggestion(stored, ada, network.ben)
    asks(stored, network.cai, ada)
    an_event(stored, network.fay, themes=["food"], made_at=NOW)
    published(stored, network.dee, network.sol, a_content())
    a_topic(stored, network.dee, themes=["food"])
    stored.execute(update(Member).where(Member.id == ada).values(confirmed_at=NOW - timedelta(days=200)))
    a_choice(stored, ada)
    assert order_all(stored) == 1
    about = {"due_on": DUE.date().isoformat()}
    found = digest_letters.told(stored, about, ada, lambda path: path, Shared(), Ways(), DUE)
    assert found is not None
    parts = found["parts"]
    assert isinstance(parts, tuple) and [one.name for one in parts] == list(ALL)
    stored.commit()
    assert digest_of(stored, ada).items == 6
