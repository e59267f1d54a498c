"""The page of files: what may be published is a link, what is for staff alone is a POST that is written down."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import networkx as nx
import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.measure import exports
from haln.measure.definitions import BY_KEY
from haln.models import AuditRecord
from tests.application import SignIn, others_can_save
from tests.builders import Cast, by_key
from tests.measure.test_exports import REGION, grown


@pytest.fixture
def network(session: Session, cast: Cast) -> None:
    grown(session, cast)
    session.commit()


@pytest.mark.usefixtures("network")
def test_every_file_on_the_page_can_be_had_and_is_what_it_is_called(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    page = staff.get("/network/files/?as_of=2026-05-31&hosts=without").get_data(as_text=True)
    assert "hosts=without" in page
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/network/files/figures[^"]*)"', page)]
    forms = re.findall(r'action="(/network/files/[^"]+)"', page)
    assert len(links) == len(exports.FIGURES) and len(forms) == len(exports.FIGURES) + len(exports.GRAPHS)
    answers = [staff.get(link) for link in links]
    answers += [staff.post(form, data={"as_of": "2026-05-31", "hosts": "without"}) for form in forms]
    for answer in answers:
        assert answer.status_code == 200
        name = answer.headers["Content-Disposition"]
        assert "2026-05-31" in name
        _read(name.rsplit(".", 1)[1].rstrip('"'), answer.data)


def _read(form: str, content: bytes) -> None:
    """Read a file of a format back, or fail."""
    if form == "csv":
        assert list(csv.DictReader(io.StringIO(content.decode())))
    elif form == "json":
        assert json.loads(content)["asked"]["filter"] == "hosts=without"
    elif form == "xlsx":
        assert load_workbook(io.BytesIO(content))["Figures"].max_row > 37
    elif form == "graphml":
        assert len(nx.read_graphml(io.BytesIO(content))) > 40
    else:
        assert len(nx.read_gexf(io.BytesIO(content), version="1.3")) > 40


@pytest.mark.usefixtures("network")
def test_what_is_published_is_not_written_down_and_everything_else_is(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    staff = signed_in(cast.sol)
    for path in ("figures.csv", "figures.csv?figure=ties", "files/figures.json", "files/figures.xlsx"):
        assert staff.get(f"/network/{path}").status_code == 200
    assert session.scalars(select(AuditRecord)).all() == []
    for path in ("exact.csv", "network.gexf"):
        assert staff.get(f"/network/files/{path}").status_code == 405
        assert staff.post(f"/network/files/{path}").status_code == 200
    rows = session.scalars(select(AuditRecord)).all()
    assert [(row.actor_id, row.action) for row in rows] == [(cast.sol, "export_network")] * 2


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize("address", ["/network/files/", "/api/network/"])
@pytest.mark.parametrize(("file", "work"), [("exact.csv", "figures_file"), ("network.gexf", "network_file")])
def test_others_can_save_while_a_file_is_worked_out_which_is_written_down_before_it_leaves(
    app: Flask,
    cast: Cast,
    session: Session,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    file: str,
    work: str,
) -> None:
    could, working = [], getattr(exports, work)

    def watched(*given: Any, **more: Any) -> Any:
        made = working(*given, **more)
        could.append(others_can_save(app))
        return made

    monkeypatch.setattr(exports, work, watched)
    sent = by_key(session, cast.sol)
    client = signed_in(cast.sol) if address == "/network/files/" else app.test_client()
    answer = client.post(f"{address}{file}?figure=ties", headers=sent if address.startswith("/api") else {})
    assert (answer.status_code, could) == (200, [True])
    assert len(session.scalars(select(AuditRecord)).all()) == 1


@pytest.mark.usefixtures("network")
def test_small_numbers_are_hidden_unless_staff_ask_for_them(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    shown = list(csv.DictReader(io.StringIO(staff.get("/network/files/figures.csv").get_data(as_text=True))))
    exact = list(csv.DictReader(io.StringIO(staff.post("/network/files/exact.csv").get_data(as_text=True))))
    exact = [row for row in exact if BY_KEY[row["measure"]].published]
    people = [(one, two) for one, two in zip(shown, exact, strict=True) if one["unit"] == "members"]
    assert all(one["value"] == "*" for one, two in people if 1 <= int(two["value"]) <= 7)
    assert any(two["value"] == "1" for _, two in people)
    assert "*" not in {two["value"] for two in exact}


@pytest.mark.usefixtures("network")
def test_files_are_broken_down_as_chosen(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    page = staff.get("/network/files/?as_of=2026-05-31&by=sector").get_data(as_text=True)
    assert 'href="/network/files/figures.csv?as_of=2026-05-31&amp;by=sector"' in page
    assert '<option value="sector" selected>' in page
    answers = [
        staff.get("/network/files/figures.csv?as_of=2026-05-31&by=sector&figure=ties"),
        staff.post("/network/files/exact.csv", data={"as_of": "2026-05-31", "by": "all", "figure": "ties"}),
    ]
    kinds = [{row["group_kind"] for row in csv.DictReader(io.StringIO(answer.get_data(True)))} for answer in answers]
    assert kinds == [{"all", "sector"}, {"all", *exports.BY}]
    assert staff.get("/network/files/figures.csv?by=role").status_code == 422


@pytest.mark.usefixtures("network")
def test_two_ways_of_narrowing_down_cannot_be_published(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    asked = f"hosts=without&region={REGION}"
    page = staff.get(f"/network/files/?{asked}").get_data(as_text=True)
    assert "not two of these" in page and "/network/files/figures" not in page
    assert staff.get(f"/network/files/figures.csv?{asked}").status_code == 422
    assert staff.post("/network/files/exact.csv", data={"hosts": "without", "region": REGION}).status_code == 200


def test_what_cannot_be_asked_is_said_on_the_page(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)
    for asked, why in (
        ("as_of=x", '<a href="#as_of">As of: Give a day as in 2026-03-31.</a>'),
        ("sector=%3Cb%3E", '<a href="#sector">Sector: Choose one of the list.</a>'),
        ("region=E92000001", "Members of this nation are counted by its regions: choose one of these.</a>"),
        ("by=role", "<li>Files of figures broken down by: Choose one of the list.</li>"),
    ):
        answer = staff.get(f"/network/files/?{asked}")
        assert answer.status_code == 200 and why in answer.text
        assert 'href="/network/files/figures.csv"' in answer.text
        file = staff.get(f"/network/files/figures.csv?{asked}")
        assert file.status_code == 422 and why in file.text


def test_a_nation_is_offered_where_it_has_no_regions(signed_in: SignIn, cast: Cast) -> None:
    page = signed_in(cast.sol).get("/network/files/").text
    offered = set(re.findall(r'<option value="([A-Z][0-9]{8})"', page))
    assert {"W92000004", "E12000003"} < offered and "E92000001" not in offered and len(offered) == 12


def test_a_day_and_a_group_are_chosen_on_the_page_of_files(signed_in: SignIn, cast: Cast) -> None:
    page = signed_in(cast.sol).get("/network/files/?sector=nhs&by=region&known=then").text
    form = (
        page.partition('id="as_of"')[0].rpartition("<form")[2] + page.partition('id="as_of"')[2].partition("</form")[0]
    )
    assert 'method="get" action="/network/files/"' in form and '<input type="hidden" name="by" value="region">' in form
    assert '<option value="nhs" selected>' in form and '<option value="then" selected>' in form
    tabs = re.findall(r'<a class="tab" href="([^"]*)"', page)
    assert len(tabs) > 5 and all("sector=nhs" in tab for tab in tabs)
    links = re.findall(r'href="(/network/files/figures[^"]*)"', page)
    assert links and all("sector=nhs" in link and "by=region" in link for link in links)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/network/files/figures.xlsx"),
        ("POST", "/network/files/exact.csv"),
        ("POST", "/network/files/network.gexf"),
        ("GET", "/network/figures.csv"),
        ("GET", "/network/outcomes/outcomes.csv"),
        ("GET", "/network/report.pdf"),
    ],
)
def test_a_file_that_cannot_be_made_says_which_word_is_wrong_and_leads_to_the_files(
    signed_in: SignIn, cast: Cast, method: str, path: str
) -> None:
    staff = signed_in(cast.sol)
    words = {"as_of": "x", "known_on": "2026-05-01", "sector": "<b>"}
    sent = {"query_string": words} if method == "GET" else {"data": words}
    answer = staff.open(path, method=method, **sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and answer.mimetype == "text/html"
    assert '<a href="#as_of">As of: Give a day as in 2026-03-31.</a>' in page
    assert '<a href="#sector">Sector: Choose one of the list.</a>' in page
    assert 'action="/network/files/"' in page and 'id="as_of"' in page
    links = set(re.findall(r'href="(/network/files/\?[^"]*)"', page))
    assert links and all("known_on=2026-05-01" in link and "as_of" not in link for link in links)
    assert all(staff.get(link.replace("&amp;", "&")).status_code == 200 for link in links)


def test_programs_are_told_the_same_in_json(app: Flask, cast: Cast, session: Session) -> None:
    answer = app.test_client().get("/api/network/report.pdf?as_of=x", headers=by_key(session, cast.sol))
    assert answer.status_code == 422
    assert answer.get_json()["fields"] == {"as_of": "Give a day as in 2026-03-31."}


@pytest.mark.parametrize("path", ["/network/files/", "/network/files/figures.csv"])
def test_files_are_for_staff(signed_in: SignIn, cast: Cast, path: str) -> None:
    assert [signed_in(member).get(path).status_code for member in (cast.ada, cast.fay, cast.sol)] == [403, 403, 200]
    assert [signed_in(member).post("/network/files/exact.csv").status_code for member in (cast.ada, cast.fay)] == [
        403
    ] * 2
