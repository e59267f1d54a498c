"""How often something came of it: nothing that is told, of any days, tells of few people."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openpyxl import Workbook, load_workbook
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.errors import NotFound
from haln.measure import exports_outcomes, outcomes
from haln.measure.exports import FIGURES
from haln.measure.outcomes import Outcomes
from haln.measure.questions import Question
from haln.network import stages
from haln.people import erasure, leaving
from haln.people.outcomes import KINDS
from tests.builders import NOW, Cast, a_connection, a_member, an_actor, the_cast
from tests.cohort_builders import a_learning_set
from tests.outcome_builders import an_outcome

Told = tuple[str, date, int, int | None]

START = date(2026, 1, 1)
SMALL = 7
ROWS = st.lists(
    st.tuples(
        st.sampled_from(KINDS[:2]),
        st.integers(0, 30).map(lambda days: START + timedelta(days=days)),
        st.integers(1, 30),
        st.none() | st.integers(1, 50_000),
    ),
    max_size=80,
)


@settings(deadline=None)
@given(ROWS, st.integers(0, 31), st.integers(0, 31))
def test_all_that_is_told_follows_from_stages_and_from_classes_of_people(
    rows: list[Told], one: int, other: int
) -> None:
    start, until = (START + timedelta(days=days) for days in sorted((one, other)))
    for line in Outcomes(rows, SMALL).lines(start, until):
        mine = [(day.toordinal(), who, 1) for kind, day, who, _ in rows if kind == line.kind]
        people = len({who for day, who, _ in mine if day <= until.toordinal()})
        found = stages.stages(mine, SMALL)  # their differences come from many people: tests/network/test_stages.py
        so_far = stages.total(found, until.toordinal())
        gained = so_far - stages.total(found, start.toordinal())
        hidden = None if people else 0
        assert line.people == (None if 0 < people <= SMALL else (people + 2) // 5 * 5)
        assert line.outcomes == ((so_far + 2) // 5 * 5 or hidden)
        assert line.within == ((gained + 2) // 5 * 5 or hidden)
        assert (line.pounds is None or line.outcomes is not None) and (
            line.pounds_within is None or line.within is not None
        )
        if 0 < people <= SMALL:
            assert line.outcomes is None and line.within is None and not line.pounds and not line.pounds_within


def test_many_outcomes_of_few_people_are_hidden() -> None:
    rows: list[Told] = [("funding", START, number % 7, 1_000) for number in range(70)]
    (line,) = [one for one in Outcomes(rows, SMALL).lines(START - timedelta(days=1), START) if one.kind == "funding"]
    assert (line.outcomes, line.people, line.within, line.pounds) == (None, None, None, None)
    rows.append(("funding", START, 8, 1_000))
    (line,) = [one for one in Outcomes(rows, SMALL).lines(START - timedelta(days=1), START) if one.kind == "funding"]
    assert (line.outcomes, line.people, line.within, line.pounds) == (70, 10, 70, 71_000)


def test_many_outcomes_of_few_people_in_a_period_are_hidden_though_many_told_before() -> None:
    later = START + timedelta(days=9)
    rows: list[Told] = [("confidence", START, person, None) for person in range(20)]
    rows += [("confidence", later, 1, None) for _ in range(30)]
    line = Outcomes(rows, SMALL).line("confidence", START, later)
    assert (line.outcomes, line.within) == (20, None)


def fill(session: Session, cast: Cast, count: int) -> None:
    for number in range(count):
        other = a_member(session, f"Grown Member{number}")
        tie = a_connection(session, cast.ada, other.id)
        facts = {"kind": "funding", "amount": 1_000, "text": "Our secret words", "told": "Secret words"}
        an_outcome(session, other.id, tie, days=40 - number, consent="anonymous", **facts)


def test_the_file_holds_numbers_and_no_words_on_both_databases(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        fill(session, cast, 12)
        file = exports_outcomes.outcomes_file(session, Question(NOW.date(), months=2), SMALL, NOW)
        assert file == exports_outcomes.outcomes_file(session, Question(NOW.date(), months=2), SMALL, NOW)
        read = list(csv.DictReader(io.StringIO(file.content.decode())))
        assert tuple(read[0]) == exports_outcomes.COLUMNS
        last = {(row["kind"], row["measure"]): row for row in read if row["as_of"] == NOW.date().isoformat()}
        funding = last["funding", "outcomes"]
        assert (funding["value"], funding["n"]) == ("10", "10")  # the first eight, in fives
        assert last["funding", "pounds"]["value"] == "8000"  # the first eight; four more wait for others
        assert last["confidence", "outcomes"]["value"] == "0"
        earlier = [row for row in read if row["as_of"] == "2026-05-31" and row["measure"] == "pounds"]
        facts = [(row["known_as_of"], row["filter"], row["version"], row["threshold"]) for row in read]
        assert set(facts) == {(NOW.date().isoformat(), "all", "3", "7")}
        assert b"ecret" not in file.content and earlier[0]["value"] in ("8000", "*")
    engine.dispose()


@pytest.mark.parametrize("people", [1, 12])
def test_every_format_has_the_same_rows_and_hides_the_same(session: Session, cast: Cast, people: int) -> None:
    fill(session, cast, people)
    question = Question(NOW.date(), months=2)
    files = {form: exports_outcomes.outcomes_file(session, question, SMALL, NOW, form) for form in FIGURES}
    table = list(csv.reader(io.StringIO(files["csv"].content.decode())))
    document = json.loads(files["json"].content)
    plain = [["*" if row[name] is None else row[name] for name in table[0]] for row in document["rows"]]
    assert [[str(int(cell) if isinstance(cell, bool) else cell) for cell in row] for row in plain] == table[1:]
    values = [row["value"] for row in document["rows"]]
    assert (None in values) == (people == 1) and any(values) == (people == 12)
    assert document["asked"]["rows_suppressed"] == sum(row[table[0].index("value")] == "*" for row in table)
    book = load_workbook(io.BytesIO(files["xlsx"].content))
    cells = [
        [cell.date().isoformat() if isinstance(cell, datetime) else cell for cell in row] for row in book_rows(book)
    ]
    assert cells == [table[0], *plain]
    assert book["Outcomes"].freeze_panes == "A2" and isinstance(book["Outcomes"]["A2"].value, datetime)
    defined = [row[:2] for row in book["Definitions"].iter_rows(min_row=2, values_only=True)]
    assert defined == [(one.key, one.version) for one in exports_outcomes.DEFINITIONS]
    assert {row["measure"] for row in document["rows"]} == {key for key, _ in defined}
    said = dict(book["About this file"].iter_rows(min_row=2, values_only=True))
    assert said == document["asked"] and "more than 7 further people" in said["method"]
    assert all(b"ecret" not in file.content for file in files.values())
    with pytest.raises(NotFound):
        exports_outcomes.outcomes_file(session, question, SMALL, NOW, "pdf")


def book_rows(book: Workbook) -> list[tuple[Any, ...]]:
    return list(book["Outcomes"].iter_rows(values_only=True))


@pytest.mark.parametrize("people", [0, 1, 12])
def test_the_json_document_is_valid_by_its_schema(session: Session, cast: Cast, people: int) -> None:
    schema = json.loads(exports_outcomes.SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    fill(session, cast, people)
    question = Question(NOW.date(), months=2, then=True)
    document = json.loads(exports_outcomes.outcomes_file(session, question, SMALL, NOW, "json").content)
    assert list(validator.iter_errors(document)) == []
    for part, name, wrong in (
        ("asked", "filter", "sector=nhs"),
        ("asked", "more", 1),
        ("rows", "value", "*"),
        ("rows", "kind", "gossip"),
        ("definitions", "unit", "people"),
    ):
        spoilt = json.loads(json.dumps(document))
        (spoilt[part] if part == "asked" else spoilt[part][0])[name] = wrong
        assert list(validator.iter_errors(spoilt)), name


def test_who_leaves_or_is_erased_still_counts(session: Session, cast: Cast) -> None:
    fill(session, cast, 10)
    group = a_learning_set(session, [cast.dee])
    an_outcome(session, cast.dee, group, kind="funding")
    question = Question(NOW.date(), months=2)
    before = exports_outcomes.outcomes_file(session, question, SMALL, NOW)
    leaving.leave(session, an_actor(session, cast.dee), NOW)
    assert exports_outcomes.outcomes_file(session, question, SMALL, NOW) == before
    erasure.erase(session, cast.dee, NOW)
    assert exports_outcomes.outcomes_file(session, question, SMALL, NOW) == before
    assert outcomes.read(session, SMALL, NOW).people("funding", NOW.date()).shown == 10


def test_what_is_told_later_changes_no_file_of_a_past_day(session: Session, cast: Cast) -> None:
    fill(session, cast, 9)
    day = NOW.date() - timedelta(days=20)
    asked = [Question(day, months=2, **more) for more in ({}, {"then": True}, {"known_on": day})]  # type: ignore[arg-type]
    before = [exports_outcomes.outcomes_file(session, question, SMALL, NOW) for question in asked]
    now = NOW + timedelta(days=1)
    tie = a_connection(session, cast.ada, cast.dee)
    for number in range(12):  # as if they had happened before
        writer = a_member(session, f"Late Member{number}").id
        an_outcome(session, writer, tie, 200, kind="funding", amount=70_000, written_at=NOW)
    after = [exports_outcomes.outcomes_file(session, question, SMALL, now) for question in asked]
    assert after[1:] == before[1:]
    known = (NOW.date().isoformat(), now.date().isoformat())
    assert after[0].content == before[0].content.replace(known[0].encode(), known[1].encode())
    late = {line.kind: line for line in outcomes.read(session, SMALL, now).lines(day, NOW.date(), day)}
    assert late["funding"].within is None
    assert outcomes.read(session, SMALL, now).line("funding", day, NOW.date()).within == 15
    assert outcomes.read(session, SMALL, NOW).line("funding", day, NOW.date()).within is None  # today is not over
