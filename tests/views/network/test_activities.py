"""The page of activities: for staff only, in sums that name nobody, in few queries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from haln.access import Permission
from haln.learn import attendance
from haln.measure.growth_definitions import ACTIVITIES
from haln.models import Introduction, LearningSet, MeetingAnswer, Member, SetMembership
from haln.people import versions
from haln.views import activity_words
from haln.views.reason_words import _SENTENCES
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member, an_actor
from tests.learn.sets import a_session, key
from tests.measure.flow_builders import a_suggestion, an_introduction
from tests.outcome_builders import an_answer
from tests.queries import queries_of

PATH = "/network/activities"


def grown(session: Session, cast: Cast, more: int = 0) -> None:
    one = LearningSet(name="Warm homes, together", started_on=(NOW - timedelta(days=200)).date())
    session.add(one)
    session.flush()
    session.add_all(SetMembership(set_id=one.id, member_id=person) for person in (cast.ada, cast.dee))
    if not more:
        a_connection(session, cast.ada, cast.dee, since=NOW - timedelta(days=90), evidence="met")
    for number in range(more or 1):
        member = a_member(session, f"Grown Member{more}{number}", joined_at=NOW - timedelta(days=60))
        suggestion = a_suggestion(session, cast.ada, member.id, "shared_theme", NOW - timedelta(days=30))
        facts = {"source": "suggestion", "suggestion_id": suggestion, "took": 3}
        introduction = an_introduction(session, cast.ada, member.id, "accepted", 25, **facts)  # type: ignore[arg-type]
        since = NOW - timedelta(days=22)
        a_connection(session, cast.ada, member.id, since=since, introduction_id=introduction)
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()


def text_of(page: str) -> str:
    """What a reader sees of a page's main part."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def test_activities_are_for_staff(signed_in: SignIn, cast: Cast, session: Session, app: Flask) -> None:
    grown(session, cast)
    assert [signed_in(member).get(PATH).status_code for member in (cast.ada, cast.fay, cast.sol)] == [403, 403, 200]
    assert app.view_functions["network_activities.activities"].permission is Permission.SEE_MEASURES


