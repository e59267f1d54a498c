"""The picture and its facts say the same, as networkx counts it; the job is done once; names pass the gate."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, func, select, update
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.measure import facts, picture, picture_layout, picture_map, picture_names
from haln.measure.picture import Drawing, Stop
from haln.measure.questions import Question
from haln.models import AlgorithmRun, Block, Member, NetworkLayout
from haln.network.versions import MemberVersions, TieVersions, Versions
from haln.people import changes, erasure, versions
from haln.people.registers import folder_of
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, the_cast

WORDS = vocabulary.load()
TODAY = NOW.date()
SECTORS = ("council", "nhs", "sport", None)


def grown(seed: int, many: int = 25) -> Versions:
    """A network by chance over two years: who comes and goes, what is said later than it was so, ties that end."""
    chance = random.Random(seed)
    start = TODAY.toordinal() - 700
    rows = []
    for member in range(many):
        joined = start + chance.randrange(700)
        sector = chance.choice(SECTORS)
        rows.append((member, joined, joined, True, sector))
        if chance.random() < 0.3:
            rows.append((member, joined + chance.randrange(1, 300), joined + 310, chance.random() < 0.4, "nhs"))
    ties = []
    for number in range(2 * many):
        one, other = sorted(chance.sample(range(many), 2))
        since = start + chance.randrange(700)
        ties.append((number, one, other, since, since, True, chance.choice(("declared", "met")), 1))
        if chance.random() < 0.3:
            ties.append((number, one, other, since + 90, since + 95, False, "met", 1))
    member, since, said, there, sector = zip(*rows, strict=True)
    groups = {kind: [None] * len(rows) for kind in facts.KINDS} | {"sector": sector, "audience": ["member"] * len(rows)}
    told = MemberVersions.of(member, since, said, there, groups)
    return Versions(told, TieVersions.of(*(list(column) for column in zip(*ties, strict=True))))


def as_graph(drawn: Drawing, number: int) -> nx.Graph[int]:
    """What the picture draws at a stop, for networkx."""
    graph: nx.Graph[int] = nx.Graph()
    for dot in drawn.dots:
        for run in dot.runs:
            if run.first <= number <= run.last:
                graph.add_node(dot.member, sector=drawn.names[run.group] if run.group >= 0 else None)
    for (one, other), runs in zip(drawn.lines, drawn.tied, strict=True):
        if any(run.first <= number <= run.last for run in runs):
            ends = drawn.dots[one].member, drawn.dots[other].member
            assert ends[0] in graph and ends[1] in graph
            graph.add_edge(*ends)
    return graph


def check(stop: Stop, graph: nx.Graph[int]) -> None:
    """The facts of a stop are what networkx counts in its picture."""
    sectors = nx.get_node_attributes(graph, "sector")
    parts = sorted((len(part) for part in nx.connected_components(graph) if len(part) > 1), reverse=True)
    assert (stop.members, stop.ties) == (graph.number_of_nodes(), graph.number_of_edges())
    assert stop.isolates == nx.number_of_isolates(graph)
    assert (stop.parts, stop.largest) == (len(parts), tuple(parts[: picture.LARGEST]))
    known = [(sectors[one], sectors[other]) for one, other in graph.edges if sectors[one] and sectors[other]]
    assert stop.within == sum(one == other for one, other in known)
    assert stop.across == sum(one != other for one, other in known)
    assert stop.unknown == graph.number_of_edges() - len(known)
    assert [group.code for group in stop.groups if group.code] == sorted({code for code in sectors.values() if code})
    for group in stop.groups:
        assert group.members == list(sectors.values()).count(group.code)
        if group.code:
            assert group.within == known.count((group.code, group.code))
            assert group.across == sum((group.code in pair) and pair[0] != pair[1] for pair in known)
        else:
            assert (group.within, group.across) == (0, stop.unknown)


@given(st.integers(0, 2**16), st.sampled_from(["", "met"]), st.sampled_from(["", "nhs"]), st.booleans())
@settings(deadline=None, max_examples=30)
def test_picture_and_facts_agree_with_networkx_at_every_stop(seed: int, by: str, sector: str, then: bool) -> None:
    told, question = grown(seed), Question(TODAY, then=then, evidence=by, sector=sector)
    drawn, stops = picture.drawing(told, question, {}), picture.stops(told, question)
    assert [stop.day for stop in stops] == list(question.days())
    for number, stop in enumerate(stops):
        check(stop, as_graph(drawn, number))
    assert picture.on_day(told, question, "sector") == stops[-1]


@given(st.integers(0, 2**16), st.sets(st.integers(0, 24)), st.booleans())
@settings(deadline=None, max_examples=30)
def test_what_is_drawn_of_some_is_the_part_of_the_whole_among_them(seed: int, some: set[int], then: bool) -> None:
    told, question = grown(seed), Question(TODAY, then=then)
    part = told.among(some)
    whole, drawn, stops = (picture.drawing(told, question, {}), *(f(part, question) for f in (_drawn, picture.stops)))
    for number, stop in enumerate(stops):
        graph = as_graph(drawn, number)
        expected = as_graph(whole, number).subgraph(some)
        assert set(graph) == set(expected) and {*map(frozenset, graph.edges)} == {*map(frozenset, expected.edges)}
        check(stop, graph)
    more = picture.undrawn(told, question, stops, 2)
    missing = [as_graph(whole, number).number_of_nodes() - stop.members for number, stop in enumerate(stops)]
    assert more == [None if number <= 2 else (number + 2) // 5 * 5 for number in missing]
    assert picture.undrawn(told, Question(TODAY, sector="nhs"), stops, 2) == [None] * len(stops)


def _drawn(told: Versions, question: Question) -> Drawing:
    return picture.drawing(told, question, {})


def test_an_empty_network_has_a_picture() -> None:
    told = Versions(
        MemberVersions.of([], [], [], [], {kind: [] for kind in facts.KINDS}),
        TieVersions.of([], [], [], [], [], [], [], []),
    )
    assert picture.drawing(told, Question(TODAY), {}).dots == ()
    assert {stop.members for stop in picture.stops(told, Question(TODAY))} == {0}


def test_dots_stand_where_the_job_put_them_and_newcomers_by_their_connections(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90))
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    assert picture_layout.stored(session) is None
    assert picture_layout.make(session, WORDS, NOW) == 6
    stored = picture_layout.stored(session)
    assert stored is not None and stored.made_at == NOW and sorted(stored.places) == sorted(cast.everyone())
    new = a_member(session, "Nia Newcomer").id
    a_connection(session, new, cast.ada, since=NOW)
    versions.keep_all(session, NOW)
    drawn = picture.drawing(facts.read(session, WORDS), Question(TODAY), stored.places)
    found = {dot.member: (dot.x, dot.y) for dot in drawn.dots}
    assert {member: found[member] for member in cast.everyone()} == dict(stored.places)
    assert abs(complex(*found[new]) - complex(*found[cast.ada])) < 2


def test_the_layout_is_due_before_the_first_and_on_a_later_day_when_something_changed(
    session: Session, cast: Cast
) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    session.commit()
    assert picture_layout.make_due(session, WORDS, NOW) == 6
    changes.touch(session, [cast.ada], NOW)
    session.commit()
    assert picture_layout.make_due(session, WORDS, NOW + timedelta(hours=2)) == 0
    assert picture_layout.make_due(session, WORDS, NOW + timedelta(days=1)) == 6
    assert picture_layout.make_due(session, WORDS, NOW + timedelta(days=2)) == 0  # nothing changed since
    runs = select(func.count(AlgorithmRun.id)).where(AlgorithmRun.kind == "layout")
    assert session.scalar(runs) == 2
    session.execute(update(NetworkLayout).values(definition=0))
    assert picture_layout.make_due(session, WORDS, NOW + timedelta(days=2)) == 6
    assert session.scalar(select(func.count(NetworkLayout.id))) == 1


def test_one_worker_makes_it_and_another_goes_on_once_the_lease_is_over(session: Session, cast: Cast) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    session.add(
        NetworkLayout(
            id=1, definition=1, change_number=0, members=0, places=b"", leased_until=NOW + timedelta(minutes=1)
        )
    )
    session.commit()
    assert picture_layout.make_due(session, WORDS, NOW) == picture_layout.make(session, WORDS, NOW) == 0
    assert picture_layout.make_due(session, WORDS, NOW + timedelta(minutes=2)) == 6


def test_an_erased_member_is_no_dot_and_was_none(session: Session, cast: Cast) -> None:
    versions.keep_all(session, NOW, as_it_happened=True)
    picture_layout.make(session, WORDS, NOW)
    erasure.erase(session, cast.ada, NOW)
    session.commit()
    assert cast.ada not in picture_names.names(session, cast.sol)
    told = facts.read(session, WORDS)
    drawn = picture.drawing(told.among(picture_names.names(session, cast.sol)), Question(TODAY), {})
    assert {dot.member for dot in drawn.dots} == set(cast.everyone()) - {cast.ada}


@pytest.mark.parametrize(
    "hidden",
    [
        {"listed": False},
        {"standing": "paused"},
        {"standing": "left"},
        {"show_connections": 1},
        {"show_organisation": 0},
        {"show_place": 1},
    ],
    ids="-".join,
)
def test_whoever_hides_anything_that_a_dot_tells_is_not_drawn(
    session: Session, cast: Cast, hidden: dict[str, object]
) -> None:
    everyone = picture_names.names(session, cast.sol)
    assert everyone[cast.ada].name == "Ada Okafor" and sorted(everyone) == sorted(cast.everyone())
    assert picture_names.for_all(session) == set(everyone)
    session.execute(update(Member).where(Member.id == cast.ada).values(**hidden))
    assert picture_names.for_all(session) == set(cast.everyone()) - {cast.ada}
    assert sorted(picture_names.names(session, cast.sol)) == sorted(set(cast.everyone()) - {cast.ada})


@pytest.mark.parametrize("turned", [False, True])
def test_blocked_either_way_is_not_drawn_and_pulls_nobody(session: Session, cast: Cast, turned: bool) -> None:
    blocker, other = (cast.sol, cast.ada) if turned else (cast.ada, cast.sol)
    session.add(Block(blocker_id=blocker, blocked_id=other, created_at=NOW))
    session.flush()
    assert cast.ada not in picture_names.names(session, cast.sol) and cast.ada not in picture_names.for_all(session)
    session.execute(delete(Block))
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.ben, created_at=NOW))
    session.flush()
    assert cast.ada in picture_names.names(session, cast.sol) and cast.ada in picture_names.for_all(session)


def test_places_are_made_and_read_on_both_databases(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        a_connection(session, cast.ada, cast.ben)
        versions.keep_all(session, NOW, as_it_happened=True)
        session.commit()
        assert picture_layout.make_due(session, WORDS, NOW) == 6
        assert picture_layout.make_due(session, WORDS, NOW) == 0
        changes.touch(session, [cast.ada], NOW)
        session.commit()
        assert picture_layout.make_due(session, WORDS, NOW + timedelta(days=1)) == 6
        found = picture_layout.stored(session)
        assert found is not None and found.made_at == NOW + timedelta(days=1) and len(found.places) == 6
    engine.dispose()


def test_the_map_has_the_regions_of_the_vocabulary_each_with_its_middle_within_the_box() -> None:
    found = picture_map.read(folder_of(""))
    assert found is not None
    drawn = {region.ons_code for region in WORDS.regions} & {shape.code for shape in found.shapes}
    assert len(drawn) == len(found.shapes) == 12
    left, top, wide, high = map(float, found.box.split())
    assert all(left < shape.x < left + wide and top < shape.y < top + high for shape in found.shapes)
    middles = {shape.code: shape for shape in found.shapes}
    scotland, london, wales = (middles[code] for code in ("S92000003", "E12000007", "W92000004"))
    assert scotland.y < wales.y < london.y and wales.x < london.x


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "<svg viewBox='0 0 1 1'>",
        '<svg viewBox="0 0 1 1"><path d="M 0 0" data-areacd="E1"/>',
        '<svg viewBox="0 0 9 9"><path d="M 0 0 1 0 1 1 Z onload" data-areacd="E1"/>',
    ],
)
def test_without_a_map_that_can_be_drawn_there_is_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / picture_map.FILE).write_text(content, encoding="utf-8")
    assert picture_map.read(tmp_path) is None


def test_the_middle_is_that_of_the_largest_piece(tmp_path: Path) -> None:
    (tmp_path / picture_map.FILE).write_text(
        '<svg viewBox="0 0 30 30"><path data-areacd="E1" d="M 0 0 10 0 10 10 0 10 Z M 20 20 21 20 21 21 Z"/></svg>'
    )
    found = picture_map.read(tmp_path)
    assert found is not None and [(one.x, one.y) for one in found.shapes] == [(5.0, 5.0)]
