"""Letters about leading a set: only to who leads it, or led it, and nobody is named who may not be."""

from __future__ import annotations

import pytest
import vobject
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.models import Block, LearningSet, Member, SetMembership, SetSession
from haln.post import letters, set_leader_letters
from haln.post.writing import Desk, Letter, Order
from haln.views import letters as wording
from tests.builders import NOW, Cast
from tests.post.test_letters import a_set_leader_order, an_order

LEFT = "Ada Okafor has left the learning set"


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return wording.desk()


def write(session: Session, order: Order, desk: Desk) -> Letter | None:
    return letters.write(session, order, desk, NOW)


def text(letter: Letter | None) -> str:
    assert letter is not None
    return letter.words.subject + letter.words.text + letter.words.html


@pytest.mark.parametrize("kind", ["set_led", "set_left"])
def test_who_leads_the_set_no_longer_reads_nothing_of_it(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    order = a_set_leader_order(session, cast, kind)
    session.execute(update(LearningSet).values(facilitator_id=cast.sol))
    session.expire_all()
    assert write(session, order, desk) is None


@pytest.mark.parametrize("kind", ["set_led", "set_left"])
def test_nothing_is_said_of_a_set_that_has_ended(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    order = a_set_leader_order(session, cast, kind)
    session.execute(update(LearningSet).values(ended_on=NOW.date()))
    session.expire_all()
    assert write(session, order, desk) is None


@pytest.mark.parametrize("kind", set_leader_letters.KINDS)
def test_who_has_left_the_network_is_not_written_to(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    order = a_set_leader_order(session, cast, kind)
    session.execute(update(Member).where(Member.id == cast.fay).values(standing="left"))
    assert write(session, order, desk) is None


@pytest.mark.parametrize("kind", set_leader_letters.KINDS)
def test_only_the_news_that_somebody_left_can_be_stopped(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    order = a_set_leader_order(session, cast, kind)
    letter = write(session, order, desk)
    assert letter is not None
    assert bool(letter.unsubscribe_url) == (kind == "set_left")
    session.execute(update(Member).where(Member.id == cast.fay).values(introduction_mail=False))
    assert (write(session, order, desk) is None) == (kind == "set_left")


def test_who_leads_a_set_now_gets_its_sessions_that_are_still_ahead(session: Session, cast: Cast, desk: Desk) -> None:
    order = a_set_leader_order(session, cast, "set_led")
    letter = write(session, order, desk)
    assert letter is not None
    assert "Thursday 25 June 2026, 10:30am, Town hall" in letter.words.text
    (file,) = letter.attachments
    assert len(vobject.readOne(file.text).vevent_list) == 1
    session.execute(update(SetSession).values(state="cancelled"))
    session.expire_all()
    letter = write(session, order, desk)
    assert "Town hall" not in text(letter)
    assert letter is not None and letter.attachments == ()


def test_who_no_longer_leads_a_set_is_told_neither_who_does_nor_where_it_is(
    session: Session, cast: Cast, desk: Desk
) -> None:
    order = a_set_leader_order(session, cast, "set_not_led")
    session.execute(update(LearningSet).values(facilitator_id=cast.sol))
    session.expire_all()
    said = text(write(session, order, desk))
    assert "/sets/" not in said
    assert session.get_one(Member, cast.sol).name not in said
    session.execute(update(LearningSet).values(facilitator_id=cast.fay))
    session.expire_all()
    assert write(session, order, desk) is None


def test_who_left_is_named_without_a_reason_and_with_the_way_to_the_people(
    session: Session, cast: Cast, desk: Desk
) -> None:
    order = a_set_leader_order(session, cast, "set_left")
    said = text(write(session, order, desk))
    assert LEFT in said
    assert "/people" in said
    session.execute(update(SetMembership).values(left_on=None))
    session.expire_all()
    assert write(session, order, desk) is None


@pytest.mark.parametrize("how", ["blocked", "blocks", "left"])
def test_who_left_is_not_named_to_whom_they_are_not_there(session: Session, cast: Cast, desk: Desk, how: str) -> None:
    order = a_set_leader_order(session, cast, "set_left")
    if how == "left":
        session.execute(update(Member).where(Member.id == cast.ada).values(standing="left"))
    else:
        blocker, blocked = (cast.fay, cast.ada) if how == "blocks" else (cast.ada, cast.fay)
        session.add(Block(blocker_id=blocker, blocked_id=blocked, created_at=NOW))
    session.flush()
    said = text(write(session, order, desk))
    assert "Somebody has left the learning set" in said
    assert "Ada" not in said


def test_who_asks_to_join_is_not_told_to_who_led_the_set_before(session: Session, cast: Cast, desk: Desk) -> None:
    order = an_order(session, cast, "set_request_asked")
    assert write(session, order, desk) is not None
    session.execute(update(LearningSet).values(facilitator_id=cast.sol))
    assert write(session, order, desk) is None
