"""Files of figures: the same rows in every format, read back by other tools, and nothing that tells of a few people."""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from haln.errors import Invalid, NotFound
from haln.measure import exports, facts, figures
from haln.measure.definitions import BY_KEY, PUBLISHED
from haln.measure.exports_csv import COLUMNS
from haln.measure.exports_rows import Asked, Row, rows
from haln.measure.questions import Question
from haln.models import AuditRecord, Organisation, Place
from haln.network.versions import Versions
from haln.people import versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, the_cast

WORDS = vocabulary.load()
TODAY = NOW.date()
SMALL = 7
REGION = "E12000003"


def told(session: Session) -> Versions:
    versions.keep_all(session, NOW, as_it_happened=True)
    return facts.read(session, WORDS)


def grown(session: Session, cast: Cast) -> Versions:
    """Sixty members who joined over ten months, some of whom left, with ties to Ada and to each other."""
    trust = session.scalars(select(Organisation).order_by(Organisation.id)).first()
    leeds = session.scalars(select(Place).order_by(Place.id)).first()
    assert trust and leeds
    ids = []
    for number in range(60):
        joined = NOW - timedelta(days=300 - 5 * number)
        gone = {"standing": "left", "left_at": joined + timedelta(days=40)} if number % 5 == 0 else {}
        placed = {"organisation_id": trust.id, "place_id": leeds.id} if number % 3 else {}
        ids.append(a_member(session, f"Grown Member{number}", joined_at=joined, **placed, **gone).id)
    for number, member in enumerate(ids[1:]):
        a_connection(session, cast.ada, member, since=NOW - timedelta(days=100 - number), evidence="met")
        a_connection(session, ids[number], member, since=NOW - timedelta(days=50), intensity=2)
    return told(session)


