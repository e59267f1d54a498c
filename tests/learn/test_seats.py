"""A seat: its page, its answers, and who learns of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, NotFound
from haln.learn import asked, seats
from haln.learn.seat_state import State
from haln.models import Application, ApplicationSlot, AuditRecord, Block, Cohort, CohortPlan, CohortSlot, Member
from tests.builders import NOW, Cast, an_actor
from tests.consent_builders import AFTER, Call, a_call


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:
    made = a_call(session, cast, spare=2)
    made.publish()
    return made


def page(call: Call, member: int, now: object = NOW) -> seats.SeatPage:
    return seats.page(call.session, an_actor(call.session, member), call.seat(member).public_id, NOW)


def test_a_seat_is_there_for_its_member_only(call: Call, cast: Cast) -> None:
    name = call.seat(call.sets[0][0]).public_id
    assert seats.page(call.session, an_actor(call.session, call.sets[0][0]), name, NOW).stands
    for other in (call.sets[0][1], call.sets[1][0], cast.fay, cast.sol):
        with pytest.raises(NotFound):
            seats.page(call.session, an_actor(call.session, other), name, NOW)
        with pytest.raises(NotFound):
            seats.answer(call.session, an_actor(call.session, other), name, True, NOW)


def test_whoever_may_not_be_seen_is_one_more_person(call: Call) -> None:
    me, hidden, blocked, shown = call.sets[0]
    call.session.execute(update(Member).where(Member.id == hidden).values(listed=False))
    call.session.add(Block(blocker_id=blocked, blocked_id=me, created_at=NOW))
    call.session.commit()
    found = page(call, me)
    assert [line.id for line in found.people] == [shown]
    assert found.more == 2


def test_a_hidden_facilitator_is_not_named(call: Call, cast: Cast) -> None:
    assert page(call, call.sets[0][0]).facilitator is not None
    call.session.execute(update(Member).where(Member.id == cast.fay).values(listed=False))
    found = page(call, call.sets[0][0])
    assert found.facilitator is None
    assert found.led


def test_the_answer_may_be_changed_and_the_same_twice_is_one(call: Call) -> None:
    me = call.sets[0][0]
    for come, state in ((True, "accepted"), (True, "accepted"), (False, "declined"), (True, "accepted")):
        call.answer(come, me)
        assert call.states()[me] == state
    written = select(func.count(AuditRecord.id)).where(AuditRecord.action == "answer_seat")
    assert call.session.scalar(written) == 3


def test_no_record_says_what_was_answered(call: Call) -> None:
    call.answer(True, call.sets[0][0])
    call.answer(False, call.sets[0][1])
    rows = call.session.execute(
        select(AuditRecord.action, AuditRecord.detail).where(AuditRecord.subject_kind == "seat")
    ).all()
    assert [tuple(row) for row in rows] == [("answer_seat", {}), ("answer_seat", {})]


def test_a_decline_changes_nothing_that_others_in_the_set_can_see(call: Call) -> None:
    me, other = call.sets[0][:2]
    before = page(call, me)
    call.answer(False, other)
    assert page(call, me) == before


def test_an_answer_counts_for_as_long_as_the_place_is_there(call: Call) -> None:
    me = call.sets[0][0]
    call.answer(True, me, now=AFTER)
    assert call.states()[me] == "accepted"
    call.answer(False, me, now=AFTER)
    assert call.states()[me] == "declined"


def test_whoever_is_out_after_a_repair_may_ask_for_a_place_again(call: Call) -> None:
    one, *rest = call.people[:8]
    call.answer(True, *rest)
    call.apply(call.repaired_to([[*call.sets[0][1:], call.spare[0]], call.sets[1]]))
    assert call.states()[one] == "declined"
    assert not page(call, one).stands
    assert page(call, one).people == ()
    assert seats.answer(call.session, an_actor(call.session, one), call.seat(one).public_id, True, AFTER) is (
        State.REPLACED
    )
    assert seats.answer(call.session, an_actor(call.session, one), call.seat(one).public_id, False, AFTER) is (
        State.DECLINED
    )


def test_nobody_answers_what_was_called_off(call: Call) -> None:
    me = call.sets[0][0]
    call.session.execute(update(Cohort).values(state="cancelled"))
    call.session.execute(update(CohortPlan).values(state="discarded"))
    assert page(call, me).phase == "over"
    assert page(call, me).people == ()
    with pytest.raises(Conflict):
        call.answer(True, me)


def test_whoever_withdrew_cannot_accept_and_may_decline(call: Call) -> None:
    me = call.sets[0][0]
    call.session.execute(update(Application).where(Application.member_id == me).values(state="withdrawn"))
    with pytest.raises(Conflict):
        call.answer(True, me)
    call.answer(False, me)


def test_times_in_common_are_those_that_all_can_make(session: Session, cast: Cast, calm: None) -> None:
    call = a_call(session, cast, days=2)
    slots = session.scalars(select(CohortSlot.id).order_by(CohortSlot.position)).all()
    mine = {row.member_id: row.id for row in session.execute(select(Application.member_id, Application.id))}
    for place, member in enumerate(call.sets[0]):
        for slot in slots[place:3] if place < 3 else slots[1:]:
            session.add(ApplicationSlot(application_id=mine[member], slot_id=slot))
    session.commit()
    call.publish()
    found = page(call, call.sets[0][0])
    assert [(time.on_day - NOW.date(), time.half) for time in found.times] == [(timedelta(days=61), "morning")]
    assert page(call, call.sets[1][0]).times == ()


def test_who_declined_cannot_be_told_from_who_has_not_answered(call: Call) -> None:
    """Whichever of two people declines, and whoever is silent, the facilitator's page is the same, before and after."""
    yes, one, other, *_ = call.sets[0]
    call.answer(True, yes)
    call.answer(False, one)
    shown = []
    for declines, silent in ((one, other), (other, one)):
        call.seat(declines).state, call.seat(silent).state = "declined", "asked"
        call.session.commit()
        seen = [asked.followed(call.session, call.leader, call.plan.public_id, now) for now in (NOW, AFTER)]
        assert [(found.accepted, found.lost) for found in seen] == [(1, 1), (1, sum(map(len, call.sets)) - 1)]
        assert seen[0].sets[0] == asked.SetCount(0, 1, len(call.sets[0]) - 1, small=False)
        shown.append(seen)
    assert shown[0] == shown[1]


def test_another_facilitator_sees_nothing_of_the_plan(call: Call) -> None:
    call.session.execute(update(Member).where(Member.id == call.spare[0]).values(audience="facilitator"))
    with pytest.raises(NotFound):
        asked.followed(call.session, an_actor(call.session, call.spare[0]), call.plan.public_id, NOW)
