"""The organisation picker's search, and the pages on which staff look after organisations."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member, Organisation, OrganisationName
from haln.views import organisation_picking
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, an_organisation


@pytest.fixture
def staff(signed_in: SignIn, cast: Cast) -> FlaskClient:
    return signed_in(cast.sol)


@pytest.fixture
def member(signed_in: SignIn, cast: Cast) -> FlaskClient:
    return signed_in(cast.ada)


def named(session: Session, name: str) -> Organisation:
    return session.scalars(select(Organisation).where(Organisation.name == name)).one()


def main_of(page: str) -> str:
    return page.split('<main id="main"', 1)[1]


# The search behind the picker


def test_what_is_typed_comes_back_as_choices(session: Session, member: FlaskClient) -> None:
    council = named(session, "Leeds City Council")
    answer = member.get("/organisations/search?organisation-typed=Leeds+Cty+Counsil", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert f'name="organisation" value="{council.id}"' in answer.text
    assert "Metropolitan council · Leeds" in answer.text


def test_a_synonym_is_shown_with_the_name(session: Session, member: FlaskClient) -> None:
    session.add(OrganisationName(organisation_id=named(session, "Cardiff University").id, name="Prifysgol Caerdydd"))
    session.commit()
    assert "also called Prifysgol Caerdydd" in member.get("/organisations/search?q=prifysgol").text


def test_a_new_one_is_offered_when_nothing_fits_and_only_where_one_may_add(member: FlaskClient) -> None:
    page = member.get("/organisations/search?organisation-typed=Zebra+%3Cb%3E+Works").text
    assert "Nothing here is called that." in page
    assert "Add “Zebra &lt;b&gt; Works”" in page
    assert 'name="organisation-sector"' in page
    assert "Add “" not in member.get("/organisations/search?other-typed=Zebra&add=no").text
    assert "add “" in member.get("/organisations/search?organisation-typed=Leeds+City+Coll").text
    assert "add “" not in member.get("/organisations/search?organisation-typed=Leeds+City+Council").text


def test_the_search_speaks_json_when_asked(session: Session, member: FlaskClient) -> None:
    answer = member.get("/organisations/search?q=leeds+city+council", headers={"Accept": "application/json"})
    assert answer.json is not None
    assert answer.json["fits"] is True
    assert answer.json["organisations"][0]["name"] == "Leeds City Council"
    assert answer.json["organisations"][0]["also_called"] is None


@pytest.mark.parametrize("query", ["", "?q=", "?q=%F0%9F%99%82", "?q=" + "x" * 5000, "?<script>-typed=leeds"])
def test_any_text_is_answered(member: FlaskClient, query: str) -> None:
    answer = member.get(f"/organisations/search{query}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text


def test_nobody_searches_without_signing_in(client: FlaskClient) -> None:
    assert client.get("/organisations/search?q=leeds", headers={"HX-Request": "true"}).status_code == 401


# What was picked


def picked(app: Flask, session: Session, who: int, sent: dict[str, str]) -> organisation_picking.Picked:
    """What `read` makes of a form that this member sends."""
    from flask_login import login_user

    from haln.views.edge import SignedIn
    from tests.builders import an_actor

    with app.test_request_context("/", method="POST", data=sent):
        login_user(SignedIn(an_actor(session, who), "token"))
        return organisation_picking.read("organisation")


def test_the_ticked_one_is_picked(app: Flask, session: Session, cast: Cast) -> None:
    council = named(session, "Leeds City Council")
    assert picked(app, session, cast.ada, {"organisation": str(council.id)}).organisation_id == council.id


def test_nothing_typed_and_nothing_ticked_is_no_organisation(app: Flask, session: Session, cast: Cast) -> None:
    assert picked(app, session, cast.ada, {"organisation-typed": " "}) == organisation_picking.Picked()


def test_a_clear_text_needs_no_tick(app: Flask, session: Session, cast: Cast) -> None:
    got = picked(app, session, cast.ada, {"organisation-typed": "leeds city council"})
    assert got.organisation_id == named(session, "Leeds City Council").id


def test_an_unclear_text_is_asked_about_again(app: Flask, session: Session, cast: Cast) -> None:
    got = picked(app, session, cast.ada, {"organisation-typed": "Leeds"})
    assert got.again is not None
    assert got.again.error
    assert {option.label for option in got.again.options} >= {"Leeds City Council"}


def test_find_shows_the_list_without_an_error(app: Flask, session: Session, cast: Cast) -> None:
    ticked = str(named(session, "Cardiff University").id)
    sent = {"organisation-find": "1", "organisation-typed": "leeds council", "organisation": ticked}
    got = picked(app, session, cast.ada, sent)
    assert got.again is not None
    assert (got.again.error, got.again.adding) == ("", "new")


@pytest.mark.parametrize("value", ["999999", "-1", "x", "1" * 40, "²"])
def test_a_number_that_is_no_choice_is_refused(app: Flask, session: Session, cast: Cast, value: str) -> None:
    got = picked(app, session, cast.ada, {"organisation": value})
    assert got.again is not None
    assert got.again.error


def test_a_new_one_is_added(app: Flask, session: Session, cast: Cast) -> None:
    sent = {"organisation": "new", "organisation-typed": "Zebra Works", "organisation-sector": "business-sme"}
    got = picked(app, session, cast.ada, sent)
    assert session.get_one(Organisation, got.organisation_id).name == "Zebra Works"


def test_a_new_one_needs_its_sector(app: Flask, session: Session, cast: Cast) -> None:
    got = picked(app, session, cast.ada, {"organisation": "new", "organisation-typed": "Zebra Works"})
    assert got.again is not None
    assert (got.again.chosen, got.again.sector_error) == ("new", "Choose what kind of organisation it is.")


def test_who_ticks_nothing_where_nothing_fits_is_told_how_to_add(app: Flask, session: Session, cast: Cast) -> None:
    got = picked(app, session, cast.ada, {"organisation-typed": "Zebra Works"})
    assert got.again is not None
    assert (got.again.options, got.again.adding) == ((), "new")
    assert got.again.error == "No organisation is called that. Tick “Add” if it is new, or correct its name."


def test_one_that_comes_close_is_asked_about_once_more(app: Flask, session: Session, cast: Cast) -> None:
    sent = {"organisation-typed": "Leeds City Counsil", "organisation-sector": "council-metropolitan"}
    got = picked(app, session, cast.ada, {**sent, "organisation": "new"})
    assert got.again is not None
    assert got.again.adding == "new-sure"
    assert got.again.sector == "council-metropolitan"
    assert picked(app, session, cast.ada, {**sent, "organisation": "new-sure"}).organisation_id is not None


# In a member's profile, without scripts


ABOUT = {"name": "Ada Okafor", "job_title": "", "role": "", "level": "", "place": ""}


def test_the_profile_shows_the_present_organisation_ticked(session: Session, cast: Cast, member: FlaskClient) -> None:
    trust = named(session, "Leeds Teaching Hospitals NHS Trust")
    page = member.get("/profile/about").text
    assert f'name="organisation_id" value="{trust.id}" checked' in page
    assert "No organisation" in page


def test_a_member_finds_and_chooses_an_organisation(session: Session, cast: Cast, member: FlaskClient) -> None:
    sent = {**ABOUT, "organisation_id-typed": "cardif uni", "organisation_id-find": "1"}
    answer = member.post("/profile/about", data=sent)
    assert answer.status_code == 200
    university = named(session, "Cardiff University")
    assert f'name="organisation_id" value="{university.id}"' in answer.text
    assert member.post("/profile/about", data={**ABOUT, "organisation_id": str(university.id)}).status_code == 303
    session.expire_all()
    assert session.get_one(Member, cast.ada).organisation_id == university.id


def test_an_unclear_organisation_is_asked_about_at_its_field(session: Session, cast: Cast, member: FlaskClient) -> None:
    answer = member.post("/profile/about", data={**ABOUT, "organisation_id-typed": "Leeds"})
    assert answer.status_code == 422
    assert 'href="#organisation_id"' in answer.text
    assert "Choose your organisation from the list." in answer.text


def test_enter_in_another_field_sends_the_form(session: Session, cast: Cast, member: FlaskClient) -> None:
    trust = named(session, "Leeds Teaching Hospitals NHS Trust").id
    pressed = {"organisation_id-find": "1", "organisation_id-typed": "", "organisation_id": str(trust)}
    assert member.post("/profile/about", data={**ABOUT, **pressed}).status_code == 303


def test_a_member_adds_an_organisation_at_the_place_they_say(session: Session, cast: Cast, member: FlaskClient) -> None:
    new = {"organisation_id": "new", "organisation_id-typed": "Zebra Works", "organisation_id-sector": "business-sme"}
    assert member.post("/profile/about", data={**ABOUT, **new, "place": "Cardiff"}).status_code == 303
    session.expire_all()
    added = named(session, "Zebra Works")
    assert session.get_one(Member, cast.ada).organisation_id == added.id
    assert added.place_id == named(session, "Cardiff University").place_id


@pytest.mark.parametrize("path", ["/profile/about", "/welcome/1"])
def test_all_that_is_wrong_with_who_one_is_at_work_is_said_in_one_go(
    session: Session, cast: Cast, member: FlaskClient, path: str
) -> None:
    wrong = {"name": "", "role": "wizard", "job_title": "x" * 121, "place": "Atlantis"}
    new = {"organisation_id": "new", "organisation_id-typed": "Zebra Works"}
    page = member.post(path, data={**ABOUT, **wrong, **new}).text
    for field in ("name", "role", "job_title", "place", "organisation_id"):
        assert f'<li><a href="#{field}">' in page, field
    assert "Choose what kind of organisation it is." in page


def test_a_new_organisation_is_not_added_by_a_form_that_is_refused(
    session: Session, cast: Cast, member: FlaskClient
) -> None:
    new = {"organisation_id": "new", "organisation_id-typed": "Zebra Works", "organisation_id-sector": "business-sme"}
    answer = member.post("/profile/about", data={**ABOUT, **new, "place": "Atlantis"})
    assert answer.status_code == 422
    assert '<li><a href="#organisation_id">' not in answer.text
    assert 'value="new" checked' in answer.text and 'value="business-sme" selected' in answer.text
    assert session.scalar(select(Organisation.id).where(Organisation.name == "Zebra Works")) is None


def test_looking_an_organisation_up_finds_no_fault_with_the_rest(member: FlaskClient) -> None:
    sent = {**ABOUT, "name": "", "organisation_id-typed": "cardif uni", "organisation_id-find": "1"}
    answer = member.post("/profile/about", data=sent)
    assert (answer.status_code, "There is a problem" in answer.text) == (200, False)


def test_a_member_may_have_no_organisation(session: Session, cast: Cast, member: FlaskClient) -> None:
    assert member.post("/profile/about", data={**ABOUT, "organisation_id": "none"}).status_code == 303
    session.expire_all()
    assert session.get_one(Member, cast.ada).organisation_id is None


# Staff pages


def test_staff_see_the_list_search_it_and_filter_it(session: Session, staff: FlaskClient) -> None:
    page = main_of(staff.get("/staff/organisations").text)
    assert "Leeds City Council" in page
    assert "Cardiff University" in page
    assert (
        "Cardiff University"
        not in main_of(staff.get("/staff/organisations?q=leeds+city+counsil").text)
        .split("</thead>")[1]
        .split("</tr>")[0]
    )
    assert "Nothing found" in staff.get("/staff/organisations?standing=merged").text
    named(session, "Bristol Community Homes").standing = "proposed"
    session.commit()
    assert "1 new organisation waits to be checked" in staff.get("/staff/organisations").text
    page = main_of(staff.get("/staff/organisations?standing=proposed").text)
    assert "Bristol Community Homes" in page
    assert "Leeds City Council" not in page


def test_the_list_goes_on_page_by_page(session: Session, staff: FlaskClient) -> None:
    for number in range(60):
        an_organisation(session, f"Home & House {number:02}", "housing")
    session.commit()
    first = staff.get("/staff/organisations").text
    address = re.search(r'href="([^"]+)" rel="next"', first)
    assert address
    second = staff.get(address[1].replace("&amp;", "&")).text
    assert "Leeds City Council" in second
    assert "Back to the start" in second
    assert 'rel="next"' not in second


def test_an_unreadable_place_in_the_list_is_a_clear_refusal(staff: FlaskClient) -> None:
    assert staff.get("/staff/organisations?after=99999999999999999999").status_code == 422


def facts(organisation: Organisation, **changes: str) -> dict[str, str]:
    return {
        "version": organisation.changed_at.isoformat(),
        "name": organisation.name,
        "sector": organisation.sector,
        "place": "Leeds",
        "standing": organisation.standing,
        "town": "",
        "postcode": "",
        "other_names": "",
        **changes,
    }


def test_staff_correct_an_organisation(session: Session, staff: FlaskClient) -> None:
    trust = named(session, "Leeds Teaching Hospitals NHS Trust")
    address = f"/staff/organisations/{trust.id}"
    assert "2 members" in staff.get(address).text
    sent = facts(trust, name="Leeds Hospitals", place="Cardiff", other_names="LTHT\r\n\r\n St James’s \r\n")
    assert staff.post(address, data=sent).status_code == 303
    session.expire_all()
    assert (trust.name, trust.corrected) == ("Leeds Hospitals", ["name", "names", "place_id"])
    page = staff.get(address).text
    assert "LTHT\nSt James’s" in page
    assert "is saved" in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Enter the organisation’s name"),
        ("place", "Nowhere-on-Sea", "Choose a place from the list"),
        ("sector", "nhs", "Choose one of the sectors"),
        ("standing", "merged", "Choose one of the standings"),
        ("postcode", "x" * 20, "Keep the postcode"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field(
    session: Session, staff: FlaskClient, field: str, value: str, words: str
) -> None:
    trust = named(session, "Leeds Teaching Hospitals NHS Trust")
    answer = staff.post(f"/staff/organisations/{trust.id}", data=facts(trust, **{field: value}))
    assert answer.status_code == 422
    assert words in answer.text
    assert f'href="#{field}"' in answer.text
    session.expire_all()
    assert trust.corrected == []


def test_staff_merge_two_after_looking_at_what_would_move(session: Session, cast: Cast, staff: FlaskClient) -> None:
    keep, drop = named(session, "Leeds City Council"), named(session, "Leeds Teaching Hospitals NHS Trust")
    a_connection(session, cast.ada, cast.ben, since=NOW)
    session.commit()
    address = f"/staff/organisations/{keep.id}/merge"
    assert str(drop.id) in staff.get(f"{address}?other-typed=leeds+teaching&other-find=1").text
    preview = staff.get(f"{address}?other-typed=&other={drop.id}").text
    assert "This cannot be undone." in preview
    assert "Leeds Teaching Hospitals NHS Trust" in preview
    assert session.get_one(Member, cast.ada).organisation_id == drop.id
    assert staff.post(address, data={"other": str(drop.id)}).status_code == 303
    session.expire_all()
    assert session.get_one(Member, cast.ada).organisation_id == keep.id
    assert "2 members moved" in staff.get(f"/staff/organisations/{keep.id}").text
    gone = staff.get(f"/staff/organisations/{drop.id}").text
    assert "This organisation went over into" in gone
    assert "Correct it" not in gone
    assert staff.post(address, data={"other": str(drop.id)}).status_code == 409


@pytest.mark.parametrize("other", ["", "x", "-1", "9" * 30])
def test_merging_with_nothing_is_refused(session: Session, staff: FlaskClient, other: str) -> None:
    keep = named(session, "Leeds City Council")
    assert staff.post(f"/staff/organisations/{keep.id}/merge", data={"other": other}).status_code == 404


@pytest.mark.parametrize("address", ["", "/1", "/1/merge"])
def test_members_and_facilitators_do_not_get_in(signed_in: SignIn, cast: Cast, address: str) -> None:
    for who in (cast.ada, cast.fay):
        assert signed_in(who).get(f"/staff/organisations{address}").status_code == 403


def test_the_page_about_data_says_whose_it_is(client: FlaskClient) -> None:
    page = client.get("/about/data").text
    assert "Contains OS data © Crown copyright and database right 2025." in page
    assert "mySociety" in page
    assert "Open Government Licence" in page
