"""The pages of the picture and the map: for staff only, the same facts as picture, table and sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from itertools import product
from typing import Any

import networkx as nx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, event, update
from sqlalchemy.orm import Session

from haln.db import db
from haln.measure import picture_layout
from haln.measure.picture import Group, Stop
from haln.models import Block, Member, NetworkLayout
from haln.people import versions
from haln.taxonomy import vocabulary
from haln.views.network import picture
from tests.application import SignIn
from tests.builders import NOW, Cast, a_connection, a_member

PATHS = ("/network/picture", "/network/picture.json", "/network/picture/regions")
WORDS = vocabulary.load()


def grown(session: Session, cast: Cast, more: int = 0) -> None:
    for number in range(more):
        member = a_member(session, f"Grown Member{number}")
        a_connection(session, cast.ada, member.id, since=NOW - timedelta(days=5))
    if not more:
        a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90))
        a_connection(session, cast.ada, cast.fay, since=NOW - timedelta(days=60))
        a_connection(session, cast.cai, cast.dee, since=NOW - timedelta(days=40), until=NOW - timedelta(days=3))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    picture_layout.make(session, WORDS, NOW)


class Tables(HTMLParser):
    """The tables of a page by their captions: rows of cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[str]]] = {}
        self._caption, self._in, self._rows, self._body = "", "", [], False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._rows, self._caption = [], ""
        self._body = tag == "tbody" or (self._body and tag != "thead")
        if tag == "tr" and self._body:
            self._rows.append([])
        if tag in ("th", "td") and self._body:
            self._rows[-1].append("")
        self._in = tag if tag in ("caption", "th", "td") or (tag == "a" and self._in) else ""

    def handle_endtag(self, tag: str) -> None:
        self._in = "" if tag in ("caption", "th", "td") else self._in
        self._body = self._body and tag != "tbody"
        if tag == "table":
            self.found[self._caption.strip()] = self._rows

    def handle_data(self, data: str) -> None:
        if self._in == "caption":
            self._caption += data
        elif self._in and self._body:
            self._rows[-1][-1] += data


def sentences(page: str) -> list[str]:
    (listed,) = re.findall(r'<ul class="picture-sentences"[^>]*>(.*?)</ul>', page, re.DOTALL)
    return [unescape(one) for one in re.findall(r"<li>(.*?)</li>", listed)]


@pytest.mark.parametrize("path", PATHS)
def test_the_picture_is_for_staff(signed_in: SignIn, cast: Cast, session: Session, path: str) -> None:
    grown(session, cast)
    answers = [signed_in(member).get(path) for member in (cast.ada, cast.fay, cast.sol)]
    assert [answer.status_code for answer in answers] == [403, 403, 200]
    assert answers[-1].headers["Cache-Control"] == "no-store"


def graph_of(told: dict[str, Any], number: int) -> nx.Graph[int]:
    """What the script is told to draw at a stop."""
    graph: nx.Graph[int] = nx.Graph()
    for dot, (_, _, runs) in enumerate(told["dots"]):
        groups = [group for first, last, group in runs if first <= number <= last]
        if groups:
            graph.add_node(dot, sector=told["groups"][groups[0]])
    graph.add_edges_from(
        (one, other) for one, other, runs in told["lines"] if any(first <= number <= last for first, last in runs)
    )
    return graph


@pytest.mark.parametrize("asked", ["", "hosts=without", "sector=nhs", "evidence=met", "as_of=2026-05-01"])
def test_picture_table_and_sentences_hold_the_same_facts(
    signed_in: SignIn, cast: Cast, session: Session, asked: str
) -> None:
    grown(session, cast)
    staff = signed_in(cast.sol)
    page = staff.get(f"/network/picture?{asked}").get_data(as_text=True)
    told = staff.get(f"/network/picture.json?{asked}").get_json()
    tables, last = Tables(page).found, told["stops"][-1]
    graph = graph_of(told, len(told["stops"]) - 1)
    counts = {row[0]: row[1] for row in tables["Counted on this day"]}
    parts = sorted((len(part) for part in nx.connected_components(graph) if len(part) > 1), reverse=True)
    assert int(counts["Members"]) == last["members"] == graph.number_of_nodes()
    assert int(counts["Connections"]) == last["ties"] == graph.number_of_edges()
    assert int(counts["Members without a connection"]) == nx.number_of_isolates(graph)
    assert int(counts["Parts of two members or more"]) == len(parts)
    assert [int(row[1]) for row in tables["The largest parts"]] == parts
    said = sentences(page)
    assert said == last["sentences"] and f" {last['members']} member" in said[0] and f" {last['ties']} conn" in said[0]
    assert [list(row) for row in last["facts"]] == tables["Counted on this day"]
    assert [list(row) for row in last["parts"]] == tables["The largest parts"]
    assert last["sectors"] == tables["Sectors, and connections within them and out of them"]
    months = tables["The network at the ends of months"]
    assert len(months) == len(told["stops"]) == 37
    for number, row in enumerate(reversed(months)):
        at = graph_of(told, number)
        assert [int(row[1]), int(row[2])] == [at.number_of_nodes(), at.number_of_edges()]
        assert [told["stops"][number][name] for name in ("members", "ties")] == [int(row[1]), int(row[2])]


