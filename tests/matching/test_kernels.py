"""Every compiled kernel gives what its plain twin gives."""

import itertools
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching import graph, plain, profile, signals
from haln.matching.asker import Asker
from haln.matching.blend import COLUMN, PROFILE, Weight, Weights, blend
from haln.matching.diversify import vary
from haln.matching.everyone import ALONE, AT_ONCE, WHOLE, add_everyone, alone
from haln.matching.fixed_weights import POOL_WEIGHTS
from haln.matching.index import Index, build
from haln.matching.people import Facts, Network, Person, Tie
from haln.matching.profile import describe_rows
from haln.matching.sheet import MOST_THEMES, Sheet
from haln.matching.signals import Room, circle_terms, first_scores, pair_signals, survey, text_scores
from haln.matching.topk import HANDS, best_rows
from tests.matching.networks import a_network, networks

quick = settings(max_examples=20, deadline=None)


def an_index(members: int = 60, seed: int = 4) -> Index:
    return build(a_network(members, seed))


@quick
@given(networks())
def test_common_ties_are_those_of_the_graph(network: Network) -> None:
    index = build(network)
    ties = plain.to_graph(index.ties)
    for row in range(len(index.ids)):
        common, adamic_adar, allocation = (np.zeros(len(index.ids), np.float32) for _ in range(3))
        others, weights, is_open = index.ties.columns
        reached = graph.common_ties(
            row,
            index.ties.starts,
            others,
            weights,
            is_open,
            index.suggestable,
            common,
            adamic_adar,
            allocation,
        )
        expected = plain.common_ties(ties, row, index.suggestable.astype(bool).tolist())
        assert set(reached.tolist()) == set(expected)
        for other, (count, by_log, by_degree) in expected.items():
            assert common[other] == count
            assert adamic_adar[other] == pytest.approx(by_log, rel=1e-5)
            assert allocation[other] == pytest.approx(by_degree, rel=1e-5)


def test_adamic_adar_of_plain_ties_is_that_of_networkx() -> None:
    edges = nx.gnm_random_graph(40, 120, seed=3)
    index = build(Network([Person(node) for node in edges], [Tie(*edge) for edge in edges.edges]))
    others, weights, is_open = index.ties.columns
    for row in range(40):
        _, by_log, by_degree = measures = [np.zeros(40, np.float32) for _ in range(3)]
        graph.common_ties(row, index.ties.starts, others, weights, is_open, index.suggestable, *measures)
        pairs = [(row, other) for other in range(40) if other != row]
        for _, other, expected in nx.adamic_adar_index(edges, pairs):
            assert by_log[other] == pytest.approx(expected, rel=1e-5)
        for _, other, expected in nx.resource_allocation_index(edges, pairs):
            assert by_degree[other] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("damping", [0.5, 0.85])
@pytest.mark.parametrize("seed", range(4))
def test_the_walk_is_personalised_pagerank_within_its_precision(damping: float, seed: int) -> None:
    index = build(a_network(30, seed))
    ties, precision = plain.to_graph(index.ties), 1e-6
    others, weights, is_open = index.ties.columns
    for row in range(0, 30, 3):
        rank, residue = np.zeros(30), np.zeros(30)
        reached = graph.walk(
            row, damping, precision, index.ties.starts, others, weights, is_open, index.strength, rank, residue
        )
        expected = plain.personalised_pagerank(ties, row, damping)
        assert set(np.flatnonzero(rank)) <= set(reached.tolist())
        assert not residue.any()
        for other in range(30):
            short = expected[other] - rank[other]
            assert -1e-9 <= short <= precision * index.strength[other] + 1e-9


@quick
@given(networks(), st.data())
def test_the_shortest_path_is_as_short_as_that_of_networkx(network: Network, data: st.DataObject) -> None:
    index = build(network)
    count = len(index.ids)
    source, target = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), np.uint8)
    others, _, is_open = index.ties.columns
    path = graph.shortest_rows(source, target, index.ties.starts, others, is_open, allowed).tolist()
    walked = nx.DiGraph()
    walked.add_nodes_from((source, target))
    for one, other, tie in plain.to_graph(index.ties).edges(data=True):
        for a, b in ((one, other), (other, one)):
            if (tie["open"] or a == source) and (allowed[b] or b == target) and (allowed[a] or a == source):
                walked.add_edge(a, b)
    try:
        expected = nx.shortest_path_length(walked, source, target)
    except nx.NetworkXNoPath:
        assert path == []
        return
    assert len(path) == expected + 1
    assert (path[0], path[-1]) == (source, target)
    assert all(walked.has_edge(*step) for step in itertools.pairwise(path))


