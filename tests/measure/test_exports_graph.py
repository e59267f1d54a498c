"""The network as a file: networkx reads back what the page counts, and nobody's name, number or group of few."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import date, timedelta

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from haln.errors import Invalid
from haln.measure import exports, facts, figures
from haln.measure.exports_rows import Asked
from haln.measure.questions import Question
from haln.models import Connection
from haln.network import suppress
from haln.network.versions import Versions
from tests.builders import NOW, Cast, a_connection
from tests.measure.test_exports import REGION, SMALL, TODAY, WORDS, grown

DAYS = (TODAY, TODAY - timedelta(days=60), TODAY - timedelta(days=200))
QUESTIONS = [
    *(Question(day) for day in DAYS),
    Question(TODAY, with_hosts=False),
    Question(TODAY, evidence="met"),
    Question(TODAY, region=REGION),
]


def asked(question: Question) -> Asked:
    return Asked(question, TODAY, SMALL, exact=True)


def tangled(session: Session, cast: Cast) -> Versions:
    """A network in which ties end and begin again."""
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90), until=NOW - timedelta(days=70))
    session.flush()
    found = grown(session, cast)
    assert session.query(Connection).count() > 100
    return found


def graphml(found: Versions, question: Question) -> nx.Graph[str]:
    return nx.read_graphml(io.BytesIO(exports.network_file(found, asked(question), "graphml").content))


def gexf(found: Versions, question: Question) -> nx.Graph[str]:
    return nx.read_gexf(io.BytesIO(exports.network_file(found, asked(question), "gexf").content), version="1.3")


def counted(found: Versions, question: Question) -> tuple[float, float]:
    shown = figures.series(found, question, ("members", "ties"))
    told = {one.measure: one.value for one in shown if one.as_of == question.as_of}
    return told["members"], told["ties"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_graphml_holds_the_members_and_ties_that_the_page_counts(
    session: Session, cast: Cast, question: Question
) -> None:
    found = tangled(session, cast)
    graph = graphml(found, question)
    assert (len(graph), graph.number_of_edges()) == counted(found, question)
    assert graph.graph["as_of"] == question.as_of.isoformat()
    for _, _, tie in graph.edges(data=True):
        assert date.fromisoformat(tie["since"]) <= question.as_of
        assert tie["evidence"] in ("met", "introduced") and tie["intensity"] in (1, 2)


@pytest.mark.parametrize("question", QUESTIONS)
def test_gexf_holds_the_network_of_every_day_until_then(session: Session, cast: Cast, question: Question) -> None:
    found = tangled(session, cast)
    graph = gexf(found, question)
    assert graph.graph["mode"] == "dynamic"
    for day in (one for one in DAYS if one <= question.as_of):
        there = {node for node, spells in graph.nodes(data="spells") if _within(spells, day)}
        tied = [(a, b) for a, b, spells in graph.edges(data="spells") if _within(spells, day) and {a, b} <= there]
        then = Question(
            day,
            with_hosts=question.with_hosts,
            evidence=question.evidence,
            region=question.region,
        )
        assert (len(there), len(tied)) == counted(found, then)
    for _, _, tie in graph.edges(data=True):
        assert [one[1:] for one in tie["evidence"]] == tie["spells"]
        assert len(tie["intensity"]) == len(tie["spells"])


def _within(spells: list[tuple[str, str]], day: date) -> bool:
    return any(start <= day.isoformat() and (end == "None" or day.isoformat() <= end) for start, end in spells)


def test_files_have_no_names_and_cannot_be_laid_side_by_side(session: Session, cast: Cast) -> None:
    found = tangled(session, cast)
    for form in exports.GRAPHS:
        one, other = (exports.network_file(found, asked(QUESTIONS[0]), form).content.decode() for _ in range(2))
        assert "Okafor" not in one and "Grown" not in one
        ids = [set(re.findall(r'"(m[0-9a-f]{16})"', text)) for text in (one, other)]
        assert len(ids[0]) == len(ids[1]) > 50
        assert not ids[0] & ids[1]
        order = re.findall(r'<node id="(\w+)"', one)
        assert order == sorted(order)


def test_groups_of_few_people_have_no_name_in_a_file(session: Session, cast: Cast) -> None:
    found = tangled(session, cast)
    for graph in (graphml(found, QUESTIONS[0]), gexf(found, QUESTIONS[0])):
        for kind in ("audience", "sector", "region"):
            counts = Counter(group for _, group in graph.nodes(data=kind))
            assert min(counts.values()) > SMALL
        assert {group for _, group in graph.nodes(data="region")} == {REGION, suppress.OTHER}


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdef"), max_size=70), st.integers(0, 12))
def test_groups_are_merged_until_each_has_enough_people(groups: list[str], threshold: int) -> None:
    merged = suppress.merged(groups, threshold)
    counts = Counter(merged)
    assert all(new in (old, suppress.OTHER) for old, new in zip(groups, merged, strict=True))
    assert all(count > threshold for count in counts.values()) or set(counts) == {suppress.OTHER}
    kept = {old for old, new in zip(groups, merged, strict=True) if old == new}
    assert all(Counter(groups)[group] > threshold for group in kept)


def test_an_empty_network_is_a_file_too(session: Session) -> None:
    empty = facts.read(session, WORDS)
    assert len(graphml(empty, Question(TODAY))) == len(gexf(empty, Question(TODAY))) == 0


@pytest.mark.parametrize("form", sorted(exports.GRAPHS))
def test_a_filter_that_leaves_too_few_people_has_no_file(session: Session, cast: Cast, form: str) -> None:
    found = grown(session, cast)
    with pytest.raises(Invalid, match="Too few people"):
        exports.network_file(found, asked(Question(TODAY, sector="housing")), form)
    assert exports.network_file(found, asked(Question(TODAY, sector="nhs")), form).content
