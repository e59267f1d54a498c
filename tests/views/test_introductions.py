"""The pages of introductions and connections."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Block, Connection, Introduction, Member
from tests.application import SignIn, without_token
from tests.builders import Cast, a_connection, a_member
from tests.views.test_suggestions import statements, suggest


def key(session: Session, member_id: int) -> str:
    return session.get_one(Member, member_id).public_id


def test_a_request_is_asked_from_a_card_seen_and_accepted(session: Session, cast: Cast, signed_in: SignIn) -> None:
    suggest(session, cast.ada, cast.cai)
    session.commit()
    ada, cai = signed_in(cast.ada), signed_in(cast.cai)
    card = ada.post(
        f"/people/{key(session, cast.cai)}/ask?from=suggestions",
        data={"note": "You measure what we try"},
        headers={"HX-Request": "true"},
    )
    assert card.status_code == 200
    assert "on its way to Cai Morgan" in card.text
    row = session.execute(select(Introduction)).scalar_one()
    assert (row.source, row.note) == ("suggestion", "You measure what we try")
    inbox = cai.get("/introductions").text
    assert "Ada Okafor" in inbox
    assert "You measure what we try" in inbox
    assert cai.post(f"/introductions/{row.public_id}/accept").status_code == 303
    assert "Cai Morgan" in ada.get("/connections").text
    assert cai.post(f"/introductions/{row.public_id}/accept").status_code == 409


def test_without_scripts_the_answer_is_the_page_to_look_at_next(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    ada = signed_in(cast.ada)
    path = f"/people/{key(session, cast.cai)}/ask"
    assert "Ask Cai Morgan to connect" in ada.get(path).text
    assert ada.post(path, data={"note": "Hello", "known": "yes"}).location == "/introductions"
    assert session.scalars(select(Introduction.evidence)).all() == ["declared"]
    again = ada.post(path, data={"note": "Hello"})
    assert again.status_code == 409
    assert "You have asked Cai Morgan already" in again.text


def test_a_note_too_long_comes_back_with_the_fault_beside_it(session: Session, cast: Cast, signed_in: SignIn) -> None:
    answer = signed_in(cast.ada).post(f"/people/{key(session, cast.cai)}/ask", data={"note": "y" * 601})
    assert answer.status_code == 422
    assert "Write at most 600 characters." in answer.text
    assert "y" * 601 in answer.text


def test_nobody_asks_themselves_or_the_unseen(session: Session, cast: Cast, signed_in: SignIn) -> None:
    session.get_one(Member, cast.cai).listed = False
    session.commit()
    ada = signed_in(cast.ada)
    for other in (key(session, cast.ada), key(session, cast.cai), "nobody"):
        for page in ("ask", "path", "block"):
            assert ada.get(f"/people/{other}/{page}").status_code == 404
        assert ada.post(f"/people/{other}/ask").status_code == 404


def test_a_decline_says_nothing_to_the_asker(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada = signed_in(cast.ada)
    ada.post(f"/people/{key(session, cast.cai)}/ask", data={"note": "Hello"})
    ada.get("/introductions")  # takes the message of the last page
    before = without_token(ada.get("/introductions").text)
    row = session.execute(select(Introduction.public_id)).scalar_one()
    assert signed_in(cast.cai).post(f"/introductions/{row}/decline").status_code == 303
    assert without_token(ada.get("/introductions").text) == before


def test_a_weaver_chooses_two_people_and_says_why(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ben = signed_in(cast.ben)
    ada, cai = key(session, cast.ada), key(session, cast.cai)
    assert f"/introductions/weave?one={ada}" in ben.get("/introductions/weave?q=okafor").text
    assert f"one={ada}&amp;other={cai}" in ben.get(f"/introductions/weave?one={ada}&q=cai").text
    assert "Introduce Ada Okafor and Cai Morgan" in ben.get(f"/introductions/weave?one={ada}&other={cai}").text
    both = {"one": ada, "other": cai}
    assert ben.post("/introductions/weave", data=both).status_code == 422
    assert ben.post("/introductions/weave", data={**both, "note": "Local food"}).status_code == 303
    assert ben.post("/introductions/weave", data={**both, "note": "Local food"}).status_code == 409
    row = session.execute(select(Introduction.public_id)).scalar_one()
    for person in (cast.ada, cast.cai):
        browser = signed_in(person)
        assert "Ben Whitaker thinks the two of you should meet." in browser.get("/introductions").text
        browser.post(f"/introductions/{row}/accept")
    assert len(session.scalars(select(Connection.id)).all()) == 1
    assert "connected" in ben.get("/introductions").text


def test_a_connection_is_changed_and_ended_after_a_question(session: Session, cast: Cast, signed_in: SignIn) -> None:
    a_connection(session, cast.ada, cast.ben)
    session.commit()
    ada, ben = signed_in(cast.ada), key(session, cast.ben)
    assert ada.post(f"/connections/{ben}/intensity", data={"intensity": "3", "evidence": "met"}).status_code == 303
    assert "We plan things together · Met in person or online" in ada.get("/connections").text
    assert ada.post(f"/connections/{ben}/intensity", data={"intensity": "9", "evidence": "met"}).status_code == 422
    assert "End the connection with Ben Whitaker?" in ada.get(f"/connections/{ben}/end").text
    assert ada.post(f"/connections/{ben}/end").status_code == 303
    assert "Ben Whitaker" not in ada.get("/connections").text.split("messages", 1)[1].split("rows", 1)[-1]
    assert ada.get(f"/connections/{ben}/end").status_code == 404


def test_the_blocked_see_nothing_of_each_other_on_any_page(session: Session, cast: Cast, signed_in: SignIn) -> None:
    a_connection(session, cast.ada, cast.ben)
    suggest(session, cast.cai, cast.ada)
    suggest(session, cast.ada, cast.cai)
    session.commit()
    ada, cai = signed_in(cast.ada), signed_in(cast.cai)
    cai.post(f"/people/{key(session, cast.ada)}/ask", data={"note": "Hello"})
    cai.get("/introductions")
    assert ada.post(f"/people/{key(session, cast.cai)}/block").status_code == 303
    assert session.execute(select(Block.blocker_id, Block.blocked_id)).one() == (cast.ada, cast.cai)
    pages = ("/suggestions", "/introductions", "/connections", "/introductions/weave?q=a", "/suggestions/set-aside")
    for page in pages:
        assert "Ada Okafor" not in cai.get(page).text.split("<main", 1)[1]
    for page in ("path", "ask", "block"):
        assert cai.get(f"/people/{key(session, cast.ada)}/{page}").status_code == 404
    assert "Cai Morgan" in ada.get("/connections/blocked").text
    assert ada.post(f"/people/{key(session, cast.cai)}/unblock").status_code == 303
    assert "Nobody is blocked" in ada.get("/connections/blocked").text


def test_the_way_to_somebody_is_shown_as_a_chain(session: Session, cast: Cast, signed_in: SignIn) -> None:
    a_connection(session, cast.ada, cast.ben)
    a_connection(session, cast.ben, cast.dee)
    session.commit()
    ada = signed_in(cast.ada)
    page = ada.get(f"/people/{key(session, cast.dee)}/path").text
    assert "One person stands between you." in page
    assert "Ben Whitaker" in page
    assert "No way that can be shown" in ada.get(f"/people/{key(session, cast.cai)}/path").text


def test_the_pages_ask_the_same_few_queries_however_many_there_are(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    others = [a_member(session, f"Person{number:02} Number") for number in range(30)]
    for other in others:
        a_connection(session, cast.ada, other.id)
    session.commit()
    for other in others[:3]:
        signed_in(other.id).post(f"/people/{key(session, cast.ben)}/ask")
    ada, ben = signed_in(cast.ada), signed_in(cast.ben)
    for browser, path, queries in (
        (ada, "/connections", 5),
        (ben, "/introductions", 5),
    ):  # one more: Ben has notifications
        with statements(app) as sent:
            assert "Person00 Number" in browser.get(path).text
        assert len(sent) == queries, sent


def test_there_is_nothing_to_ask_where_something_is_open(session: Session, cast: Cast, signed_in: SignIn) -> None:
    ada, cai = signed_in(cast.ada), signed_in(cast.cai)
    to_cai, to_ada = (f"/people/{key(session, member)}/ask" for member in (cast.cai, cast.ada))
    ada.post(to_cai, data={"note": "Hello"})
    for browser, page in ((ada, to_cai), (cai, to_ada)):
        assert browser.get(page).location == "/introductions"
    row = session.execute(select(Introduction.public_id)).scalar_one()
    cai.post(f"/introductions/{row}/decline")
    assert cai.get(to_ada).status_code == 200
    assert ada.get(to_cai).location == "/introductions"
