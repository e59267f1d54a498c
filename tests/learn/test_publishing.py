"""Publishing: who is asked, and what stands in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn import publishing
from haln.models import Application, AuditRecord, Block, CohortFacilitator, CohortPlan, Mail, Member, Seat
from tests.builders import NOW, Cast, an_actor
from tests.cohort_builders import a_plan
from tests.consent_builders import ANSWER_BY, Call, a_call, a_studio


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:
    return a_call(session, cast, spare=1)


def prospect(call: Call) -> publishing.Prospect:
    return publishing.prospect(call.session, call.leader, a_studio(), call.plan.public_id)


def test_everybody_in_a_set_is_asked_once_and_gets_one_letter(call: Call) -> None:
    assert prospect(call).may_publish
    call.publish()
    rows = call.session.execute(select(Seat.member_id, Seat.set_number, Seat.round, Seat.state)).all()
    assert sorted(rows) == [(one, number, 1, "asked") for number, group in enumerate(call.sets) for one in group]
    letters = call.session.scalars(select(Mail.member_id).where(Mail.kind == "seat_offered")).all()
    assert sorted(letters) == sorted(member for group in call.sets for member in group)
    assert call.plan.state == "published"
    assert call.plan.answer_by == ANSWER_BY
    record = call.session.scalars(select(AuditRecord).where(AuditRecord.action == "publish_plan")).one()
    assert record.detail == {"sets": 2, "people": 8}


def test_publishing_twice_asks_nobody_twice(call: Call) -> None:
    seen = call.plan.version
    call.publish()
    with pytest.raises(Conflict):
        publishing.publish(call.session, call.leader, a_studio(), call.plan.public_id, seen, ANSWER_BY, NOW)
    call.session.rollback()
    assert call.session.scalar(select(func.count(Seat.id))) == 8


def test_one_plan_of_a_cohort_is_published_at_a_time(call: Call) -> None:
    other = a_plan(call.session, call.cohort, call.sets, number=2)
    call.session.commit()
    call.publish()
    with pytest.raises(Conflict, match="Another plan"):
        publishing.publish(call.session, call.leader, a_studio(), other.public_id, 1, ANSWER_BY, NOW)
    found = publishing.prospect(call.session, call.leader, a_studio(), other.public_id)
    assert found.other == call.plan.public_id
    assert not found.may_publish


@pytest.mark.parametrize("how", ["withdrawn", "left"])
def test_people_who_are_gone_are_named_and_must_be_taken_out_first(call: Call, how: str) -> None:
    gone = call.sets[0][0]
    if how == "left":
        call.session.execute(update(Member).where(Member.id == gone).values(standing="left"))
    else:
        call.session.execute(update(Application).where(Application.member_id == gone).values(state="withdrawn"))
    assert [person.name for person in prospect(call).gone] == ["Person00 Number"]
    with pytest.raises(Invalid, match="Person00 Number"):
        call.publish()


def test_a_set_whose_facilitator_left_is_not_published(call: Call, cast: Cast) -> None:
    call.plan.sets = [{**one, "facilitator": cast.dee} for one in call.plan.sets]
    call.session.execute(update(Member).where(Member.id == cast.dee).values(standing="left"))
    assert prospect(call).unled == (0, 1)
    with pytest.raises(Invalid, match="facilitator"):
        call.publish()


def test_a_set_whose_facilitator_leads_the_cohort_no_more_is_not_published(call: Call, cast: Cast) -> None:
    call.session.add(CohortFacilitator(cohort_id=call.cohort.id, member_id=cast.sol, sets=1, slots=[]))
    call.session.execute(delete(CohortFacilitator).where(CohortFacilitator.member_id == cast.fay))
    call.session.commit()
    sol = an_actor(call.session, cast.sol)
    found = publishing.prospect(call.session, sol, a_studio(), call.plan.public_id)
    assert found.unled == (0, 1)
    with pytest.raises(Invalid, match="facilitator"):
        publishing.publish(call.session, sol, a_studio(), call.plan.public_id, call.plan.version, ANSWER_BY, NOW)


@pytest.mark.parametrize("state", ["waiting", "forming", "failed", "discarded", "published", "confirmed"])
def test_only_a_ready_plan_is_published(call: Call, state: str) -> None:
    call.session.execute(update(CohortPlan).values(state=state))
    call.session.refresh(call.plan)
    with pytest.raises(Conflict):
        call.publish()


@pytest.mark.parametrize("state", ["draft", "formed", "cancelled"])
def test_a_cohort_that_is_over_or_not_begun_publishes_nothing(call: Call, state: str) -> None:
    call.cohort.state = state
    with pytest.raises(Conflict):
        call.publish()


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_the_day_to_answer_leaves_time_and_not_too_much(call: Call, days: int) -> None:
    with pytest.raises(Invalid) as refused:
        call.publish(NOW + timedelta(days=days))
    assert "answer_by" in refused.value.fields


def test_people_answer_before_the_sets_start_where_a_day_is_left_until_then(call: Call) -> None:
    call.cohort.starts_on = (NOW + timedelta(days=5)).date()
    with pytest.raises(Invalid, match="before the sets start") as refused:
        call.publish(NOW + timedelta(days=5))
    assert list(refused.value.fields) == ["answer_by"]
    call.cohort.starts_on = NOW.date()  # they start without those who are still to answer
    call.publish(NOW + timedelta(days=5))


def test_members_and_other_facilitators_publish_nothing(call: Call, cast: Cast) -> None:
    call.session.execute(update(Member).where(Member.id == cast.dee).values(audience="facilitator"))
    for member, refusal in ((cast.ada, NotPermitted), (cast.dee, NotFound)):
        actor = an_actor(call.session, member)
        with pytest.raises(refusal):
            publishing.publish(call.session, actor, a_studio(), call.plan.public_id, 1, ANSWER_BY, NOW)


class TestTheRules:
    """With plans judged as they are, by their rules."""

    @pytest.fixture
    def real(self, session: Session, cast: Cast) -> Call:
        return a_call(session, cast, spare=1)

    def test_a_plan_that_keeps_every_must_is_published_when_the_studio_is_warm(self, real: Call) -> None:
        studio = a_studio()
        publishing.warm(real.session, real.leader, studio, real.plan.public_id)
        publishing.publish(real.session, real.leader, studio, real.plan.public_id, 1, ANSWER_BY, NOW)
        assert real.plan.state == "published"

    def test_a_plan_that_breaks_a_must_by_what_is_known_now_is_not(self, real: Call) -> None:
        one, other = (real.session.get_one(Member, member) for member in real.sets[1][:2])
        one.organisation_id = other.organisation_id
        real.session.commit()
        found = publishing.prospect(real.session, real.leader, a_studio(), real.plan.public_id)
        assert [(broken.rule.kind, broken.sets) for broken in found.broken] == [("per_organisation", (1,))]
        assert set(found.broken[0].members) <= set(real.sets[1])
        with pytest.raises(Invalid, match="breaks a rule"):
            real.publish()

    def test_people_who_have_blocked_each_other_are_not_asked_to_sit_together(self, real: Call) -> None:
        one, other = real.sets[0][:2]
        real.session.add(Block(blocker_id=one, blocked_id=other, created_at=NOW))
        real.session.commit()
        with pytest.raises(Invalid, match="breaks a rule"):
            real.publish()
