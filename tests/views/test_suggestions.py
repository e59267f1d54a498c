"""The pages of suggestions: nobody on them who should not be, and reasons that still hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from haln.connect import suggestions
from haln.db import db
from haln.models import Dismissal, Introduction, LearningSet, Member, SetMembership, Suggestion
from haln.people.profiles import OPEN_END
from haln.people.tokens import public_id
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor


def suggest(session: Session, one: int, other: int, rank: int = 1, reasons: list[Any] | None = None) -> Suggestion:
    row = Suggestion(
        member_id=one,
        other_id=other,
        rank=rank,
        score=3.0,
        band="strong",
        reasons=reasons or [],
        signals={"signals": {"they_offer": 1.0}, "parts": {"they_offer": 2.0, "same_place": 0.3, "turn": 0.01}},
        weights_version="fixed-1",
        listed_at=NOW,
        refreshed_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def reason(kind: str, **evidence: Any) -> dict[str, Any]:
    return {"kind": kind, "evidence": evidence, "weight": 1.0}


def names(session: Session, member_id: int) -> list[str]:
    session.flush()
    found = suggestions.current(session, an_actor(session, member_id), 12, NOW)
    return [one.person.name for one in found.suggestions]


def told(session: Session, member_id: int) -> list[Any]:
    session.flush()
    found = suggestions.current(session, an_actor(session, member_id), 12, NOW)
    return [
        (held.kind, held.evidence, [person.name for person in held.people]) for held in found.suggestions[0].reasons
    ]


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that are sent, but for BEGIN and the like."""
    sent: list[str] = []

    def note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        if statement.split(None, 1)[0] in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_the_page_shows_cards_best_first_with_reasons(session: Session, cast: Cast, signed_in: SignIn) -> None:
    a_theme(session, cast.ada, "food", seek=True)
    a_theme(session, cast.cai, "food", offer=True)
    suggest(session, cast.ada, cast.dee, 2)
    suggest(session, cast.ada, cast.cai, 1, [reason("they_offer_you_seek", themes=["food"])])
    session.commit()
    page = signed_in(cast.ada).get("/suggestions").text
    assert page.index("Cai Morgan") < page.index("Dee Sandhu")
    assert "Can help with food, where you would like help." in page
    assert "Somebody you have not met yet." in page


@pytest.mark.parametrize(
    "way",
    ["hidden", "left", "paused", "opted out", "connected", "asked", "was asked", "dismissed", "blocked", "was blocked"],
)
def test_who_must_not_be_suggested_is_not_shown_though_still_listed(session: Session, cast: Cast, way: str) -> None:
    suggest(session, cast.ada, cast.cai)
    suggest(session, cast.ada, cast.dee, 2)
    facts = {
        "hidden": {"listed": False},
        "left": {"standing": "left"},
        "paused": {"paused_until": NOW.date() + timedelta(days=1)},
        "opted out": {"suggest_me": False},
    }
    one, other = (cast.cai, cast.ada) if way.startswith("was") else (cast.ada, cast.cai)
    if way in facts:
        session.execute(update(Member).where(Member.id == cast.cai).values(**facts[way]))
    elif way == "connected":
        a_connection(session, one, other)
    elif way.endswith("asked"):
        session.add(
            Introduction(
                public_id=public_id(),
                kind="asked",
                asker_id=one,
                asked_id=other,
                asked_answer="no",
                created_at=NOW,
                expires_at=NOW + timedelta(days=14),
            )
        )
    elif way == "dismissed":
        session.add(Dismissal(member_id=one, other_id=other, until=None, created_at=NOW))
    else:
        session.execute(
            db.metadatas[None].tables["block"].insert().values(blocker_id=one, blocked_id=other, created_at=NOW)
        )
    assert names(session, cast.ada) == ["Dee Sandhu"]


