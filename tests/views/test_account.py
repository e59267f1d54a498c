"""The pages of joining and of one's account."""

from __future__ import annotations

from http import HTTPStatus
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln.models import AccountToken, Mail, Member, SignInSession
from haln.people import links, passwords
from haln.people.links import Purpose
from haln.post.letters import KINDS
from haln.views import letters
from haln.views.outbox import KINDS as NAMED
from tests.application import SignIn, without_token
from tests.builders import NOW, PASSWORD, Cast

ADA, EVE, NOBODY = "ada.okafor@example.org", "eve@example.org", "nobody@example.org"
ANOTHER = "three other words"


@pytest.fixture
def ada(session: Session, cast: Cast) -> int:
    """Ada, with a password."""
    session.execute(update(Member).where(Member.id == cast.ada).values(password_hash=passwords.hashed(PASSWORD)))
    session.commit()
    return cast.ada


def a_link(session: Session, purpose: Purpose, email: str = ADA, member_id: int | None = None) -> str:
    token = links.mint(session, purpose, email, member_id, NOW)
    session.commit()
    return token


def signed_in_browser(app: Flask, remember: bool = False) -> FlaskClient:
    """A browser that signed in by the page."""
    browser = app.test_client()
    data = {"email": ADA, "password": PASSWORD, **({"remember": "y"} if remember else {})}
    assert browser.post("/sign-in", data=data).status_code == HTTPStatus.SEE_OTHER
    return browser


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == HTTPStatus.OK


# Enumeration: the same words, the same status, the same rows.


@pytest.mark.parametrize("path", ["/join", "/forgotten"])
def test_asking_for_a_link_tells_nothing_about_the_address(app: Flask, ada: int, session: Session, path: str) -> None:
    answers = []
    for email in (ADA, NOBODY):
        browser = app.test_client()
        asked = browser.post(path, data={"email": email})
        shown = browser.get(asked.headers["Location"]).get_data(as_text=True)
        answers.append((asked.status_code, asked.headers["Location"], without_token(shown).replace(email, "…")))
    assert answers[0] == answers[1]
    assert session.scalar(select(func.count(Mail.id))) == 2


def test_signing_in_tells_nothing_about_the_address(app: Flask, ada: int) -> None:
    answers = []
    for email in (ADA, NOBODY):
        for _ in range(6):
            answer = app.test_client().post("/sign-in", data={"email": email, "password": "wrong password"})
            answers.append((answer.status_code, without_token(answer.text).replace(email, "…")))
    assert answers[:6] == answers[6:]
    assert answers[0][0] == HTTPStatus.UNPROCESSABLE_ENTITY and answers[5][0] == HTTPStatus.TOO_MANY_REQUESTS


