"""How two members stand shows on the page of each, and a no shows nowhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from haln.connect.standing import standing
from haln.models import Introduction, Member
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection


@pytest.fixture
def asked(session: Session, cast: Cast) -> Introduction:
    """Ada has asked Ben."""
    made = Introduction(
        public_id="adaasksben",
        kind="asked",
        asker_id=cast.ada,
        asked_id=cast.ben,
        asker_answer="yes",
        note="About warm homes",
        created_at=NOW,
        expires_at=NOW + timedelta(days=14),
    )
    session.add(made)
    session.commit()
    return made


def state(session: Session, one: int, other: int) -> str | None:
    found = standing(session, one, other, NOW)
    return found.state if found else None


def test_who_asked_waits_and_who_was_asked_is_to_answer(session: Session, cast: Cast, asked: Introduction) -> None:
    assert state(session, cast.ada, cast.ben) == "waiting"
    assert state(session, cast.ben, cast.ada) == "to_answer"
    assert state(session, cast.ada, cast.cai) is None


def test_a_no_is_told_to_nobody(session: Session, cast: Cast, asked: Introduction) -> None:
    asked.asked_answer = "no"
    session.flush()
    assert state(session, cast.ada, cast.ben) == "waiting"
    assert state(session, cast.ben, cast.ada) is None


def test_what_is_over_is_over(session: Session, cast: Cast, asked: Introduction) -> None:
    asked.expires_at = NOW
    session.flush()
    assert state(session, cast.ada, cast.ben) is None


def test_the_page_offers_what_can_be_done_now(
    session: Session, cast: Cast, asked: Introduction, signed_in: SignIn
) -> None:
    address = {who: f"/people/{session.get_one(Member, who).public_id}" for who in (cast.ada, cast.ben)}
    ada, ben, cai = signed_in(cast.ada), signed_in(cast.ben), signed_in(cast.cai)
    page = cai.get(address[cast.ben]).get_data(as_text=True)
    assert "Send request" in page
    page = ada.get(address[cast.ben]).get_data(as_text=True)
    assert "Take it back" in page
    assert "Send request" not in page
    page = ben.get(address[cast.ada]).get_data(as_text=True)
    assert "About warm homes" in page
    assert "No, thank you" in page
    a_connection(session, cast.ada, cast.ben)
    page = ben.get(address[cast.ada]).get_data(as_text=True)
    assert "You are connected" in page
    assert "About warm homes" not in page