def test_a_dismissal_for_now_ends_by_itself(session: Session, cast: Cast) -> None:
    suggest(session, cast.ada, cast.cai)
    session.add(Dismissal(member_id=cast.ada, other_id=cast.cai, until=NOW.date(), created_at=NOW))
    assert names(session, cast.ada) == ["Cai Morgan"]


def test_a_reason_goes_when_its_fact_is_hidden_or_changed(session: Session, cast: Cast) -> None:
    for member in (cast.ada, cast.cai):
        a_theme(session, member, "food", maturity=2 if member == cast.ada else 3, interest=True, offer=True, seek=True)
    cai = session.get_one(Member, cast.cai)
    place = cai.place_id
    kinds = [
        reason("they_offer_you_seek", themes=["food"]),
        reason("you_offer_they_seek", themes=["food"]),
        reason("shared_theme", themes=["food", "housing"]),
        reason("step_ahead", themes=["food"], yours=[2], theirs=[3]),
        reason("same_place_other_sector", place=place, sector="education"),
        reason("same_role_other_organisation", role="research", organisation=cai.organisation_id),
        reason("first_link", sectors=["nhs", "education"], regions=["E12000003", "W92000004"]),
        reason("similar_text", terms=["allotments", "kitchens"]),
        reason("active_nearby", region="W92000004"),
        reason("same_region", region="W92000004"),
    ]
    suggest(session, cast.ada, cast.cai, 1, kinds)
    assert [kind for kind, _, _ in told(session, cast.ada)] == [one["kind"] for one in kinds]
    assert told(session, cast.ada)[2][1] == {"themes": ["food"]}
    for show, gone in {
        "show_themes": {"they_offer_you_seek", "you_offer_they_seek", "shared_theme", "step_ahead"},
        "show_place": {"same_place_other_sector", "first_link", "active_nearby", "same_region"},
        "show_organisation": {"same_place_other_sector", "same_role_other_organisation", "first_link"},
        "show_role": {"same_role_other_organisation"},
        "show_biography": {"similar_text"},
    }.items():
        setattr(cai, show, 1)
        left = {kind for kind, _, _ in told(session, cast.ada)}
        assert left == {one["kind"] for one in kinds} - gone, show
        setattr(cai, show, 2)
    cai.place_id = session.get_one(Member, cast.ada).place_id
    assert "same_place_other_sector" not in {kind for kind, _, _ in told(session, cast.ada)}


def test_words_in_common_are_told_where_two_of_them_tell_something(session: Session, cast: Cast) -> None:
    cai = session.get_one(Member, cast.cai)
    cai.job_title = "Head of kitchens"
    row = suggest(session, cast.ada, cast.cai, 1, [reason("similar_text", terms=["kitchens", "works", "food", "wage"])])
    assert told(session, cast.ada) == [("similar_text", {"terms": ["food", "wage"]}, [])]
    row.reasons = [reason("similar_text", terms=["kitchens", "works", "food"])]
    assert told(session, cast.ada) == []


def test_people_both_know_are_named_only_where_everybody_lets_it_be_told(session: Session, cast: Cast) -> None:
    suggest(session, cast.ada, cast.cai, 1, [reason("mutual_connections", members=[cast.ben, cast.dee])])
    for other in (cast.ben, cast.dee):
        a_connection(session, cast.ada, other)
        a_connection(session, cast.cai, other)
    assert told(session, cast.ada) == [("mutual_connections", {}, ["Ben Whitaker", "Dee Sandhu"])]
    ben, cai = session.get_one(Member, cast.ben), session.get_one(Member, cast.cai)
    for facts in (
        {"listed": False},
        {"standing": "left"},
        {"show_connections": 1},
        {"suggest_me": False},
        {"paused_until": NOW.date() + timedelta(days=2)},
    ):
        before = {name: getattr(ben, name) for name in facts}
        for name, value in facts.items():
            setattr(ben, name, value)
        assert told(session, cast.ada) == [("mutual_connections", {}, ["Dee Sandhu"])], facts
        for name, value in before.items():
            setattr(ben, name, value)
    cai.show_connections = 1
    assert told(session, cast.ada) == []


