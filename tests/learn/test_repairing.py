"""Repairs: who is asked again, who is told, and what no repair may do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid
from haln.learn import repairing
from haln.models import Application, CohortPlan, Mail, Seat
from tests.builders import NOW, Cast
from tests.consent_builders import AFTER, Call, a_call


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:
    """Two sets of five and three people without a place; published."""
    made = a_call(session, cast, (5, 5), spare=3)
    made.publish()
    return made


def told(call: Call, kind: str) -> set[int | None]:
    return set(call.session.scalars(select(Mail.member_id).where(Mail.kind == kind, Mail.state == "waiting")))


def test_who_stays_keeps_their_answer_and_who_moves_or_is_new_is_asked(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[1:], *second)
    call.answer(False, first[0])
    call.apply(call.repaired_to([[*first[1:], second[0]], [*second[1:], call.spare[0]]]))
    states = call.states()
    assert states[first[0]] == "declined"
    assert [states[one] for one in first[1:]] == ["accepted"] * 4
    assert [states[one] for one in second[1:]] == ["accepted"] * 4
    assert states[second[0]] == states[call.spare[0]] == "asked"
    assert call.seat(second[0]).set_number == 0
    assert call.seat(second[0]).round == call.seat(call.spare[0]).round == 2
    assert told(call, "seat_changed") == {*first[1:], *second[1:]}
    assert call.spare[0] in told(call, "seat_offered")
    assert call.plan.left_over == sorted([first[0], *call.spare[1:]])


def test_people_in_a_set_that_does_not_change_are_not_written_to(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[1:], *second)
    call.answer(False, first[0])
    call.apply(call.repaired_to([first[1:], second]))
    assert told(call, "seat_changed") == set(first[1:])


def test_whoever_did_not_answer_in_time_is_out_and_whoever_has_time_stays(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[1:], *second)
    early = NOW + timedelta(days=2)
    assert repairing.preview(call.session, call.leader, call.plan.public_id, early).out == 0
    assert repairing.preview(call.session, call.leader, call.plan.public_id, AFTER).out == 1
    with pytest.raises(Conflict, match="can still answer"):
        call.repaired_to([first[1:], second], early)
    call.session.rollback()
    with pytest.raises(Conflict):
        call.apply(call.repaired_to([first, second]))
    call.session.rollback()
    call.apply(call.repaired_to([first[1:], second]))
    assert call.states()[first[0]] == "declined"


def test_a_preview_names_those_who_leave_and_does_not_say_why(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[2:], *second)
    call.answer(False, first[0])
    call.session.execute(update(Application).where(Application.member_id == second[0]).values(state="withdrawn"))
    call.session.commit()
    call.repaired_to([first[2:], second[1:]])
    found = repairing.preview(call.session, call.leader, call.plan.public_id, AFTER)
    assert {move.person.id for move in found.leaving} == {first[0], first[1], second[0]}
    assert {type(move) for move in found.leaving} == {repairing.Move}
    assert found.sizes == ((5, 3), (5, 4))


def test_a_repair_fits_only_the_answers_it_was_worked_out_from(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[1:], *second)
    repair = call.repaired_to([first[1:], second])
    call.answer(False, first[1], now=AFTER)
    assert not repairing.preview(call.session, call.leader, call.plan.public_id, AFTER).fits
    with pytest.raises(Conflict, match="Answers have changed"):
        call.apply(repair)


@pytest.mark.parametrize("wrong", ["decliner", "twice", "stranger"])
def test_no_repair_places_a_decliner_or_anybody_twice(call: Call, cast: Cast, wrong: str) -> None:
    first, second = call.sets
    call.answer(True, *first[1:], *second)
    call.answer(False, first[0])
    extra = {"decliner": first[0], "twice": second[0], "stranger": cast.ada}[wrong]
    with pytest.raises(Conflict):
        call.apply(call.repaired_to([[*first[1:], extra], second]))


def test_a_dissolved_set_gives_its_people_to_the_others_and_they_are_asked_again(call: Call) -> None:
    first, second = call.sets
    call.answer(True, first[0], first[1], *second)
    call.answer(False, *first[2:])
    name = repairing.ask(call.session, call.leader, call.plan.public_id, call.plan.version, [0], AFTER)
    row = call.session.scalars(select(CohortPlan).where(CohortPlan.public_id == name)).one()
    assert [one["members"] for one in row.sets] == [second]
    assert row.progress["from"] == [1]
    call.apply(call.repaired_to([[*second, first[0]]], stay=[1]))
    states = call.states()
    assert states[first[0]] == "asked"
    assert states[first[1]] == "replaced"
    assert [states[one] for one in second] == ["accepted"] * 5
    assert {call.seat(one).set_number for one in second} == {0}
    assert told(call, "seat_lost") == {first[1]}


def test_whoever_lost_their_place_may_be_offered_another(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first, *second)
    call.apply(call.repaired_to([first[1:], second]))
    assert call.states()[first[0]] == "replaced"
    call.apply(call.repaired_to([first[1:], [*second, first[0]]]))
    assert call.seat(first[0]).round == 2
    assert call.seat(first[0]).set_number == 1


def test_asking_twice_for_the_same_repair_is_asking_once(call: Call) -> None:
    ask = (call.session, call.leader, call.plan.public_id, call.plan.version, (), AFTER)
    assert repairing.ask(*ask) == repairing.ask(*ask)
    call.answer(True, call.sets[0][0], now=AFTER)
    assert repairing.ask(*ask) != call.session.scalars(select(CohortPlan.public_id).order_by(CohortPlan.id)).all()[-2]
    assert len(call.session.scalars(select(CohortPlan).where(CohortPlan.state == "waiting")).all()) == 1


def test_whoever_is_asked_again_gets_a_day_to_answer(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[1:], *second)
    repair = call.repaired_to([[*first[1:], call.spare[0]], second])
    for answer_by in (None, AFTER, AFTER + timedelta(days=91)):
        with pytest.raises(Invalid) as refused:
            repairing.apply(
                call.session, call.leader, call.plan.public_id, call.plan.version, repair.public_id, answer_by, AFTER
            )
        assert "answer_by" in refused.value.fields
        call.session.rollback()


def test_unsent_letters_to_those_who_leave_are_taken_back(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[1:], *second)
    assert first[0] in told(call, "seat_offered")
    call.apply(call.repaired_to([first[1:], second]))
    assert first[0] not in told(call, "seat_offered")


def test_of_a_repair_applied_twice_the_second_is_refused(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[1:], *second)
    repair = call.repaired_to([[*first[1:], call.spare[0]], second])
    version = call.plan.version
    call.apply(repair)
    seats = len(call.session.scalars(select(Seat.id)).all())
    with pytest.raises(Conflict):
        repairing.apply(
            call.session,
            call.leader,
            call.plan.public_id,
            version,
            repair.public_id,
            AFTER + timedelta(days=7),
            AFTER,
        )
    call.session.rollback()
    assert len(call.session.scalars(select(Seat.id)).all()) == seats
