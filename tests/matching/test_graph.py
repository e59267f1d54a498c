"""Dated ties as the graph people see, and the rows matching uses."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haln.matching import columns
from haln.matching.graph import STRONGEST, tie_rows, tie_weight, to_networkx
from haln.matching.index import build, shortest_path
from haln.matching.people import Facts, Network, Person, Tie
from haln.matching.ragged import gathered

PEOPLE = [Person(1, sector="nhs"), Person(2), Person(3), Person(4)]


def test_the_graph_is_that_of_its_day_and_knows_its_evidence() -> None:
    ties = [Tie(1, 2, 10), Tie(2, 1, 20, 0.5), Tie(2, 3, 30), Tie(3, 3, 5), Tie(1, 99, 5)]
    graph = to_networkx(PEOPLE, ties, as_of=20)
    assert list(graph.nodes) == [1, 2, 3, 4]
    assert graph.nodes[1]["sector"] == "nhs"
    assert dict(graph.edges) == {(1, 2): {"first": 10, "last": 20, "strength": 1.5}}
    assert set(to_networkx(PEOPLE, ties).edges) == {(1, 2), (2, 3)}


def test_a_tie_fades_to_half_and_evidence_adds_up_to_a_limit() -> None:
    assert tie_weight(Tie(1, 2, 100), today=100) == 1.0
    assert tie_weight(Tie(1, 2, 0), today=730) == pytest.approx(0.75)
    assert tie_weight(Tie(1, 2, 0), today=100_000) == pytest.approx(0.5)
    rows = tie_rows([Tie(1, 2), Tie(2, 1), *[Tie(3, 4)] * 9], {1: 0, 2: 1, 3: 2, 4: 3}, np.ones(4, np.uint8), 0)
    assert rows.row(0)[1].tolist() == [2.0]
    assert rows.row(3)[1].tolist() == [STRONGEST]


def test_a_path_leads_through_those_it_may_and_shown_connections_only() -> None:
    ties = [Tie(1, 2), Tie(2, 4), Tie(1, 3), Tie(3, 5), Tie(5, 4)]
    people = [*PEOPLE, Person(5)]
    index = build(Network(people, ties))
    assert shortest_path(index, 1, 4) == (1, 2, 4)
    assert shortest_path(index, 1, 4, barred=[2]) == (1, 3, 5, 4)
    assert shortest_path(index, 1, 4, allowed=[3, 5]) == (1, 3, 5, 4)
    assert shortest_path(index, 1, 4, allowed=[3]) == ()
    assert shortest_path(index, 1, 1) == (1,)
    hidden = [Person(2, shown=Facts.ALL & ~Facts.CONNECTIONS) if one.member == 2 else one for one in people]
    index = build(Network(hidden, ties))
    assert shortest_path(index, 1, 4) == (1, 3, 5, 4)
    assert shortest_path(index, 1, 2) == (1, 2)


def test_an_event_weighs_less_than_a_set_as_large_and_a_large_one_next_to_nothing() -> None:
    a_set, small, large = group_weights({7: 8, -7: 8, -8: 200})
    assert a_set == pytest.approx(3 / np.log2(9) ** 2)
    assert small == pytest.approx(1 / 7)
    assert large == pytest.approx(1 / 199)


@given(st.integers(2, 2000))
def test_of_as_many_people_a_set_weighs_most_and_the_smaller_it_is_the_more(size: int) -> None:
    a_set, larger, event = group_weights({1: size, 2: size + 1, -1: size})
    assert a_set > event
    assert larger < a_set
    assert group_weights({1: 7}) == [pytest.approx(1 / 3)]


def group_weights(sizes: Mapping[int, int]) -> list[float]:
    """What groups weigh, by number and how many are in it."""
    counts = list(sizes.values())
    owners = np.repeat(np.arange(len(counts)), counts)
    rows = np.concatenate([np.arange(n) for n in counts]).astype(np.int32)
    members = gathered(owners.astype(np.int64), (rows,), len(counts))
    return [float(one) for one in columns.group_weights(members, 2000, list(sizes))]