def test_a_tie_that_ended_is_no_reason(session: Session, cast: Cast) -> None:
    suggest(session, cast.ada, cast.cai, 1, [reason("mutual_connections", members=[cast.ben])])
    a_connection(session, cast.ada, cast.ben)
    a_connection(session, cast.cai, cast.ben, until=NOW)
    assert told(session, cast.ada) == []


def test_a_shared_set_is_named(session: Session, cast: Cast) -> None:
    group = LearningSet(name="Spring set")
    session.add(group)
    session.flush()
    suggest(session, cast.ada, cast.cai, 1, [reason("shared_group", groups=[group.id, 99])])
    session.add(SetMembership(set_id=group.id, member_id=cast.ada, joined_on=NOW.date()))
    theirs = SetMembership(set_id=group.id, member_id=cast.cai, left_on=NOW.date())
    session.add(theirs)
    assert told(session, cast.ada) == []  # one left before the other came: they never met there
    theirs.left_on = None
    assert told(session, cast.ada) == [("shared_group", {"names": ["Spring set"]}, [])]


def test_a_new_member_sees_who_joined_lately_and_what_to_add(session: Session, signed_in: SignIn, cast: Cast) -> None:
    new = a_member(session, "Nia New").id
    a_member(session, "Hal Hidden", listed=False)
    session.commit()
    page = signed_in(new).get("/suggestions").text
    assert "Sol Adeyemi" in page
    assert "Hal Hidden" not in page
    assert "/profile/themes" in page
    assert "/profile/about" in page


