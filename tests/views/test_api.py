"""Programs fetch the files of the pages by a key, and by nothing else; a key does no more than its owner may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.errors import Invalid, NotPermitted
from haln.measure import exports
from haln.models import ApiKey, AuditRecord, Member
from haln.people import accounts, api_keys, erasure, leaving, passwords, throttles
from haln.people.tokens import hashed
from tests.application import SignIn
from tests.builders import NOW, PASSWORD, Cast, an_actor, by_key
from tests.measure.test_exports import grown

LIMITS = throttles.Limits(20, 100, 20, 100)
FILES = [("GET", "figures", form) for form in exports.FIGURES]
FILES += [("POST", "exact", form) for form in exports.FIGURES] + [("POST", "network", form) for form in exports.GRAPHS]


@pytest.fixture(autouse=True)
def _own_password(session: Session, cast: Cast) -> None:
    session.execute(update(Member).where(Member.id == cast.sol).values(password_hash=passwords.hashed(PASSWORD)))
    session.commit()


@pytest.fixture
def network(session: Session, cast: Cast) -> None:
    grown(session, cast)
    session.commit()


@pytest.mark.usefixtures("network")
def test_a_program_gets_the_same_files_as_the_pages(
    app: Flask, signed_in: SignIn, cast: Cast, session: Session
) -> None:
    asked = {"as_of": "2026-05-31", "known_on": "2026-06-01", "hosts": "without"}
    sent, program, staff = by_key(session, cast.sol), app.test_client(), signed_in(cast.sol)
    for method, what, form in FILES:
        there = {"query_string": asked} if method == "GET" else {"data": asked}
        answer = program.open(f"/api/network/{what}.{form}", method=method, headers=sent, **there)
        page = staff.open(f"/network/files/{what}.{form}", method=method, **there)
        assert answer.status_code == page.status_code == 200 and answer.mimetype == page.mimetype
        assert answer.headers["Cache-Control"] == "no-store"
        if form in ("csv", "json"):
            assert answer.data == page.data
    written = session.scalars(select(AuditRecord.actor_id).where(AuditRecord.action == "export_network")).all()
    assert written == [cast.sol] * 2 * sum(method == "POST" for method, *_ in FILES)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic c29sOnNlY3JldA=="},
        {"Authorization": "Bearer \u00e9\u00e9"},
    ],
)
def test_without_a_key_that_works_there_is_a_sentence_in_json(app: Flask, cast: Cast, sent: dict[str, str]) -> None:
    answer = app.test_client().get("/api/network/figures.csv", headers=sent)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json == {"error": "Sign in to see this page.", "fields": {}}


def test_a_browser_that_is_signed_in_is_nobody_here(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    assert staff.get("/api/network/figures.csv").status_code == 401
    assert staff.post("/api/network/exact.csv").status_code == 401
    assert staff.get("/network/files/").status_code == 200


def test_a_key_opens_no_page(app: Flask, cast: Cast, session: Session) -> None:
    sent = by_key(session, cast.sol)
    for path in ("/network/", "/account", "/network/files/figures.csv", "/api/network/../../account"):
        assert app.test_client().get(path, headers=sent).status_code in (303, 401, 404)


def test_errors_are_json(app: Flask, cast: Cast, session: Session) -> None:
    sent, program = by_key(session, cast.sol), app.test_client()
    wrong = program.get("/api/network/figures.csv?as_of=2999-01-01", headers=sent)
    assert wrong.status_code == 422 and wrong.json["fields"] == {"as_of": "That day is still to come."}
    wrong = program.get("/api/network/figures.csv?figure=unheard-of", headers=sent)
    assert wrong.status_code == 422 and wrong.json["fields"] == {"figure": "There is no such figure."}
    for asked, field in (("sector=nhs", "sector"), ("hosts=zzz", "hosts"), ("evidence=met", "evidence")):
        answer = program.get(f"/api/network/outcomes.json?{asked}", headers=sent)
        assert answer.status_code == 422 and list(answer.json["fields"]) == [field]
    for path in ("/api/network/figures.pdf", "/api/network/nothing"):
        answer = program.get(path, headers=sent)
        assert answer.status_code == 404 and answer.is_json and answer.json["error"]
    assert program.get("/api/network/exact.csv", headers=sent).status_code == 405


@pytest.mark.parametrize("how", ["ended", "too old", "password", "left", "erased", "no longer staff"])
def test_a_key_ends_with_what_it_rests_on(
    app: Flask, signed_in: SignIn, cast: Cast, session: Session, how: str
) -> None:
    staff = session.get_one(Member, cast.sol)
    sent, program = by_key(session, cast.sol), app.test_client()
    assert program.get("/api/network/figures.csv?figure=ties", headers=sent).status_code == 200
    if how == "ended":
        key = session.scalars(select(ApiKey.id)).one()
        assert signed_in(cast.ada).post(f"/account/keys/{key}/end").status_code == 403
        assert signed_in(cast.sol).post(f"/account/keys/{key}/end").status_code == 303
    elif how == "too old":
        session.execute(update(ApiKey).values(expires_at=NOW - timedelta(days=400)))
    elif how == "password":
        actor = an_actor(session, cast.sol)
        accounts.change_password(session, actor, PASSWORD, "three wholly other words", NOW, LIMITS)
    elif how == "left":
        leaving.leave(session, an_actor(session, cast.sol), NOW)
    elif how == "erased":
        erasure.erase(session, cast.sol, NOW)
        assert session.scalars(select(ApiKey)).all() == []
    else:
        staff.audience = "member"
    session.commit()
    answer = program.get("/api/network/figures.csv?figure=ties", headers=sent)
    assert answer.status_code == (403 if how == "no longer staff" else 401)


def test_a_key_is_made_by_its_owner_and_shown_once(app: Flask, signed_in: SignIn, cast: Cast, session: Session) -> None:
    browser = signed_in(cast.sol)
    assert "None yet" in browser.get("/account/keys").get_data(as_text=True)
    given = {"name": " Monthly  report ", "days": "90", "own_password": PASSWORD}
    page = browser.post("/account/keys", data=given)
    (key,) = re.findall(r'value="(haln_[^"]+)"', page.get_data(as_text=True))
    assert page.status_code == 200 and page.headers["Cache-Control"] == "no-store"
    row = session.scalars(select(ApiKey)).one()
    assert row.token_hash == hashed(key) and key.startswith(row.begins) and len(row.begins) < 12
    again = browser.get("/account/keys").get_data(as_text=True)
    assert "Monthly report" in again and row.begins in again and key not in again
    sent = {"Authorization": f"bearer {key}"}
    assert app.test_client().get("/api/network/figures.csv?figure=ties", headers=sent).status_code == 200
    assert "key is ended" in browser.post(f"/account/keys/{row.id}/end", follow_redirects=True).get_data(as_text=True)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "  "}, "Say in 1 to 80 characters what the key is for."),
        ({"name": "x" * 81}, "Say in 1 to 80 characters what the key is for."),
        ({"days": "4000"}, "Choose one of the list."),
        ({"days": ""}, "Choose one of the list."),
        ({"own_password": "wrong"}, "That is not your password."),
        ({"own_password": ""}, "That is not your password."),
    ],
)
def test_a_key_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    signed_in: SignIn, cast: Cast, session: Session, given: dict[str, str], told: str
) -> None:
    sent = {"name": "Report", "days": "90", "own_password": PASSWORD} | given
    page = signed_in(cast.sol).post("/account/keys", data=sent)
    assert page.status_code == 422 and told in page.get_data(as_text=True)
    assert PASSWORD not in page.get_data(as_text=True) and session.scalars(select(ApiKey)).all() == []


def test_ten_keys_are_enough(cast: Cast, session: Session) -> None:
    for _ in range(api_keys.AT_ONCE):
        by_key(session, cast.sol)
    with pytest.raises(Invalid, match="ten keys"):
        api_keys.make(session, an_actor(session, cast.sol), PASSWORD, "One more", 90, NOW, LIMITS)
    with pytest.raises(NotPermitted):
        api_keys.make(session, an_actor(session, cast.ada), PASSWORD, "Mine", 90, NOW, LIMITS)


def test_what_is_wrong_with_a_new_key_is_said_first_and_leads_to_its_field(signed_in: SignIn, cast: Cast) -> None:
    answer = signed_in(cast.sol).post("/account/keys", data={"name": "", "days": "90", "own_password": "x"})
    summary = answer.text.partition('class="error-summary"')[2].partition("</div>")[0]
    assert answer.status_code == 422 and 'href="#name"' in summary and 'id="name"' in answer.text
