"""Files that are broken down say of each group what a file of that group alone says, and nothing more."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from haln.connect import connections
from haln.errors import Invalid, NotFound
from haln.measure import exports, figures
from haln.measure.exports_broken_down import with_groups
from haln.measure.exports_rows import Asked, Row, rows
from haln.measure.questions import Question
from haln.network.versions import Versions
from tests.builders import Cast
from tests.measure.test_exports import REGION, TODAY, asked, grown


def all_rows(found: Versions, wanted: Asked) -> list[Row]:
    return with_groups(rows(found, wanted), found, wanted)


def _alone(question: Question, kind: str, group: str) -> Question:
    return replace(question, with_hosts=False) if kind == "audience" else replace(question, **{kind: group})


@pytest.mark.parametrize("exact", [False, True])
def test_a_file_that_is_broken_down_has_what_the_files_of_each_group_have_and_nothing_else(
    session: Session, cast: Cast, exact: bool
) -> None:
    found = grown(session, cast)
    question = Question(TODAY, months=4)
    whole = rows(found, asked(question, exact=exact))
    parts = all_rows(found, asked(question, exact=exact, by=exports.BY))
    assert [row for row in parts if row in whole] == whole
    groups = {(row.group_kind, row.group) for row in parts if row not in whole}
    assert {kind for kind, _ in groups} == set(exports.BY)
    assert {group for kind, group in groups if kind == "evidence"} == set(connections.EVIDENCE)
    for kind, group in sorted(groups):
        alone = rows(found, asked(_alone(question, kind, group), exact=exact))
        expected = {(row.as_of, row.measure): _told(row) for row in alone if row.group == "all"}
        told_of = {
            (row.as_of, row.measure): _told(row) for row in parts if (row.group_kind, row.group) == (kind, group)
        }
        # What is left out of a group's part is there already: for everybody, or in the table of groups.
        there = ("members", "organisations", "joins", "leavers") if kind == "evidence" else ("members",)
        tables = {(row.as_of, row.measure): _told(row) for row in whole if (row.group_kind, row.group) == (kind, group)}
        assert told_of == {key: row for key, row in expected.items() if key[1] not in there} | tables
    keys = [(row.as_of, row.measure, row.group_kind, row.group) for row in parts]
    assert len(keys) == len(set(keys))
    assert [row.as_of for row in parts] == sorted(row.as_of for row in parts)


def _told(row: Row) -> tuple[object, ...]:
    return row.value, row.low, row.high, row.n, row.suppressed


def test_what_is_narrowed_down_to_a_group_is_not_broken_down_by_its_kind(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    for kind, question in (
        ("audience", Question(TODAY, months=0, with_hosts=False)),
        ("evidence", Question(TODAY, months=0, evidence="met")),
        ("sector", Question(TODAY, months=0, sector="nhs")),
        ("region", Question(TODAY, months=0, region=REGION)),
    ):
        with pytest.raises(Invalid, match="cannot be broken down"):
            all_rows(found, asked(question, exact=True, by=(kind,)))
    with pytest.raises(Invalid, match="not two of these"):
        all_rows(found, asked(Question(TODAY, months=0, sector="nhs"), by=("region",)))
    assert all_rows(found, asked(Question(TODAY, months=0, sector="nhs"), by=("region",), exact=True))


def test_a_file_says_what_it_is_broken_down_by_and_the_seed(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    wanted = asked(Question(TODAY, months=0), by=("audience", "evidence"))
    file = exports.figures_file(found, wanted, "json")
    assert file.name == f"network-figures-by-audience-by-evidence-{TODAY}.json"
    about = json.loads(file.content)["asked"]
    assert (about["broken_down_by"], about["seed"]) == ("audience, evidence", figures.SEED)
    with pytest.raises(NotFound):
        exports.figures_file(found, asked(by=("role",)), "json")
