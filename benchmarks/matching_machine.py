"""How fast memory is on this machine, and how much of it the texts' nearest move: how far from what can be had."""

from __future__ import annotations

import time

import numpy as np

from haln.compiled import DOUBLE, DOUBLES, OUT_DOUBLES, Doubles, compiled
from haln.matching.index import Index

FAR, NEAR = 20_000_000, 10_000  # numbers in each of three arrays: far more than any cache holds, and few enough for one


@compiled(DOUBLES, DOUBLES, DOUBLE, OUT_DOUBLES)
def _triad(one: Doubles, other: Doubles, factor: float, out: Doubles) -> None:
    for k in range(out.size):
        out[k] = one[k] + factor * other[k]


def triad(numbers: int, rounds: int = 7) -> float:
    """Gigabytes a second of one core for out = one + factor × other (McCalpin's STREAM): the best of some rounds."""
    one, other, out = (np.ones(numbers) for _ in range(3))
    times = max(1, FAR // numbers)
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(times):
            _triad(one, other, 2.0, out)
        best = min(best, (time.process_time() - began) / times)
    return 24 * numbers / best / 1e9


def moved_by_text(index: Index, seconds: list[float]) -> float:
    """Gigabytes a second that everyone's nearest by text move.

    Each product reads a holder (4 bytes) and its weight (4), and reads and writes a sum (8); each pair's sum is looked
    at beside its list's least (8) and cleared (4).
    """
    holders = np.bincount(index.texts.columns[0]).astype(np.float64)
    products = float((holders * (holders - 1)).sum()) / 2
    pairs = len(index.ids) * (len(index.ids) - 1) / 2
    return (16 * products + 12 * pairs) / float(np.median(seconds)) / 1e9
