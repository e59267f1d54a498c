"""Stopping mail from the mail itself."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member
from haln.post import unsubscribing
from tests.builders import Cast


@pytest.fixture
def path(app: Flask, cast: Cast, session: Session) -> str:
    public_id = session.scalar(select(Member.public_id).where(Member.id == cast.ada))
    return "/unsubscribe/" + unsubscribing.token(app.config["SECRET_KEY"], str(public_id), unsubscribing.INTRODUCTIONS)


def wants_mail(session: Session, member_id: int) -> bool:
    return bool(session.scalar(select(Member.introduction_mail).where(Member.id == member_id)))


def test_opening_the_link_stops_nothing(client: FlaskClient, path: str, cast: Cast, session: Session) -> None:
    assert client.get(path).status_code == 200
    assert wants_mail(session, cast.ada)


def test_a_mail_program_stops_it_with_one_post_and_no_cookie(
    app: Flask, path: str, cast: Cast, session: Session
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    for _ in range(2):
        answer = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert not wants_mail(session, cast.ada) and wants_mail(session, cast.ben)


@pytest.mark.parametrize("token", ["x", "é", "WyJhIiwiYiJd.AAAA"])
def test_a_link_that_we_did_not_sign_does_nothing(client: FlaskClient, cast: Cast, token: str) -> None:
    assert client.get(f"/unsubscribe/{token}").status_code == 404
    assert client.post(f"/unsubscribe/{token}").status_code == 404


def test_a_link_signed_with_another_secret_does_nothing(client: FlaskClient, cast: Cast, session: Session) -> None:
    public_id = session.scalar(select(Member.public_id).where(Member.id == cast.ada))
    token = unsubscribing.token("another secret", str(public_id), unsubscribing.INTRODUCTIONS)
    assert client.post(f"/unsubscribe/{token}").status_code == 404
    assert wants_mail(session, cast.ada)


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("introductions_and_sets", "No more mail about introductions and learning sets"),
        ("introductions", "No more mail about introductions, learning sets, pathways and resources"),
        ("events", "No more reminders of events"),
        ("coffee", "No more coffee rounds"),
        ("pathways", "No more mail about learning pathways"),
        ("resources", "No more mail about resources"),
        ("proposals", "No more mail about proposals of events"),
    ],
)
def test_the_page_says_in_its_heading_what_the_link_stops(
    app: Flask, client: FlaskClient, cast: Cast, session: Session, topic: str, words: str
) -> None:
    public_id = session.scalar(select(Member.public_id).where(Member.id == cast.ada))
    address = "/unsubscribe/" + unsubscribing.token(app.config["SECRET_KEY"], str(public_id), topic)
    asked, done = client.get(address).text, client.post(address).text
    assert f">{words}</h" in asked and f"<title>{words}" in asked
    assert "introductions" in done if topic.startswith("introductions") else "introductions" not in done.split("<h1")[1]
