"""The page of a place in a proposed set."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln.learn import applicant_changes, cohort_facilitators, taking_back
from haln.models import Application, AuditRecord, Block, CohortFacilitator, Member, Seat, SetMembership
from tests.application import SignIn
from tests.builders import NOW, Cast
from tests.cohort_builders import a_learning_set
from tests.consent_builders import Call, a_call
from tests.learn.conftest import calm  # noqa: F401  # the fixture
from tests.views.test_suggestions import statements


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:  # noqa: F811
    made = a_call(session, cast, (6, 6), days=1)
    made.publish()
    return made


def path(call: Call, member: int) -> str:
    return f"/seats/{call.seat(member).public_id}"


def test_opening_the_page_answers_nothing(call: Call, signed_in: SignIn) -> None:
    me = call.sets[0][0]
    page = signed_in(me).get(path(call, me))
    assert "Will you come?" in page.text
    assert "Person01 Number" in page.text
    assert "Person06 Number" not in page.text
    assert call.states()[me] == "asked"
    assert signed_in(me).get(path(call, me) + "/answer").status_code == 405


def test_a_place_is_accepted_and_declined_with_a_button_and_no_reason(call: Call, signed_in: SignIn) -> None:
    me = call.sets[0][0]
    browser = signed_in(me)
    assert browser.post(path(call, me) + "/answer", data={"answer": "yes"}).location == path(call, me)
    assert "You accepted" in browser.get(path(call, me)).text
    browser.post(path(call, me) + "/answer", data={"answer": "no"})
    page = browser.get(path(call, me)).text
    assert "You declined" in page
    assert "Nobody is told" in page
    assert "<textarea" not in page
    assert browser.post(path(call, me) + "/answer", data={"answer": "maybe"}).status_code == 422
    assert call.states()[me] == "declined"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "Please answer by"),
        ("yes", "You said yes."),
        ("no", "You said no. You can change your answer for as long as the place is free."),
    ],
)
def test_whatever_was_answered_the_members_pages_lead_to_the_place(
    call: Call, signed_in: SignIn, answer: str, said: str
) -> None:
    me = call.sets[0][0]
    call.cohort.state = "closed"
    call.session.commit()
    browser = signed_in(me)
    if answer:
        browser.post(path(call, me) + "/answer", data={"answer": answer})
    for address in ("/learning", f"/cohorts/{call.cohort.public_id}/about"):
        page = browser.get(address).text
        assert said in page and path(call, me) in page
        assert "before anything is decided" not in page and "before yours is fixed" not in page


def test_a_facilitator_who_was_taken_out_of_the_cohort_is_named_no_more(
    call: Call, cast: Cast, signed_in: SignIn
) -> None:
    me = call.sets[0][0]
    browser = signed_in(me)
    assert "Fay Lindqvist" in browser.get(path(call, me)).text
    call.session.add(CohortFacilitator(cohort_id=call.cohort.id, member_id=cast.sol, sets=1, slots=[]))
    fay = call.session.get_one(Member, cast.fay).public_id
    cohort_facilitators.remove(call.session, call.leader, call.cohort.public_id, call.cohort.version, fay, NOW)
    call.session.commit()
    page = browser.get(path(call, me)).text
    assert "Will you come?" in page and "Fay Lindqvist" not in page and "Somebody of the network" not in page


def test_who_accepted_and_was_taken_out_of_the_cohort_no_longer_waits_for_a_place(
    call: Call, signed_in: SignIn
) -> None:
    me = call.sets[0][0]
    browser = signed_in(me)
    browser.post(path(call, me) + "/answer", data={"answer": "yes"})
    own = call.session.scalars(select(Application).where(Application.member_id == me)).one()
    applicant_changes.take_out(call.session, call.leader, call.cohort.public_id, own.public_id, NOW)
    call.session.commit()
    page = browser.get(path(call, me)).text
    assert "You no longer apply to this cohort" in page and "/about" in page
    assert "You accepted" not in page and "Person01 Number" not in page
    browser.post(path(call, me) + "/answer", data={"answer": "yes"})
    assert "Apply again before you accept a place." in browser.get(path(call, me)).text


def test_after_a_plan_is_taken_back_the_old_page_says_so_and_leads_to_the_next(call: Call, signed_in: SignIn) -> None:
    me = call.sets[0][0]
    old, browser = path(call, me), signed_in(me)
    taking_back.take_back(call.session, call.leader, call.plan.public_id, call.plan.version, NOW)
    call.session.commit()
    page = browser.get(old).text
    assert "Your application stands" in page
    assert "Person01 Number" not in page
    late = browser.post(old + "/answer", data={"answer": "yes"})
    assert (late.status_code, late.location) == (303, old)
    late = browser.get(old)
    assert "This proposal was taken back. There is nothing to answer any more." in late.text
    call.session.refresh(call.plan)
    call.publish()
    assert path(call, me) != old
    assert f'href="{path(call, me)}"' in browser.get(old).text
    refused = browser.post(old + "/answer", data={"answer": "no"}, follow_redirects=True).text
    assert "There is a newer proposal for you. Answer that one." in refused
    assert f'href="{path(call, me)}"' in refused
    assert "Will you come?" in browser.get(path(call, me)).text


def test_whoever_has_left_the_set_since_is_led_nowhere_and_reads_of_nobody(call: Call, signed_in: SignIn) -> None:
    me = call.sets[0][0]
    call.answer(True, *call.people)
    call.plan.state = "confirmed"
    row = a_learning_set(call.session, call.sets[0], plan_id=call.plan.id)
    page = signed_in(me).get(path(call, me)).text
    assert f"/sets/{row.public_id}" in page
    assert "Person01 Number" in page
    call.session.get_one(SetMembership, (row.id, me)).left_on = NOW.date()
    page = signed_in(me).get(path(call, me)).text
    assert f"/sets/{row.public_id}" not in page
    assert "are no longer in it" in page
    assert "Person01 Number" not in page


def test_nobody_else_finds_the_page(call: Call, cast: Cast, signed_in: SignIn) -> None:
    name = path(call, call.sets[0][0])
    for other in (call.sets[0][1], cast.ada, cast.fay, cast.sol):
        browser = signed_in(other)
        assert browser.get(name).status_code == 404
        assert browser.post(name + "/answer", data={"answer": "no"}).status_code == 404
    assert call.session.scalar(select(func.count(AuditRecord.id)).where(AuditRecord.action == "answer_seat")) == 0


def test_whoever_hides_or_has_blocked_is_one_more_person(call: Call, signed_in: SignIn) -> None:
    me, hidden, blocked = call.sets[0][:3]
    call.session.execute(update(Member).where(Member.id == hidden).values(listed=False))
    call.session.add(Block(blocker_id=blocked, blocked_id=me, created_at=NOW))
    page = signed_in(me).get(path(call, me)).text
    assert "Person01 Number" not in page
    assert "Person02 Number" not in page
    assert "And 2 more people." in page


def test_what_others_see_does_not_change_with_a_decline(call: Call, signed_in: SignIn) -> None:
    me, other = call.sets[0][:2]
    browser = signed_in(me)
    before = browser.get(path(call, me)).text.split("<main")[1]
    signed_in(other).post(path(call, other) + "/answer", data={"answer": "no"})
    assert strip(browser.get(path(call, me)).text.split("<main")[1]) == strip(before)


def strip(page: str) -> list[str]:
    """The page without the tokens of its forms."""
    return [line for line in page.splitlines() if "csrf_token" not in line]


@pytest.mark.parametrize(
    ("state", "said"),
    [("declined", "The sets go on without you."), ("replaced", "there is no place for you in them at the moment")],
)
def test_a_place_that_is_gone_shows_nobody(call: Call, signed_in: SignIn, state: str, said: str) -> None:
    me = call.sets[0][0]
    call.plan.sets = [{**one, "members": [who for who in one["members"] if who != me]} for one in call.plan.sets]
    call.session.execute(update(Seat).where(Seat.member_id == me).values(state=state))
    page = signed_in(me).get(path(call, me)).text
    assert said in page
    assert "Person01 Number" not in page


def test_the_page_asks_the_same_few_queries_however_many_are_in_the_set(
    app: Flask, call: Call, signed_in: SignIn
) -> None:
    counts = []
    for members in (call.sets[0][:3], call.sets[0]):
        call.plan.sets = [{**call.plan.sets[0], "members": members}, call.plan.sets[1]]
        browser = signed_in(members[0])
        name = path(call, members[0])
        with statements(app) as sent:
            assert "Will you come?" in browser.get(name).text
        counts.append(len(sent))
    assert counts == [5, 5]  # one of them for the bell: they are told of their place
