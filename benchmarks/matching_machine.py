"""How fast memory is on this machine, how much of it the texts' nearest move, and what processes together take."""

from __future__ import annotations

import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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


def processor_seconds() -> float:
    """Of this process so far, and of the processes it started that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


@contextmanager
def watched(every: float = 0.5) -> Iterator[Callable[[], float]]:
    """Watch what this process and those it started take; the function says the most so far, in megabytes.

    What several map into memory counts once (Linux's proportional set size). It looks every so many seconds; what comes
    and goes in between is not seen. The more there is, the longer a look takes, and the rarer it is: looking is to take
    no more than a fiftieth of one processor.
    """
    most, ended = [0.0], threading.Event()

    def look() -> None:
        pause = every
        while not ended.wait(pause):
            began = time.thread_time()
            most[0] = max(most[0], sum(_kilobytes(process) for process in _family()) / 1024)
            pause = max(every, 50 * (time.thread_time() - began))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield lambda: most[0]
    finally:
        ended.set()
        looking.join()


def _family() -> list[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
    family = [os.getpid()]
    for one in family:
        family += [process for process, parent in parents.items() if parent == one]
    return family


def _kilobytes(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
