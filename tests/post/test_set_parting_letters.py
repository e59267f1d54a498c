"""Letters about who was taken out of a set: to them, and to whoever leads it; nothing once they are in it again."""

from __future__ import annotations

import pytest
import vobject
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.models import Block, LearningSet, Member, SetMembership, SetSession
from haln.post import letters, set_parting_letters
from haln.post.writing import Desk, Letter, Order
from haln.views import letters as wording
from tests.builders import NOW, Cast
from tests.post.test_letters import a_set_parting_order


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return wording.desk()


def write(session: Session, order: Order, desk: Desk) -> Letter | None:
    return letters.write(session, order, desk, NOW)


def text(letter: Letter | None) -> str:
    assert letter is not None
    return letter.words.subject + letter.words.text + letter.words.html


def test_who_was_taken_out_reads_no_name_and_gets_the_sessions_out_of_their_calendar(
    session: Session, cast: Cast, desk: Desk
) -> None:
    letter = write(session, a_set_parting_order(session, cast, "set_out"), desk)
    assert letter is not None
    said = text(letter)
    assert "You are no longer in the learning set" in said
    assert "/learning" in said and "/sets/" not in said and "Fay" not in said and "Ben" not in said
    (file,) = letter.attachments
    (one,) = vobject.readOne(file.text).vevent_list
    assert one.status.value == "CANCELLED"
    assert "meet.example" not in file.text and "Food" not in file.text and "/sets/" not in file.text


def test_without_sessions_ahead_there_is_no_file(session: Session, cast: Cast, desk: Desk) -> None:
    order = a_set_parting_order(session, cast, "set_out")
    session.execute(update(SetSession).values(state="cancelled"))
    session.expire_all()
    letter = write(session, order, desk)
    assert letter is not None and letter.attachments == () and "calendar" not in letter.words.text


@pytest.mark.parametrize("kind", set_parting_letters.KINDS)
@pytest.mark.parametrize("since", ["in it again", "ended", "reader left"])
def test_nothing_is_said_once_it_is_not_so_any_more(
    session: Session, cast: Cast, desk: Desk, kind: str, since: str
) -> None:
    order = a_set_parting_order(session, cast, kind)
    assert write(session, order, desk) is not None
    if since == "in it again":
        session.execute(update(SetMembership).values(left_on=None))
    elif since == "ended":
        session.execute(update(LearningSet).values(ended_on=NOW.date()))
    else:
        session.execute(update(Member).where(Member.id == order.member_id).values(standing="left"))
    session.expire_all()
    assert write(session, order, desk) is None


def test_who_leads_the_set_no_longer_reads_nothing_of_it(session: Session, cast: Cast, desk: Desk) -> None:
    order = a_set_parting_order(session, cast, "set_member_out")
    session.execute(update(LearningSet).values(facilitator_id=cast.sol))
    session.expire_all()
    assert write(session, order, desk) is None


@pytest.mark.parametrize("kind", set_parting_letters.KINDS)
def test_only_the_facilitators_letter_can_be_stopped(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    order = a_set_parting_order(session, cast, kind)
    session.execute(update(Member).where(Member.id == order.member_id).values(introduction_mail=False))
    assert (write(session, order, desk) is None) == (kind == "set_member_out")


@pytest.mark.parametrize("how", ["seen", "blocked", "left"])
def test_who_was_taken_out_is_named_only_to_whom_they_are_there(
    session: Session, cast: Cast, desk: Desk, how: str
) -> None:
    order = a_set_parting_order(session, cast, "set_member_out")
    if how == "left":
        session.execute(update(Member).where(Member.id == cast.ada).values(standing="left"))
    elif how == "blocked":
        session.add(Block(blocker_id=cast.ada, blocked_id=cast.fay, created_at=NOW))
    session.flush()
    said = text(write(session, order, desk))
    assert ("Ada Okafor is no longer in the learning set" in said) == (how == "seen")
    assert ("Somebody is no longer in the learning set" in said) == (how != "seen")
    assert "has left" not in said
