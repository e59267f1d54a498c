"""A day after another one is told what it is told by itself, to the last digit, whatever happened in between."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.network import blocks, changes, core_order, mixing, steps, structure, world
from haln.network.days import Day, Days
from haln.network.history import NEVER, History, Node, Tie, history, snapshot
from haln.network.walk import Course
from tests.network.histories import ASKED, LAST, histories

ONLY = st.sampled_from([None, {"sector": ["nhs"]}])
EVIDENCES = st.sampled_from([None, frozenset(["met"]), frozenset(["never"])])


@pytest.fixture(autouse=True, scope="module")
def _at_once() -> Iterator[None]:
    """Everything is followed, however many ties differ."""
    with pytest.MonkeyPatch.context() as patch:
        for part in (blocks, changes, core_order, steps):
            patch.setattr(part, "FEW", 0)
        patch.setattr(steps, "PATIENCE", 0)
        yield


def _is_what_it_is_alone(found: Day, *, sampled: bool = False) -> None:
    alone = snapshot(found.course.history, found.day, only=found.course.only, evidences=found.course.evidences)
    told: dict[str, tuple[object, object]] = {
        "members": (len(found), len(alone)),
        "ties": (found.ties, alone.ties),
        "degrees": (found.degrees, structure.degrees(alone)),
        "gini": (found.degrees.gini, structure.gini(alone.degrees.astype(np.float64))),
        "clustering": (found.clustering, structure.clustering(alone)),
        "components": (found.giant_share, structure.components(alone).giant_share),
        "largest": (found.core_largest, structure.cores(alone).max(initial=0)),
        "fit": (found.core_fit, world.core_periphery(alone).fit),
        "cut": (found.cut_members, len(structure.articulation(alone))),
    }
    giant = structure.components(alone).giant
    for most, seed in ((0, 1), (9, 1), (0, 2)) if sampled else ((9, 1), (0, 1), (9, 2)):
        asked = None if len(giant) <= most else 3
        told[f"distances {most} {seed}"] = (
            found.distances(most, 3, seed),
            structure.distances(alone, giant, asked, seed),
        )
    if found.course.history.groups:
        told["sectors"] = found.different("sector"), alone.different("sector")
    for what, (followed, counted) in told.items():
        assert repr(followed) == repr(counted) or followed == counted, what
    one, other = found.mixing("sector"), mixing.mixing(alone, "sector")
    assert one.table.tolist() == other.table.tolist() and one.unknown == other.unknown
    assert one.members.tolist() == other.members.tolist()


@settings(deadline=None)
@given(histories(), ASKED, ONLY, EVIDENCES, st.booleans())
def test_a_day_after_another_is_told_what_it_is_told_alone(
    drawn: tuple[History, list[Node], list[Tie]],
    asked: list[int],
    only: dict[str, list[str]] | None,
    evidences: frozenset[str] | None,
    sampled: bool,
) -> None:
    told, _, _ = drawn
    days = Days(Course(told, only, evidences))
    before: Day | None = None
    for day in asked:
        found, same = days.on(day)
        _is_what_it_is_alone(found, sampled=sampled)
        if same and before is not None:
            assert [before.snapshot.keys.tolist(), before.snapshot.spells.tolist()] == [
                found.snapshot.keys.tolist(),
                found.snapshot.spells.tolist(),
            ]
        before = found


@settings(deadline=None)
@given(histories(), st.lists(st.integers(0, LAST), min_size=4, max_size=6))
def test_a_day_that_the_walk_has_left_is_still_told_as_it_is(
    drawn: tuple[History, list[Node], list[Tie]], asked: list[int]
) -> None:
    days = Days(Course(drawn[0]))
    for found in [days.on(day)[0] for day in asked]:
        _is_what_it_is_alone(found)


@pytest.mark.parametrize("forwards", [True, False])
def test_a_large_day_after_another_is_told_what_it_is_told_alone(forwards: bool) -> None:
    days = Days(Course(large()))
    for day in list(range(100)) if forwards else list(range(100))[::-1]:
        _is_what_it_is_alone(days.on(day)[0])


def large() -> History:
    """Four hundred who come and go, change their sector, and tie and part, so that parts grow and fall apart."""
    graph = nx.powerlaw_cluster_graph(400, 3, 0.6, seed=1)
    random = np.random.default_rng(2)
    ties = [Tie(*pair, int(random.integers(0, 60)), int(random.integers(60, 100))) for pair in graph.edges]
    nodes: list[Node] = []
    for node in graph:
        first, turn, last = int(random.integers(0, 30)), int(random.integers(30, 70)), int(random.integers(70, 130))
        nodes += [Node(node, first, turn, {"sector": "nhs"}), Node(node, turn, last, {"sector": f"{node % 5}"})]
    return history(nodes, ties)


def test_who_came_and_who_went_is_counted_between_days() -> None:
    told = history([Node(1, 0, 3), Node(1, 3, 5), Node(1, 7), Node(2, 2, 5)], [Tie(1, 2, 2, NEVER)])
    course = Course(told)
    assert [course.came(after, until) for after, until in ((-1, 0), (0, 2), (2, 6), (0, 7))] == [1, 1, 0, 2]
    assert [course.went(after, until) for after, until in ((0, 4), (4, 5), (5, 9))] == [0, 2, 0]
