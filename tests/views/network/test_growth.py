"""The page of growth: for staff only, between any two days, with sentences, definitions and few queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from haln.measure.growth_definitions import GROWTH
from haln.people import versions
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member
from tests.queries import queries_of

PATH = "/network/growth"


def grown(session: Session, cast: Cast, more: int = 0) -> None:
    for number in range(more):
        member = a_member(session, f"Grown Member{number}", joined_at=NOW - timedelta(days=20))
        a_connection(session, cast.ada, member.id, since=NOW - timedelta(days=5))
    if not more:
        a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()


def test_growth_is_for_staff(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast)
    assert [signed_in(member).get(PATH).status_code for member in (cast.ada, cast.fay, cast.sol)] == [403, 403, 200]


def test_the_page_reads_its_figures_aloud_and_says_how_they_are_worked_out(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    page = signed_in(cast.sol).get(PATH).get_data(as_text=True)
    assert "From 15 Jun 2025 to 15 Jun 2026 connections went from 0 to 1: 1 made with new members" in page
    assert "33.3% of those who joined at least 90 days ago had a connection within 90 days." in page
    assert "Fewer than half of those who joined have a connection so far." in page
    for measure in GROWTH:
        assert measure.title in page and measure.source in page
    grown(session, cast, 20)
    page = signed_in(cast.sol).get(PATH).get_data(as_text=True)
    assert "Half of those who joined have their first connection within 15 days (between 15 and 15)." in page


def test_who_joined_before_the_first_quarter_of_the_table_is_said_to_be_missing_there(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    assert "The table leaves out" not in signed_in(cast.sol).get(PATH).text
    for number in range(2):
        a_member(session, f"Early Member{number}", joined_at=datetime(2019, 5, 1 + number, tzinfo=UTC))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    assert "The table leaves out 2 members who joined before " in signed_in(cast.sol).get(PATH).text


def test_the_tabs_carry_the_last_day_and_the_filters(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    page = staff.get(f"{PATH}?from=2026-01-01&until=2026-03-31&hosts=without").get_data(as_text=True)
    assert 'href="/network/?hosts=without&amp;as_of=2026-03-31"' in page
    overview = staff.get("/network/?as_of=2026-03-31&hosts=without").get_data(as_text=True)
    assert f'href="{PATH}?hosts=without&amp;until=2026-03-31"' in overview


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("from=2026-06-01&until=2026-05-01", 200, "The first day lies after the last."),
        ("until=2999-01-01", 200, "That day is still to come."),
        ("from=31/03/2026", 200, "Give a day as in 2026-03-31."),
        ("from=1990-01-01", 200, "A period is ten years at most."),
        ("from=1990-01-01&until=1999-12-01", 200, "1 Jan 1990"),
        ("from=2026-06-01&until=2026-06-01", 200, "There is no day between the two."),
        ("from=%00", 400, ""),
    ],
)
def test_strange_addresses_are_answered(
    signed_in: SignIn, cast: Cast, session: Session, asked: str, status: int, told: str
) -> None:
    grown(session, cast)
    answer = signed_in(cast.sol).get(f"{PATH}?{asked}")
    assert answer.status_code == status
    assert told in answer.get_data(as_text=True)


def test_an_empty_network_has_its_page(signed_in: SignIn, cast: Cast) -> None:
    assert signed_in(cast.sol).get(PATH).status_code == 200  # nobody was ever kept: rows were put in by hand


def test_the_page_asks_the_same_few_queries_however_many_members_there_are(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    staff.get(PATH)
    few = queries_of(staff, PATH)
    grown(session, cast, 40)
    staff.get(PATH)  # reads what was said since, once
    assert queries_of(staff, PATH) == few <= 4