def test_not_now_is_for_days_and_never_is_for_good_and_both_can_be_undone(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    cai = session.get_one(Member, cast.cai).public_id
    suggest(session, cast.ada, cast.cai)
    session.commit()
    browser = signed_in(cast.ada)
    for how, until in (("not-now", NOW.date() + timedelta(days=60)), ("never", None)):
        assert browser.post(f"/suggestions/{cai}/{how}").status_code == 303
        session.expire_all()
        assert session.scalars(select(Dismissal.until)).all() == [until]
        assert "Cai Morgan" not in browser.get("/suggestions").text.split("</main>")[0].split('class="people')[-1]
        assert "Cai Morgan" in browser.get("/suggestions/set-aside").text
        assert browser.post(f"/suggestions/{cai}/undo").status_code == 303
        session.expire_all()
        spells = session.scalars(select(Suggestion.unlisted_at).where(Suggestion.other_id == cast.cai))
        assert spells.all() == [None]  # the same spell goes on
    assert browser.post(f"/suggestions/{cai}/undo").status_code == 404


def test_a_part_of_the_page_is_answered_with_a_line_and_undo(session: Session, cast: Cast, signed_in: SignIn) -> None:
    cai = session.get_one(Member, cast.cai).public_id
    answer = signed_in(cast.ada).post(f"/suggestions/{cai}/never", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert f"/suggestions/{cai}/undo" in answer.text


def test_why_tells_bands_and_words_but_no_numbers_of_ours(session: Session, cast: Cast, signed_in: SignIn) -> None:
    a_theme(session, cast.ada, "food", seek=True)
    a_theme(session, cast.cai, "food", offer=True)
    suggest(session, cast.ada, cast.cai, 1, [reason("they_offer_you_seek", themes=["food"])])
    session.commit()
    cai = session.get_one(Member, cast.cai).public_id
    page = signed_in(cast.ada).get(f"/suggestions/{cai}/why").text
    assert "counted a lot" in page
    assert "fixed-1" in page
    assert "Monday 15 June 2026" in page
    assert "%" not in page.split("<main", 1)[1].split("</main>")[0]
    dee = session.get_one(Member, cast.dee).public_id
    assert signed_in(cast.ada).get(f"/suggestions/{dee}/why").status_code == 404


def test_only_who_is_suggested_has_a_page_that_explains_it(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada = signed_in(cast.ada)
    page = ada.get("/suggestions").text
    assert "these people joined lately" in page
    assert "Why am I seeing this?" not in page
    suggest(session, cast.ada, cast.cai, 1, [reason("newcomer")])
    session.commit()
    (why_url,) = re.findall(r'class="why" href="([^"]+)"', ada.get("/suggestions").text)
    assert ada.get(why_url).status_code == 200


def test_why_leaves_out_what_rests_on_facts_hidden_since(session: Session, cast: Cast, signed_in: SignIn) -> None:
    suggest(session, cast.ada, cast.cai)
    session.execute(update(Member).where(Member.id == cast.cai).values(show_themes=0))
    session.commit()
    cai = session.get_one(Member, cast.cai).public_id
    page = signed_in(cast.ada).get(f"/suggestions/{cai}/why").text
    assert "Themes: what you" not in page
    assert "Where you both work" in page


@pytest.mark.parametrize(
    ("times", "sentence"),
    [(0, "nobody"), (1, "fewer than 8 people"), (7, "fewer than 8 people"), (8, "8 people")],
)
def test_the_mirror_blurs_small_counts(
    session: Session, cast: Cast, signed_in: SignIn, times: int, sentence: str
) -> None:
    for number in range(times):
        other = a_member(session, f"Person{number} Number").id
        suggest(session, other, cast.ada, 1, [reason("newcomer")])
    session.commit()
    page = signed_in(cast.ada).get("/suggestions/mirror").text
    assert f"You were suggested to {sentence} in the last 30 days." in page
    assert ("You are new to the network" in page) == (times > 0)


@pytest.mark.parametrize(
    ("until", "words"), [(date(2026, 12, 31), "until Thursday 31 December 2026"), (OPEN_END, "until you say so")]
)
def test_the_mirror_says_until_when_a_break_is(
    session: Session, cast: Cast, signed_in: SignIn, until: date, words: str
) -> None:
    session.get_one(Member, cast.ada).paused_until = until
    session.commit()
    assert f"You are taking a break {words}." in signed_in(cast.ada).get("/suggestions/mirror").text


def test_the_mirror_leaves_out_who_left_or_blocked_and_what_is_long_past(session: Session, cast: Cast) -> None:
    from haln.connect import blocks, mirror

    for other in (cast.ben, cast.cai, cast.dee, cast.fay):
        suggest(session, other, cast.ada)
    session.execute(update(Member).where(Member.id == cast.ben).values(standing="left"))
    blocks.block(session, an_actor(session, cast.cai), session.get_one(Member, cast.ada).public_id, NOW)
    session.execute(
        update(Suggestion).where(Suggestion.member_id == cast.dee).values(unlisted_at=NOW - timedelta(days=31))
    )
    assert mirror.mirror(session, an_actor(session, cast.ada), 7, NOW).people.number == 1


def test_the_page_asks_the_same_few_queries_however_many_there_are(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    a_theme(session, cast.ada, "food", seek=True)
    group = LearningSet(name="Spring set")
    session.add(group)
    a_connection(session, cast.ada, cast.ben)
    session.flush()
    session.add(SetMembership(set_id=group.id, member_id=cast.ada))
    for number in range(12):
        other = a_member(session, f"Person{number:02} Number").id
        a_theme(session, other, "food", offer=True)
        a_connection(session, cast.ben, other)
        kinds = [
            reason("they_offer_you_seek", themes=["food"]),
            reason("mutual_connections", members=[cast.ben]),
            reason("shared_group", groups=[group.id]),
        ]
        session.add(SetMembership(set_id=group.id, member_id=other))
        suggest(session, cast.ada, other, number + 1, kinds)
    session.commit()
    browser = signed_in(cast.ada)
    with statements(app) as sent:
        assert "Person11 Number" in browser.get("/suggestions").text
    assert len(sent) == 5, sent
