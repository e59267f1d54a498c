"""From a ready plan to learning sets, page by page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln.learn import judging
from haln.learn.judging import Broken
from haln.matching.rules import Kind, Rule, Strength
from haln.models import Application, CohortPlan, LearningSet, Member, Seat
from haln.people import own_learning
from tests.application import SignIn
from tests.builders import NOW, Cast
from tests.consent_builders import Call, a_call
from tests.learn.conftest import calm  # noqa: F401  # the fixture
from tests.views.test_suggestions import statements

IN_TIME = (NOW + timedelta(days=9)).date().isoformat()


@pytest.fixture
def call(session: Session, cast: Cast, calm: None) -> Call:  # noqa: F811
    return a_call(session, cast, (5, 5), spare=1)


@pytest.fixture
def fay(cast: Cast, signed_in: SignIn) -> FlaskClient:
    return signed_in(cast.fay)


def path(call: Call, page: str) -> str:
    return f"/plans/{call.plan.public_id}/{page}"


def published(call: Call, everybody: bool = False) -> None:
    """Published so long ago that the day to answer is past; all accepted, but mostly the first, who declined."""
    call.publish()
    call.answer(True, *call.people[1:10])
    call.answer(everybody, call.people[0])
    call.session.execute(update(CohortPlan).values(answer_by=NOW - timedelta(hours=1)))
    call.session.commit()
    call.session.refresh(call.plan)


def test_a_plan_is_published_with_a_day_to_answer(call: Call, fay: FlaskClient) -> None:
    page = fay.get(path(call, "publish")).text
    assert 'value="2026-06-25"' in page
    assert "One person who applies has no place in it." in page
    done = fay.post(path(call, "publish"), data={"version": 1, "answer_by": IN_TIME})
    assert done.location == path(call, "answers")
    call.session.refresh(call.plan)
    assert call.plan.answer_by is not None
    assert call.plan.answer_by.isoformat() == f"{IN_TIME}T22:59:00+00:00"
    again = fay.post(path(call, "publish"), data={"version": 1, "answer_by": IN_TIME})
    assert again.status_code == 409
    assert "Somebody else has changed this plan" in again.text
    assert call.session.scalar(select(func.count(Seat.id))) == 10


@pytest.mark.parametrize("day", ["", "soon", "2026-06-15", "2026-06-14", "2027-06-15", "9999-99-99"])
def test_a_day_that_will_not_do_is_said_beside_the_field(call: Call, fay: FlaskClient, day: str) -> None:
    answer = fay.post(path(call, "publish"), data={"version": 1, "answer_by": day})
    assert answer.status_code == 422
    assert "Choose a day from tomorrow on" in answer.text
    assert 'href="#answer_by"' in answer.text
    assert call.session.scalar(select(func.count(Seat.id))) == 0


def test_the_day_that_is_proposed_is_before_the_sets_start(call: Call, fay: FlaskClient) -> None:
    call.cohort.starts_on = (NOW + timedelta(days=4)).date()
    call.session.commit()
    assert 'value="2026-06-18"' in fay.get(path(call, "publish")).text
    answer = fay.post(path(call, "publish"), data={"version": 1, "answer_by": "2026-06-19"})
    assert answer.status_code == 422
    assert "Choose a day before the sets start" in answer.text


def test_what_stands_in_the_way_is_said_in_sentences(
    call: Call, fay: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = Rule(Kind.PER_ORGANISATION, Strength.MUST, 1)
    monkeypatch.setattr(judging, "broken", lambda *_: (Broken(rule, (1,), ()),))
    call.session.execute(update(Application).where(Application.member_id == call.people[0]).values(state="withdrawn"))
    page = fay.get(path(call, "publish")).text
    assert "At most one person from each organisation: not in Set 2" in page
    assert "Person00 Number" in page
    assert "Publish and ask" not in page
    refused = fay.post(path(call, "publish"), data={"version": 1, "answer_by": IN_TIME})
    assert refused.status_code == 422


@pytest.mark.parametrize("over", [False, True])
def test_the_answers_show_counts_and_no_names(call: Call, fay: FlaskClient, over: bool) -> None:
    call.publish()
    call.answer(True, *call.people[1:9])
    call.answer(False, call.people[0])
    if over:
        call.plan.answer_by = NOW - timedelta(minutes=1)
        call.session.commit()
    page = fay.get(path(call, "answers")).text
    for named in range(10):
        assert f"Person{named:02} Number" not in page
    assert ("Repair the plan" in page) is over


def test_the_pages_of_another_facilitators_plan_are_not_there(call: Call, cast: Cast, signed_in: SignIn) -> None:
    call.session.execute(update(Member).where(Member.id == cast.dee).values(audience="facilitator"))
    call.publish()
    dee = signed_in(cast.dee)
    for page in ("publish", "answers", "repair", "confirm", "take-back"):
        assert dee.get(path(call, page)).status_code == 404
    for page in ("publish", "repair", "repair/apply", "confirm", "take-back"):
        assert dee.post(path(call, page), data={"version": 2}).status_code == 404


def test_a_repair_is_asked_for_waited_for_and_applied(call: Call, fay: FlaskClient) -> None:
    published(call)
    assert "One person is not coming." in fay.get(path(call, "repair")).text
    version = {"version": call.plan.version}
    assert fay.post(path(call, "repair"), data=version).location == path(call, "repair")
    assert 'hx-trigger="every 2s"' in fay.get(path(call, "repair")).text
    part = fay.get(path(call, "repair"), headers={"HX-Request": "true"}).text
    assert "being worked out" in part
    assert "<html" not in part
    repair = call.repaired_to([[*call.people[1:5], call.spare[0]], call.sets[1]], NOW)
    page = fay.get(path(call, "repair")).text
    assert "Person10 Number" in page
    assert "No longer in this plan" in page
    assert "One person gets a place and is asked." in page
    form = {**version, "repair": repair.public_id, "answer_by": "2026-06-01"}
    assert fay.post(path(call, "repair/apply"), data=form).status_code == 422
    form["answer_by"] = IN_TIME
    assert fay.post(path(call, "repair/apply"), data=form).location == path(call, "answers")
    assert fay.post(path(call, "repair/apply"), data=form).status_code == 409
    assert call.states()[call.spare[0]] == "asked"


def test_what_is_no_number_of_a_set_dissolves_none(call: Call, fay: FlaskClient) -> None:
    published(call)
    form = {"version": call.plan.version, "dissolve": ["9" * 5000, "-1", "one"]}
    assert fay.post(path(call, "repair"), data=form).status_code == 303
    form = {"version": call.plan.version, "mark": "x", f"small-{'9' * 5000}": "run"}
    assert fay.post(path(call, "confirm"), data=form).status_code == 409


def test_sets_are_confirmed_and_a_small_one_is_decided(call: Call, fay: FlaskClient) -> None:
    call.plan.rules = [{**one, "number": 5} if one["kind"] == "size" else one for one in call.plan.rules]
    published(call)
    page = fay.get(path(call, "confirm")).text
    assert "Set 1 has fewer people than the 5 that the rules ask for: 4" in page
    mark = page.split('name="mark" value="')[1].split('"')[0]
    form = {"version": call.plan.version, "mark": mark}
    undecided = fay.post(path(call, "confirm"), data=form)
    assert undecided.status_code == 422
    assert 'href="#small-0"' in undecided.text
    stale = fay.post(path(call, "confirm"), data={**form, "mark": "old", "small-0": "run"})
    assert stale.status_code == 409
    assert "Answers have changed since you opened the page." in stale.text
    assert fay.post(path(call, "confirm"), data={**form, "small-0": "run"}).location == path(call, "answers")
    assert call.session.scalar(select(func.count(LearningSet.id))) == 2
    again = fay.post(path(call, "confirm"), data={**form, "small-0": "run"}, follow_redirects=True)
    assert "Only a plan that is published can be confirmed." in again.text
    assert again.request.path == path(call, "answers")
    assert call.session.scalar(select(func.count(LearningSet.id))) == 2
    page = fay.get(path(call, "answers")).text
    assert "The learning sets of this plan are made" in page
    overview = fay.get(f"/cohorts/{call.cohort.public_id}").text
    for made in call.session.scalars(select(LearningSet)):
        link = f'<a href="/sets/{made.public_id}">Set {(made.set_number or 0) + 1}</a>'
        assert link in page and link in overview
    assert "people applied" in overview and "people apply" not in overview


@pytest.mark.parametrize("everybody", [True, False])
def test_rules_that_are_broken_are_put_down_to_those_who_do_not_come_only_where_somebody_does_not(
    call: Call, fay: FlaskClient, monkeypatch: pytest.MonkeyPatch, everybody: bool
) -> None:
    published(call, everybody)
    rule = Rule(Kind.PER_ORGANISATION, Strength.MUST, 1)
    monkeypatch.setattr(judging, "broken", lambda *args: (Broken(rule, (0,), ()),))
    page = fay.get(path(call, "confirm")).text
    assert ("Rules that must hold are broken" in page) is everybody
    assert ("Without the people who do not come, rules that must hold are broken" in page) is not everybody


def test_who_did_not_answer_reads_that_and_not_that_they_withdrew(
    call: Call, fay: FlaskClient, signed_in: SignIn
) -> None:
    published(call)
    silent, declined = call.people[9], call.people[0]
    call.session.execute(update(Seat).where(Seat.member_id == silent).values(state="asked", answered_at=None))
    call.session.commit()
    page = fay.get(path(call, "confirm")).text
    mark = page.split('name="mark" value="')[1].split('"')[0]
    form = {"version": call.plan.version, "mark": mark, "small-0": "run", "small-1": "run"}
    assert fay.post(path(call, "confirm"), data=form).status_code == 303
    about = f"/cohorts/{call.cohort.public_id}/about"
    assert "no answer came in time" in signed_in(silent).get(about).text
    assert "You declined the place" in signed_in(declined).get(about).text
    for one in (silent, declined):
        assert "You have withdrawn" not in signed_in(one).get(about).text
    found = {one: own_learning.parts(call.session, one, str)["applications"][0] for one in (silent, declined)}
    assert found[silent]["state"] == "no answer" and found[declined]["state"] == "declined"
    assert found[silent]["withdrawn_at"] is None


def test_where_nobody_comes_the_page_says_so(call: Call, fay: FlaskClient) -> None:
    call.publish()
    call.answer(False, *call.people[:10])
    call.plan.answer_by = NOW - timedelta(minutes=1)
    call.session.commit()
    page = fay.get(path(call, "confirm")).text
    assert "Nobody has accepted: there is no set to make." in page
    assert "Confirm and make the sets" not in page


def test_the_answers_of_a_cancelled_cohort_say_how_many_had_been_asked(call: Call, fay: FlaskClient) -> None:
    call.publish()
    call.session.commit()
    cohort = f"/cohorts/{call.cohort.public_id}"
    marked = re.search(r'class="sections-link" href="([^"]+)" aria-current="page"', fay.get(path(call, "answers")).text)
    assert marked and marked[1] == "/cohorts"
    page = fay.get(cohort).text
    assert "See the answers so far" in page and "Do this now" not in page
    call.session.refresh(call.cohort)
    assert fay.post(f"{cohort}/cancel", data={"version": call.cohort.version}).status_code == 303
    page = fay.get(path(call, "answers")).text
    assert "10 people had been asked, and have been told." in page
    assert "Nobody has been asked yet" not in page


def test_a_plan_is_taken_back_once_more_asked_and_published_again(call: Call, fay: FlaskClient) -> None:
    call.publish()
    call.answer(True, *call.people[1:3])
    call.answer(False, call.people[0])
    assert path(call, "take-back") in fay.get(path(call, "answers")).text
    page = fay.get(path(call, "take-back")).text
    assert "2 people have accepted a place." in page
    assert "9 people who accepted, or have not answered, are told by mail" in page
    for number in range(10):
        assert f"Person{number:02} Number" not in page
    assert fay.post(path(call, "take-back"), data={}).status_code == 409
    stale = fay.post(path(call, "take-back"), data={"version": 1})
    assert stale.status_code == 409
    assert "Somebody else has changed this plan" in stale.text
    form = {"version": call.plan.version}
    assert fay.post(path(call, "take-back"), data=form).location == f"/plans/{call.plan.public_id}"
    studio = fay.get(f"/plans/{call.plan.public_id}").text
    assert "The plan is taken back, and 9 people are told." in studio
    assert "It is no longer changed here." not in studio
    assert fay.post(path(call, "take-back"), data=form).location == path(call, "answers")
    assert (
        "Only a plan that is published, and not confirmed yet, can be taken back."
        in fay.get(path(call, "answers")).text
    )
    assert "Nobody is being asked" in fay.get(path(call, "answers")).text
    again = fay.post(path(call, "publish"), data={"version": form["version"] + 1, "answer_by": IN_TIME})
    assert again.location == path(call, "answers")
    assert set(call.states().values()) == {"asked"}


def test_when_no_answer_is_missing_pages_say_that_the_plan_waits_for_the_day(call: Call, fay: FlaskClient) -> None:
    call.publish()
    first, *rest = [member for one in call.sets for member in one]
    call.answer(True, *rest)
    assert "No answer is missing" not in fay.get(path(call, "answers")).text
    call.answer(False, first)
    page = fay.get(path(call, "answers")).text
    assert "No answer is missing, and not everybody comes." in page and "have time" not in page
    page = fay.get(path(call, "repair")).text
    assert "People can still answer, or change their answer." in page and "have time" not in page
    assert "Not everybody accepted." in fay.get(path(call, "confirm")).text


def test_a_refused_repair_is_said_beside_the_answers(call: Call, fay: FlaskClient) -> None:
    for page in ("repair", "take-back"):  # nothing is published yet
        assert fay.get(path(call, page)).location == path(call, "answers"), page
    call.publish()
    for data, why in (
        ({"version": call.plan.version}, "People can still answer, or change their answer."),
        ({"version": call.plan.version - 1}, "Somebody else has changed this plan"),
        ({}, "Open the plan again"),
    ):
        assert fay.post(path(call, "repair"), data=data).location == path(call, "answers")
        assert why in fay.get(path(call, "answers")).text
    call.session.execute(update(CohortPlan).values(answer_by=NOW - timedelta(hours=1)))
    call.session.commit()
    data = {"version": call.plan.version, "dissolve": ["0", "1"]}
    assert "At least one set must stay." in fay.post(path(call, "repair"), data=data, follow_redirects=True).text
    assert call.session.scalar(select(func.count(CohortPlan.id))) == 1


def test_a_plan_that_was_repaired_and_taken_back_can_be_brought_up_to_date(call: Call, fay: FlaskClient) -> None:
    published(call)
    call.apply(call.repaired_to([[*call.people[1:5], call.spare[0]], call.sets[1]], NOW), NOW)
    fay.post(path(call, "take-back"), data={"version": call.plan.version})
    studio = f"/plans/{call.plan.public_id}"
    assert "The plan was repaired since it was last judged." in fay.get(studio).text
    assert fay.post(f"{studio}/step/refresh", data={"version": call.plan.version}).status_code == 303
    assert "The plan was repaired since it was last judged." not in fay.get(studio).text


def test_nothing_is_confirmed_while_people_have_time(call: Call, fay: FlaskClient) -> None:
    call.publish()
    assert "10 people have until Thursday 25 June 2026 to answer." in fay.get(path(call, "confirm")).text


def test_the_pages_ask_the_same_few_queries_however_many_people_there_are(
    app: Flask,
    session: Session,
    cast: Cast,
    fay: FlaskClient,
    calm: None,  # noqa: F811
) -> None:
    for page in ("answers", "repair", "confirm"):
        counts = []
        for sizes in ((5, 5), (8, 8, 8)):
            call = a_call(session, cast, sizes, spare=2)
            published(call)
            call.session.execute(update(Seat).where(Seat.member_id.in_(call.people[4:6])).values(state="asked"))
            session.commit()
            with statements(app) as sent:
                assert fay.get(path(call, page)).status_code == 200
            counts.append(len(sent))
            for person in session.scalars(select(Member).where(Member.id.in_(call.people))):
                person.email = None
            session.commit()
        assert counts[0] == counts[1], page
        assert counts[0] <= 8, page
