"""Links in mail begin with the public address, whatever host a request named."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.models import Mail, Member
from haln.people import mailbox, passwords
from haln.post import (
    coffee_letters,
    digest_letters,
    event_letters,
    outbox,
    pathway_letters,
    proposal_letters,
    resource_letters,
    seat_letters,
    set_leader_letters,
    set_letters,
    set_parting_letters,
    set_request_letters,
    topic_letters,
)
from haln.post import letters as post_letters
from haln.post.letters import KINDS
from haln.views import letters
from tests.builders import NOW, PASSWORD, Cast, sign_in_token

FORGED = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
ADA, EVE = "ada.okafor@example.org", "eve@example.org"


@pytest.fixture
def settings() -> dict[str, object]:
    """An operator who trusts too much: the forged host is let in, and still must not reach a message."""
    return {"PUBLIC_URL": "https://haln.example", "TRUSTED_HOSTS": "evil.example,localhost", "PROXIES": 1}


ANOTHER = "three other words"
ABOUT_SETS = (*set_letters.KINDS, *set_request_letters.KINDS, *set_leader_letters.KINDS, *set_parting_letters.KINDS)
ABOUT_LEARNING = ("application", "cohort", *seat_letters.KINDS, *ABOUT_SETS)
ABOUT_EVENTS = (*event_letters.KINDS, *proposal_letters.KINDS)
ABOUT_MEETING = (*coffee_letters.KINDS, *digest_letters.KINDS)
ABOUT_READING = (*resource_letters.KINDS, *pathway_letters.KINDS, *topic_letters.KINDS)
ABOUT_GATHERING = (*ABOUT_EVENTS, *ABOUT_MEETING, *ABOUT_READING, "newsletter")
ABOUT = ("introduction", "connection", *ABOUT_LEARNING, *ABOUT_GATHERING)
"""Kinds of mail that begin so are about rows that the orders of `tests.post.test_letters` make."""


class Box:
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        self.taken.append(message)

    def close(self) -> None:
        pass


def at_forged_host(app: Flask, session: Session, member_id: int) -> FlaskClient:
    """A browser that is signed in at the forged host."""
    token, browser = sign_in_token(session, member_id), app.test_client()
    with browser.session_transaction(base_url="https://evil.example") as cookie:
        cookie["_user_id"] = token
    return browser


def ask_for_all(app: Flask, session: Session, cast: Cast) -> None:
    """Have every kind of message written by requests with a forged host, where pages of today write it."""
    session.execute(update(Member).where(Member.id == cast.ada).values(password_hash=passwords.hashed(PASSWORD)))
    session.commit()
    anybody = app.test_client()
    ada, fay, sol = (at_forged_host(app, session, one) for one in (cast.ada, cast.fay, cast.sol))

    def post(browser: FlaskClient, path: str, **data: str) -> None:
        assert browser.post(path, data=data, headers=FORGED, base_url="https://evil.example").status_code == 303

    post(anybody, "/join", email=EVE)
    post(anybody, "/forgotten", email=ADA)
    post(fay, "/invitations", addresses="fin@example.org")
    post(ada, "/account/password", own_password=PASSWORD, password=ANOTHER)
    post(ada, "/account/address", email="ada@new.example.org", own_password=ANOTHER)
    post(sol, f"/staff/people/{session.get_one(Member, cast.ben).public_id}", audience="facilitator")
    mailbox.put(session, "address_changed", ADA, {"new_address": "a…@new.example.org"}, NOW, member_id=cast.ada)
    session.commit()


def test_a_forged_host_changes_nothing_in_any_kind_of_mail(app: Flask, session: Session, cast: Cast) -> None:
    ask_for_all(app, session, cast)
    box = Box()
    with app.test_request_context("/", headers=FORGED):
        edge = outbox.Edge(session.commit, session.rollback, lambda: NOW)
        tally = outbox.send_due(session, letters.desk(), box, "one", edge)
    kinds = set(session.scalars(select(Mail.kind).where(Mail.state == "sent")))
    assert kinds == {kind for kind in KINDS if not kind.startswith(ABOUT)} and not tally.postponed
    for message in box.taken:
        everything = message.as_string() + "".join(
            part.get_content() for part in message.walk() if not part.is_multipart()
        )
        assert "evil.example" not in everything
        for url in re.findall(r"https?://[^\s\"<>]+", everything.replace("=\n", "")):
            assert url.startswith("https://haln.example"), url


@pytest.mark.parametrize("kind", sorted(kind for kind in KINDS if kind.startswith((*ABOUT_LEARNING, *ABOUT_GATHERING))))
def test_a_forged_host_changes_nothing_in_mail_about_what_members_do_together(
    app: Flask, session: Session, cast: Cast, kind: str
) -> None:
    from tests.post.test_letters import an_order  # the same orders

    order = an_order(session, cast, kind)
    with app.test_request_context("/", headers=FORGED):
        letter = post_letters.write(session, order, letters.desk(), NOW)
    assert letter is not None
    assert "https://haln.example" in letter.words.text
    assert "evil.example" not in letter.words.text + letter.words.html


@pytest.mark.parametrize("kind", sorted(kind for kind in KINDS if kind.startswith("introduction")))
def test_a_forged_host_changes_nothing_in_mail_about_introductions(
    app: Flask, session: Session, cast: Cast, kind: str
) -> None:
    from tests.post.test_letters import an_order  # the same orders

    order = an_order(session, cast, kind)
    with app.test_request_context("/", headers=FORGED):
        letter = post_letters.write(session, order, letters.desk(), NOW)
    assert letter is not None
    assert "https://haln.example/introductions" in letter.words.text
    assert letter.unsubscribe_url.startswith("https://haln.example/unsubscribe/")
    assert "evil.example" not in letter.words.text + letter.words.html


def test_a_host_that_is_not_ours_is_refused(app: Flask, cast: Cast) -> None:
    assert app.test_client().get("/sign-in", headers={"Host": "other.example"}).status_code == 400