def asked(question: Question | None = None, **given: Any) -> Asked:
    return Asked(question or Question(TODAY, months=12), TODAY, SMALL, **given)


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_exact_rows_are_the_page_s_figures_with_their_definitions(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    question = Question(TODAY, with_hosts=False, months=2)
    whole = [row for row in rows(found, asked(question, exact=True)) if row.group == "all"]
    shown = figures.series(found, question)
    assert [(row.measure, row.as_of, row.value) for row in whole] == [
        (one.measure, one.as_of, one.value) for one in shown
    ]
    assert {row.filter for row in whole} == {"hosts=without"}
    assert {row.known_as_of for row in whole} == {TODAY}
    assert all(row.version == BY_KEY[row.measure].version and not row.suppressed for row in whole)
    assert all(row.value == row.n for row in whole if row.measure == "members")


def test_exact_groups_add_up_to_all_members_on_each_day(session: Session, cast: Cast) -> None:
    found = rows(grown(session, cast), asked(exact=True))
    for row in (one for one in found if one.measure == "members" and one.group == "all"):
        for kind in ("audience", "sector", "region"):
            groups = [one.value for one in found if one.as_of == row.as_of and one.group_kind == kind]
            assert sum(value or 0 for value in groups) == row.value


def test_the_table_of_sectors_and_regions_has_the_sums_that_its_rows_and_columns_have(
    session: Session, cast: Cast
) -> None:
    found = [row for row in rows(grown(session, cast), asked(exact=True)) if row.as_of == TODAY]
    pairs = [row for row in found if row.group_kind == "sector and region"]
    assert len(pairs) == len({row.group for row in pairs})
    for place, kind in enumerate(("sector", "region")):
        for row in (one for one in found if one.group_kind == kind):
            there = [one.value for one in pairs if one.group.split(" and ")[place] == row.group]
            assert sum(value or 0 for value in there) == row.value


def test_what_is_published_hides_few_and_rounds_the_rest(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    exact = [row for row in rows(found, asked(exact=True)) if BY_KEY[row.measure].published]
    shown = rows(found, asked())
    assert [_what(row) for row in exact] == [_what(row) for row in shown]
    hidden = 0
    for true, row in zip(exact, shown, strict=True):
        hidden += row.suppressed
        assert row.suppressed == (row.value is None)
        assert row.n is None or row.n % 5 == 0
        if row.suppressed:
            assert row.low is row.high is None
        elif BY_KEY[row.measure].counts:
            assert true.value is not None and row.value is not None
            assert row.value == 0 or row.value % 5 == 0
            assert row.low is not None and row.high is not None and row.low <= true.value <= row.high
            assert not 0 < true.value <= SMALL
    assert 0 < hidden < len(shown)
    last = {row.measure: row.value for row in shown if row.as_of == TODAY and row.group == "all"}
    assert (last["members"], last["leavers"], last["joins"]) == (55, 10, 65)
    early = {row.value for row in shown if row.measure == "leavers" and row.as_of == date(2025, 9, 30)}
    assert early == {None}
    assert last["ties"] and last["members"]
    # What follows from other figures is worked out from what is told of them, so that it tells no more.
    assert last["degree_mean"] == round(2 * last["ties"] / last["members"], 6)
    assert last["density"] == round(2 * last["ties"] / (last["members"] * (last["members"] - 1)), 6)


def _what(row: Row) -> tuple[object, ...]:
    return row.as_of, row.measure, row.group_kind, row.group


def test_a_published_group_is_what_the_table_of_groups_says_of_it(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    table = {
        (row.as_of, row.group): (row.value, row.low, row.high)
        for row in rows(found, asked())
        if row.group_kind == "region"
    }
    alone = rows(found, asked(Question(TODAY, months=12, region=REGION)))
    assert {row.group for row in alone} == {"all"}
    members = [row for row in alone if row.measure == "members"]
    assert any(row.value for row in members)
    for row in members:
        assert (row.value, row.low, row.high) == table.get((row.as_of, REGION), (0, 0, 0))
    assert all(row.suppressed for row in alone if row.measure in ("joins", "leavers"))
    few = rows(found, asked(Question(TODAY, months=0, sector="housing")))
    assert all(row.suppressed for row in few)


def test_two_ways_of_narrowing_down_are_not_published(session: Session, cast: Cast) -> None:
    question = Question(TODAY, with_hosts=False, region=REGION, months=0)
    found = told(session)
    with pytest.raises(Invalid, match="not two of these"):
        rows(found, asked(question))
    assert rows(found, asked(question, exact=True))


def test_the_csv_file_reads_back_with_and_without_its_mark(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    for exact in (False, True):
        wanted = asked(exact=exact)
        content = exports.figures_file(found, wanted, "csv", mark=exact).content
        assert content.startswith(b"\xef\xbb\xbf") == exact
        made = rows(found, wanted, every_day=True)
        back = read_csv(content)
        assert tuple(back[0]) == COLUMNS
        assert [float(row["value"]) if row["value"] not in ("*", "") else None for row in back] == [
            row.value for row in made
        ]
        assert [row["value"] == "" for row in back] == [not row.defined for row in made]
        assert [row["suppressed"] == "1" for row in back] == [row.suppressed for row in made]
        frame = pd.read_csv(io.BytesIO(content), na_values="*", parse_dates=["as_of"])
        assert frame["value"].isna().sum() == sum(row.suppressed or not row.defined for row in made)
        assert frame["as_of"].max().date() == TODAY


def test_the_workbook_has_typed_cells_and_says_what_it_is(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    wanted = asked()
    book = load_workbook(io.BytesIO(exports.figures_file(found, wanted, "xlsx").content))
    assert book.sheetnames == ["Figures", "Definitions", "About this file"]
    made = rows(found, wanted, every_day=True)
    lines = list(book["Figures"].iter_rows(min_row=2, values_only=True))
    assert book["Figures"].freeze_panes == "A2"
    for line, row in zip(lines, made, strict=True):
        cells = dict(zip(COLUMNS, line, strict=True))
        assert cells["as_of"].date() == row.as_of  # type: ignore[union-attr]
        assert cells["value"] == ("*" if row.value is None else row.value)
        assert cells["suppressed"] is row.suppressed
    published = {one.key for one in PUBLISHED}
    assert {line[0] for line in book["Definitions"].iter_rows(min_row=2, values_only=True)} == published
    about = dict(book["About this file"].iter_rows(min_row=2, values_only=True))
    assert about["rows_suppressed"] == sum(row.suppressed for row in made)
    assert all(cell.data_type != "f" for sheet in book for line in sheet.iter_rows() for cell in line)


def test_the_json_document_has_the_rows_and_their_definitions(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    for wanted in (asked(), asked(exact=True), asked(Question(TODAY, then=True, months=1), keys=("ties",))):
        document = json.loads(exports.figures_file(found, wanted, "json").content)
        made = rows(found, wanted, every_day=True)
        assert [row["value"] for row in document["rows"]] == [row.value for row in made]
        assert [set(row) for row in document["rows"]] == [set(asdict(row)) for row in made]
        assert {one["key"] for one in document["definitions"]} == {row.measure for row in made}


def test_unheard_of_figures_and_formats_are_refused(session: Session, cast: Cast) -> None:
    found = told(session)
    for wanted, form in ((asked(keys=("unheard-of",)), "csv"), (asked(), "pdf")):
        with pytest.raises(NotFound):
            exports.figures_file(found, wanted, form)
    with pytest.raises(NotFound):
        exports.network_file(found, asked(exact=True), "csv")


def test_what_is_for_staff_alone_is_in_exact_files_alone(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    (hidden,) = (key for key, one in BY_KEY.items() if not one.published)
    day = Question(TODAY, months=0)
    assert hidden not in {row.measure for row in rows(found, asked(day))}
    assert hidden in {row.measure for row in rows(found, asked(day, exact=True))}
    with pytest.raises(Invalid):
        exports.figures_file(found, asked(day, keys=(hidden,)), "csv")
    assert exports.figures_file(found, asked(day, keys=(hidden,), exact=True), "csv").content


def test_who_had_a_file_is_written_down(session: Session, cast: Cast) -> None:
    wanted = asked(Question(TODAY, months=0, sector="housing"), exact=True)
    exports.record(session, cast.sol, wanted, exports.figures_file(told(session), wanted, "csv"), NOW)
    session.flush()
    row = session.scalars(select(AuditRecord)).one()
    assert (row.actor_id, row.action) == (cast.sol, "export_network")
    assert row.detail == {
        "file": f"network-figures-{TODAY}-exact.csv",
        "as_of": TODAY.isoformat(),
        "known_as_of": TODAY.isoformat(),
        "filter": "sector=housing",
    }


def test_an_empty_network_has_files(session: Session) -> None:
    found = told(session)
    for form in exports.FIGURES:
        assert exports.figures_file(found, asked(), form).content
    shown = {row.measure: row.value for row in rows(found, asked(Question(TODAY, months=0))) if row.group == "all"}
    assert shown["members"] == 0 and shown["degree_mean"] is None


def test_a_figure_that_is_not_reached_yet_has_no_value_in_any_file(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = grown(session, cast)
    endless = figures.Figure("clustering", TODAY, math.inf, 3.0, math.inf)
    monkeypatch.setattr(figures, "series", lambda *_, **__: [endless])
    for exact in (False, True):
        wanted = asked(Question(TODAY, months=0), keys=("clustering",), exact=exact)
        (row,) = rows(found, wanted)
        assert row.value is None and row.high is None and not row.suppressed
        assert read_csv(exports.figures_file(found, wanted, "csv").content)[0]["value"] == ""
        assert json.loads(exports.figures_file(found, wanted, "json").content)["rows"][0]["value"] is None
        assert exports.figures_file(found, wanted, "xlsx").content


LAST_YEAR = Question(TODAY - timedelta(days=120), known_on=TODAY - timedelta(days=60), months=6)


@pytest.fixture
def stored(sqlite_url: str, postgres_url: str) -> Iterator[tuple[Session, Session]]:
    """Sessions on two databases, SQLite and PostgreSQL."""
    engines = [create_engine(url) for url in (sqlite_url, postgres_url)]
    with Session(engines[0]) as one, Session(engines[1]) as other:
        yield one, other
    for engine in engines:
        engine.dispose()


@pytest.mark.postgres
def test_last_year_s_report_has_the_same_bytes_again_on_both_databases(stored: tuple[Session, Session]) -> None:
    found = [_before_and_after(session) for session in stored]
    assert found[0] == found[1]


def _before_and_after(session: Session) -> dict[tuple[bool, str], bytes]:
    """Last year's files, which are the same after somebody was found to have joined earlier."""
    cast = the_cast(session)
    before = grown(session, cast)
    session.commit()
    late = a_member(session, "Late Comer", joined_at=NOW - timedelta(days=200))
    a_connection(session, cast.ada, late.id, since=NOW - timedelta(days=190))
    versions.keep_all(session, NOW)
    session.commit()
    after = facts.read(session, WORDS)
    files = {}
    for exact, form in itertools.product((False, True), ("csv", "json")):
        files[exact, form] = exports.figures_file(before, asked(LAST_YEAR, exact=exact), form).content
        later = Asked(LAST_YEAR, TODAY + timedelta(days=1), SMALL, exact=exact)
        assert exports.figures_file(after, later, form).content == files[exact, form]
    known_now = asked(Question(LAST_YEAR.as_of, months=6), exact=True)
    assert exports.figures_file(after, known_now, "csv").content != files[True, "csv"]
    return files
