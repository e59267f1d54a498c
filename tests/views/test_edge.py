"""What every page shares."""

from __future__ import annotations

import io
import sqlite3

import pytest
from flask import Flask, has_request_context
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from haln.db import db
from haln.errors import Overtaken
from haln.models import Member, Topic
from haln.people import profiles
from tests.application import SignIn
from tests.builders import Cast


def test_health_answers_without_signing_in(client: FlaskClient) -> None:
    assert client.get("/health").data == b"ok\n"


def test_a_file_in_the_place_of_a_text_is_refused(signed_in: SignIn, cast: Cast) -> None:
    sent = {"name": (io.BytesIO(b"Ada"), "ada.txt")}
    assert signed_in(cast.ada).post("/profile/about", data=sent).status_code == 400


def test_a_file_with_an_unreadable_name_is_refused(signed_in: SignIn, cast: Cast) -> None:
    sent = {"file": (io.BytesIO(b"email,name\na@example.org,Una"), "a\x00.csv")}
    assert signed_in(cast.sol).post("/staff/import/file", data=sent).status_code == 400


def test_who_saves_while_others_save_for_long_is_asked_to_try_again(app: Flask, signed_in: SignIn, cast: Cast) -> None:
    browser = signed_in(cast.ada)
    with app.app_context():
        event.listen(db.engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout = 50"))
        db.session.remove()
        db.engine.dispose()
    other = sqlite3.connect(str(app.config["DATABASE_URL"]).removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = browser.post("/profile/confirm")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
        assert "Ada Okafor" in answer.text  # in the frame that they know
        assert browser.get("/profile").status_code == 200
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert browser.post("/profile/confirm").status_code == 303


@pytest.mark.parametrize("moment", ["act", "commit"])
def test_who_is_overtaken_is_told_that_nothing_was_saved(
    signed_in: SignIn, cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    browser, before = signed_in(cast.ada), session.get_one(Member, cast.ada).confirmed_at

    def give_way(*_: object) -> None:
        if has_request_context():
            raise Overtaken("Somebody else did something with the same at this moment, so yours was not saved.")

    with monkeypatch.context() as patched:
        if moment == "act":
            patched.setattr(profiles, "confirm", give_way)
        else:
            event.listen(Session, "before_commit", give_way)
        try:
            answer = browser.post("/profile/confirm")
        finally:
            if moment == "commit":
                event.remove(Session, "before_commit", give_way)
    assert (answer.status_code, "yours was not saved" in answer.text) == (409, True)
    assert session.get_one(Member, cast.ada).confirmed_at == before
    assert browser.post("/profile/confirm").status_code == 303


SITE = "http://localhost"
TYPED = {"title": "A shared list", "words": "Let us keep\r\none list.", "marks": "title=ab words=cd", "password": "a b"}


def _sent_from(path: str, origin: str = SITE) -> dict[str, str]:
    return {"Origin": origin, "Referer": f"{SITE}{path}"}


def test_who_was_signed_out_meanwhile_is_told_so_and_led_to_sign_in_with_their_words(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/topics/new", data=TYPED, headers=_sent_from("/topics/new?from=home"))
    assert answer.status_code == 400
    assert "You were signed out since this page was opened" in answer.text
    assert 'href="/sign-in?next=/topics/new?from%3Dhome"' in answer.text
    assert "A shared list" in answer.text
    assert "Let us keep" in answer.text
    assert "title=ab" not in answer.text
    assert "a b<" not in answer.text


def test_who_signed_in_again_meanwhile_is_told_so_and_may_open_the_page_again(
    app: Flask, signed_in: SignIn, session: Session, cast: Cast
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = signed_in(cast.ada).post("/topics/new", data=TYPED, headers=_sent_from("/topics/new"))
    assert answer.status_code == 400
    assert "You were signed out, or signed in again, since this page was opened." in answer.text
    assert '<a class="btn btn-primary" href="/topics/new">Open the page again' in answer.text
    assert "A shared list" in answer.text
    assert session.scalar(select(Topic.id)) is None


@pytest.mark.parametrize("origin", ["https://example.org", "null", "http://[", ""])
def test_words_that_another_site_sent_are_not_shown(app: Flask, client: FlaskClient, cast: Cast, origin: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/topics/new", data=TYPED, headers=_sent_from("/topics/new", origin))
    assert answer.status_code == 400
    assert "A shared list" not in answer.text


@pytest.mark.parametrize(
    "referrer", ["http://[/", "https://example.org/topics/new", f"{SITE}//example.org", f"{SITE}/sign-out"]
)
def test_who_comes_from_a_page_that_cannot_be_opened_is_led_to_sign_in_only(
    app: Flask, client: FlaskClient, cast: Cast, referrer: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/topics/new", data={"words": "\x00 x"}, headers={"Origin": SITE, "Referer": referrer})
    assert '<a class="btn btn-primary" href="/sign-in">' in answer.text


def test_a_part_of_a_page_without_its_token_says_why(app: Flask, signed_in: SignIn, cast: Cast) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = signed_in(cast.ada).post("/topics/new", data=TYPED, headers={"HX-Request": "true"})
    assert "signed in again, since this page was opened. Reload the page and try again." in answer.text
    assert "<h1" not in answer.text