@quick
@given(networks())
def test_products_over_the_inverted_index_are_those_of_the_matrix(network: Network) -> None:
    index = build(network)
    for row in range(len(index.ids)):
        scores = text_scores(index, *index.texts.row(row))
        expected = plain.products(index.texts, row, len(index.vocabulary.terms)) * index.text_shown
        assert scores == pytest.approx(expected, abs=1e-6)


OTHER_SHAPES = Weights(
    "others", {name: (Weight(0.3 + 0.1 * k, k % 3, 0.5 + 0.25 * k),) for k, name in enumerate(PROFILE)}
)


@quick
@given(networks(), st.sampled_from([POOL_WEIGHTS, OTHER_SHAPES]), st.integers(0, 9))
def test_everyone_is_scored_by_their_columns_as_if_described_and_blended(
    network: Network, weights: Weights, seed: int
) -> None:
    index = build(network)
    # Of few themes every mixture is looked up; of many they are gone through one by one.
    names = [*index.codes.lists["theme"], *range(MOST_THEMES)]
    many = (
        replace(index, sheet=Sheet(index.facts, index.themes, names, index.vigour))
        if len(names) > MOST_THEMES
        else index
    )
    rows = np.arange(len(index.ids))
    for row in range(len(index.ids)):
        asker = Asker.of(index, row, seed)
        table = np.zeros((len(rows), len(COLUMN)))
        describe_rows(index, asker, rows, table)
        own = weights.at(int(index.ties.lengths()[row]), texts=False)
        parts, expected = np.empty_like(table), np.empty(len(rows))
        # What is typical is the same for everyone, and moves nobody.
        blend(table, *own.arrays()[:4], np.zeros_like(own.offsets), parts, expected)
        nothing = np.zeros(len(rows), np.float32)
        for there in (index, many):
            scores = alone(there, own, ())
            add_everyone(there, asker, own, (nothing, nothing), (), scores)
            assert scores == pytest.approx(expected, abs=1e-12)


