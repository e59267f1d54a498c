"""A member's own places: each is led to for as long as it can be answered, whatever was said before."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from haln.errors import Conflict
from haln.learn import own_seats, seats
from haln.models import Cohort
from tests.builders import NOW, Cast, an_actor
from tests.consent_builders import AFTER, Call, a_call
from tests.learn.conftest import calm  # noqa: F401  # the fixture


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:  # noqa: F811
    made = a_call(session, cast, (5, 5), 1)
    made.publish()
    return made


def found(call: Call, member: int) -> list[tuple[str, bool, bool]]:
    rows = own_seats.answerable(call.session, member)
    assert [one.public_id for one in rows] == ([call.seat(member).public_id] if rows else [])
    return [(one.state.value, one.stands, one.open) for one in rows]


def test_a_place_is_there_whatever_was_answered_and_can_be_answered_again(call: Call) -> None:
    me = call.sets[0][0]
    assert found(call, me) == [("asked", True, True)]
    call.answer(False, me)
    assert found(call, me) == [("declined", True, False)]
    call.answer(True, me)
    assert found(call, me) == [("accepted", True, True)]
    assert found(call, call.spare[0]) == []


def test_after_a_repair_the_latest_place_counts_and_one_that_was_given_away_is_no_more(call: Call) -> None:
    me, other = call.sets[0][0], call.sets[1][0]
    call.answer(False, me)
    call.answer(True, *(one for one in call.people if one not in (me, *call.spare)))
    call.apply(call.repaired_to([[*call.sets[0][1:], other], call.sets[1][1:]]))
    assert found(call, me) == [("declined", False, False)]
    assert found(call, other) == [("asked", True, True)]
    call.answer(True, me, now=AFTER)
    assert found(call, me) == [("replaced", False, False)]


def test_nothing_is_there_once_it_cannot_be_answered(call: Call) -> None:
    me = call.sets[0][0]
    key = call.seat(me).public_id
    call.session.get_one(Cohort, call.cohort.id).state = "cancelled"
    call.session.commit()
    assert found(call, me) == []
    with pytest.raises(Conflict):
        seats.answer(call.session, an_actor(call.session, me), key, True, NOW)
