"""A member's copy holds all that is kept about them, and nothing of others that they may not see."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.connect import blocks
from haln.models import (
    Attendance,
    Base,
    Block,
    CohortPair,
    CohortSlot,
    Introduction,
    Member,
    MemberText,
    Reflection,
    Seat,
    SetAction,
    SetNote,
    SetRequest,
    SetSession,
    SetSuggestion,
)
from haln.people import mailbox, outcome_agreements, own_data
from tests.builders import NOW, Cast, a_connection, a_theme, an_actor, sign_in_token
from tests.cohort_builders import a_cohort, a_learning_set, a_plan, an_application
from tests.outcome_builders import agreements, an_outcome


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


@pytest.fixture
def learned(session: Session, cast: Cast) -> dict[str, Any]:
    """Ada's copy after she applied, wished, was wished about, sat in a set and wrote there."""
    cohort = a_cohort(session, cast.fay, days=1)
    slot = session.scalars(select(CohortSlot.id).where(CohortSlot.cohort_id == cohort.id)).first()
    an_application(session, cohort.id, cast.ada, [slot or 0], access_needs="A ramp", facilitator_id=cast.fay)
    for low, high, by in (
        (cast.ada, cast.ben, cast.ada),
        (cast.ada, cast.cai, cast.cai),
        (cast.ada, cast.dee, cast.fay),
    ):
        pair = {"low_id": low, "high_id": high, "kind": "apart", "by_id": by}
        session.add(CohortPair(cohort_id=cohort.id, created_at=NOW, **pair))
    plan = a_plan(session, cohort, [[cast.ada, cast.ben]], state="published")
    session.add(Seat(public_id="seat", plan_id=plan.id, member_id=cast.ada, set_number=0, asked_at=NOW))
    group = a_learning_set(session, [cast.ada, cast.dee], name="Growing", facilitator_id=cast.fay)
    meeting = SetSession(public_id="s", set_id=group.id, starts_at=NOW, presenter_id=cast.ada)
    session.add(meeting)
    session.flush()
    session.add(Attendance(session_id=meeting.id, member_id=cast.ada, state="apologies", recorded_at=NOW))
    for owner, words in ((cast.ada, "I will call"), (cast.dee, "Dee will call")):
        session.add(
            SetAction(
                public_id=f"a{owner}",
                set_id=group.id,
                owner_id=owner,
                text=words,
                outcome="Done at last",
                written_by_id=cast.ada,
                created_at=NOW,
            )
        )
    for author, words in ((cast.ada, "Mine"), (cast.dee, "Of Dee alone")):
        wrote = {"text": words, "created_at": NOW, "changed_at": NOW}
        session.add(SetNote(public_id=f"n{author}", set_id=group.id, author_id=author, **wrote))
    session.add(Reflection(set_id=group.id, member_id=cast.ada, useful=4, text="Good", written_at=NOW))
    session.add(SetRequest(public_id="r", set_id=group.id, member_id=cast.ada, note="May I?", created_at=NOW))
    reasons = [{"kind": "about_your_themes", "evidence": {"themes": ["food"]}, "weight": 0.1}]
    facts = {"rank": 1, "score": 1.0, "band": "good", "reasons": reasons, "refreshed_at": NOW}
    session.add(SetSuggestion(member_id=cast.ada, cohort_id=cohort.id, **facts))
    session.flush()
    return own_data.collected(session, cast.ada, NOW)


