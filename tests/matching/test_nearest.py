"""Everyone's nearest are those that a plain search over all pairs finds, one person at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

from haln.matching import plain
from haln.matching.index import build
from haln.matching.nearest import Nearest, nearest_by_ties, nearest_texts, worth_of_ties
from haln.matching.people import Network, Person, Tie
from haln.matching.ragged import Ragged
from haln.matching.signals import text_scores
from tests.matching.networks import a_network, networks

quick = settings(max_examples=20, deadline=None)


def agree(found: Nearest, expected: list[list[tuple[int, float]]]) -> None:
    """Scores agree within 1e-6, and so do members wherever they do not draw within it."""
    for rows, scores, line in zip(found.rows.tolist(), found.scores.tolist(), expected, strict=True):
        size = len(line)
        assert [row >= 0 for row in rows] == [True] * size + [False] * (len(rows) - size)
        assert scores == pytest.approx([score for _, score in line] + [0.0] * (len(rows) - size), abs=1e-6)
        told = dict(line)
        for row, score in zip(rows[:size], scores[:size], strict=True):
            assert row in told or score == pytest.approx(line[-1][1], abs=1e-6)
        assert len(set(rows[:size])) == size


@quick
@given(networks(), st.integers(0, 30), st.integers(1, 40))
def test_nearest_texts_are_those_of_the_whole_matrix(network: Network, count: int, tile: int) -> None:
    index = build(network)
    terms = max(1, len(index.vocabulary.terms))
    found = nearest_texts(index.texts, index.text_shown, terms, count, tile)
    agree(found, plain.nearest_texts(index.texts, index.text_shown.tolist(), terms, count))


def made_up(seed: int) -> sparse.csr_matrix:
    matrix = normalize(sparse.random(500, 90, 0.06, "csr", np.float32, np.random.default_rng(seed))).tocsr()
    matrix.sort_indices()
    return matrix


def of_matrix(matrix: sparse.csr_matrix) -> Ragged:
    return Ragged(matrix.indptr.astype(np.int64), (matrix.indices.astype(np.int32), matrix.data))


@pytest.mark.parametrize("tile", [1, 7, 63, 64, 65, 250, 499, 500])
def test_nearest_texts_are_the_same_to_the_bit_however_many_rows_are_met_at_once(tile: int) -> None:
    texts, shown = of_matrix(made_up(5)), (np.arange(500) % 9 > 0).astype(np.float32)
    whole, found = nearest_texts(texts, shown, 90, 20), nearest_texts(texts, shown, 90, 20, tile)
    assert np.array_equal(found.rows, whole.rows) and np.array_equal(found.scores, whole.scores)


@pytest.mark.parametrize("seed", range(3))
def test_nearest_texts_are_those_of_scikit_learn(seed: int) -> None:
    matrix = made_up(seed)
    found = nearest_texts(of_matrix(matrix), np.ones(500, np.float32), 90, 20)
    distances, rows = NearestNeighbors(n_neighbors=20, algorithm="brute", metric="cosine").fit(matrix).kneighbors()
    expected = [
        [(int(row), 1.0 - float(distance)) for row, distance in zip(*line, strict=True) if distance < 1.0 - 1e-7]
        for line in zip(rows, distances, strict=True)
    ]
    agree(found, expected)


@quick
@given(networks())
def test_a_product_is_to_the_bit_the_one_a_single_member_would_get(network: Network) -> None:
    index = build(network)
    found = nearest_texts(index.texts, index.text_shown, max(1, len(index.vocabulary.terms)), len(index.ids))
    for row in range(len(index.ids)):
        scores = text_scores(index, *index.texts.row(row))
        scores[row] = 0.0
        listed = found.rows[row][found.rows[row] >= 0]
        assert np.array_equal(scores[listed], found.scores[row][: len(listed)].astype(np.float32))
        assert set(listed.tolist()) == set(np.flatnonzero(scores).tolist())


@pytest.mark.parametrize("tile", [1, 2, 4, 6])
def test_the_lower_row_wins_a_draw(tile: int) -> None:
    texts = Ragged(np.arange(7), (np.zeros(6, np.int32), np.ones(6, np.float32)))
    found = nearest_texts(texts, np.ones(6, np.float32), 1, 3, tile)
    assert found.rows.tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2], [0, 1, 2]]


@quick
@given(networks(), st.integers(0, 30), st.sampled_from(["common_ties", "adamic_adar", "resource_allocation"]))
def test_nearest_by_ties_are_those_of_networkx(network: Network, count: int, measure: str) -> None:
    index = build(network)
    found = nearest_by_ties(index.ties, worth_of_ties(index.ties)[measure], count)
    agree(found, plain.nearest_by_ties(plain.to_graph(index.ties), measure, count))


def test_nearest_of_nobody_are_nobody() -> None:
    index = build(Network([]))
    assert nearest_texts(index.texts, index.text_shown, 1, 5).rows.shape == (0, 5)
    assert nearest_by_ties(index.ties, np.empty(0), 5).rows.shape == (0, 5)


def test_ties_that_are_worth_nothing_are_refused() -> None:
    index = build(a_network(10, 1))
    with pytest.raises(ValueError, match="worth something"):
        nearest_by_ties(index.ties, np.zeros(10), 3)


def test_the_lower_row_wins_a_draw_among_ties_in_whatever_order_they_are_met() -> None:
    edges = [(0, 1), (0, 2), (1, 5), (1, 6), (2, 3), (2, 4)]
    index = build(Network([Person(row) for row in range(7)], [Tie(*edge) for edge in edges]))
    found = nearest_by_ties(index.ties, worth_of_ties(index.ties)["common_ties"], 2)
    assert found.rows[0].tolist() == [3, 4]
    assert found.rows[5].tolist() == [0, 6]
