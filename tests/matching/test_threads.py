"""What is learned does not depend on how many processors a machine has."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from scipy import sparse

from haln.matching.blend import SIGNALS
from haln.matching.factors import factorised, learn_basis
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.learning import Lesson, learn
from haln.matching.ragged import Ragged
from haln.matching.threads import first_found

LESSONS, CANDIDATES, MEMBERS, TIES = 250, 121, 3_000, 30_000


def lessons(chance: np.random.Generator) -> list[Lesson]:
    found = []
    for _ in range(LESSONS):
        signals = chance.gamma(0.5, 0.4, (CANDIDATES, len(SIGNALS))).astype(np.float32)
        odds = signals @ np.linspace(-1.0, 2.0, len(SIGNALS)) + chance.gumbel(size=CANDIDATES)
        found.append(Lesson(signals, odds >= np.sort(odds)[-3], int(chance.integers(0, 50))))
    return found


def digest_of_all_that_is_learned() -> str:
    """A fingerprint, to the bit, of weights, of vectors of members and of those of groups."""
    chance = np.random.default_rng(5)
    weights = learn(lessons(chance), DEFAULT_WEIGHTS, "learned").as_data()
    ends = np.unique(chance.integers(0, MEMBERS, (TIES, 2)), axis=0)
    table = sparse.csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), (MEMBERS, MEMBERS))
    both = (table + table.T).tocsr()
    columns = (both.indices.astype(np.int32), np.ones(both.nnz, np.float32), np.ones(both.nnz, np.uint8))
    basis = learn_basis(np.arange(MEMBERS), Ragged(both.indptr.astype(np.int64), columns))
    parts = (repr(weights).encode(), basis.vectors.tobytes(), basis.gram.tobytes(), factorised(table)[1].tobytes())
    return hashlib.sha256(b"".join(parts)).hexdigest()


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("something", [frozenset[int](), frozenset({0, 3}), frozenset({2, 3}), frozenset({4})])
def test_what_the_earliest_has_is_taken_by_however_many_threads(threads: int, something: frozenset[int]) -> None:
    def find(number: int) -> str | None:
        time.sleep(0.01 * (5 - number))  # the later are done first
        return f"of {number}" if number in something else None

    assert first_found(find, range(5), threads) == (f"of {min(something)}" if something else None)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_what_was_looked_at_in_vain_cannot_spoil_what_was_found(threads: int) -> None:
    def find(number: int) -> str:
        if number:
            raise MemoryError
        return "found"

    assert first_found(find, range(5), threads) == "found"


def test_one_thread_and_four_learn_the_same_to_the_bit() -> None:
    script = f"from {__name__} import digest_of_all_that_is_learned as learned; print(learned())"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            stdout=subprocess.PIPE,
            text=True,
        )
        for threads in ("1", "4")
    ]
    found = {process.communicate(timeout=300)[0].strip() for process in running}
    assert len(found) == 1
    assert len(found.pop()) == 64