def test_a_limit_says_when_to_come_back(client: FlaskClient, ada: int) -> None:
    for _ in range(5):
        client.post("/sign-in", data={"email": ADA, "password": "wrong password"})
    answer = client.post("/sign-in", data={"email": ADA, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Retry-After"]) == (HTTPStatus.TOO_MANY_REQUESTS, "900")


# Links: GET shows, POST acts, once.

PATHS = {"/join/{}": Purpose.JOIN, "/reset/{}": Purpose.RESET, "/address/{}": Purpose.CHANGE}


@pytest.mark.parametrize(("path", "method"), list(product(PATHS, ["GET", "HEAD"])))
def test_a_link_scanner_changes_nothing(
    client: FlaskClient, ada: int, session: Session, path: str, method: str
) -> None:
    purpose = PATHS[path]
    email = ADA if purpose is Purpose.RESET else EVE
    token = a_link(session, purpose, email, None if purpose is Purpose.JOIN else ada)
    before = session.execute(select(Member.email, Member.password_hash).order_by(Member.id)).all()
    for _ in range(3):
        answer = client.open(path.format(token), method=method)
        assert answer.status_code == HTTPStatus.OK
        assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"
    assert session.scalars(select(AccountToken.used_at)).all() == [None]
    assert session.execute(select(Member.email, Member.password_hash).order_by(Member.id)).all() == before


@pytest.mark.parametrize(("path", "token"), list(product(PATHS, ["x", "x" * 500, "é"])))
def test_a_link_that_is_none_is_gone(client: FlaskClient, cast: Cast, path: str, token: str) -> None:
    data = {"name": "Eve", "password": PASSWORD}
    assert client.get(path.format(token)).status_code == HTTPStatus.GONE
    assert client.post(path.format(token), data=data).status_code == HTTPStatus.GONE


def test_joining_ends_signed_in_at_the_first_step(client: FlaskClient, cast: Cast, session: Session) -> None:
    path = f"/join/{a_link(session, Purpose.JOIN, EVE)}"
    assert EVE in client.get(path).get_data(as_text=True)
    short = client.post(path, data={"name": "Eve Newcomer", "password": "short"})
    assert short.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and 'href="#password"' in short.get_data(as_text=True)
    answer = client.post(path, data={"name": "Eve Newcomer", "password": PASSWORD})
    assert answer.status_code == HTTPStatus.SEE_OTHER and is_in(client)
    assert session.scalar(select(Member.standing).where(Member.email == EVE)) == "active"
    assert client.get(path).status_code == HTTPStatus.GONE


def test_a_reset_signs_every_other_browser_out(app: Flask, ada: int, session: Session) -> None:
    old, browser = signed_in_browser(app), app.test_client()
    path = f"/reset/{a_link(session, Purpose.RESET, ADA, ada)}"
    assert browser.post(path, data={"password": ANOTHER}).status_code == HTTPStatus.SEE_OTHER
    assert is_in(browser) and not is_in(old)
    assert browser.post(path, data={"password": PASSWORD}).status_code == HTTPStatus.GONE


# Sessions.


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask, ada: int) -> None:
    browser, thief = signed_in_browser(app, remember=True), app.test_client()
    for name in ("haln", "haln_stay"):
        cookie = browser.get_cookie(name)
        assert cookie is not None
        thief.set_cookie(name, cookie.value)
    assert is_in(thief)
    browser.post("/sign-out")
    assert not is_in(browser) and not is_in(thief)


def test_a_new_password_renews_this_browser_and_ends_the_others(app: Flask, ada: int) -> None:
    here, there = signed_in_browser(app, remember=True), signed_in_browser(app)
    before = here.get_cookie("haln")
    assert before is not None
    thief = app.test_client()
    thief.set_cookie("haln", before.value)
    answer = here.post("/account/password", data={"own_password": PASSWORD, "password": ANOTHER})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert is_in(here) and not is_in(there) and not is_in(thief)


def test_a_member_ends_their_own_sessions_and_nobody_elses(
    app: Flask, ada: int, cast: Cast, session: Session, signed_in: SignIn
) -> None:
    here, there, ben = signed_in_browser(app), signed_in_browser(app), signed_in(cast.ben)
    ids = {row.member_id: row.id for row in session.execute(select(SignInSession.member_id, SignInSession.id))}
    assert here.post(f"/account/browsers/{ids[cast.ben]}/end").status_code == HTTPStatus.NOT_FOUND
    assert is_in(ben)
    assert here.post("/account/browsers/end-others").status_code == HTTPStatus.SEE_OTHER
    assert is_in(here) and not is_in(there) and is_in(ben)


def test_staying_signed_in_is_a_choice(app: Flask, ada: int) -> None:
    assert signed_in_browser(app).get_cookie("haln_stay") is None
    stay = signed_in_browser(app, remember=True).get_cookie("haln_stay")
    assert stay is not None and stay.http_only


def test_the_cookie_of_one_browser_is_not_its_members_number(app: Flask, ada: int) -> None:
    browser = signed_in_browser(app)
    with browser.session_transaction() as cookie:
        assert cookie["_user_id"] != str(ada)


# The account's pages.


@pytest.mark.parametrize("path", ["/account", "/account/password", "/account/address", "/account/leave"])
def test_the_account_is_its_owners_only(client: FlaskClient, signed_in: SignIn, cast: Cast, path: str) -> None:
    assert client.get(path).headers["Location"].startswith("/sign-in?next=/account")
    answer = signed_in(cast.ada).get(path)
    assert answer.status_code == HTTPStatus.OK and answer.headers["Cache-Control"] == "no-store"


def test_a_changed_address_is_the_one_to_sign_in_with(app: Flask, ada: int, session: Session) -> None:
    browser = signed_in_browser(app)
    browser.post("/account/address", data={"email": "ada@new.example.org", "own_password": PASSWORD})
    assert session.scalars(select(Mail.kind)).all() == ["confirm_address"]
    path = f"/address/{a_link(session, Purpose.CHANGE, 'ada@new.example.org', ada)}"
    assert app.test_client().post(path).headers["Location"] == "/sign-in"
    assert session.scalar(select(Member.email).where(Member.id == ada)) == "ada@new.example.org"


def test_who_leaves_is_signed_out_everywhere(app: Flask, ada: int, session: Session) -> None:
    here, there = signed_in_browser(app), signed_in_browser(app)
    assert here.post("/account/leave").status_code == HTTPStatus.SEE_OTHER
    assert not is_in(here) and not is_in(there)
    assert here.post("/sign-in", data={"email": ADA, "password": PASSWORD}).status_code == 422


def test_language_and_mail_are_chosen_in_the_account(signed_in: SignIn, cast: Cast, session: Session) -> None:
    browser = signed_in(cast.ada)
    browser.post("/account/language", data={"language": "cy"})
    browser.post("/account/mail", data={})
    assert browser.post("/account/language", data={"language": "xx"}).status_code == HTTPStatus.NOT_FOUND
    chosen = session.execute(select(Member.language, Member.introduction_mail).where(Member.id == cast.ada)).one()
    assert tuple(chosen) == ("cy", False)
    assert 'lang="cy"' in browser.get("/account").get_data(as_text=True)


# Inputs.


@pytest.mark.parametrize("path", ["/sign-in", "/join", "/forgotten"])
@pytest.mark.parametrize("text", ["x" * 900_000, "nul\x00@example.org", "", "é@example.org", "a@b@c"])
def test_strange_fields_are_refused_and_break_nothing(client: FlaskClient, cast: Cast, path: str, text: str) -> None:
    answer = client.post(path, data={"email": text, "password": text})
    assert 400 <= answer.status_code < 500


def test_a_form_without_its_token_is_refused(app: Flask, ada: int) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert app.test_client().post("/sign-in", data={"email": ADA, "password": PASSWORD}).status_code == 400


def test_mail_paths_all_count_the_network_address(client: FlaskClient, app: Flask, cast: Cast) -> None:
    app.config["MAIL_ADDRESS_LIMIT"] = 4
    for number in range(2):
        for path in ("/join", "/forgotten"):
            assert client.post(path, data={"email": f"e{number}@example.org"}).status_code == HTTPStatus.SEE_OTHER
    for path in ("/join", "/forgotten"):
        assert client.post(path, data={"email": "other@example.org"}).status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_every_kind_of_mail_has_a_name_for_staff() -> None:
    assert set(NAMED) == set(KINDS)


def test_the_folder_of_mail_is_named_where_no_mail_is_sent(client: FlaskClient, app: Flask) -> None:
    assert "haln work" not in client.get("/check-your-mail/join").get_data(as_text=True)
    app.config["ENVIRONMENT"] = "development"
    with app.app_context():
        assert str(letters.folder()) in client.get("/check-your-mail/join").get_data(as_text=True)
