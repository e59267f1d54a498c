"""The pages of figures: for staff only, as of any day, with their definitions and files, in few queries."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from haln.measure import facts, figures, kept
from haln.measure.definitions import MEASURES
from haln.people import versions
from haln.taxonomy import vocabulary
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member
from tests.queries import queries_of


def grown(session: Session, cast: Cast, more: int = 0) -> None:
    for number in range(more):
        member = a_member(session, f"Grown Member{number}")
        a_connection(session, cast.ada, member.id, since=NOW - timedelta(days=5))
    if not more:
        a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()


@pytest.mark.parametrize("path", ["/network/", "/network/figures/ties", "/network/figures.csv"])
def test_figures_are_for_staff(signed_in: SignIn, cast: Cast, session: Session, path: str) -> None:
    grown(session, cast)
    assert [signed_in(member).get(path).status_code for member in (cast.ada, cast.fay, cast.sol)] == [403, 403, 200]


def test_the_page_of_every_figure_says_how_it_is_worked_out(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    overview = staff.get("/network/").get_data(as_text=True)
    for measure in MEASURES:
        assert f'href="/network/figures/{measure.key}"' in overview
        page = staff.get(f"/network/figures/{measure.key}").get_data(as_text=True)
        assert measure.title in page and measure.source in page


def test_the_address_carries_day_and_filters_from_page_to_page(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    asked = f"as_of={(NOW - timedelta(days=30)).date()}&hosts=without"
    page = staff.get(f"/network/?{asked}").get_data(as_text=True)
    assert f'href="/network/figures/ties?{asked.replace("&", "&amp;")}"' in page
    assert f'href="/network/figures.csv?{asked.replace("&", "&amp;")}"' in page
    rows = list(csv.DictReader(io.StringIO(staff.get(f"/network/figures.csv?{asked}&figure=ties").get_data(True))))
    assert len(rows) == 37 and rows[-1]["as_of"] == asked[6:16] and rows[-1]["filter"] == "hosts=without"


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/network/?as_of=2999-01-01", 200, "That day is still to come."),
        ("/network/?as_of=31/03/2026", 200, "Give a day as in 2026-03-31."),
        ("/network/?sector=%3D1", 200, "Choose one of the list."),
        ("/network/?as_of=%00", 400, ""),
        ("/network/figures/unheard-of", 404, "There is no such figure."),
        ("/network/figures.csv?figure=unheard-of", 404, "There is no such figure."),
        ("/network/figures.csv?as_of=nonsense", 422, "Give a day as in 2026-03-31."),
    ],
)
def test_strange_addresses_are_answered(
    signed_in: SignIn, cast: Cast, session: Session, path: str, status: int, told: str
) -> None:
    grown(session, cast)
    answer = signed_in(cast.sol).get(path)
    assert answer.status_code == status
    assert told in answer.get_data(as_text=True)


def test_an_empty_network_has_its_pages(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)  # nobody was ever kept: rows were put in by hand
    assert staff.get("/network/").status_code == staff.get("/network/figures/distance_mean").status_code == 200


def test_the_pages_ask_the_same_few_queries_however_many_members_there_are(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    staff.get("/network/")
    few = queries_of(staff, "/network/")
    grown(session, cast, 40)
    staff.get("/network/")  # reads what was said since, once
    assert queries_of(staff, "/network/") == few
    assert queries_of(staff, "/network/figures/members") <= 4


@pytest.mark.parametrize("kind", ["", "/regions"])
def test_the_page_of_mixing_shows_the_table_with_words_for_what_colours_say(
    signed_in: SignIn, cast: Cast, session: Session, kind: str
) -> None:
    grown(session, cast)
    page = signed_in(cast.sol).get(f"/network/mixing{kind}").get_data(as_text=True)
    assert "by chance" in page and "How this is worked out" in page
    for member in (cast.ada, cast.fay):
        assert signed_in(member).get(f"/network/mixing{kind}").status_code == 403


def test_mixing_knows_two_kinds_of_group_and_an_empty_network(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    assert staff.get("/network/mixing/organisation").status_code == 404
    assert "Nobody is there" in staff.get("/network/mixing").get_data(as_text=True)


def test_of_a_large_network_costly_figures_are_as_of_a_month_that_is_kept(
    signed_in: SignIn, cast: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "WORKED_OUT_AT_ONCE", -1)
    grown(session, cast)
    staff = signed_in(cast.sol)
    assert "Communities" not in staff.get("/network/").get_data(as_text=True)
    page = staff.get("/network/figures/modularity")
    assert page.status_code == 200 and "This figure is worked out ahead" in page.get_data(as_text=True)
    assert staff.get("/network/report").status_code == staff.get("/network/figures.csv").status_code == 200
    told, now = facts.read(session, vocabulary.load()), datetime.now(UTC)
    assert list(
        kept.keep(session, told, kept.due(session, told, vocabulary.load(), now), 7, session.commit, lambda: now)
    )
    for path in ("/network/", "/network/report"):
        page = staff.get(path).get_data(as_text=True)
        assert "Communities" in page and "This is as of " in page
    assert "This figure is worked out ahead" not in staff.get("/network/figures/modularity").get_data(as_text=True)


def test_the_report_lists_those_of_the_last_months(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    page = staff.get("/network/report").get_data(as_text=True)
    links = re.findall(r'href="(/network/report\?as_of=[0-9-]+&amp;known=then)"', page)
    assert len(links) == 12
    assert staff.get(links[0].replace("&amp;", "&")).status_code == 200
