"""What came of it, from the writer's page to the report."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.connect import blocks
from haln.models import AuditRecord, Member, Outcome, OutcomeAgreement
from haln.people import versions
from tests.application import SignIn, without_token
from tests.builders import NOW, Cast, a_connection, a_member, an_actor
from tests.cohort_builders import a_learning_set
from tests.measure.flow_builders import an_introduction
from tests.outcome_builders import agreements, an_outcome
from tests.queries import queries_of

TEXT = "Ben Whitaker of Leeds City Council rang me. With Ben we buy food in Leeds and Cardiff: ben@example.org knows."
SIGNED = TEXT.replace("ben@example.org", "[…]")
DAY = (NOW - timedelta(days=20)).date().isoformat()
FORM = {"kind": "funding", "amount": "£12,500", "happened_on": DAY, "text": TEXT, "consent": "named"}


def text_of(page: str) -> str:
    """What a reader sees of a page's main part."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def key(session: Session, member: int) -> str:
    return session.get_one(Member, member).public_id


def tell(client: FlaskClient, session: Session, other: int, **facts: str) -> None:
    done = client.post(f"/connections/{key(session, other)}/outcome", data={**FORM, **facts, "do": "save"})
    assert done.status_code == 303, text_of(done.text)


def report(signed_in: SignIn, cast: Cast) -> str:
    return text_of(signed_in(cast.sol).get("/network/report").text)


@pytest.fixture
def connected(session: Session, cast: Cast) -> Cast:
    """Two who are connected, and give their names to everybody: the report names nobody else."""
    a_connection(session, cast.ada, cast.ben, NOW - timedelta(days=90))
    for member in (cast.ada, cast.ben):
        session.get_one(Member, member).show_name = 3
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    return cast


def test_from_writing_to_the_report_and_back_again(session: Session, connected: Cast, signed_in: SignIn) -> None:
    cast, ada, ben = connected, signed_in(connected.ada), signed_in(connected.ben)
    shown = ada.post(f"/connections/{key(session, cast.ben)}/outcome", data={**FORM, "do": "preview"})
    assert shown.status_code == 200
    assert session.scalar(select(func.count(Outcome.id))) == 0  # nothing is kept yet
    preview = text_of(shown.text)
    assert SIGNED in preview and "We ask on their page: Ben Whitaker." in preview
    masked = "[…] of […] rang me. With […] we buy food in […] : […] knows."
    assert masked.replace(" : ", ": ") in preview
    tell(ada, session, cast.ben)
    for page in (report(signed_in, cast), text_of(signed_in(cast.sol).get("/network/outcomes/").text)):
        assert "rang me" in page and "A member who gives no names" in page
        assert not [
            one for one in ("Ada", "Ben", "Leeds", "Cardiff", "ben@") if one in page.partition("rang me")[0][-40:]
        ]
        assert SIGNED not in page
    asked = ben.get("/outcomes").text
    assert SIGNED in text_of(asked) and "May these stories name you?" in asked
    one = session.scalars(select(Outcome)).one()
    assert ben.post(f"/outcomes/{one.public_id}/agree", data={"answer": "yes", "version": "1"}).status_code == 303
    assert SIGNED in report(signed_in, cast) and "Ada Okafor, Ben Whitaker" in report(signed_in, cast)
    session.get_one(Member, cast.ben).show_name = 2
    session.commit()  # seen by members: the report is passed on and does not name them, whoever looks at it
    assert SIGNED not in report(signed_in, cast) and "rang me" in report(signed_in, cast)
    assert SIGNED in text_of(signed_in(cast.sol).get("/network/outcomes/").text)
    session.get_one(Member, cast.ben).show_name = 3
    session.commit()
    ben.post(f"/outcomes/{one.public_id}/agree", data={"answer": "no"})
    assert SIGNED not in report(signed_in, cast) and "rang me" in report(signed_in, cast)
    ben.post(f"/outcomes/{one.public_id}/agree", data={"answer": "yes", "version": "1"})
    ada.post(f"/outcomes/{one.public_id}/withdraw")
    told = report(signed_in, cast)
    assert "rang me" not in told and "No story of the last year may be told." in told
    assert "rang me" not in ben.get("/outcomes").text
    assert ada.post(f"/outcomes/{one.public_id}/remove").status_code == 303
    assert session.scalar(select(func.count(OutcomeAgreement.outcome_id))) == 0


