"""Letters about sets: only to those in them, only of what still holds, with a calendar file that says the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import vobject
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.models import LearningSet, Member, SetMembership, SetSession
from haln.post import letters, set_letters
from haln.post.writing import Desk, Letter, Order
from haln.views import letters as wording
from tests.builders import NOW, Cast
from tests.post.test_letters import a_set_order

ABOUT_SESSIONS = tuple(kind for kind in set_letters.KINDS if kind.startswith("session"))


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return wording.desk()


def write(session: Session, order: Order, desk: Desk) -> Letter | None:
    return letters.write(session, order, desk, NOW)


def event(letter: Letter | None) -> Any:
    assert letter is not None
    (file,) = letter.attachments
    (found,) = vobject.readOne(file.text).vevent_list
    return found


@pytest.mark.parametrize("kind", ABOUT_SESSIONS)
def test_the_letter_and_its_calendar_file_say_the_same(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    letter = write(session, a_set_order(session, cast, kind), desk)
    found = event(letter)
    assert letter is not None
    assert "Thursday 25 June 2026, 10:30am, Town hall" in letter.words.text
    assert found.location.value == "Town hall"
    assert found.status.value == ("CANCELLED" if kind == "session_cancelled" else "CONFIRMED")
    assert "/sets/" in letter.words.text
    assert "Ada" not in letter.words.text


def test_the_joining_link_is_in_the_file_and_never_in_the_words(session: Session, cast: Cast, desk: Desk) -> None:
    order = a_set_order(session, cast, "session_reminder")
    session.execute(update(LearningSet).values(joining_link="https://meet.example.org/x"))
    letter = write(session, order, desk)
    assert event(letter).url.value == "https://meet.example.org/x"
    assert letter is not None
    assert "meet.example.org" not in letter.words.text + letter.words.html


@pytest.mark.parametrize("kind", set_letters.KINDS)
def test_who_has_left_the_set_or_the_network_since_is_not_written_to(
    session: Session, cast: Cast, desk: Desk, kind: str
) -> None:
    order = a_set_order(session, cast, kind)
    session.execute(update(SetMembership).where(SetMembership.member_id == cast.cai).values(left_on=NOW.date()))
    assert write(session, order, desk) is None
    session.execute(update(SetMembership).values(left_on=None))
    assert write(session, order, desk) is not None
    session.execute(update(Member).where(Member.id == cast.cai).values(standing="left"))
    assert write(session, order, desk) is None


@pytest.mark.parametrize("kind", set_letters.KINDS)
def test_who_wants_no_such_mail_gets_only_the_news_that_they_are_in_a_set(
    session: Session, cast: Cast, desk: Desk, kind: str
) -> None:
    order = a_set_order(session, cast, kind)
    session.execute(update(Member).where(Member.id == cast.cai).values(introduction_mail=False))
    assert (write(session, order, desk) is None) == (kind in set_letters.STOPPABLE)


@pytest.mark.parametrize("kind", ABOUT_SESSIONS)
def test_nothing_is_said_that_no_longer_holds(session: Session, cast: Cast, desk: Desk, kind: str) -> None:
    order = a_set_order(session, cast, kind)
    other = "planned" if kind == "session_cancelled" else "cancelled"
    session.execute(update(SetSession).values(state=other))
    assert write(session, order, desk) is None
    order = a_set_order(session, cast, kind)
    session.execute(update(SetSession).values(starts_at=NOW))
    assert write(session, order, desk) is None


def test_the_end_of_a_set_takes_its_sessions_out_of_calendars(session: Session, cast: Cast, desk: Desk) -> None:
    order = a_set_order(session, cast, "set_ended")
    letter = write(session, order, desk)
    assert event(letter).status.value == "CANCELLED"
    assert letter is not None
    assert "Thursday 25 June 2026, 10:30am, Town hall" in letter.words.text
    assert "/reflect" in letter.words.text


def test_who_facilitated_a_set_is_told_of_its_end_and_asked_nothing(session: Session, cast: Cast, desk: Desk) -> None:
    order = replace(a_set_order(session, cast, "set_ended"), member_id=cast.fay)
    letter = write(session, order, desk)
    assert event(letter).status.value == "CANCELLED"
    assert letter is not None
    assert "/reflect" not in letter.words.text + letter.words.html
    assert "what it was good for" not in letter.words.text + letter.words.html


def test_a_set_that_runs_again_asks_nobody_what_it_was_good_for(session: Session, cast: Cast, desk: Desk) -> None:
    order = a_set_order(session, cast, "set_ended")
    session.execute(update(LearningSet).values(ended_on=None))
    assert write(session, order, desk) is None


def test_a_letter_about_a_set_that_is_gone_is_not_sent(session: Session, cast: Cast, desk: Desk) -> None:
    order = a_set_order(session, cast, "session_planned")
    assert write(session, replace(order, values={"set_id": 10**9, "session_ids": []}), desk) is None