def test_all_of_learning_is_in_it(learned: dict[str, Any]) -> None:
    (application,) = learned["applications"]
    assert application["live_issue"] and application["access_needs"] == "A ramp"
    assert application["would_like_as_facilitator"] == "Fay Lindqvist"
    assert application["times"] == [{"day": (NOW + timedelta(days=60)).date(), "half": "morning"}]
    assert [(one["set_number"], one["state"]) for one in learned["seats"]] == [(0, "asked")]
    assert [one["name"] for one in learned["learning_sets"]] == ["Growing"]
    assert [one["state"] for one in learned["attendance"]] == ["apologies"]
    assert [one["set"] for one in learned["sessions_presented"]] == ["Growing"]
    assert [(one["whose"], one["text"], one["outcome"]) for one in learned["actions"]] == [
        ("you", "I will call", "Done at last"),
        ("Dee Sandhu", "Dee will call", ""),
    ]
    assert [one["text"] for one in learned["notes"]] == ["Mine"]
    assert [one["text"] for one in learned["reflections"]] == ["Good"]
    assert [one["note"] for one in learned["set_requests"]] == ["May I?"]
    assert [one["reasons"] for one in learned["set_suggestions"]] == [["about_your_themes"]]


def test_what_one_told_is_in_it_and_of_what_others_told_only_what_names_one(session: Session, cast: Cast) -> None:
    group = a_learning_set(session, [cast.ada, cast.dee])
    mine = an_outcome(session, cast.ada, group, kind="funding", amount=900, consent="anonymous")
    named = an_outcome(session, cast.dee, group, text="Only Dee reads it", signed="Ada did it", consent="named")
    agreements(session, named, [(cast.ada, None)])
    an_outcome(session, cast.dee, group, text="Of Dee alone")
    found = own_data.collected(session, cast.ada, NOW)
    (own,), (asked,) = found["outcomes"], found["stories_that_name_you"]
    assert (own["text"], own["text_without_names"], own["amount"]) == (mine.text, mine.told, 900)
    assert (asked["written_by"], asked["text"], asked["your_answer"]) == ("Dee Sandhu", "Ada did it", None)
    assert "Dee alone" not in json.dumps(found, default=str) and "Only Dee" not in json.dumps(found, default=str)


def test_own_wishes_are_in_it_and_what_others_wish_about_one_never(learned: dict[str, Any]) -> None:
    assert [one["who"] for one in learned["wishes"]] == [["you", "Ben Whitaker"]]
    assert "Cai Morgan" not in json.dumps(learned, default=str)


def test_who_leads_finds_what_they_lead(session: Session, cast: Cast, learned: dict[str, Any]) -> None:
    found = own_data.collected(session, cast.fay, NOW)
    assert [one["cohort"] for one in found["cohorts_led"]] == ["Autumn learning sets"]
    assert [one["set"] for one in found["sets_led"]] == ["Growing"]
    assert found["wishes"][0]["who"] == ["Ada Okafor", "Dee Sandhu"]


def test_every_column_that_points_to_a_member_is_in_it_or_has_a_reason_why_not(learned: dict[str, Any]) -> None:
    pointing = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "member" for key in column.foreign_keys)
    }
    assert own_data.TAKEN.keys() | own_data.NOT_TAKEN.keys() == pointing
    assert not own_data.TAKEN.keys() & own_data.NOT_TAKEN.keys()
    assert set(own_data.TAKEN.values()) <= learned.keys()


@pytest.mark.parametrize("answer", [None, "yes", "no"])
@pytest.mark.parametrize("how", ["seen", "block", "hide"])
def test_a_copy_tells_of_a_story_what_the_page_tells(
    session: Session, cast: Cast, how: str, answer: str | None
) -> None:
    tie = a_connection(session, cast.ada, cast.ben)
    one = an_outcome(session, cast.ben, tie, text="Ada Okafor bought a van.", consent="named")
    agreements(session, one, [(cast.ada, answer)])
    ada, ben = an_actor(session, cast.ada), an_actor(session, cast.ben)
    if how == "block":
        blocks.block(session, ben, ada.public_id, NOW)
    elif how == "hide":
        session.get_one(Member, cast.ben).listed = False
    session.flush()
    page = [(row.text, row.writer, row.answer) for row in outcome_agreements.asked(session, ada)]
    copy = own_data.collected(session, cast.ada, NOW)["stories_that_name_you"]
    told = [(row["text"], row["written_by"].replace(own_data.UNNAMED, ""), row["your_answer"] or "") for row in copy]
    assert told == page
    assert bool(told) == (how == "seen" or answer == "yes")
