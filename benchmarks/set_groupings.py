"""Maximally diverse grouping: the engine of forming on published instances, beside their best-known values."""

from __future__ import annotations

import time
from collections.abc import Sequence
from operator import itemgetter

import numpy as np

from benchmarks.report import Figure, table
from benchmarks.set_pools import Diverse
from haln.matching.annealing import Descent, Key, Order, descend
from haln.matching.arrangement import Arrangement
from haln.matching.beginnings import filled, freedom_of
from haln.matching.problem import matrix_facts
from haln.matching.set_facts import Facts

HOT, COLD, COLDER = 0.2, 0.11, 0.07
"""Where plans take shape: above it everything is chance, below it values drawn by chance change no more. What happens
between cold and colder is worth less than another descent, where there is time for one."""

LAST_HOT, LAST_COLD, LAST = 0.08, 0.02, 0.06
"""The heats of the last descent, in which sizes are free, and its share of the seconds."""

PACED = 4_800_000
"""Proposals that are timed first."""

MOST = 16
"""So many descents at most: a small pool needs no more."""

THOROUGH = 9
"""Proposals of one descent, times elements cubed: with more, another descent finds more than a longer one."""


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
    """Return the value of our grouping in about so many seconds, as proposals of a like number are timed first.

    A sum over pairs favours large groups, and how many people sit where is settled while it is hot: sizes with the
    most pairs are chosen first, and let go only in the last descent from the best of several.
    """
    largest = int(one.distances.max())
    scaled = np.rint(one.distances * (30_000 / largest)).astype(np.int16)
    many, sets = len(scaled), len(one.least)
    sizes = _most_pairs(one.least, one.most, many)
    free, fixed = matrix_facts(scaled, one.least, one.most), matrix_facts(scaled, sizes, sizes)
    nobody = Arrangement(sets, np.full(many, sets, np.int32), np.full(sets, -1, np.int32))
    freedom = freedom_of(nobody, frozenset(), frozenset())

    def search(facts: Facts, begin: Arrangement, seed: int, descent: Descent) -> tuple[Arrangement, Key]:
        found, key, _ = descend(facts, begin, freedom, seed, descent, lambda done, state: True)
        return found, key

    def afresh(seed: int, rounds: int, cold: float) -> tuple[Arrangement, Key]:
        begin = filled(fixed, nobody, freedom, seed, afresh=True)
        return search(fixed, begin, seed, Descent(rounds, Order(), HOT, cold))

    began = time.process_time()
    afresh(0, PACED, COLD)
    pace = PACED / (time.process_time() - began)
    began = time.process_time()
    descents = max(1, min(MOST, round(pace * seconds / (THOROUGH * many**3))))
    found = []
    for turn in range(descents):
        left = seconds * (1 - LAST) - (time.process_time() - began)
        rounds = int(pace * left / (descents - turn))
        started = time.process_time()
        found.append(afresh(seed * 1000 + turn, rounds, COLD if descents > 1 else COLDER))
        pace = rounds / (time.process_time() - started)
    best, _ = min(found, key=itemgetter(1))
    left = seconds - (time.process_time() - began)
    best, _ = search(free, best, seed, Descent(int(pace * max(left, 0)), Order(), LAST_HOT, LAST_COLD))
    groups = best.assigned
    sat = np.bincount(groups, minlength=sets + 1)
    assert not sat[sets]
    assert all(low <= size <= high for low, size, high in zip(one.least, sat, one.most, strict=False))
    return int(one.distances[groups[:, None] == groups[None, :]].sum()) // 2, time.process_time() - began


def _most_pairs(least: Sequence[int], most: Sequence[int], many: int) -> tuple[int, ...]:
    """Return sizes within their limits, of `many` in all, that hold the most pairs; exact, group by group."""
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for low, high in zip(least, most, strict=True):
        further: dict[int, tuple[int, tuple[int, ...]]] = {}
        for seated, (pairs, sizes) in best.items():
            for size in range(low, min(high, many - seated) + 1):
                held = (pairs + size * (size - 1) // 2, (*sizes, size))
                further[seated + size] = max(held, further.get(seated + size, held))
        best = further
    return best[many][1]