def test_the_page_reads_its_figures_aloud_and_says_how_they_are_worked_out(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    page = signed_in(cast.sol).get(PATH).get_data(as_text=True)
    told = text_of(page)
    assert re.search(r"2 connections are new\. What made most of them: Introductions 50\.0%, [^.]+ 25\.0%", told)
    assert "Introductions from suggestions 1 50.0% –" in told
    assert "Learning sets 0.5 25.0% 100.0%" in told
    assert "Warm homes, together 2 0.5 0 –" in told
    assert "1 introduction was offered; 1 was accepted by both (100.0%)." in told
    assert "Half of those accepted were so within 3 days." in told
    assert "Interested in the same themes 1 1 100.0% 1" in told
    for measure in ACTIVITIES:
        assert measure.title in page and measure.means.split(":")[0] in page


def test_the_page_names_no_member_and_tells_no_no_from_silence(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast)
    for person in (cast.ben, cast.cai, cast.dee):
        an_introduction(session, cast.ada, person, days=5)
    session.commit()
    staff = signed_in(cast.sol)
    before = text_of(staff.get(PATH).get_data(as_text=True))
    assert not [name for name in session.scalars(select(Member.name)) if name in before]
    for row in session.scalars(select(Introduction).where(Introduction.state == "open")):
        row.asked_answer = "no"
    session.commit()
    assert text_of(staff.get(PATH).get_data(as_text=True)) == before


def test_no_page_tells_what_one_person_answered(signed_in: SignIn, cast: Cast, session: Session) -> None:
    """Nine answer, then two more: what those two say changes nothing, whatever days and filters are asked for."""
    asked = ["", "sector=nhs", "region=W92000004", "hosts=without", "evidence=met", "known=then"]
    days = [(60, 0), (30, 0), (12, 0), (8, 0), (12, 8), (2, 0), (60, 31)]
    day = [[(NOW - timedelta(days=one)).date().isoformat() for one in pair] for pair in days]
    paths = [f"{PATH}?from={start}&until={until}&{more}" for start, until in day for more in asked]
    answers = []
    for number in range(11):
        member = a_member(session, f"Grown Member{number}", joined_at=NOW - timedelta(days=90))
        introduction = an_introduction(session, cast.ada, member.id, "accepted", 40, took=2)
        an_answer(session, introduction, member.id, "met", 10 if number < 9 else 5)
        answers.append(introduction)
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    staff = signed_in(cast.sol)
    before = [text_of(staff.get(path).text) for path in paths]
    assert "In these days 10 * *" in before[0] and "So far 10 * *" in before[0]
    assert "take the filters away" in before[1] and "So far" not in before[1]
    late = MeetingAnswer.introduction_id.in_(answers[9:])
    for said in ("useful", "not_yet"):
        session.execute(update(MeetingAnswer).where(late).values(answer=said))
        session.commit()
        assert [text_of(staff.get(path).text) for path in paths] == before
    session.execute(delete(MeetingAnswer).where(late))
    session.commit()
    assert [text_of(staff.get(path).text) for path in paths] == before


@pytest.mark.parametrize("small", [7, 3, 8])
def test_the_page_says_how_many_people_are_really_waited_for(
    signed_in: SignIn, cast: Cast, session: Session, app: Flask, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    """Whatever the setting is: one answer fewer than is said changes nothing, and with it the numbers come."""
    monkeypatch.setitem(app.config, "SMALL_NUMBER", small)
    staff = signed_in(cast.sol)
    page = text_of(staff.get(PATH).text)
    others, hidden = (int(*re.findall(rf"{words} (\d+)", page)) for words in ("whenever more than", "from 0 to"))
    assert (others, hidden) == ((8, 7) if small <= 7 else (13, 12))
    for number in range(others + 1):
        assert "So far * * *" in text_of(staff.get(PATH).text), number
        member = a_member(session, f"Grown Member{number}", joined_at=NOW - timedelta(days=90))
        introduction = an_introduction(session, cast.ada, member.id, "accepted", 40, took=2)
        an_answer(session, introduction, member.id, "met", 5)
        session.commit()
    assert re.search(r"So far \d+ \* \*", text_of(staff.get(PATH).text))


@pytest.mark.parametrize("asked", ["from=2026-06-01&until=2026-05-01", "hosts=without&sector=nhs", "known=then"])
def test_any_question_has_an_answer(signed_in: SignIn, cast: Cast, session: Session, asked: str) -> None:
    grown(session, cast)
    assert signed_in(cast.sol).get(f"{PATH}?{asked}").status_code == 200


def test_sessions_of_everybody_are_not_divided_by_connections_of_some(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    row = session.scalars(select(LearningSet)).one()
    row.public_id, row.facilitator_id = "warmhomes0000000", cast.fay
    one = a_session(session, row, NOW - timedelta(days=5))
    attendance.record(session, an_actor(session, cast.fay), key(row), one.public_id, {cast.ada: "present"}, NOW)
    session.commit()
    staff = signed_in(cast.sol)
    whole = text_of(staff.get(PATH).text)
    assert "Learning sets held 1 session;" in whole and "for each session" in whole and "whole set" not in whole
    for asked in ("sector=nhs", "hosts=without", "evidence=met"):
        told = text_of(staff.get(f"{PATH}?{asked}").text)
        assert "In the whole network, learning sets held 1 session;" in told
        assert "for each session" not in told.partition("How this is worked out")[0]


def test_an_empty_network_has_its_page(signed_in: SignIn, cast: Cast) -> None:
    told = text_of(signed_in(cast.sol).get(PATH).get_data(as_text=True))
    assert "No connection is new." in told and "No introduction was offered." in told
    assert "In these days * * *" in told and "So far * * *" in told  # never 0, which would tell of few


def test_every_reason_that_can_lead_has_words(app: Flask) -> None:
    with app.test_request_context():
        assert [kind for kind in _SENTENCES if activity_words.reason(kind) == kind.replace("_", " ")] == []


def test_the_page_asks_the_same_few_queries_however_many_members_there_are(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    staff.get(PATH)
    few = queries_of(staff, PATH)
    grown(session, cast, 40)
    staff.get(PATH)  # reads what was said since, once
    assert queries_of(staff, PATH) == few <= 14  # each kind of activity asks for its own, once