def test_words_that_change_are_asked_about_again(session: Session, connected: Cast, signed_in: SignIn) -> None:
    cast, ada, ben = connected, signed_in(connected.ada), signed_in(connected.ben)
    tell(ada, session, cast.ben)
    one = session.scalars(select(Outcome)).one()
    ben.post(f"/outcomes/{one.public_id}/agree", data={"answer": "yes", "version": "1"})
    path = f"/outcomes/{one.public_id}/change"
    assert (
        ada.post(path, data={**FORM, "do": "save", "version": "1", "text": "Ben Whitaker did it all."}).status_code
        == 303
    )
    assert "Ben Whitaker did it all." not in report(signed_in, cast)
    back = ben.post(f"/outcomes/{one.public_id}/agree", data={"answer": "yes", "version": "1"}, follow_redirects=True)
    assert back.request.path == "/outcomes" and "These words have been changed since you opened" in back.text
    assert "Ben Whitaker did it all." not in report(signed_in, cast)
    ben.post(f"/outcomes/{one.public_id}/agree", data={"answer": "yes", "version": "2"})
    assert "Ben Whitaker did it all." in report(signed_in, cast)
    stale = ada.post(path, data={**FORM, "do": "save", "version": "1"})
    assert stale.status_code == 409 and "changed since you opened the page" in stale.text
    assert 'name="version" value="2"' in stale.text  # saved once more, it is kept
    assert ada.post(path, data={**FORM, "do": "save", "version": "2"}).status_code == 303
    session.expire_all()
    assert session.scalars(select(Outcome)).one().text == TEXT


def test_a_no_silence_and_a_block_look_the_same_to_who_wrote(
    session: Session, connected: Cast, signed_in: SignIn
) -> None:
    ada, ben = signed_in(connected.ada), signed_in(connected.ben)
    tell(ada, session, connected.ben)
    one = session.scalars(select(Outcome)).one()
    ada.get("/outcomes")  # says thank you, once
    silent = without_token(ada.get("/outcomes").text)
    assert "Without names, until everybody whom it names agrees" in silent
    said = ben.post(f"/outcomes/{one.public_id}/agree", data={"answer": "no"}, follow_redirects=True).text
    assert "Whoever wrote it sees that it is told without names, not why." in said
    ada.get("/outcomes")
    assert without_token(ada.get("/outcomes").text) == silent


def test_the_page_to_change_says_of_what_it_is_after_a_block(
    session: Session, connected: Cast, signed_in: SignIn
) -> None:
    tell(signed_in(connected.ada), session, connected.ben)
    one = session.scalars(select(Outcome)).one()
    blocks.block(session, an_actor(session, connected.ben), key(session, connected.ada), NOW)
    session.commit()
    page = signed_in(connected.ada).get(f"/outcomes/{one.public_id}/change").text
    assert "Of your connection with a member you cannot see" in page and "Ben" not in page.partition("<textarea")[0]
    assert len(re.findall(r"<(?:h1|h2|legend)[^>]*>\s*What came of it\?", page)) == 1


def test_a_title_before_a_name_leaves_the_name(session: Session, connected: Cast, signed_in: SignIn) -> None:
    for text, reads in (
        ("Nurse Whitaker and I began.", "Nurse Whitaker and I began."),
        ("Then Senior Nurse Ben Whitaker began.", "Then Senior Nurse Ben Whitaker began."),
        ("Tom Whitaker began.", "[…] began."),
        ("Nurse Tom Whitaker began.", "[…] began."),
        ("Senior Nurse began.", "[…] began."),
    ):
        form = {**FORM, "text": text, "do": "preview"}
        path = f"/connections/{key(session, connected.ben)}/outcome"
        shown = text_of(signed_in(connected.ada).post(path, data=form).text)
        assert reads in shown.partition("Until then")[0], text
        assert "Whitaker" not in shown.partition("Until then")[2].partition("Names that the network")[0], text


