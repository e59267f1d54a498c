"""What every page shares."""

from __future__ import annotations

import io
import sqlite3

import pytest
from flask import Flask, has_request_context
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from haln.db import db
from haln.errors import Overtaken
from haln.models import Member
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
