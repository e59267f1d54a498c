"""Low-rank factors of the tie matrix: who is tied to the same kind of people, far beyond two steps.

Alternating least squares for implicit feedback (Hu, Koren and Volinsky 2008), each solve by a few steps of conjugate
gradients (Takács, Pilászy and Tikk 2011). Only open ties are learned from. What is learned, one vector per member as
others see them, stays as it is between two nightly runs, like the vocabulary of terms; the asker's own vector is solved
from the ties they have now.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from haln.compiled import (
    BYTES,
    FLOATS,
    INTS,
    LONG,
    LONGS,
    OUT_DOUBLES,
    TABLE,
    Bytes,
    Doubles,
    Floats,
    Ints,
    Longs,
    compiled,
    inlined,
)
from haln.matching.ragged import Ragged
from haln.matching.threads import on_one_thread, processors

Vectors = NDArray[np.float32]
VECTORS = types.Array(types.float32, 2, "C", readonly=True)
OUT_VECTORS = types.Array(types.float32, 2, "C")

RANK = 64
ROUNDS = 12
CONFIDENCE = 10.0
RIDGE = 0.05
WORTH_THREADS = 5_000
"""From so many members on, each processor solves a share of them."""
_STEPS, _OWN_STEPS = 3, 30
_SEED = 20_080_117


@dataclass(frozen=True, slots=True)
class Basis:
    """What was learned of a network: members (ascending), a vector of each (members, RANK), their `gram_of`."""

    members: Longs
    vectors: Vectors
    gram: NDArray[np.float64]

    def laid_out(self, ids: Longs) -> Vectors:
        """Return the vectors in another order of members; zeros for whoever was not there."""
        vectors = np.zeros((len(ids), RANK), np.float32)
        if len(self.members):
            found = np.minimum(np.searchsorted(self.members, ids), len(self.members) - 1)
            known = self.members[found] == ids
            vectors[known] = self.vectors[found[known]]
        return vectors


@on_one_thread
def learn_basis(ids: Longs, ties: Ragged) -> Basis:
    """Learn everyone's vector from the open ties; the same ties give the same vectors."""
    rng = np.random.default_rng(_SEED)
    mine = (0.01 * rng.standard_normal((len(ids), RANK))).astype(np.float32)
    theirs = (0.01 * rng.standard_normal((len(ids), RANK))).astype(np.float32)
    others, weights, is_open = ties.columns
    # Each row is solved by itself, so that it does not matter who solves it.
    shares = _shares(len(ids))
    with ThreadPoolExecutor(len(shares)) as threads:
        for _ in range(ROUNDS):
            for known, sought in ((theirs, mine), (mine, theirs)):
                gram = gram_of(known)
                begun = [
                    threads.submit(
                        _solve_all, first, last, ties.starts, others, weights, is_open, known, gram, _STEPS, sought
                    )
                    for first, last in shares
                ]
                for one in begun:
                    one.result()
    return Basis(ids, theirs, gram_of(theirs))


@on_one_thread
def factorised(table: Any, rank: int = RANK, ridge: float = RIDGE) -> tuple[Vectors, Vectors]:
    """Return vectors of the rows and of the columns of a sparse table of ones, (…, rank) each, by the same squares."""
    rows, columns = _marked(table.tocsr()), _marked(table.T.tocsr())
    rng = np.random.default_rng(_SEED)
    of_rows = (0.01 * rng.standard_normal((len(rows), rank))).astype(np.float32)
    of_columns = (0.01 * rng.standard_normal((len(columns), rank))).astype(np.float32)
    for _ in range(ROUNDS):
        for marked, known, sought in ((rows, of_columns, of_rows), (columns, of_rows, of_columns)):
            others, weights, is_open = marked.columns
            gram, count = gram_of(known, ridge), len(marked)
            _solve_all(0, count, marked.starts, others, weights, is_open, known, gram, _STEPS, sought)
    return of_rows, of_columns


def _marked(table: Any) -> Ragged:
    """What is in each row, as open ties of weight 1."""
    columns = (table.indices.astype(np.int32), np.ones(table.nnz, np.float32), np.ones(table.nnz, np.uint8))
    return Ragged(table.indptr.astype(np.int64), columns)