def test_what_is_counted_only_is_read_by_nobody(session: Session, connected: Cast, signed_in: SignIn) -> None:
    tell(signed_in(connected.ada), session, connected.ben, consent="count", text="A secret of ours")
    for who in connected.everyone():
        for path in ("/network/report", "/network/outcomes/", "/network/outcomes/outcomes.csv", "/outcomes"):
            assert ("A secret" in signed_in(who).get(path).text) == (who == connected.ada and path == "/outcomes")


def test_an_outcome_is_its_writers_alone(session: Session, connected: Cast, signed_in: SignIn) -> None:
    one = an_outcome(session, connected.ada, a_connection(session, connected.ada, connected.cai))
    session.commit()
    for who in connected.everyone():
        client, own = signed_in(who), who == connected.ada
        assert client.get(f"/outcomes/{one.public_id}/change").status_code == (200 if own else 404)
        assert client.get(f"/outcomes/{one.public_id}/remove").status_code == (200 if own else 404)
        if not own:
            for act in ("withdraw", "remove", "agree"):
                assert client.post(f"/outcomes/{one.public_id}/{act}", data={"answer": "yes"}).status_code == 404
            assert client.post(f"/outcomes/{one.public_id}/change", data={**FORM, "do": "save"}).status_code == 404
    assert session.scalar(select(func.count(Outcome.id))) == 1


def test_only_those_with_a_part_in_it_may_tell(session: Session, connected: Cast, signed_in: SignIn) -> None:
    cast = connected
    group = a_learning_set(session, [cast.ada, cast.dee], facilitator_id=cast.fay)
    session.commit()
    codes = {who: signed_in(who).get(f"/sets/{group.public_id}/outcome").status_code for who in cast.everyone()}
    assert codes == {cast.ada: 200, cast.dee: 200, cast.fay: 200, cast.ben: 404, cast.cai: 404, cast.sol: 404}
    assert signed_in(cast.cai).get(f"/connections/{key(session, cast.ben)}/outcome").status_code == 404


def test_those_whom_a_story_of_a_set_names_are_asked(session: Session, connected: Cast, signed_in: SignIn) -> None:
    cast = connected
    group = a_learning_set(session, [cast.ada, cast.dee, cast.cai], facilitator_id=cast.fay)
    session.commit()
    form = {
        **FORM,
        "amount": "",
        "kind": "confidence",
        "text": "Dee gave me heart, and so did Fay Lindqvist.",
        "do": "save",
    }
    assert signed_in(cast.ada).post(f"/sets/{group.public_id}/outcome", data=form).status_code == 303
    asked = set(session.scalars(select(OutcomeAgreement.member_id)))
    assert asked == {cast.dee, cast.fay}
    one = session.scalars(select(Outcome)).one()
    for number, who in enumerate((cast.dee, cast.fay)):
        assert "Told with names" not in signed_in(cast.sol).get("/network/outcomes/").text, number
        signed_in(who).post(f"/outcomes/{one.public_id}/agree", data={"answer": "yes", "version": "1"})
    assert "Told with names" in signed_in(cast.sol).get("/network/outcomes/").text


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"kind": "fame"}, "Choose what came of it."),
        ({"kind": "confidence"}, "Give an amount for funding only."),
        ({"amount": "12.5"}, "Give whole pounds, like 12,500."),
        ({"amount": "99999999999"}, "Give whole pounds, like 12,500."),
        ({"happened_on": "soon"}, "Choose the day."),
        ({"happened_on": "2099-01-01"}, "That day is still to come."),
        ({"text": ""}, "Write what happened, or choose that it is only counted."),
        ({"text": "x" * 1501}, "Write at most 1,500 characters."),
        ({"consent": "all"}, "Choose who may read it."),
    ],
)
def test_what_cannot_be_kept_is_said(
    session: Session, connected: Cast, signed_in: SignIn, facts: dict[str, str], sentence: str
) -> None:
    path = f"/connections/{key(session, connected.ben)}/outcome"
    for step in ("preview", "save"):
        shown = signed_in(connected.ada).post(path, data={**FORM, **facts, "do": step})
        assert shown.status_code == 422 and sentence in shown.text and "There is a problem" in shown.text


