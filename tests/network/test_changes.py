"""What is carried from one day to another is what is counted anew, whatever happened in between."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import changes, days
from haln.network.history import NEVER, History, Node, Tie, history, snapshot
from tests.network.graphs import nx_of
from tests.network.histories import ASKED, LAST, histories


@settings(deadline=None)
@given(histories(), st.integers(0, LAST), st.sampled_from([None, "met"]), st.sampled_from([None, "nhs"]))
def test_a_day_is_what_its_spells_say_each_pair_once(
    drawn: tuple[History, list[Node], list[Tie]], day: int, evidence: str | None, sector: str | None
) -> None:
    told, nodes, ties = drawn
    found = snapshot(
        told, day, only={"sector": [sector]} if sector else None, evidences=[evidence] if evidence else None
    )
    there = [
        node.member for node in nodes if node.since <= day < node.until and sector in (None, node.groups["sector"])
    ]
    row_of = {member: row for row, member in enumerate(sorted(there))}
    assert told.members[found.rows].tolist() == sorted(there)
    strongest: dict[tuple[int, int], int] = {}
    for tie in ties:
        known = tie.since <= day < tie.until and evidence in (None, tie.evidence)
        if known and tie.one in row_of and tie.other in row_of:
            ends = sorted((row_of[tie.one], row_of[tie.other]))
            strongest[ends[0], ends[1]] = max(tie.intensity, strongest.get((ends[0], ends[1]), 0))
    pairs = list(zip(found.low.tolist(), found.high.tolist(), strict=True))
    assert dict(zip(pairs, found.intensity.tolist(), strict=True)) == strongest and pairs == sorted(strongest)
    graph = nx_of(len(there), strongest)
    for node in graph:
        assert found.others[found.starts[node] : found.starts[node + 1]].tolist() == sorted(graph[node])
    if nodes:
        assert found.different("sector") == len(set(found.groups("sector").tolist()))


@settings(deadline=None)
@given(histories(), ASKED)
def test_triangles_of_a_day_come_from_the_ties_that_differ(
    drawn: tuple[History, list[Node], list[Tie]], asked: list[int]
) -> None:
    told, _, _ = drawn
    before = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "FEW", 0)  # however many ties differ
        for day in asked:
            found = snapshot(told, day)
            before = days.following(found, before)
            graph = nx_of(len(found), zip(found.low.tolist(), found.high.tolist(), strict=True))
            assert before.triangles.tolist() == [nx.triangles(graph, node) for node in graph]


def test_triangles_of_a_large_day_come_from_the_ties_that_differ() -> None:
    graph = nx.powerlaw_cluster_graph(400, 5, 0.6, seed=1)
    random = np.random.default_rng(2)
    ties = [Tie(*pair, int(random.integers(0, 50)), int(random.integers(50, 100))) for pair in graph.edges]
    told = history([Node(node, int(random.integers(0, 30)), NEVER) for node in graph], ties)
    before = None
    for day in range(100):
        found = snapshot(told, day)
        before = days.following(found, before)
        assert before.triangles.tolist() == changes.triangles(found).tolist()
    assert before is not None and before.before is not None and before.before[0].day == 98


@settings(deadline=None)
@given(histories(), st.integers(-1, LAST), st.integers(-1, LAST))
def test_where_nothing_begins_or_ends_days_are_alike(
    drawn: tuple[History, list[Node], list[Tie]], one: int, other: int
) -> None:
    told, nodes, ties = drawn
    after, until = min(one, other), max(one, other)
    spells = [(each.since, each.until) for each in (*nodes, *ties)]
    assert changes.still(told, after, until) == (not any(after < day <= until for spell in spells for day in spell))
    assert changes.still(told, one, other) == changes.still(told, other, one)
    if changes.still(told, after, until):
        assert changes.alike(snapshot(told, after), snapshot(told, until))


@settings(deadline=None)
@given(histories(), st.integers(0, LAST), st.integers(0, LAST))
def test_days_are_alike_where_the_same_people_are_in_the_same_groups_with_the_same_ties(
    drawn: tuple[History, list[Node], list[Tie]], one: int, other: int
) -> None:
    told, nodes, _ = drawn
    days = [snapshot(told, day) for day in (one, other)]
    spells = [
        sorted((node.member, node.since) for node in nodes if node.since <= day < node.until) for day in (one, other)
    ]
    pairs = [sorted(zip(day.rows[day.low].tolist(), day.rows[day.high].tolist(), strict=True)) for day in days]
    assert changes.alike(*days) == (spells[0] == spells[1] and pairs[0] == pairs[1])
