"""Confirming: sets of those who accepted, and what becomes of everybody else."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid
from haln.learn import confirming, judging, set_details
from haln.learn.cohorts import PURPOSE_LENGTH
from haln.learn.judging import Broken
from haln.learn.priority import priorities, priority_of
from haln.learn.set_details import Details
from haln.matching.rules import Kind, Rule, Strength
from haln.models import (
    Application,
    AuditRecord,
    Cohort,
    CohortFacilitator,
    CohortPlan,
    LearningSet,
    Mail,
    Member,
    SetMembership,
    SuggestionRefresh,
)
from tests.builders import NOW, Cast, an_actor
from tests.cohort_builders import a_cohort, a_plan, an_application
from tests.consent_builders import AFTER, Call, a_call, a_studio

TODAY = date(2026, 6, 26)


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:
    """Two sets, of six and of five, and two people without a place; published."""
    made = a_call(session, cast, (6, 5), spare=2)
    made.publish()
    return made


def confirm(call: Call, small: dict[int, str] | None = None, knowingly: bool = False) -> list[str]:
    shown = confirming.prospect(call.session, call.leader, a_studio(), call.plan.public_id, AFTER)
    made = confirming.confirm(
        call.session,
        call.leader,
        a_studio(),
        call.plan.public_id,
        shown.version,
        shown.mark,
        small or {},
        knowingly,
        TODAY,
        AFTER,
    )
    call.session.commit()
    return made


def test_who_leads_the_cohort_no_more_leads_none_of_its_sets(call: Call, cast: Cast) -> None:
    call.answer(True, *[member for one in call.sets for member in one])
    call.session.add(CohortFacilitator(cohort_id=call.cohort.id, member_id=cast.sol, sets=1, slots=[]))
    call.session.execute(delete(CohortFacilitator).where(CohortFacilitator.member_id == cast.fay))
    call.session.commit()
    call.leader = an_actor(call.session, cast.sol)
    confirm(call)
    assert call.session.scalars(select(LearningSet.facilitator_id)).all() == [None, None]


def test_what_a_set_has_from_its_cohort_need_not_be_shortened_to_change_it(call: Call) -> None:
    title, purpose, where = "T" * 160, "P" * PURPOSE_LENGTH, "W" * 200  # as long as a cohort's may be
    call.session.execute(update(Cohort).values(title=title, purpose=purpose, where=where))
    call.session.commit()
    call.answer(True, *[member for one in call.sets for member in one])
    confirm(call)
    for row in call.session.scalars(select(LearningSet)).all():
        wanted = Details(row.name, row.purpose, row.where, "https://meet.example.org/x", 1)
        set_details.change(call.session, call.leader, row.public_id or "", wanted, row.version, AFTER)
        assert (row.joining_link, row.purpose) == ("https://meet.example.org/x", purpose)


def applications(call: Call) -> dict[int, str]:
    rows = call.session.execute(select(Application.member_id, Application.state))
    return {row.member_id: row.state for row in rows}


def told(call: Call, kind: str) -> set[int | None]:
    return set(call.session.scalars(select(Mail.member_id).where(Mail.kind == kind)))


def test_those_who_accepted_sit_in_sets_and_everybody_is_settled(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[2:], *second)
    call.answer(False, first[0])
    made = confirm(call)
    sets = call.session.scalars(select(LearningSet).order_by(LearningSet.set_number)).all()
    assert [one.public_id for one in sets] == made
    assert [one.name for one in sets] == ["Autumn learning sets: set 1", "Autumn learning sets: set 2"]
    assert {(one.cohort_id, one.plan_id, one.facilitator_id) for one in sets} == {
        (call.cohort.id, call.plan.id, call.leader.member_id)
    }
    assert {one.started_on for one in sets} == {call.cohort.starts_on}
    members = call.session.execute(select(SetMembership.set_id, SetMembership.member_id)).all()
    assert sorted(members) == sorted(
        (row.id, member) for row, group in zip(sets, (first[2:], second), strict=True) for member in group
    )
    states = applications(call)
    assert {states[one] for one in (*first[2:], *second)} == {"placed"}
    assert {states[one] for one in first[:2]} == {"withdrawn"}
    assert {states[one] for one in call.spare} == {"left_over"}
    assert (call.cohort.state, call.plan.state) == ("formed", "confirmed")
    assert told(call, "set_confirmed") == {*first[2:], *second}
    assert told(call, "left_over") == set(call.spare)
    refreshed = set(call.session.scalars(select(SuggestionRefresh.member_id)))
    assert {*first[2:], *second} <= refreshed
    record = call.session.scalars(select(AuditRecord).where(AuditRecord.action == "confirm_plan")).one()
    assert record.detail == {"sets": 2, "placed": 9, "left_over": 2}


def test_who_is_in_the_set_sees_it_from_their_seat(call: Call) -> None:
    from haln.learn import seats
    from tests.builders import an_actor

    call.answer(True, *call.sets[0], *call.sets[1])
    made = confirm(call)
    me = call.sets[1][0]
    page = seats.page(call.session, an_actor(call.session, me), call.seat(me).public_id, AFTER)
    assert (page.phase, page.set_public_id) == ("settled", made[1])
    with pytest.raises(Conflict):
        call.answer(False, me)


def test_a_small_set_runs_only_knowingly_and_never_under_four(call: Call) -> None:
    call.cohort.size_low = 5
    call.plan.rules = [{**one, "number": 5} if one["kind"] == "size" else one for one in call.plan.rules]
    first, second = call.sets
    call.answer(True, *first, *second[:4])
    for small in ({}, {1: "nonsense"}, {0: "run"}):
        with pytest.raises(Invalid) as refused:
            confirm(call, small)
        assert "small-1" in refused.value.fields
        call.session.rollback()
    assert len(confirm(call, {1: "run"})) == 2


def test_a_set_of_three_is_dissolved_and_its_people_are_left_over(call: Call) -> None:
    first, second = call.sets
    call.answer(True, *first[:3], *second)
    with pytest.raises(Invalid, match="fewer than four"):
        confirm(call, {0: "run"})
    call.session.rollback()
    assert len(confirm(call, {0: "dissolve"})) == 1
    states = applications(call)
    assert {states[one] for one in first[:3]} == {"left_over"}
    assert {states[one] for one in first[3:]} == {"withdrawn"}
    assert call.session.scalars(select(LearningSet.name)).all() == ["Autumn learning sets: set 1"]
    assert {call.seat(one).set_number for one in second} == {0}
    assert set(first[:3]) <= told(call, "left_over")


def test_a_plan_without_any_set_is_not_confirmed(call: Call) -> None:
    with pytest.raises(Invalid, match="No set would be left"):
        confirm(call)


def test_nobody_with_time_to_answer_is_passed_over(call: Call) -> None:
    shown = confirming.prospect(call.session, call.leader, a_studio(), call.plan.public_id, NOW)
    assert shown.waiting == 11
    with pytest.raises(Conflict, match="Not everybody has accepted"):
        confirming.confirm(
            call.session,
            call.leader,
            a_studio(),
            call.plan.public_id,
            shown.version,
            shown.mark,
            {},
            False,
            TODAY,
            NOW,
        )


def test_an_answer_in_between_is_told(call: Call) -> None:
    call.answer(True, *call.sets[0], *call.sets[1])
    shown = confirming.prospect(call.session, call.leader, a_studio(), call.plan.public_id, AFTER)
    call.answer(False, call.sets[0][0], now=AFTER)
    with pytest.raises(Conflict, match="Answers have changed"):
        confirming.confirm(
            call.session,
            call.leader,
            a_studio(),
            call.plan.public_id,
            shown.version,
            shown.mark,
            {},
            False,
            TODAY,
            AFTER,
        )


def test_sets_that_break_a_must_are_confirmed_only_knowingly(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call.answer(True, *call.sets[0], *call.sets[1])
    alone = Rule(Kind.NOT_ALONE, Strength.MUST, of="sector")
    monkeypatch.setattr(judging, "broken", lambda *_: (Broken(alone, (1,), (call.sets[1][0],)),))
    with pytest.raises(Invalid) as refused:
        confirm(call)
    assert "knowingly" in refused.value.fields
    call.session.rollback()
    assert confirm(call, knowingly=True)


def test_other_plans_are_put_away(call: Call) -> None:
    a_plan(call.session, call.cohort, call.sets, number=7)
    call.answer(True, *call.sets[0], *call.sets[1])
    confirm(call)
    states = call.session.execute(select(CohortPlan.number, CohortPlan.state)).all()
    assert sorted(states) == [(1, "confirmed"), (7, "discarded")]


def test_a_facilitator_who_left_leads_no_set(call: Call, cast: Cast) -> None:
    call.answer(True, *call.sets[0], *call.sets[1])
    call.plan.sets = [{**one, "facilitator": cast.dee} for one in call.plan.sets]
    call.session.execute(update(Member).where(Member.id == cast.dee).values(standing="left"))
    confirm(call)
    assert set(call.session.scalars(select(LearningSet.facilitator_id))) == {None}


def test_left_over_counts_up_placed_begins_anew_and_declining_does_neither(call: Call, cast: Cast) -> None:
    first, second = call.sets
    call.session.execute(update(Application).where(Application.member_id == call.spare[0]).values(priority=2))
    call.session.execute(update(Application).where(Application.member_id == first[0]).values(priority=1))
    call.session.execute(update(Application).where(Application.member_id == second[0]).values(priority=1))
    call.answer(True, *first[1:], *second)
    call.answer(False, first[0])
    confirm(call)
    expected = {call.spare[0]: 3, call.spare[1]: 1, first[0]: 1}
    assert priorities(call.session, call.people) == expected
    assert priority_of(call.session, second[0]) == 0
    assert priority_of(call.session, call.spare[0], call.cohort.id) == 0
    again = a_cohort(call.session, cast.fay)
    an_application(call.session, again.id, call.spare[0], priority=3)
    assert priority_of(call.session, call.spare[0]) == 3


def test_who_left_meanwhile_is_settled_too(call: Call) -> None:
    call.answer(True, *call.sets[0], *call.sets[1])
    call.session.execute(update(Member).where(Member.id == call.sets[0][0]).values(standing="left"))
    call.session.execute(update(Member).where(Member.id == call.spare[0]).values(standing="left"))
    call.session.commit()
    confirm(call)
    assert "applied" not in applications(call).values()
    assert applications(call)[call.sets[0][0]] == "withdrawn"
