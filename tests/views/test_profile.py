"""A member changes their own profile, sees it as others do, and nobody else's changes."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import AuditRecord, Member, MemberTheme
from tests.application import SignIn
from tests.builders import NOW, Cast


@pytest.fixture
def browser(cast: Cast, signed_in: SignIn) -> FlaskClient:
    return signed_in(cast.ada)


def text(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_changed_section_is_shown_found_confirmed_and_queued(
    session: Session, cast: Cast, browser: FlaskClient
) -> None:
    number = session.get_one(Member, cast.ada).change_number
    answer = browser.post("/profile/biography", data={"biography": "Runs **hedge** schools.\r\n\r\n<script>x</script>"})
    assert (answer.status_code, answer.location) == (303, "/profile")
    page = text(browser, "/profile")
    assert "<strong>hedge</strong>" in page
    assert "<script>x" not in page
    member = session.get_one(Member, cast.ada)
    assert member.confirmed_at == NOW
    assert member.change_number > number
    assert "Ada Okafor" in text(browser, "/people?q=hedge+schools")
    assert session.scalar(select(AuditRecord.detail).where(AuditRecord.action == "change_profile")) == {
        "part": "biography"
    }


def test_themes_replace_all_themes(session: Session, cast: Cast, browser: FlaskClient) -> None:
    browser.post("/profile/themes", data={"interest": ["food", "housing"], "maturity-environment": "4"})
    browser.post("/profile/themes", data={"offer": ["housing"], "maturity-housing": "3"})
    rows = session.scalars(select(MemberTheme).where(MemberTheme.member_id == cast.ada)).all()
    assert [(row.theme, row.interest, row.offer, row.maturity) for row in rows] == [("housing", False, True, 3)]


REFUSED: list[tuple[str, dict[str, str | list[str]]]] = [
    ("themes", {"interest": ["wizardry"]}),
    ("themes", {"maturity-food": "5"}),
    ("themes", {"maturity-food": "no"}),
    ("visibility", {"email": "7", "listed": "yes"}),
    ("visibility", {"name": "1", "listed": "yes"}),
    ("biography", {"biography": "x" * 4001}),
    ("about", {"name": "A"}),
    ("suggesting", {"suggesting": "until"}),
    ("suggesting", {"suggesting": "until", "paused_until": "2026-06-15"}),
    ("suggesting", {"suggesting": "until", "paused_until": "soon"}),
    ("suggesting", {"suggesting": "perhaps"}),
]


def test_what_cannot_be_taken_changes_nothing(session: Session, cast: Cast, browser: FlaskClient) -> None:
    number = session.get_one(Member, cast.ada).change_number
    for section, sent in REFUSED:
        assert browser.post(f"/profile/{section}", data=sent).status_code == 422, (section, sent)
    assert session.get_one(Member, cast.ada).change_number == number


@pytest.mark.parametrize(
    ("choice", "day", "suggest", "until"),
    [
        ("yes", "", True, None),
        ("until", "2026-09-01", True, "2026-09-01"),
        ("open", "", True, "9999-12-31"),
        ("no", "", False, None),
    ],
)
def test_a_member_may_pause_or_opt_out(
    session: Session, cast: Cast, browser: FlaskClient, choice: str, day: str, suggest: bool, until: str | None
) -> None:
    browser.post("/profile/suggesting", data={"suggesting": choice, "paused_until": day})
    member = session.get_one(Member, cast.ada)
    assert (member.suggest_me, member.paused_until and member.paused_until.isoformat()) == (suggest, until)
    page = text(browser, "/profile/suggesting")
    assert re.search(rf'<input[^>]*checked[^>]*value="{choice}"', page)


def test_still_right_is_one_click_and_changes_nothing_else(session: Session, cast: Cast, browser: FlaskClient) -> None:
    number = session.get_one(Member, cast.ada).change_number
    assert browser.get("/profile/confirm").status_code == 405
    assert browser.post("/profile/confirm").status_code == 303
    member = session.get_one(Member, cast.ada)
    assert (member.confirmed_at, member.change_number) == (NOW, number)


def test_view_as_shows_what_each_kind_of_person_sees(session: Session, cast: Cast, browser: FlaskClient) -> None:
    browser.post("/profile/visibility", data={"role": "3", "organisation": "2", "biography": "1", "listed": "yes"})
    for who, seen in (("members", 1), ("connections", 2)):
        page = text(browser, f"/profile/as/{who}")
        assert [
            "Leeds Teaching Hospitals" in page,
            "measure social value" in page,
        ] == [True, seen == 2], who
    assert "see nothing of you" in text(browser, "/profile/as/everyone")
    browser.post("/profile/visibility", data={"name": "3", "listed": "yes"})
    page = text(browser, "/profile/as/everyone")
    assert "Procurement" in page
    assert "Leeds Teaching Hospitals" not in page
    assert browser.get("/profile/as/staff").status_code == 404


def test_hiding_hides_everywhere(session: Session, cast: Cast, browser: FlaskClient, signed_in: SignIn) -> None:
    browser.post("/profile/visibility", data={"listed": "no"})
    assert "Your page is hidden" in text(browser, "/profile/as/connections")
    assert "Nobody finds you" in text(browser, "/profile")
    member = session.get_one(Member, cast.ada)
    other = signed_in(cast.ben)
    assert other.get(f"/people/{member.public_id}").status_code == 404
    assert "Ada Okafor" not in text(other, "/people")


def test_the_profile_says_what_to_add(session: Session, cast: Cast, browser: FlaskClient) -> None:
    assert "Pick the themes you care about" in text(browser, "/profile")
    browser.post("/profile/themes", data={"interest": ["food"]})
    assert "Add what you would like help with" in text(browser, "/profile")
