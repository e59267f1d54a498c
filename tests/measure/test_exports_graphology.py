"""Graphology, in a real browser, reads the files of the network and finds what networkx finds in them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy.orm import Session

from haln.measure import facts
from haln.measure.questions import Question
from tests.builders import Cast
from tests.measure.test_exports import TODAY, WORDS
from tests.measure.test_exports_graph import QUESTIONS, counted, tangled
from tests.measure.test_exports_readers import content

pytestmark = pytest.mark.browser
SCRIPTS = ("graphology-0.26.0.umd.min.js", "graphology-library-0.8.0.min.js")
READ = """([form, text]) => {
  const graph = graphologyLibrary[form].parse(graphology, text);
  return {
    type: graph.type,
    said: graph.getAttributes(),
    nodes: Object.fromEntries(graph.mapNodes((node, known) => [node, known])),
    edges: graph.mapEdges((edge, known, one, other) => [[one, other].sort(), known]),
    density: graphologyLibrary.metrics.graph.density(graph),
    modularity: graph.size ? graphologyLibrary.metrics.graph.modularity(graph, {
      getNodeCommunity: (node, known) => known.community ?? node}) : 0,
  };
}"""


@pytest.fixture
def page(chromium: Browser) -> Any:
    opened = chromium.new_page()
    for name in SCRIPTS:
        opened.add_script_tag(path=Path(__file__).parent / "graphology" / name)
    yield opened
    opened.close()


@pytest.mark.parametrize("question", QUESTIONS[::3])
def test_graphology_reads_members_ties_and_communities(
    session: Session, cast: Cast, page: Page, question: Question
) -> None:
    found = tangled(session, cast)
    text = content(found, question, "graphml")
    told = page.evaluate(READ, ["graphml", text.decode()])
    graph = nx.read_graphml(io.BytesIO(text))
    assert (len(told["nodes"]), len(told["edges"])) == counted(found, question)
    assert told["type"] == "undirected" and told["nodes"] == dict(graph.nodes(data=True))
    edges = [(sorted((a, b)), known) for a, b, known in graph.edges(data=True)]
    assert sorted(map(str, edges)) == sorted(str((ends, known)) for ends, known in told["edges"])
    assert told["density"] == pytest.approx(nx.density(graph))
    said = {name: value for name, value in told["said"].items() if name != "id"}
    assert said == {name: value for name, value in graph.graph.items() if name in said} and len(said) > 5
    assert told["modularity"] == pytest.approx(float(said["community_modularity"]))


@pytest.mark.parametrize("question", QUESTIONS[::3])
def test_graphology_reads_all_who_ever_were_there_of_gexf(
    session: Session, cast: Cast, page: Page, question: Question
) -> None:
    text = content(tangled(session, cast), question, "gexf")
    told = page.evaluate(READ, ["gexf", text.decode()])
    graph = nx.read_gexf(io.BytesIO(text), version="1.3")
    pairs = sorted(sorted(ends) for ends in graph.edges())
    assert sorted(ends for ends, _ in told["edges"]) == pairs and len(pairs) > 20
    known = {
        node: {name: value for name, value in facts_.items() if name != "spells"}
        for node, facts_ in graph.nodes(data=True)
    }
    assert told["nodes"] == known
    assert "community_seed=1" in told["said"]["description"]


def test_graphology_reads_an_empty_network(session: Session, page: Page) -> None:
    empty = facts.read(session, WORDS)
    for form in ("graphml", "gexf"):
        told = page.evaluate(READ, [form, content(empty, Question(TODAY), form).decode()])
        assert told["nodes"] == {} and told["edges"] == []
