"""Taking a published plan back: nobody is asked any more, whoever had a place is told, and all begins anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, NotFound, NotPermitted
from haln.learn import asked, learning, plan_changes, publishing, seats, taking_back
from haln.learn.seat_state import standing
from haln.learn.seats import SeatPage
from haln.models import Application, AuditRecord, Cohort, CohortPlan, Mail, Member, PlanStep, Seat
from tests.builders import NOW, Cast, an_actor
from tests.cohort_builders import a_plan
from tests.consent_builders import AFTER, ANSWER_BY, Call, a_call, a_studio


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:
    made = a_call(session, cast, (5, 5), spare=1)
    made.publish()
    return made


def take_back(call: Call) -> int:
    told = taking_back.take_back(call.session, call.leader, call.plan.public_id, call.plan.version, NOW)
    call.session.commit()
    return told


def page(call: Call, member: int, public_id: str) -> SeatPage:
    return seats.page(call.session, an_actor(call.session, member), public_id, NOW)


def letters(call: Call, kind: str, state: str = "waiting") -> list[int | None]:
    return list(
        call.session.scalars(
            select(Mail.member_id).where(Mail.kind == kind, Mail.state == state).order_by(Mail.member_id)
        )
    )


def a_step(call: Call, before: dict[str, object], after: dict[str, object]) -> None:
    """A step by hand that can be undone."""
    by = call.leader.member_id
    call.session.add(
        PlanStep(plan_id=call.plan.id, number=1, kind="move", before=before, after=after, by_id=by, at=NOW)
    )
    call.plan.step = 1


def test_the_plan_is_ready_again_and_nobody_has_anything_to_answer(call: Call) -> None:
    call.answer(True, *call.sets[0])
    take_back(call)
    assert (call.plan.state, call.plan.published_at, call.plan.answer_by) == ("ready", None, None)
    for member in call.people:
        assert learning.page(call.session, an_actor(call.session, member), NOW.date(), NOW).seats == ()
    found = standing(call.session, call.plan, NOW)
    assert not found.coming | found.waiting | found.silent | found.declined
    record = call.session.scalars(select(AuditRecord).where(AuditRecord.action == "take_plan_back")).one()
    assert record.detail == {"told": 10}


def test_whoever_had_a_place_gets_one_letter_and_letters_not_sent_yet_are_taken_back(call: Call) -> None:
    yes, no, gone, *silent = call.sets[0]
    call.answer(True, yes)
    call.answer(False, no)
    call.session.execute(update(Application).where(Application.member_id == gone).values(state="withdrawn"))
    told = sorted({yes, *silent, *call.sets[1]})
    shown = taking_back.prospect(call.session, call.leader, call.plan.public_id, NOW)
    assert (shown.accepted, shown.told) == (1, len(told))
    assert take_back(call) == len(told)
    assert letters(call, "seat_recalled") == told
    assert letters(call, "seat_offered") == []
    assert len(letters(call, "seat_offered", "cancelled")) == 10
    assert set(call.session.scalars(select(Application.state))) == {"applied", "withdrawn"}


def test_who_declined_can_be_told_from_nobody_afterwards(call: Call) -> None:
    yes, no, *_ = call.sets[0]
    call.answer(True, yes)
    call.answer(False, no)
    take_back(call)
    assert set(call.session.scalars(select(Seat.state))) == {"recalled"}
    followed = asked.followed(call.session, call.leader, call.plan.public_id, NOW)
    assert (followed.accepted, followed.lost, followed.waiting) == (0, 0, 0)


def test_published_again_everybody_is_asked_anew_in_a_round_of_its_own(call: Call) -> None:
    yes, no, *_ = call.sets[0]
    call.answer(True, yes)
    call.answer(False, no)
    old = {one: call.seat(one).public_id for one in (yes, no)}
    take_back(call)
    call.publish()
    assert set(call.states().values()) == {"asked"}
    assert call.states().keys() == set(call.people) - set(call.spare)
    assert {one.round for one in (call.seat(yes), call.seat(no))} == {2}
    for member in (yes, no):
        shown = page(call, member, old[member])
        assert (shown.phase, shown.stands, shown.newer) == ("recalled", False, call.seat(member).public_id)
        assert not page(call, member, call.seat(member).public_id).again
        with pytest.raises(Conflict, match="newer proposal"):
            seats.answer(call.session, an_actor(call.session, member), old[member], True, NOW)
    assert len(letters(call, "seat_offered")) == 10


def test_a_repair_after_that_asks_in_a_round_of_its_own_again(call: Call) -> None:
    take_back(call)
    call.publish()
    call.answer(True, *call.people[1:10])
    call.apply(call.repaired_to([[*call.sets[0][1:], call.spare[0]], call.sets[1]]))
    assert call.seat(call.spare[0]).round == 3
    assert page(call, call.spare[0], call.seat(call.spare[0]).public_id).again
    assert call.states()[call.people[1]] == "accepted"


def test_an_old_seat_says_that_it_was_taken_back_and_cannot_be_answered(call: Call) -> None:
    me = call.sets[0][0]
    old = call.seat(me).public_id
    take_back(call)
    shown = page(call, me, old)
    assert (shown.phase, shown.applies, shown.newer, shown.people) == ("recalled", True, None, ())
    for come in (True, False):
        with pytest.raises(Conflict, match="taken back"):
            seats.answer(call.session, an_actor(call.session, me), old, come, NOW)
    call.session.execute(update(Application).where(Application.member_id == me).values(state="withdrawn"))
    assert not page(call, me, old).applies
    call.session.execute(update(Cohort).values(state="cancelled"))
    assert page(call, me, old).phase == "recalled"


def test_who_is_in_no_set_the_second_time_reads_that_it_was_taken_back_not_that_they_declined(call: Call) -> None:
    me, old = call.sets[0][0], call.seat(call.sets[0][0]).public_id
    call.answer(False, me)
    take_back(call)
    first, second = call.plan.sets
    call.plan.sets = [{**first, "members": [one for one in first["members"] if one != me]}, second]
    call.plan.left_over = sorted([*call.spare, me])
    call.publish()
    assert page(call, me, old).phase == "recalled"
    assert me in standing(call.session, call.plan, NOW).wanting


def test_a_repair_that_waits_is_put_aside_and_one_that_was_applied_leaves_nothing_to_undo(call: Call) -> None:
    step: dict[str, object] = {"moves": [[call.people[0], 0]]}
    a_step(call, step, step)
    call.answer(True, *call.people[1:10])
    call.apply(call.repaired_to([[*call.sets[0][1:], call.spare[0]], call.sets[1]]))
    later = AFTER + timedelta(days=8)
    waiting = call.repaired_to([[*call.sets[0][1:], call.spare[0]], call.sets[1]], later)
    take_back(call)
    call.session.refresh(waiting)
    assert waiting.state == "discarded"
    with pytest.raises(Conflict, match="nothing to undo"):
        plan_changes.undo(call.session, a_studio(), call.leader, call.plan.public_id, call.plan.version, NOW)
    assert set(call.plan.sets[0]["members"]) == {*call.sets[0][1:], call.spare[0]}


def test_without_a_repair_steps_by_hand_can_still_be_undone(call: Call) -> None:
    mover = call.people[0]
    a_step(call, {"moves": [[mover, None]]}, {"moves": [[mover, 0]]})
    take_back(call)
    plan_changes.undo(call.session, a_studio(), call.leader, call.plan.public_id, call.plan.version, NOW)
    assert mover in call.plan.left_over


def test_another_plan_of_the_cohort_may_be_published_then_and_the_old_seat_leads_to_it(call: Call) -> None:
    me, old = call.sets[0][0], call.seat(call.sets[0][0]).public_id
    other = a_plan(call.session, call.cohort, call.sets, number=2)
    take_back(call)
    publishing.publish(call.session, call.leader, a_studio(), other.public_id, 1, ANSWER_BY, NOW)
    call.session.commit()
    (seat,) = learning.page(call.session, an_actor(call.session, me), NOW.date(), NOW).seats
    assert page(call, me, old).newer == seat.public_id
    with pytest.raises(Conflict, match="newer proposal"):
        seats.answer(call.session, an_actor(call.session, me), old, True, NOW)


@pytest.mark.parametrize("state", ["ready", "confirmed", "discarded"])
def test_only_a_published_plan_is_taken_back(call: Call, state: str) -> None:
    call.session.execute(update(CohortPlan).values(state=state))
    call.session.refresh(call.plan)
    with pytest.raises(Conflict):
        take_back(call)
    with pytest.raises(Conflict):
        taking_back.prospect(call.session, call.leader, call.plan.public_id, NOW)


def test_of_two_facilitators_the_second_is_told(call: Call) -> None:
    seen = call.plan.version
    take_back(call)
    with pytest.raises(Conflict, match="Somebody else"):
        taking_back.take_back(call.session, call.leader, call.plan.public_id, seen, NOW)


def test_members_and_other_facilitators_take_nothing_back(call: Call, cast: Cast) -> None:
    call.session.execute(update(Member).where(Member.id == cast.dee).values(audience="facilitator"))
    for member, refusal in ((cast.ada, NotPermitted), (cast.dee, NotFound)):
        actor = an_actor(call.session, member)
        with pytest.raises(refusal):
            taking_back.take_back(call.session, actor, call.plan.public_id, call.plan.version, NOW)
