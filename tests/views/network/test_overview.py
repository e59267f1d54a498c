"""The pages of figures: for staff only, as of any day, with their definitions and files, in few queries."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from haln.measure import facts, figures, kept
from haln.measure.definitions import BY_KEY, MEASURES
from haln.people import versions
from haln.taxonomy import vocabulary
from haln.views.network import tabs
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


def test_what_is_not_defined_is_not_shown_as_0(signed_in: SignIn, cast: Cast, session: Session) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    staff = signed_in(cast.sol)
    page = staff.get("/network/").get_data(as_text=True)
    assert "It is not defined where nobody can reach anybody." in page and "not defined" in page
    page = staff.get("/network/figures/distance_mean").get_data(as_text=True)
    assert "On none of these days is there a number to draw." in page and "<polyline" not in page
    assert "When it is not defined" in page and page.count('<td class="number">not defined</td>') == 37
    assert "There are no connections to compare yet." in staff.get("/network/mixing").get_data(as_text=True)
    assert staff.get("/network/report").status_code == 200


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
        kept.keep(session, told, kept.due(session, told, vocabulary.load(), 7, now), session.commit, lambda: now)
    )
    for path in ("/network/", "/network/report"):
        page = staff.get(path).get_data(as_text=True)
        assert "Communities" in page and "This is as of " in page
    assert "This figure is worked out ahead" not in staff.get("/network/figures/modularity").get_data(as_text=True)
    # Defined otherwise, its months are worked out anew: until then nothing of the old definition is shown.
    monkeypatch.setitem(BY_KEY, "small_world", replace(BY_KEY["small_world"], version=99))
    assert "This figure is worked out ahead" in staff.get("/network/figures/small_world").get_data(as_text=True)


def test_the_report_lists_those_of_the_last_months(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    page = staff.get("/network/report").get_data(as_text=True)
    links = re.findall(r'href="(/network/report\?as_of=[0-9-]+&amp;known=then)"', page)
    assert len(links) == 12
    assert staff.get(links[0].replace("&amp;", "&")).status_code == 200


PAGES = (
    "/network/",
    "/network/figures/members",
    "/network/growth",
    "/network/mixing",
    "/network/gaps",
    "/network/picture",
)


@pytest.mark.parametrize("path", [*PAGES, "/network/people/alone", "/network/activities"])
def test_what_cannot_be_asked_for_is_told_at_the_top_and_carried_nowhere(
    signed_in: SignIn, cast: Cast, session: Session, path: str
) -> None:
    grown(session, cast)
    asked = "sector=xx&region=yy&known_on=2999-01-01&as_of=2999-01-01&hosts=without"
    page = signed_in(cast.sol).get(f"{path}?{asked}").get_data(as_text=True)
    (summary,) = re.findall(r'<div class="error-summary".*?</div>', page, re.DOTALL)
    for field in ("sector", "region", "known_on"):
        assert f'href="#{field}"' in summary and page.count(f'id="{field}"') == 1
    assert page.index("error-summary") < page.index("<form", page.index("error-summary"))
    links = re.findall(r'<a class="tab" href="([^"]*)"', page)
    assert links and all("hosts=without" in link for link in links)
    assert not re.findall(r'href="[^"]*(?:sector=xx|region=yy|2999)', page[page.index("<main") : page.index("</main")])


def test_a_period_the_wrong_way_round_is_told_and_its_last_day_stays(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    page = signed_in(cast.sol).get("/network/growth?from=2026-05-01&until=2026-03-31").get_data(as_text=True)
    assert "From: The first day lies after the last." in page and "until=2026-03-31" in page


def test_what_cannot_be_published_has_no_download_and_its_report_says_why(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    for path in ("/network/", "/network/figures/members"):
        wide, narrow = (staff.get(f"{path}?sector=nhs{more}").get_data(as_text=True) for more in ("", "&hosts=without"))
        assert "figures.csv" in wide and "To be published" not in wide
        assert "figures.csv" not in narrow and "not two of these at once." in narrow
    report = staff.get("/network/report?sector=nhs&region=E12000003")
    assert report.status_code == 200 and "not two of these at once. This is of everybody." in report.text
    assert "What was asked for: all." in report.text and 'value="nhs" selected' in report.text


def test_each_figure_leads_to_what_it_counts(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    led = {
        "connected_share": "/network/people/alone",
        "cut_members": "/network/people/holding",
        "betweenness_centralisation": "/network/people/holding",
        "leavers": "/network/growth",
        "region_ei": "/network/mixing/regions",
        "cross_sector_share": "/network/mixing",
        "communities": "/network/picture",
    }
    for key, path in led.items():
        page = staff.get(f"/network/figures/{key}?as_of=2026-05-01").get_data(as_text=True)
        assert f'<a class="btn btn-secondary" href="{path}?as_of=2026-05-01">' in page
        assert len(re.findall('<a class="tab"', page)) == len(tabs.PAGES)
        assert staff.get(f"{path}?as_of=2026-05-01").status_code == 200


def test_before_anybody_joined_there_is_one_thing_to_do(signed_in: SignIn, cast: Cast, session: Session) -> None:
    staff = signed_in(cast.sol)
    assert "Invite the first people." in staff.get("/network/").get_data(as_text=True)
    grown(session, cast)
    page = staff.get("/network/?as_of=1995-01-01").get_data(as_text=True)
    assert "Nobody is there on this day" in page and "figure-card" not in page
    assert "figure-card" in staff.get("/network/").get_data(as_text=True)


def test_mixing_shows_every_group_whichever_one_is_chosen(signed_in: SignIn, cast: Cast, session: Session) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)

    def table(path: str) -> list[str]:
        page = staff.get(path).get_data(as_text=True)
        assert ("All groups are shown" in page) == ("?" in path)
        return re.findall(r'<table class="mixing-table">.*?</table>', page, re.DOTALL)

    assert table("/network/mixing?sector=nhs") == table("/network/mixing") != []
    assert table("/network/mixing/regions?region=E12000003") == table("/network/mixing/regions") != []
