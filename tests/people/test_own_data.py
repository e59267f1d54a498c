"""A member's copy holds all that is kept about them, and nothing of others that they may not see."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from haln import history
from haln.connect import blocks
from haln.models import Block, Introduction, Member, MemberText
from haln.people import mailbox, own_data
from tests.builders import NOW, Cast, a_connection, a_theme, an_actor, sign_in_token


@pytest.fixture
def taken(session: Session, cast: Cast) -> dict[str, Any]:
    a_theme(session, cast.ada, "housing", 2, offer=True)
    session.add(MemberText(member_id=cast.ada, text="Ada on gardens"))
    a_connection(session, cast.ada, cast.ben)
    a_connection(session, cast.ada, cast.dee)
    session.get_one(Member, cast.dee).listed = False
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.sol, created_at=NOW))
    session.add(
        Introduction(
            public_id="one",
            kind="asked",
            asker_id=cast.ada,
            asked_id=cast.cai,
            note="Hello Cai",
            state="declined",
            asker_answer="yes",
            asked_answer="no",
            created_at=NOW,
            closed_at=NOW,
            expires_at=NOW + timedelta(days=14),
        )
    )
    mailbox.put_to_member(session, "reset", cast.ada, {"url": "secret"}, NOW)
    history.record(session, cast.sol, "merge_organisations", "member", cast.ada, NOW, {"why": "staff only"})
    sign_in_token(session, cast.ada)
    content = own_data.archive(session, an_actor(session, cast.ada), NOW)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.namelist() == ["READ ME.txt", "data.json"]
        document: dict[str, Any] = json.loads(file.read("data.json"))
    return document


def test_every_part_is_there(taken: dict[str, Any]) -> None:
    assert taken["profile"]["name"] == "Ada Okafor"
    assert taken["profile"]["organisation"] == "Leeds Teaching Hospitals NHS Trust"
    assert taken["themes"] == [{"theme": "housing", "interest": False, "offer": True, "seek": False, "maturity": 2}]
    assert taken["texts"][0]["text"] == "Ada on gardens"
    assert taken["introductions"][0]["note"] == "Hello Cai"
    assert taken["blocks"][0]["who"] == "Sol Adeyemi"
    assert taken["messages"][0]["kind"] == "reset"
    assert len(taken["sign_ins"]) == 1
    assert taken["record"][0]["what"] == "merge_organisations"


def test_every_column_about_a_member_is_taken_or_named_as_not(taken: dict[str, Any]) -> None:
    columns = {column.name for column in Member.__table__.columns}
    assert columns - set(taken["profile"]) == own_data._NOT_TAKEN


def test_people_who_may_not_be_seen_are_not_named(taken: dict[str, Any]) -> None:
    assert [tie["with"] for tie in taken["connections"]] == ["Ben Whitaker", "a member you cannot see"]
    assert "Dee" not in json.dumps(taken)


def test_a_no_that_was_kept_to_oneself_is_not_told(taken: dict[str, Any]) -> None:
    one = taken["introductions"][0]
    assert (one["state"], one["your_answer"]) == ("open", "yes")
    assert "closed_at" not in one


def test_nothing_secret_is_in_it(taken: dict[str, Any]) -> None:
    text = json.dumps(taken)
    assert "secret" not in text
    assert "staff only" not in text
    assert "password_hash" not in text
    assert "token" not in text


def test_nobody_learns_from_their_copy_that_they_were_blocked(session: Session, cast: Cast) -> None:
    ada, ben = an_actor(session, cast.ada), an_actor(session, cast.ben)
    name = blocks.block(session, ben, ada.public_id, NOW)
    blocks.unblock(session, ben, ada.public_id, NOW)
    assert name == "Ada Okafor"
    assert own_data.collected(session, cast.ada, NOW)["record"] == []
    assert [one["what"] for one in own_data.collected(session, cast.ben, NOW)["record"]] == [
        "block_member",
        "unblock_member",
    ]