def test_where_nobody_has_a_cell_the_kernel_is_given_one_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled code does not look whether an array is long enough."""
    index = build(Network([Person(1), Person(2)], [Tie(1, 2)]))
    asker, table = Asker.of(index, 0, 0), np.zeros((2, len(COLUMN)))
    assert not asker.linked.size
    given = list[object]()
    monkeypatch.setattr(profile, "_describe", lambda *all_of_it: given.extend(all_of_it))
    describe_rows(index, asker, np.arange(2), table)
    (linked,) = (one for one in given if isinstance(one, np.ndarray) and one.dtype == np.uint8 and one.size == 1)
    assert linked.tolist() == [0]


def test_of_a_large_network_everyone_is_scored_by_all_that_is_cheap_to_know() -> None:
    index = an_index(2 * AT_ONCE + 100)
    rows = np.arange(len(index.ids))
    for row in (0, AT_ONCE, len(rows) - 1):
        seen = survey(index, row, 3)
        own = POOL_WEIGHTS.at(int(index.ties.lengths()[row]))
        table = np.zeros((len(rows), len(COLUMN)))
        describe_rows(index, seen.asker, rows, table)
        for name, reached in seen.reached.items():
            table[reached, COLUMN[name]] = seen.measures[name][reached]
        for name, values in zip((*WHOLE, *ALONE), (seen.text, seen.circle, index.well_tied), strict=True):
            table[:, COLUMN[name]] = values
        parts, expected = np.empty_like(table), np.empty(len(rows))
        cheap = np.isin(own.columns, [COLUMN[name] for name in (*PROFILE, *seen.reached, *WHOLE, *ALONE)])
        terms = (own.columns[cheap], own.values[cheap], own.shapes[cheap], own.scales[cheap])
        blend(table, *terms, np.zeros(int(cheap.sum())), parts, expected)
        assert first_scores(index, seen, POOL_WEIGHTS) == pytest.approx(expected, abs=1e-12)


@quick
@given(networks())
def test_looking_at_some_rows_tells_the_same_of_them_as_looking_at_everyone(network: Network) -> None:
    index = build(network)
    rows = np.arange(0, len(index.ids), 3)
    for row in range(1, len(index.ids), 3):
        whole = pair_signals(index, survey(index, row, 5), rows)
        assert np.array_equal(pair_signals(index, survey(index, row, 5, rows), rows), whole)


@quick
@given(networks(), st.integers(0, 9))
def test_a_room_that_was_used_before_changes_nothing(network: Network, seed: int) -> None:
    index = build(network)
    room, rows = Room(len(index.ids)), np.arange(len(index.ids))
    for row in [*rows.tolist(), 0]:
        fresh, again = survey(index, row, seed), survey(index, row, seed, room=room)
        assert np.array_equal(pair_signals(index, fresh, rows), pair_signals(index, again, rows))
        assert np.array_equal(first_scores(index, fresh, POOL_WEIGHTS), first_scores(index, again, POOL_WEIGHTS, room))


def test_a_room_whose_look_broke_off_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    index, room, rows = an_index(), Room(len(an_index().ids)), np.arange(len(an_index().ids))
    survey(index, 0, 3, room=room)
    with monkeypatch.context() as broken, pytest.raises(MemoryError):
        broken.setattr(signals, "shared_groups", _out_of_memory)
        survey(index, 1, 3, room=room)
    whole = pair_signals(index, survey(index, 2, 3), rows)
    assert np.array_equal(pair_signals(index, survey(index, 2, 3, room=room), rows), whole)


def _out_of_memory(*_: object) -> None:
    raise MemoryError


def test_the_circle_of_a_member_is_the_unit_mean_of_the_shown_texts_of_their_ties() -> None:
    index = an_index()
    for row in range(len(index.ids)):
        terms, weights = circle_terms(index, row)
        sums = np.zeros(max(1, len(index.vocabulary.terms)))
        for other in index.ties.row(row)[0]:
            if index.facts[other, 7] & Facts.TEXT:
                np.add.at(sums, index.texts.row(other)[0], index.texts.row(other)[1])
        dense = np.zeros_like(sums)
        dense[terms] = weights
        assert dense == pytest.approx(sums / (np.linalg.norm(sums) or 1.0), abs=1e-6)


@quick
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0, -2.0, 3.25]), st.booleans()), max_size=40),
    st.integers(0, 12),
    st.randoms(use_true_random=False),
)
def test_the_best_rows_are_the_best_of_all_sorted(rows: list[tuple[float, bool]], count: int, chance: object) -> None:
    ids = list(range(100, 100 + len(rows)))
    chance.shuffle(ids)  # type: ignore[attr-defined]
    scores, allowed = [score for score, _ in rows], [may for _, may in rows]
    found = best_rows(np.array(scores, np.float64), np.array(allowed, np.uint8), np.array(ids, np.int64), count)
    assert found.tolist() == plain.best(scores, allowed, ids, count)


@pytest.mark.parametrize("size", [2_399, 2_400, 4 * HANDS - 1, 5 * HANDS + 77])
@pytest.mark.parametrize("count", [0, 1, 300, HANDS])
def test_the_best_of_many_rows_are_the_best_of_all_sorted(count: int, size: int) -> None:
    """However many hands rows are dealt out to: from 2,400 on there are enough for 300."""
    chance = np.random.default_rng(8)
    scores = chance.integers(-40, 40, size) / 8.0  # with many draws
    for allowed in (chance.random(size) < 0.9, np.arange(size) % HANDS < 200, np.zeros(size, bool)):
        ids = chance.permutation(size)
        found = best_rows(scores, allowed.astype(np.uint8), ids, count)
        assert found.tolist() == plain.best(scores.tolist(), allowed.tolist(), ids.tolist(), count)


@quick
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.25, 1.0, 1.1, 2.0]), st.integers(-1, 2), st.integers(-1, 3))),
    st.sampled_from([0.0, 0.3, 1.5]),
    st.integers(0, 12),
)
def test_variety_orders_as_said(rows: list[tuple[float, int, int]], spread: float, count: int) -> None:
    rows.sort(reverse=True)
    scores, traits = [row[0] for row in rows], [row[1:] for row in rows]
    table = np.array(traits, np.int32).reshape(-1, 2)
    order = vary(np.array(scores, np.float64), table, spread, count)
    assert order.tolist() == plain.varied(scores, traits, spread, count)
