"""Files are read by programs that nobody here wrote, and hold to the last digit what the pages show."""

from __future__ import annotations

import io
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import igraph
import networkx as nx
import pandas as pd
import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from haln.measure import exports, facts, figures
from haln.measure.exports_broken_down import with_groups
from haln.measure.exports_graph import numbered
from haln.measure.exports_json import SCHEMA
from haln.measure.exports_rows import Asked, rows
from haln.measure.figures import Figure
from haln.measure.questions import Question
from haln.network import communities
from haln.network.history import snapshot
from haln.network.versions import Versions
from tests.builders import Cast
from tests.measure.test_exports import SMALL, TODAY, WORDS, asked, grown
from tests.measure.test_exports import told as all_said
from tests.measure.test_exports_graph import QUESTIONS, tangled

GEXF = Path(__file__).parent / "gexf-1.3" / "gexf.xsd"


@pytest.fixture(scope="module")
def gexf_schema() -> Any:
    return xmlschema.XMLSchema(GEXF)


def content(found: Versions, question: Question, form: str) -> bytes:
    return exports.network_file(found, asked(question, exact=True), form).content


def shown(found: Versions, question: Question) -> dict[str, Figure]:
    """The figures of the question's own day."""
    return {one.measure: one for one in figures.series(found, question) if one.as_of == question.as_of}


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("by", [(), exports.BY])
def test_the_json_document_is_valid_by_its_schema(
    session: Session, cast: Cast, exact: bool, by: tuple[str, ...]
) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    question = Question(TODAY, months=2)
    document = json.loads(
        exports.figures_file(grown(session, cast), asked(question, exact=exact, by=by), "json").content
    )
    assert list(validator.iter_errors(document)) == []
    for part, name, wrong in (
        ("asked", "seed", "one"),
        ("asked", "as_of", "31/03/2026"),
        ("asked", "more", 1),
        ("rows", "value", "*"),
    ):
        spoilt = json.loads(json.dumps(document))
        (spoilt[part] if part == "asked" else spoilt[part][0])[name] = wrong
        assert list(validator.iter_errors(spoilt)), name


def test_what_is_not_defined_is_empty_and_not_0_in_every_file(session: Session, cast: Cast) -> None:
    """There are members and no connection: no steps between them, and none of their shares."""
    told = all_said(session)
    wanted = Asked(
        Question(TODAY, months=1), TODAY, SMALL, ("members", "ties", "distance_mean", "sector_ei"), exact=True
    )
    content = {form: exports.figures_file(told, wanted, form).content for form in exports.FIGURES}
    table = pd.read_csv(io.BytesIO(content["csv"]))
    whole = table[(table["group"] == "all") & (table["as_of"] == TODAY.isoformat())].set_index("measure")
    assert whole["defined"].to_dict() == {"members": 1, "ties": 1, "distance_mean": 0, "sector_ei": 0}
    assert whole.loc["ties", "value"] == 0 and (whole["suppressed"] == 0).all()
    assert whole.loc[["distance_mean", "sector_ei"], ["value", "low", "high"]].isna().all(axis=None)
    sheet = load_workbook(io.BytesIO(content["xlsx"]))["Figures"]
    head, *lines = (list(line) for line in sheet.iter_rows(values_only=True))
    written = [dict(zip(head, line, strict=True)) for line in lines]
    assert {row["measure"] for row in written if row["value"] is None} == {"distance_mean", "sector_ei"}
    document = json.loads(content["json"])
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    nulls = {row["measure"]: (row["defined"], row["suppressed"]) for row in document["rows"] if row["value"] is None}
    assert nulls == {"distance_mean": (False, False), "sector_ei": (False, False)}
    assert {one["key"] for one in document["definitions"] if one["undefined"]} == {"distance_mean", "sector_ei"}


def test_of_what_is_suppressed_it_is_not_told_whether_it_is_defined(session: Session, cast: Cast) -> None:
    told = all_said(session)
    published = rows(told, Asked(Question(TODAY, months=1), TODAY, SMALL))
    assert all(row.defined for row in published if row.suppressed)
    assert {"distance_mean", "sector_ei"} <= {row.measure for row in published if row.suppressed}