def test_saved_twice_is_once(session: Session, connected: Cast, signed_in: SignIn) -> None:
    for _ in range(2):
        tell(signed_in(connected.ada), session, connected.ben)
    assert session.scalar(select(func.count(Outcome.id))) == 1


def test_staff_keep_a_story_out_with_a_reason_which_is_written_down(
    session: Session, connected: Cast, signed_in: SignIn
) -> None:
    tie = a_connection(session, connected.ada, connected.cai)
    one = an_outcome(session, connected.ada, tie, consent="anonymous")
    counted = an_outcome(session, connected.ada, tie)
    session.commit()
    sol = signed_in(connected.sol)
    path = f"/network/outcomes/{one.public_id}"
    for reason in ({"reason": "I know her"}, {}):
        back = sol.post(f"{path}/hide", data={**reason, "from": "2026-01-01"}, follow_redirects=True)
        assert "Choose a reason." in back.text and "from=2026-01-01" in back.request.url
    assert "bought food together" in report(signed_in, connected)
    assert sol.post(f"/network/outcomes/{counted.public_id}/hide", data={"reason": "other"}).status_code == 404
    assert signed_in(connected.fay).post(f"{path}/hide", data={"reason": "other"}).status_code == 403
    assert "bought food together" in report(signed_in, connected)
    assert sol.post(f"{path}/hide", data={"reason": "tells_who"}).status_code == 303
    assert "bought food together" not in report(signed_in, connected)
    assert "Kept out of the report: It may tell who somebody is." in sol.get("/network/outcomes/").text
    assert "Staff keep it out of the report" in signed_in(connected.ada).get("/outcomes").text
    assert sol.post(f"{path}/show").status_code == 303
    assert "bought food together" in report(signed_in, connected)
    acts = [(row.action, row.detail) for row in session.scalars(select(AuditRecord).order_by(AuditRecord.id))]
    assert acts == [("hide_outcome", {"reason": "tells_who"}), ("show_outcome", {})]


def test_the_pages_ask_the_same_few_queries_however_many_there_are(
    app: Flask, session: Session, connected: Cast, signed_in: SignIn
) -> None:
    cast = connected

    def more(count: int) -> None:
        for number in range(count):
            other = a_member(session, f"Grown Member{count}{number}")
            tie = a_connection(session, cast.ada, other.id)
            one = an_outcome(session, cast.ada, tie, consent="named")
            agreements(session, one, [(other.id, "yes")])
            an_introduction(session, cast.ada, other.id, "accepted", 40, took=2)
        session.commit()

    ada, sol = signed_in(cast.ada), signed_in(cast.sol)
    pages = [
        (ada, "/outcomes", 12),
        (ada, "/connections", 6),
        (sol, "/network/outcomes/", 10),
        (sol, "/network/report", 13),
    ]
    more(3)
    few = [queries_of(client, path) for client, path, _ in pages]
    more(30)
    assert [queries_of(client, path) for client, path, _ in pages] == few
    assert all(count <= most for count, (*_, most) in zip(few, pages, strict=True)), few


def test_whether_one_met_is_asked_on_both_pages_and_the_other_sees_nothing_of_it(
    session: Session, cast: Cast, signed_in: SignIn
) -> None:
    number = an_introduction(session, cast.ada, cast.ben, "accepted", 20)
    a_connection(session, cast.ada, cast.ben, NOW - timedelta(days=20), introduction_id=number)
    session.commit()
    ada, ben = signed_in(cast.ada), signed_in(cast.ben)
    before = {path: without_token(ben.get(path).text) for path in ("/connections", "/introductions")}
    path = f"/connections/{key(session, cast.ben)}/meeting"
    asks = "You were introduced to Ben Whitaker"
    assert all(asks in ada.get(page).text for page in before)
    assert ada.post(path, data={"question": "met", "answer": "perhaps"}).status_code == 422
    done = ada.post(path, data={"question": "met", "answer": "useful", "page": "introductions"})
    assert done.status_code == 303 and done.location == "/introductions"
    for page in before:
        shown = ada.get(page).text
        assert asks not in shown and "We met and it was useful" in shown
        assert without_token(ben.get(page).text) == before[page]
    assert signed_in(cast.cai).post(path, data={"question": "met", "answer": "met"}).status_code == 404
