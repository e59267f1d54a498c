"""Factors against plain algebra: each vector is the least squares solution it is said to be."""

import numpy as np
import pytest
from scipy import sparse

from haln.matching import factors
from haln.matching.factors import CONFIDENCE, RANK, closeness, factorised, gram_of, learn_basis, own_vector
from haln.matching.index import build
from haln.matching.people import Facts, Network, Person, Tie
from tests.matching.networks import a_network


def test_an_asker_s_vector_solves_their_own_least_squares() -> None:
    index = build(a_network(60, 4, 6.0))
    others, weights, _ = index.ties.columns
    for row in range(0, 60, 7):
        first, last = index.ties.starts[row], index.ties.starts[row + 1]
        vectors = index.vectors[others[first:last]].astype(np.float64)
        confidence = CONFIDENCE * weights[first:last].astype(np.float64)
        left = index.gram + (vectors * confidence[:, None]).T @ vectors
        expected = np.linalg.solve(left, vectors.T @ (1.0 + confidence)) if last > first else np.zeros(RANK)
        assert own_vector(row, index.ties, index.vectors, index.gram) == pytest.approx(expected, abs=2e-3)


def test_the_sum_of_outer_products_has_the_ridge_on_its_diagonal() -> None:
    vectors = np.random.default_rng(1).random((9, RANK)).astype(np.float32)
    assert gram_of(vectors) == pytest.approx(vectors.T @ vectors + 0.05 * np.eye(RANK), rel=1e-5)
    fewer = vectors[:, :24]
    assert gram_of(fewer, 7.0) == pytest.approx(fewer.T @ fewer + 7.0 * np.eye(24), rel=1e-5)


def test_factors_of_any_rank_and_ridge_solve_their_own_least_squares() -> None:
    table = sparse.random(60, 40, 0.15, "csr", random_state=3)
    table.data[:] = 1.0
    rows, columns = factorised(table, 8, 40.0)
    assert rows.shape == (60, 8) and columns.shape == (40, 8)
    for column in range(40):
        mine = rows[table.tocsc()[:, column].indices].astype(np.float64)
        expected = np.linalg.solve(
            gram_of(rows, 40.0) + CONFIDENCE * mine.T @ mine, (1 + CONFIDENCE) * mine.sum(axis=0)
        )
        assert columns[column] == pytest.approx(expected, abs=0.02)


def test_two_of_one_circle_are_closer_than_two_of_different_ones() -> None:
    ties = [Tie(a, b) for first in (0, 20) for a in range(first, first + 12) for b in range(first, a) if (a + b) % 3]
    index = build(Network([Person(member) for member in range(40)], ties))
    row = index.row(0)
    mine = own_vector(row, index.ties, index.vectors, index.gram)
    near = closeness(np.arange(1, 12), index.vectors, mine).mean()
    far = closeness(np.arange(20, 32), index.vectors, mine).mean()
    assert near > 10 * far


def test_ties_that_are_hidden_teach_nothing() -> None:
    people = [Person(member, shown=Facts.ALL & ~Facts.CONNECTIONS if member == 3 else Facts.ALL) for member in range(9)]
    ties = [Tie(0, 1), Tie(1, 2), Tie(2, 4), Tie(4, 5), Tie(5, 6)]
    with_hidden, without = build(Network(people, [*ties, Tie(3, 0), Tie(3, 6)])), build(Network(people, ties))
    assert np.array_equal(with_hidden.vectors, without.vectors)


def test_the_same_ties_give_the_same_vectors_and_newcomers_have_none_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    index = build(a_network(30, 5))
    monkeypatch.setattr(factors, "WORTH_THREADS", 0)  # by all processors, each a share
    again = learn_basis(index.ids, index.ties)
    assert np.array_equal(again.vectors, index.vectors)
    laid = again.laid_out(np.array([10_000, index.ids[3]], np.int64))
    assert not laid[0].any()
    assert np.array_equal(laid[1], index.vectors[3])
