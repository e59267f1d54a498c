"""Letters about seats: one reminder, one kind word after the day, and nothing twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.learn import applications, learning, seat_mail
from haln.learn.seat_mail import REMIND
from haln.models import Cohort, Mail, Member
from tests.builders import NOW, Cast, an_actor
from tests.consent_builders import AFTER, ANSWER_BY, Call, a_call


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:
    made = a_call(session, cast)
    made.publish()
    return made


def written(call: Call, kind: str) -> list[int | None]:
    return sorted(call.session.scalars(select(Mail.member_id).where(Mail.kind == kind)), key=str)


def turn(call: Call, now: datetime) -> int:
    count = seat_mail.due(call.session, now)
    call.session.commit()
    return count


def test_those_who_have_not_answered_are_reminded_once_before_the_day(call: Call) -> None:
    call.answer(True, *call.sets[0])
    call.answer(False, call.sets[1][0])
    assert turn(call, ANSWER_BY - REMIND - timedelta(seconds=1)) == 0
    assert turn(call, ANSWER_BY - REMIND) == 3
    assert turn(call, ANSWER_BY - timedelta(days=1)) == 0
    assert written(call, "seat_reminder") == sorted(call.sets[1][1:], key=str)


def test_those_who_let_the_day_pass_are_told_once(call: Call) -> None:
    call.answer(True, *call.sets[0])
    call.answer(False, call.sets[1][0])
    assert turn(call, AFTER) == 3
    assert turn(call, AFTER + timedelta(days=1)) == 0
    assert written(call, "seat_lapsed") == sorted(call.sets[1][1:], key=str)


def test_who_withdrew_since_is_neither_reminded_nor_told_of_the_day_nor_waited_for(call: Call) -> None:
    call.answer(True, *call.sets[0], *call.sets[1][1:])
    gone = an_actor(call.session, call.sets[1][0])
    assert [one.state for one in learning.page(call.session, gone, NOW.date(), NOW).seats] == ["asked"]
    applications.withdraw(call.session, gone, call.cohort.public_id, NOW)
    call.session.commit()
    assert turn(call, ANSWER_BY - REMIND) == 0
    assert turn(call, AFTER) == 0
    assert learning.page(call.session, gone, NOW.date(), NOW).seats == ()


def test_nobody_is_reminded_on_the_day_on_which_they_were_asked(session: Session, cast: Cast, calm: None) -> None:
    call = a_call(session, cast)
    call.publish(NOW + timedelta(days=2))
    assert turn(call, NOW + timedelta(hours=23)) == 0
    assert turn(call, NOW + timedelta(hours=25)) == 8


def test_nobody_is_reminded_of_what_was_called_off(call: Call) -> None:
    call.session.execute(update(Cohort).values(state="cancelled"))
    assert turn(call, ANSWER_BY - REMIND) == 0
    assert turn(call, AFTER) == 0


def test_whoever_left_the_network_gets_no_letter(call: Call) -> None:
    call.session.execute(update(Member).where(Member.id == call.sets[0][0]).values(standing="left"))
    assert (turn(call, AFTER), turn(call, AFTER)) == (7, 0)
    assert call.sets[0][0] not in written(call, "seat_lapsed")
    assert len(written(call, "seat_lapsed")) == 7
