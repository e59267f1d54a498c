"""Steps that are kept from one day to the next are those of each day by itself, whatever happened in between."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import follow_kernels, step_kernels, steps, structure
from haln.network.history import NEVER, History, Node, Snapshot, Tie, history, snapshot
from haln.network.steps import Steps
from haln.network.walk import Course, Walk
from tests.network.graphs import nx_of
from tests.network.histories import ASKED, histories


@pytest.fixture(autouse=True, scope="module")
def _at_once() -> Iterator[None]:
    """Steps are kept from the first day on, however many ties differ."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "PATIENCE", 0)
        patch.setattr(steps, "FEW", 0)
        yield


class _Asked:
    """Days of a history whose steps are asked for, one after the other."""

    def __init__(self, told: History) -> None:
        self.kept = Steps()
        self._course = Course(told)
        self._walk: Walk | None = None

    def on(self, day: int, sources: int | None = None) -> None:
        """Hold that the steps of a day are those of the day by itself, and that what is written down is true."""
        if self._walk is None:
            self._walk = Walk(self._course, day)
        self._walk.to(day)
        found = snapshot(self._course.history, day)
        giant = structure.components(found).giant
        told = self.kept.of(self._walk, lambda: found, found.rows[giant], sources, 1)
        alone = structure.distances(found, giant, sources, 1)
        assert repr(told) == repr(alone)  # to the last digit, and what is not a number is not one in both

    def table_is_true(self) -> None:
        """What is written down is what networkx finds."""
        table, walk = self.kept._table, self._walk
        if table is None or walk is None:
            return
        many = len(walk.spell)
        tied = walk.pairs.tied
        graph = nx_of(many, zip(walk.pairs.low[tied].tolist(), walk.pairs.high[tied].tolist(), strict=True))
        rows = table.steps.reshape(len(table.sources), many)
        for place, source in enumerate(table.sources.tolist()):
            reached = nx.single_source_shortest_path_length(graph, source)
            assert rows[place].tolist() == [reached.get(node, step_kernels.FAR) for node in range(many)]
            counted = table.counts.reshape(-1, step_kernels.FAR + 1)[place]
            assert counted.tolist() == np.bincount(rows[place], minlength=step_kernels.FAR + 1).tolist()


@settings(deadline=None)
@given(histories(), ASKED, st.sampled_from([None, 1, 2, 3]))
def test_steps_of_a_day_come_from_the_ties_that_differ(
    drawn: tuple[History, list[Node], list[Tie]], asked: list[int], sources: int | None
) -> None:
    told, _, _ = drawn
    days = _Asked(told)
    for day in asked:
        days.on(day, sources)
        days.table_is_true()


@pytest.mark.parametrize("sources", [None, 150])
@pytest.mark.parametrize("forwards", [True, False])
def test_steps_of_a_large_day_come_from_the_ties_that_differ(sources: int | None, forwards: bool) -> None:
    told = _large()
    days, tables = _Asked(told), 0
    for day in list(range(0, 100, 2)) if forwards else list(range(0, 100, 2))[::-1]:
        days.on(day, sources)
        tables += days.kept._table is not None
        if day % 10 == 0:
            days.table_is_true()
    assert tables > 40


def _large() -> History:
    """Four hundred who come and go, and ties that begin and end, so that the largest part grows and falls apart."""
    graph = nx.powerlaw_cluster_graph(400, 2, 0.6, seed=1)
    random = np.random.default_rng(2)
    ties = [Tie(*pair, int(random.integers(0, 60)), int(random.integers(60, 100))) for pair in graph.edges]
    return history([Node(node, int(random.integers(0, 30)), int(random.integers(70, 130))) for node in graph], ties)


def test_another_part_may_become_the_largest() -> None:
    ring, star = nx.cycle_graph(9), nx.star_graph(11)
    ties = [Tie(*pair, 0, NEVER if number else 3) for number, pair in enumerate(ring.edges)]
    ties += [Tie(one + 20, other + 20, 0 if other < 7 else 2) for one, other in star.edges]
    told = history([Node(node, 0) for node in (*range(9), *range(20, 32))], ties)
    some, everybody = _Asked(told), _Asked(told)
    for day in (0, 1, 2, 3, 2, 1, 0):
        some.on(day, 4)
        everybody.on(day)


def test_who_is_too_far_away_for_a_table_is_counted_whole() -> None:
    long = [Tie(one, one + 1, 0) for one in range(40)]
    told = history([Node(node, 0) for node in range(41)], [*long, Tie(0, 22, 1, 2), Tie(5, 40, 3, 5)])
    days = _Asked(told)
    for day, written in ((0, False), (1, True), (2, False), (3, True), (4, True), (5, False), (4, True), (5, False)):
        days.on(day)
        assert (days.kept._table is not None) == written
        days.table_is_true()


def test_steps_are_kept_after_some_days_with_few_changes_and_given_up_on_one_with_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps, "PATIENCE", 3)
    monkeypatch.setattr(steps, "FEW", 10)
    chain = [Tie(one, (one + 1) % 51, 0, 7 if one % 5 == 0 else NEVER) for one in range(51)]
    told = history([Node(node, 0) for node in range(51)], [*chain, *(Tie(day, day + 20, day) for day in range(1, 13))])
    days = _Asked(told)
    written = []
    for day in range(12):
        days.on(day)
        written.append(days.kept._table is not None)
    assert written == [False] * 3 + [True] * 4 + [False] * 3 + [True] * 2
    monkeypatch.setattr(steps, "MOST", 51 * 51 - 1)
    days.on(12)
    assert days.kept._table is None


def test_distances_are_told_apart_in_the_same_way_by_all_kernels() -> None:
    assert follow_kernels.FAR == step_kernels.FAR


def test_the_same_members_are_asked_on_the_next_day() -> None:
    told = history([Node(number, number // 90) for number in range(900)], [Tie(0, one, 0) for one in range(1, 900)])
    drawn = [_drawn(snapshot(told, day)) for day in (8, 9)]
    assert len(drawn[0]) == len(drawn[1]) == 100 and len(drawn[0] & drawn[1]) > 80
    assert _drawn(snapshot(told, 9), seed=2) != drawn[1]


def _drawn(found: Snapshot, seed: int = 1) -> set[int]:
    giant = structure.components(found).giant
    return set(found.rows[structure.drawn(found, giant, 100, seed)].tolist())