def test_pandas_and_openpyxl_read_the_figures_of_the_page(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    question = Question(TODAY, months=3)
    wanted = asked(question, exact=True, by=("region",))
    expected = [(one.measure, one.as_of, one.value) for one in figures.series(found, question, every_day=True)]
    text = exports.figures_file(found, wanted, "csv").content
    book = exports.figures_file(found, wanted, "xlsx").content
    for frame in (
        pd.read_csv(io.BytesIO(text), parse_dates=["as_of"]),
        pd.read_excel(io.BytesIO(book), sheet_name="Figures", engine="openpyxl"),
    ):
        assert len(frame) == len(with_groups(rows(found, wanted, every_day=True), found, wanted))
        whole = frame[frame["group_kind"] == "all"]
        days = pd.to_datetime(whole["as_of"]).dt.date
        assert list(zip(whole["measure"], days, strict=True)) == [one[:2] for one in expected]
        # What reads decimals for pandas may be off by the last bit.
        assert list(whole["value"]) == pytest.approx(
            [math.nan if one[2] is None else one[2] for one in expected], rel=1e-14, nan_ok=True
        )
    cells = load_workbook(io.BytesIO(book), read_only=True)["Figures"].iter_rows(min_row=2, values_only=True)
    assert {type(line[8]) for line in cells} <= {int, float, type(None)}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_dynamic_file_is_valid_gexf(session: Session, cast: Cast, question: Question, gexf_schema: Any) -> None:
    text = content(tangled(session, cast), question, "gexf").decode()
    assert list(gexf_schema.iter_errors(text)) == []
    for wrong in (('start="', 'starts="'), ('type="integer"', 'type="whole"'), ("<spells>", "<spell>")):
        spoilt = text.replace(*wrong)
        assert spoilt != text
        with pytest.raises((xmlschema.XMLSchemaException, xmlschema.XMLResourceError, SyntaxError)):
            gexf_schema.validate(spoilt)


def test_an_empty_network_is_valid_gexf(session: Session, gexf_schema: Any) -> None:
    text = content(facts.read(session, WORDS), Question(TODAY), "gexf").decode()
    assert list(gexf_schema.iter_errors(text)) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_igraph_measures_of_the_file_what_the_page_shows(
    session: Session, cast: Cast, question: Question, tmp_path: Path
) -> None:
    found = tangled(session, cast)
    file = tmp_path / "network.graphml"
    file.write_bytes(content(found, question, "graphml"))
    graph = igraph.Graph.Read_GraphML(str(file))
    page = {key: one.value for key, one in shown(found, question).items()}
    many = graph.vcount()
    giant = graph.connected_components().giant()
    between = [2 * score / ((many - 1) * (many - 2)) for score in graph.betweenness()]
    told = {
        # Where igraph has no number, there is none here.
        "members": many,
        "ties": graph.ecount(),
        "degree_mean": sum(graph.degree()) / many,
        "connected_share": sum(degree > 0 for degree in graph.degree()) / many,
        "giant_share": giant.vcount() / many if graph.ecount() else math.nan,
        "density": graph.density(),
        "transitivity": graph.transitivity_undirected(mode="nan"),
        "clustering": graph.transitivity_avglocal_undirected(mode="zero"),
        "distance_mean": giant.average_path_length(),
        "diameter": giant.diameter() if giant.ecount() else math.nan,
        "core_largest": max(graph.coreness()) if graph.ecount() else math.nan,
        "cut_members": len(graph.articulation_points()),
        "betweenness_centralisation": (many * max(between) - sum(between)) / (many - 1),
        "modularity": graph.modularity(_communities(graph.vs["community"])),
    }
    ours = {key: math.nan if page[key] is None else page[key] for key in told}
    assert ours == pytest.approx(told, abs=1e-9, nan_ok=True)
    assert graph["community_modularity"] == ("" if page["modularity"] is None else repr(page["modularity"]))


def _communities(values: list[float]) -> list[int]:
    """Each one's community, those alone in one of their own."""
    return [int(one) if not math.isnan(one) else 10**6 + place for place, one in enumerate(values)]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_networkx_reads_the_communities_of_the_page(
    session: Session, cast: Cast, question: Question, form: str
) -> None:
    found = tangled(session, cast)
    text = content(found, question, form)
    read = nx.read_graphml(io.BytesIO(text)) if form == "graphml" else nx.read_gexf(io.BytesIO(text), version="1.3")
    numbers = [one for _, one in read.nodes(data="community") if one is not None]
    page = {key: one.value for key, one in shown(found, question).items()}
    sizes = [count for _, count in sorted(Counter(numbers).items())]
    assert len(sizes) == page["communities"] == max(numbers, default=0)
    assert sizes == sorted(sizes, reverse=True) and min(sizes, default=2) > 1
    standing = snapshot(
        question.known(found, question.as_of),
        question.as_of.toordinal(),
        only=question.only,
        evidences=question.evidences,
    )
    told = communities.communities(standing, figures.SEED)
    assert sizes == [size for size in told.sizes if size > 1]
    stability = "" if page["community_stability"] is None else repr(page["community_stability"])
    said = f"community_seed={figures.SEED} community_stability={stability}"
    assert said in text.decode() if form == "gexf" else read.graph["community_stability"] in said


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from([0, 1, 2, 3]), max_size=12), st.permutations(range(12)))
def test_communities_are_numbered_by_size_whoever_joined_first(labels: list[int], order: list[int]) -> None:
    ids = {f"m{place:02}": label for place, label in enumerate(labels)}
    told = numbered(ids)
    sizes = Counter(labels)
    assert set(told) == {identity for identity, label in ids.items() if sizes[label] > 1}
    assert all((told[a] == told[b]) == (ids[a] == ids[b]) for a in told for b in told)
    counts = [count for _, count in sorted(Counter(told.values()).items())]
    assert counts == sorted(counts, reverse=True)
    other = numbered({identity: order[label] for identity, label in ids.items()})
    assert other == told


def test_what_is_published_has_the_same_rows_whoever_reads_it(session: Session, cast: Cast) -> None:
    found = grown(session, cast)
    wanted = Asked(Question(TODAY, months=2), TODAY, 7)
    made = rows(found, wanted, every_day=True)
    text = pd.read_csv(io.BytesIO(exports.figures_file(found, wanted, "csv").content), na_values="*")
    book = pd.read_excel(io.BytesIO(exports.figures_file(found, wanted, "xlsx").content), na_values="*")
    document = pd.DataFrame(json.loads(exports.figures_file(found, wanted, "json").content)["rows"])
    for frame in (text, book, document):
        values = [None if math.isnan(one) else one for one in frame["value"].astype(float)]
        assert values == [None if row.value is None else pytest.approx(row.value, rel=1e-14) for row in made]
