"""How two members are connected, and through whom it is never told."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import networkx as nx
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.connect import blocks, paths
from haln.errors import NotFound
from haln.models import Member
from tests.builders import NOW, Cast, a_connection, a_member, an_actor


def chain(session: Session, viewer: int, other: int) -> list[int]:
    found = paths.between(session, an_actor(session, viewer), session.get_one(Member, other).public_id, NOW)
    return [person.id for person in found.chain]


def line(session: Session, *members: int) -> None:
    for one, other in itertools.pairwise(members):
        a_connection(session, one, other)


def test_the_shortest_chain_is_found_and_the_same_each_time(session: Session, cast: Cast) -> None:
    line(session, cast.ada, cast.fay, cast.sol, cast.dee)
    line(session, cast.ada, cast.cai, cast.dee)
    line(session, cast.ada, cast.ben, cast.dee)
    assert chain(session, cast.ada, cast.dee) == [cast.ada, cast.ben, cast.dee]


def test_the_connected_are_one_step_apart_whatever_they_show(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.dee)
    session.get_one(Member, cast.dee).show_connections = 0
    assert chain(session, cast.ada, cast.dee) == [cast.ada, cast.dee]


def test_there_may_be_no_chain(session: Session, cast: Cast) -> None:
    line(session, cast.ada, cast.ben)
    assert chain(session, cast.ada, cast.dee) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"listed": False},
        {"standing": "left"},
        {"show_connections": 0},
        {"suggest_me": False},
        {"paused_until": NOW.date() + timedelta(days=3)},
    ],
)
def test_a_chain_goes_round_those_who_may_not_be_shown(session: Session, cast: Cast, facts: dict[str, object]) -> None:
    barred = a_member(session, "Bar Between", **facts).id
    line(session, cast.ada, barred, cast.dee)
    assert chain(session, cast.ada, cast.dee) == []
    line(session, cast.ada, cast.ben, cast.cai, cast.dee)
    assert chain(session, cast.ada, cast.dee) == [cast.ada, cast.ben, cast.cai, cast.dee]


def test_who_shows_connections_to_connections_serves_only_their_own(session: Session, cast: Cast) -> None:
    line(session, cast.ada, cast.ben, cast.cai, cast.dee)
    session.get_one(Member, cast.ben).show_connections = 1
    session.flush()
    assert chain(session, cast.ada, cast.dee) == [cast.ada, cast.ben, cast.cai, cast.dee]
    session.get_one(Member, cast.cai).show_connections = 1
    session.flush()
    assert chain(session, cast.ada, cast.dee) == []


def test_a_chain_to_somebody_who_hides_their_connections_is_not_told(session: Session, cast: Cast) -> None:
    line(session, cast.ada, cast.ben, cast.dee)
    session.get_one(Member, cast.dee).show_connections = 1
    session.flush()
    assert chain(session, cast.ada, cast.dee) == []


def test_a_block_bars_both_the_end_and_the_way(session: Session, cast: Cast) -> None:
    line(session, cast.ada, cast.ben, cast.fay, cast.dee)
    blocks.block(session, an_actor(session, cast.fay), session.get_one(Member, cast.ada).public_id, NOW)
    assert chain(session, cast.ada, cast.dee) == []
    with pytest.raises(NotFound):
        chain(session, cast.ada, cast.fay)


def test_a_chain_is_found_round_any_number_of_people_who_hide(session: Session, cast: Cast) -> None:
    for number in range(40):
        hidden = a_member(session, f"Hidden{number:02} Person", show_connections=0).id
        line(session, cast.ada, hidden, cast.dee)
    line(session, cast.ada, cast.ben, cast.cai, cast.fay, cast.dee)
    assert chain(session, cast.ada, cast.dee) == [cast.ada, cast.ben, cast.cai, cast.fay, cast.dee]


def test_the_chain_is_as_short_as_in_the_whole_graph(session: Session, cast: Cast) -> None:
    chance = random.Random(5)
    people = [*cast.everyone(), *(a_member(session, f"Person{number:02} Number").id for number in range(40))]
    hidden = set(chance.sample(people[2:], 12))
    session.execute(update(Member).where(Member.id.in_(hidden)).values(show_connections=0))
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(people)
    for one, other in sorted({tuple(sorted(chance.sample(people, 2))) for _ in range(70)}):
        a_connection(session, one, other)
        graph.add_edge(one, other)
    for target in people[2:]:
        if target in hidden:
            continue
        shown = graph.subgraph(set(people) - hidden)
        known = graph.has_edge(cast.ada, target) or nx.has_path(shown, cast.ada, target)
        found = chain(session, cast.ada, target)
        assert bool(found) == (known and (nx.shortest_path_length(shown, cast.ada, target) <= paths.LONGEST))
        if found:
            assert len(found) == nx.shortest_path_length(shown, cast.ada, target) + 1
            assert all(graph.has_edge(*pair) for pair in itertools.pairwise(found))
