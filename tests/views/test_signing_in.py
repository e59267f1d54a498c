"""Signing in and out in the browser."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.models import Member, SignInSession
from haln.people import passwords
from tests.builders import PASSWORD, Cast

ADA = "ada.okafor@example.org"


@pytest.fixture
def with_password(session: Session, cast: Cast) -> Cast:
    """Ada has a password."""
    session.execute(update(Member).where(Member.id == cast.ada).values(password_hash=passwords.hashed(PASSWORD)))
    session.commit()
    return cast


def test_the_right_password_signs_in(client: FlaskClient, with_password: Cast, session: Session) -> None:
    answer = client.post("/sign-in", data={"email": " ADA.Okafor@Example.org ", "password": PASSWORD})
    assert answer.status_code == 303
    assert session.scalars(select(SignInSession.member_id)).all() == [with_password.ada]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/ok\r\nSet-Cookie: a=b",
    ],
)
def test_a_link_to_another_site_is_not_followed_after_signing_in(
    client: FlaskClient, with_password: Cast, target: str
) -> None:
    answer = client.post("/sign-in", data={"email": ADA, "password": PASSWORD, "next": target})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/") and "evil" not in answer.headers["Location"]


def test_a_page_of_this_site_is_returned_to_after_signing_in(client: FlaskClient, with_password: Cast) -> None:
    answer = client.post("/sign-in", data={"email": ADA, "password": PASSWORD, "next": "/about/privacy?a=b&c=d"})
    assert answer.headers["Location"] == "/about/privacy?a=b&c=d"


def test_signing_out_takes_the_cookie_that_stays_away(client: FlaskClient, with_password: Cast) -> None:
    client.post("/sign-in", data={"email": ADA, "password": PASSWORD, "remember": "y"})
    assert client.get_cookie("haln_stay") is not None
    client.post("/sign-out")
    assert client.get_cookie("haln_stay") is None
    assert client.get_cookie("haln") is None
