"""The first three steps: entered, skipped, gone back to, taken up again."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from haln.models import Member, MemberTheme
from haln.people import changes
from tests.application import SignIn
from tests.builders import Cast, a_member


@pytest.fixture
def newcomer(session: Session, cast: Cast) -> Member:
    return a_member(session, "Nia Newcomer", onboarding_step=1)


@pytest.fixture
def browser(newcomer: Member, signed_in: SignIn) -> FlaskClient:
    return signed_in(newcomer.id)


def test_three_steps_fill_a_profile_and_lead_on(session: Session, newcomer: Member, browser: FlaskClient) -> None:
    assert browser.get("/welcome").location == "/welcome/1"
    about = {"name": " Nia  Newcomer ", "role": "finance", "level": "senior", "job_title": "Head of money"}
    assert browser.post("/welcome/1", data={**about, "place": "leeds"}).location == "/welcome/2"
    themes = {"interest": ["housing"], "seek": ["housing", "food"], "maturity-food": "2"}
    assert browser.post("/welcome/2", data=themes).location == "/welcome/3"
    answer = browser.post("/welcome/3", data={"email": "0", "biography": "3"})
    assert answer.status_code == 303
    assert not answer.location.startswith("/welcome")
    member = session.get_one(Member, newcomer.id)
    assert (member.name, member.role, member.level, member.job_title) == (
        "Nia Newcomer",
        "finance",
        "senior",
        "Head of money",
    )
    assert member.sort_name == "newcomer nia"
    assert member.place_id is not None
    assert (member.show_email, member.show_biography, member.show_role) == (0, 3, 2)
    assert member.onboarding_step == 4
    assert session.get_one(MemberTheme, (member.id, "food")).maturity == 2


def test_every_step_can_be_skipped_and_nothing_is_written(
    session: Session, newcomer: Member, browser: FlaskClient
) -> None:
    for number in (1, 2, 3):
        browser.post(f"/welcome/{number}", data={"skip": "1", "name": "", "seek": "food", "listed": "no"})
    member = session.get_one(Member, newcomer.id)
    assert (member.name, member.onboarding_step, member.listed) == ("Nia Newcomer", 4, True)
    assert session.get(MemberTheme, (member.id, "food")) is None


@pytest.mark.parametrize("sent", [{"skip": "1"}, {"email": "0"}])
def test_others_hear_at_once_of_whoever_is_through_and_not_again(
    session: Session, newcomer: Member, browser: FlaskClient, sent: dict[str, str]
) -> None:
    """What others' suggestions know is patched by the numbers of changes: a step left out has one as well."""
    before = changes.latest_number(session)
    browser.post("/welcome/3", data=sent)
    session.expire_all()
    number = session.get_one(Member, newcomer.id).change_number
    assert number == changes.latest_number(session) > before
    browser.post("/welcome/3", data={"skip": "1"})
    assert changes.latest_number(session) == number


def test_who_comes_back_goes_on_where_they_left(browser: FlaskClient) -> None:
    browser.post("/welcome/1", data={"skip": "1"})
    assert browser.get("/welcome").location == "/welcome/2"
    browser.post("/welcome/1", data={"skip": "1"})  # gone back
    browser.post("/welcome/2", data={})
    assert browser.get("/welcome").location == "/welcome/3"


def test_what_cannot_be_taken_is_said_beside_the_field(browser: FlaskClient) -> None:
    for sent, sentence in (
        ({"name": ""}, "Enter your name, in 2 to 120 letters."),
        ({"name": "N" * 121}, "Enter your name, in 2 to 120 letters."),
        ({"name": "Nia N", "role": "wizard"}, "Choose one of the roles in the list."),
        ({"name": "Nia N", "place": "Atlantis"}, "Choose a place from the list"),
        ({"name": "Nia N", "job_title": "x" * 121}, "Keep your job title to 120 letters."),
    ):
        answer = browser.post("/welcome/1", data=sent)
        assert answer.status_code == 422
        page = answer.get_data(as_text=True)
        assert page.count(sentence) == 2, sentence  # in the summary, and at the field
        assert "<title>Error: " in page


def test_there_are_no_other_steps(browser: FlaskClient) -> None:
    assert browser.get("/welcome/0").status_code == browser.get("/welcome/4").status_code == 404