def test_names_are_those_that_the_gate_lets_through_and_in_the_data_alone(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    session.execute(update(Member).where(Member.id == cast.ben).values(listed=False))
    staff = signed_in(cast.sol)
    told = staff.get("/network/picture.json").get_json()
    assert sorted(name for name, _ in told["names"]) == [
        "Ada Okafor",
        "Cai Morgan",
        "Dee Sandhu",
        "Fay Lindqvist",
        "Sol Adeyemi",
    ]
    assert len(told["dots"]) == 5 == told["stops"][-1]["members"]
    for name, address in told["names"]:
        if name != "Sol Adeyemi":
            assert name in staff.get(address).get_data(as_text=True)
    for path in PATHS:
        assert "Whitaker" not in staff.get(path).get_data(as_text=True)
    assert "Okafor" not in staff.get("/network/picture").get_data(as_text=True)


HIDING: tuple[dict[str, object], ...] = (
    {"listed": False},
    {"standing": "left"},
    {"show_connections": 0},
    {"show_connections": 1},
    {"show_organisation": 0},
    {"show_place": 0},
)


def questions(session: Session) -> list[str]:
    """Days and filters that narrow the network down, one by one and two at a time."""
    days = ["", *(f"as_of={(NOW - timedelta(days=back)).date()}" for back in (5, 35))]
    groups = [
        "",
        "sector=nhs",
        "sector=local-government",
        "region=E12000003",
        "hosts=without",
        "sector=nhs&region=E12000003",
    ]
    others = ["", "evidence=met", "known=then"]
    asked = ["&".join(part for part in parts if part) for parts in product(days, groups, others)]
    return [f"/network/picture.json?{one}" for one in asked]


def placed(session: Session) -> None:
    """Everybody in their place, worked out from nothing: from where they stood they would move on a little."""
    session.execute(delete(NetworkLayout))
    session.commit()
    picture_layout.make(session, WORDS, NOW)


@pytest.mark.parametrize("hidden", [*HIDING, None], ids=lambda hidden: "-".join(hidden or ["blocked"]))
def test_whatever_is_asked_nothing_depends_on_the_connections_of_who_hides(
    signed_in: SignIn, cast: Cast, session: Session, hidden: dict[str, object] | None
) -> None:
    # So no days and filters together tell with whom they are tied, or that they are.
    a_connection(session, cast.ada, cast.cai, since=NOW - timedelta(days=60))
    a_connection(session, cast.cai, cast.fay, since=NOW - timedelta(days=40))
    grown(session, cast, 3)
    if hidden:
        session.execute(update(Member).where(Member.id == cast.dee).values(**hidden))
    else:
        session.add(Block(blocker_id=cast.dee, blocked_id=cast.sol, created_at=NOW))
    session.commit()
    placed(session)
    staff, paths = signed_in(cast.sol), questions(session)
    before = [staff.get(path).get_json() for path in paths]
    for other, days in ((cast.ada, 58), (cast.ben, 30), (cast.fay, 4)):
        a_connection(session, cast.dee, other, since=NOW - timedelta(days=days))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    placed(session)
    for path, fixed in zip(paths, before, strict=True):
        assert staff.get(path).get_json() == fixed, path
    assert all(len(told["names"]) == len(told["dots"]) for told in before)
    assert "Sandhu" not in str(before)


def scripts(client: FlaskClient, path: str) -> list[str]:
    """The scripts that a page brings, and those that its scripts may bring."""
    page = client.get(path).get_data(as_text=True)
    return re.findall(r'(?:<script src|data-graphology|data-sigma)="/static/([^"?]+)', page)


def test_the_drawing_scripts_are_loaded_where_there_is_something_to_draw(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    staff = signed_in(cast.sol)
    everywhere = set(scripts(staff, "/network/"))
    assert set(scripts(staff, "/network/picture")) == everywhere  # nothing is drawn yet
    grown(session, cast)
    assert set(scripts(staff, "/network/picture/regions")) == set(scripts(staff, "/network/mixing")) == everywhere
    more = set(scripts(staff, "/network/picture")) - everywhere
    own = {"picture.js", "picture_days.js", "picture_ink.js"}
    assert {one.rpartition("/")[2] for one in more} == {"graphology.umd.min.js", "sigma.min.js", *own}
    assert all(staff.get(f"/static/{one}", buffered=True).status_code == 200 for one in more)


def test_before_the_first_night_the_page_says_so_and_has_its_tables(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    staff = signed_in(cast.sol)
    page = staff.get("/network/picture").get_data(as_text=True)
    assert "was not drawn yet" in page and "Counted on this day" in page and 'id="picture"' not in page
    assert len(staff.get("/network/picture.json").get_json()["dots"]) == 6


def test_an_empty_network_has_its_pages(signed_in: SignIn, cast: Cast) -> None:
    staff = signed_in(cast.sol)  # nobody was ever kept: rows were put in by hand
    for path in ("/network/picture", "/network/picture/regions"):
        assert "Nobody is there" in staff.get(path).get_data(as_text=True)
    assert staff.get("/network/picture.json").get_json()["dots"] == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("asked", "status"), [("as_of=2999-01-01", 200), ("sector=%3D1", 200), ("as_of=%00", 400), ("as_of=x", 200)]
)
def test_strange_addresses_are_answered(
    signed_in: SignIn, cast: Cast, session: Session, path: str, asked: str, status: int
) -> None:
    grown(session, cast)
    # A page shows what can be shown and says what cannot; what a program draws is what it asked for, or nothing.
    expected = 422 if path.endswith(".json") and status == 200 else status
    assert signed_in(cast.sol).get(f"{path}?{asked}").status_code == expected


def test_a_stop_has_the_numbers_of_the_legend_as_the_page_writes_them(app: Any) -> None:
    groups = (Group("nhs", 1234, 0, 0), Group(None, 0, 0, 0))
    stop = Stop(NOW.date(), 1234, 0, 1234, 0, (), groups, 0, 0, 0)
    with app.test_request_context():
        assert picture._stop(stop, None)["groups"] == {"nhs": "1,234", "": "0"}


@pytest.fixture
def statements() -> Iterator[list[str]]:
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def test_the_pages_ask_the_same_few_queries_however_many_members_there_are_and_write_nothing(
    signed_in: SignIn, cast: Cast, session: Session, statements: list[str]
) -> None:
    def asked(path: str) -> int:
        staff.get(path)  # reads what was said since, once
        statements.clear()
        staff.get(path)
        assert not [one for one in statements if one.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
        return len(statements)

    grown(session, cast)
    staff = signed_in(cast.sol)
    few = [asked(path) for path in PATHS]
    grown(session, cast, 30)
    assert [asked(path) for path in PATHS] == few
    assert max(few) <= 6


def test_the_map_has_the_numbers_of_its_table_and_says_whose_it_is(
    signed_in: SignIn, cast: Cast, session: Session
) -> None:
    grown(session, cast)
    page = signed_in(cast.sol).get("/network/picture/regions").get_data(as_text=True)
    on_map = {unescape(label): number for label, number in re.findall(r"<title>([^<:]+): (\d+)</title></path>", page)}
    ((_, rows),) = Tables(page).found.items()
    assert len(on_map) == 12 and on_map["Yorkshire and The Humber"] == "4"
    assert {row[0]: row[1] for row in rows} == {label: number for label, number in on_map.items() if number != "0"}
    assert sum(int(row[2]) for row in rows) + sum(int(row[3]) for row in rows) // 2 == 2
    assert sorted(re.findall(r'class="region-number"[^>]*>(\d+)<', page)) == sorted(on_map.values())
    assert "Crown copyright" in page and "style=" not in page


def test_a_network_without_a_map_has_its_table(
    signed_in: SignIn, cast: Cast, session: Session, tmp_path: Any, app: Any
) -> None:
    grown(session, cast)
    app.config["REGISTERS"] = str(tmp_path)
    page = signed_in(cast.sol).get("/network/picture/regions").get_data(as_text=True)
    assert "<figure" not in page and "Yorkshire and The Humber" in page
