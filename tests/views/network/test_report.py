"""The report that is made to be printed: every figure with its definition, and no small number."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from sqlalchemy.orm import Session

from haln.measure.definitions import MEASURES, PUBLISHED
from haln.people import versions
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member
from tests.outcome_builders import an_outcome


def test_it_is_for_staff(signed_in: SignIn, cast: Cast) -> None:
    answers = [signed_in(member).get("/network/report").status_code for member in (cast.ada, cast.fay, cast.sol)]
    assert answers == [403, 403, 200]


def test_few_people_are_hidden_and_the_page_says_so(signed_in: SignIn, cast: Cast, session: Session) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    page = signed_in(cast.sol).get("/network/report").get_data(as_text=True)
    cards = page.split("figure-cards")[1].split("<table")[0]
    assert cards.count("Too few people to say.") == 6
    assert not re.search(r"figure-value\">[1-7]<", cards)


def test_every_figure_is_there_with_its_version_and_definition(signed_in: SignIn, cast: Cast, session: Session) -> None:
    for number in range(40):
        member = a_member(session, f"Grown Member{number}")
        a_connection(session, cast.ada, member.id, since=NOW - timedelta(days=5))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    page = unescape(signed_in(cast.sol).get("/network/report").get_data(as_text=True))
    for measure in PUBLISHED:
        assert measure.title in page and measure.formula in page
    assert not any(measure.title in page for measure in MEASURES if not measure.published)
    assert "Members hold about 40 connections with each other." in page
    assert "shown as *" in page


def test_the_report_of_a_past_month_keeps_its_outcomes_and_stories(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    tie = a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=200))
    for number in range(9):
        writer = a_member(session, f"Grown Member{number}", joined_at=NOW - timedelta(days=150)).id
        an_outcome(session, writer, tie, 60, consent="anonymous", told=f"Early words {number}")
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    path = "/network/report?as_of=2026-05-31&known=then"
    staff = signed_in(cast.sol)
    before = staff.get(path).text.partition("<main")[2]
    assert "Early words 3" in before and "at most 20" in before
    for number in range(12):
        writer = a_member(session, f"Late Member{number}").id
        an_outcome(session, writer, tie, 60, consent="anonymous", told="Late words", written_at=NOW - timedelta(days=2))
    session.commit()
    assert staff.get(path).text.partition("<main")[2] == before
    assert "Late words" in staff.get("/network/report?as_of=2026-05-31").text
