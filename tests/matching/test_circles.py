"""Ways of three steps and mixed texts, against plain matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haln.matching.blend import COLUMN
from haln.matching.circles import circle_lengths
from haln.matching.graph import three_steps
from haln.matching.index import Index, build
from haln.matching.people import Facts, Network, Person, Tie
from haln.matching.signals import CIRCLE_TERMS, pair_signals, survey
from tests.matching.networks import networks

quick = settings(max_examples=40, deadline=None)


def dense_texts(index: Index) -> np.ndarray:
    """Everyone's shown text as rows of a matrix."""
    table = np.zeros((len(index.ids), max(1, len(index.vocabulary.terms))))
    for row in range(len(index.ids)):
        terms, weights = index.texts.row(row)
        table[row, terms] = weights * index.text_shown[row]
    return table


def open_matrix(index: Index) -> np.ndarray:
    table = np.zeros((len(index.ids), len(index.ids)))
    for row in range(len(index.ids)):
        others, weights, is_open = index.ties.row(row)
        table[row, others] = weights * is_open
    return table


@quick
@given(networks(least=2))
def test_circles_are_as_long_as_their_sums(network: Network) -> None:
    index = build(network)
    texts, ties = dense_texts(index), open_matrix(index) > 0
    sums = ties @ texts
    lengths = np.linalg.norm(sums, axis=1)
    units = np.divide(sums, lengths[:, None], out=np.zeros_like(sums), where=lengths[:, None] > 1e-9)
    found = circle_lengths(index.ties, index.texts, index.text_shown, texts.shape[1], np.arange(len(index.ids)))
    assert found[:, 0] == pytest.approx(lengths, abs=1e-5)
    assert found[:, 1] == pytest.approx(np.linalg.norm(texts + units, axis=1), abs=1e-4)
    assert np.array_equal(found, index.circles)


@quick
@given(networks(least=3))
def test_three_steps_are_the_normalised_ties_to_the_power_of_three(network: Network) -> None:
    index = build(network)
    ties = open_matrix(index)
    strength = ties.sum(axis=1)
    others, weights, is_open = index.ties.columns
    for row in range(len(index.ids)):
        mine, my_weights, _ = index.ties.row(row)
        first = np.zeros(len(index.ids))
        first[mine] = my_weights / np.sqrt(max(1e-12, my_weights.astype(float).sum()))
        rest = ties.copy()
        rest[:, row] = rest[row, :] = 0.0  # no way leads through the asker
        per = np.divide(1.0, strength, out=np.zeros_like(strength), where=strength > 0)
        expected = ((first * per) @ rest * per) @ rest * np.sqrt(per)
        two, ends = np.zeros(len(index.ids)), np.zeros(len(index.ids), np.float32)
        reached = three_steps(row, index.ties.starts, others, weights, is_open, index.strength, two, ends)
        assert ends == pytest.approx(expected, abs=1e-5)
        assert set(reached.tolist()) == set(np.flatnonzero(ends).tolist())
        assert not two.any()


def test_a_mixed_text_is_the_cosine_of_own_words_and_those_of_the_circle() -> None:
    words = ("kitchen", "allotment", "tender", "wages", "ward", "estate", "carbon", "lease", "youth")
    people = [Person(m, texts=(" ".join(words[(m + k) % 9] for k in range(1 + m % 3)),)) for m in range(8)]
    people[6] = Person(6, texts=("kitchen wages",), shown=Facts.ALL & ~Facts.TEXT)
    ties = [Tie(0, 1), Tie(1, 2), Tie(2, 3), Tie(3, 4), Tie(4, 5), Tie(5, 6), Tie(6, 7)]
    index = build(Network(people, ties))
    texts, matrix = dense_texts(index), open_matrix(index) > 0
    sums = matrix @ texts
    units = sums / np.maximum(1e-12, np.linalg.norm(sums, axis=1))[:, None]
    mixed = texts + units
    mixed /= np.maximum(1e-12, np.linalg.norm(mixed, axis=1))[:, None]
    assert len(index.vocabulary.terms) <= CIRCLE_TERMS  # the asker's circle is whole
    rows = np.array([3, 4, 5, 7])
    table = pair_signals(index, survey(index, 0, 0), rows)
    assert table[:, COLUMN["mixed_text"]] == pytest.approx(mixed[rows] @ mixed[0], abs=1e-5)


@quick
@given(networks(least=3), st.data())
def test_what_a_circle_shares_is_the_mean_over_open_ties_drawn_towards_0(network: Network, data: st.DataObject) -> None:
    """Whoever the other is tied to behind closed doors tells nothing, nor does whoever may not be suggested."""
    index = build(network)
    asker = data.draw(st.integers(0, len(index.ids) - 1))
    ties = open_matrix(index) > 0
    rows = np.flatnonzero(~ties[asker])
    table = pair_signals(index, survey(index, asker, 0), rows)
    shared = pair_signals(index, survey(index, asker, 0), np.arange(len(index.ids)))[:, COLUMN["shared_group"]]
    own = set(index.groups.row(asker)[0].tolist())
    theirs = [set(index.groups.row(other)[0].tolist()) for other in range(len(index.ids))]
    expected = [sum(index.group_weights[group] for group in own & groups) for groups in theirs]
    assert shared == pytest.approx(expected, abs=1e-5)
    means = (ties @ (shared * (index.suggestable > 0)))[rows] / (ties[rows].sum(axis=1) + 1)
    assert table[:, COLUMN["group_circle"]] == pytest.approx(means, abs=1e-5)


@quick
@given(networks(least=3), st.integers(0, 20))
def test_overlap_and_closeness_stay_within_their_bounds(network: Network, seed: int) -> None:
    index = build(network)
    rows = np.arange(len(index.ids))
    for row in range(0, len(index.ids), 2):
        table = pair_signals(index, survey(index, row, seed), rows)
        others = np.delete(table, row, axis=0)
        assert ((others[:, COLUMN["tie_overlap"]] >= 0) & (others[:, COLUMN["tie_overlap"]] <= 1)).all()
        assert (others[:, COLUMN["factors"]] >= 0).all()
        assert (others[:, COLUMN["mixed_text"]] <= 1.0 + 1e-4).all()
