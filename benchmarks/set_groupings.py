"""Maximally diverse grouping: the engine of forming on published instances, beside their best-known values."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from benchmarks.report import Figure, table
from benchmarks.set_pools import Diverse
from haln.matching.annealing import Descent, Key, descend
from haln.matching.arrangement import Arrangement
from haln.matching.beginnings import filled, freedom_of
from haln.matching.problem import matrix_facts

HOT, WARM, COLD = 0.25, 0.12, 0.015
FIRST, AGAIN = 0.8, 1  # the share of the first descent, and how often the best is warmed up again


def show_groupings(found: Sequence[Diverse], seeds: int, seconds: float) -> None:
    """Group each instance once for every seed, in about so many seconds of processor; prints a table."""
    rows = []
    for one in found:
        gaps, spent = [], []
        for seed in range(seeds):
            value, took = _grouped(one, seconds, seed)
            gaps.append(100 * (1 - value / one.known))
            spent.append(took)
        rows.append((one.name, str(one.known), Figure(tuple(gaps)).words(3), Figure(tuple(spent)).words(1)))
        print(" | ".join(rows[-1]), flush=True)
    print("\n" + table(("instance", "best known", "gap, %", "seconds"), rows))


def _grouped(one: Diverse, seconds: float, seed: int) -> tuple[int, float]:
    """Return the value of our grouping in about so many seconds, as proposals of a like number are timed first."""
    largest = int(one.distances.max())
    scaled = np.rint(one.distances * (30_000 / largest)).astype(np.int16)
    facts = matrix_facts(scaled, one.least, one.most)
    many, sets = len(scaled), len(one.least)
    nobody = Arrangement(sets, np.full(many, sets, np.int32), np.full(sets, -1, np.int32))
    freedom = freedom_of(nobody, frozenset(), frozenset())

    def search(begin: Arrangement, seed: int, descent: Descent) -> tuple[Arrangement, Key]:
        found, key, _ = descend(facts, begin, freedom, seed, descent, lambda done, state: True)
        return found, key

    began = time.process_time()
    search(filled(facts, nobody, freedom, 0, afresh=True), 0, Descent(4_800_000, hottest=HOT))
    pace = 4_800_000 / (time.process_time() - began)
    began = time.process_time()
    begin = filled(facts, nobody, freedom, seed, afresh=True)
    first = int(pace * seconds * FIRST)
    best, best_key = search(begin, seed * 9, Descent(first, hottest=HOT))
    pace = first / (time.process_time() - began)
    for turn in range(AGAIN):
        left = (seconds - time.process_time() + began) / (AGAIN - turn)
        again, key = search(best, seed * 9 + 1 + turn, Descent(int(pace * left), hottest=WARM, coldest=COLD))
        if key < best_key:
            best, best_key = again, key
    groups = best.assigned
    sizes = np.bincount(groups, minlength=sets + 1)
    assert not sizes[sets]
    assert all(low <= size <= high for low, size, high in zip(one.least, sizes, one.most, strict=False))
    return int(one.distances[groups[:, None] == groups[None, :]].sum()) // 2, time.process_time() - began