def _shares(rows: int) -> list[tuple[int, int]]:
    """Ranges of rows, one for each thread; one for all of a small network."""
    count = processors() if rows > WORTH_THREADS else 1
    ends = [rows * k // count for k in range(count + 1)]
    return list(itertools.pairwise(ends))


def gram_of(vectors: Vectors, ridge: float = RIDGE) -> NDArray[np.float64]:
    """Return the sum of the outer products of vectors (…, rank), with the ridge on its diagonal: (rank, rank)."""
    whole = vectors.astype(np.float64)
    gram: NDArray[np.float64] = whole.T @ whole + ridge * np.eye(vectors.shape[1])
    return gram


def own_vector(row: int, ties: Ragged, vectors: Vectors, gram: NDArray[np.float64]) -> Doubles:
    """Return one member's vector as an asker, from all ties of theirs; zeros where they have none."""
    vector = np.zeros(vectors.shape[1])
    others, weights, _ = ties.columns
    first, last = int(ties.starts[row]), int(ties.starts[row + 1])
    if last > first:
        _solve_one(first, last, others, weights, np.ones(0, np.uint8), vectors, gram, _OWN_STEPS, vector)
    return vector


@inlined
def _product(one: Any, other: Any) -> float:
    """The product of two vectors, eight sums side by side: a single one would wait for itself at each step."""
    a, b, c, d, e, f, g, h = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    whole = other.size // 8 * 8
    for k in range(0, whole, 8):
        a += one[k] * other[k]
        b += one[k + 1] * other[k + 1]
        c += one[k + 2] * other[k + 2]
        d += one[k + 3] * other[k + 3]
        e += one[k + 4] * other[k + 4]
        f += one[k + 5] * other[k + 5]
        g += one[k + 6] * other[k + 6]
        h += one[k + 7] * other[k + 7]
    for k in range(whole, other.size):
        a += one[k] * other[k]
    return float(((a + b) + (c + d)) + ((e + f) + (g + h)))


@inlined
def _times(
    first: int, last: int, others: Ints, weights: Floats, is_open: Bytes, vectors: Vectors, gram: Doubles, x: Doubles
) -> Doubles:
    y = np.zeros(x.size)
    for one in range(x.size):
        value = x[one]
        for two in range(x.size):
            y[two] += gram[one, two] * value
    for entry in range(first, last):
        if is_open.size and not is_open[entry]:
            continue
        vector = vectors[others[entry]]
        product = _product(vector, x) * CONFIDENCE * weights[entry]
        for one in range(x.size):
            y[one] += product * vector[one]
    return y


@inlined
def _solved(
    first: int,
    last: int,
    others: Ints,
    weights: Floats,
    is_open: Bytes,
    vectors: Vectors,
    gram: Doubles,
    steps: int,
    x: Doubles,
) -> None:
    residue = -_times(first, last, others, weights, is_open, vectors, gram, x)
    for entry in range(first, last):
        if is_open.size and not is_open[entry]:
            continue
        vector = vectors[others[entry]]
        for one in range(x.size):
            residue[one] += (1.0 + CONFIDENCE * weights[entry]) * vector[one]
    direction = residue.copy()
    square = _product(residue, residue)
    for _ in range(steps):
        if square < 1e-20:
            break
        image = _times(first, last, others, weights, is_open, vectors, gram, direction)
        step = square / _product(direction, image)
        for one in range(x.size):
            x[one] += step * direction[one]
            residue[one] -= step * image[one]
        after = _product(residue, residue)
        for one in range(x.size):
            direction[one] = residue[one] + after / square * direction[one]
        square = after


@compiled(LONG, LONG, INTS, FLOATS, BYTES, VECTORS, TABLE, LONG, OUT_DOUBLES)
def _solve_one(
    first: int,
    last: int,
    others: Ints,
    weights: Floats,
    is_open: Bytes,
    vectors: Vectors,
    gram: Doubles,
    steps: int,
    x: Doubles,
) -> None:
    _solved(first, last, others, weights, is_open, vectors, gram, steps, x)


@compiled(LONG, LONG, LONGS, INTS, FLOATS, BYTES, VECTORS, TABLE, LONG, OUT_VECTORS)
def _solve_all(
    first: int,
    last: int,
    starts: Longs,
    others: Ints,
    weights: Floats,
    is_open: Bytes,
    known: Vectors,
    gram: Doubles,
    steps: int,
    sought: Vectors,
) -> None:
    x = np.zeros(known.shape[1])
    for row in range(first, last):
        count = 0
        for entry in range(starts[row], starts[row + 1]):
            count += is_open[entry]
        if count == 0:
            sought[row] = np.float32(0.0)
            continue
        for one in range(x.size):
            x[one] = sought[row, one]
        _solved(starts[row], starts[row + 1], others, weights, is_open, known, gram, steps, x)
        for one in range(x.size):
            sought[row, one] = np.float32(x[one])


@compiled(LONGS, VECTORS, TABLE, OUT_DOUBLES)
def _dots(rows: Longs, vectors: Vectors, own: Doubles, values: Doubles) -> None:
    for k in range(rows.size):
        values[k] = max(_product(vectors[rows[k]], own[0]), 0.0)


def closeness(rows: Longs, vectors: Vectors, own: Doubles) -> Doubles:
    """Return the products of an asker's vector with those of some rows, at least 0: about 1 for ties there are."""
    values = np.zeros(len(rows))
    _dots(rows, vectors, np.ascontiguousarray(own.reshape(1, -1)), values)
    return values
