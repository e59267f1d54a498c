"""Graphs drawn by chance among all simple graphs in which everybody has as many ties as they have.

A tie is two ends; each end has its place in the list of whose end it is. Two ties change partners where that makes no
tie to oneself and no second tie of a pair; else the graph stays as it is for that step, which is what makes every graph
as likely as every other (Fosdick, Larremore, Nishimura and Ugander 2018).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from haln.compiled import INTS, LONG, OUT_INTS, OUT_WORDS, Ints, Words, compiled, inlined
from haln.network.history import Snapshot

BURN_IN = 10
"""So many steps for each tie before the first graph is taken."""

BETWEEN = 1
"""So many steps for each tie from one graph to the next: each tie is then drawn twice on average."""

MOST, FEWEST, STEPS = 200, 40, 4_000_000


def samples_for(ties: int) -> int:
    """How many graphs are drawn where nobody says: 200, and fewer, down to 40, of more than 20,000 ties."""
    return max(FEWEST, min(MOST, STEPS // (BETWEEN * max(1, ties))))


def rewired(found: Snapshot, samples: int, seed: int) -> Iterator[Ints]:
    """Yield so many graphs drawn by chance, each as `others` is of the snapshot's, whose `starts` they share.

    Neighbours are in no order. The array is the same each time and written anew: whoever keeps it makes a copy.
    """
    many, others = len(found), found.others.copy()
    owner = np.repeat(np.arange(many, dtype=np.int32), found.degrees)
    # Ends are in the order of (owner, other): the mate of (a, b) stands where (b, a) does.
    keys = owner.astype(np.int64) * many + others
    mate = np.searchsorted(keys, others.astype(np.int64) * many + owner).astype(np.int32)
    # Turns of different seeds lie far from each other.
    random: Words = np.random.SeedSequence(seed).generate_state(1, np.uint64).astype(np.uint64)
    _swap(found.starts, owner, others, mate, random, BURN_IN * found.ties)
    for _ in range(samples):
        _swap(found.starts, owner, others, mate, random, BETWEEN * found.ties)
        yield others


@inlined
def _word(turn: np.uint64) -> np.uint64:
    """Return 64 bits for a turn (splitmix64; Steele, Lea and Flood 2014)."""
    word = turn * np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@inlined
def _tied(starts: Ints, others: Ints, one: int, other: int) -> bool:
    """Whether two nodes are tied, from the shorter of their lists."""
    if starts[one + 1] - starts[one] > starts[other + 1] - starts[other]:
        one, other = other, one
    for place in range(starts[one], starts[one + 1]):  # noqa: SIM110  # a kernel has no generators
        if others[place] == other:
            return True
    return False


@compiled(INTS, INTS, OUT_INTS, OUT_INTS, OUT_WORDS, LONG)
def _swap(starts: Ints, owner: Ints, others: Ints, mate: Ints, random: Words, steps: int) -> None:
    """Try so many times to let two ties change partners: (a, b) and (c, d) become (a, d) and (c, b)."""
    ends, turn = np.uint64(others.size), random[0]
    for _ in range(steps):
        turn += np.uint64(1)
        word = _word(turn)
        # Each half of the word, of 32 bits, becomes a number below `ends`.
        first = np.int64(((word >> np.uint64(32)) * ends) >> np.uint64(32))
        second = np.int64(((word & np.uint64(0xFFFFFFFF)) * ends) >> np.uint64(32))
        mate_of_first, mate_of_second = mate[first], mate[second]
        a, b, c, d = owner[first], others[first], owner[second], others[second]
        # Also where both are the same tie: it would be tied to itself, or stay as it is.
        if a == d or b == c or _tied(starts, others, a, d) or _tied(starts, others, c, b):
            continue
        others[first], others[mate_of_second] = d, a
        others[second], others[mate_of_first] = b, c
        mate[first], mate[mate_of_second] = mate_of_second, first
        mate[second], mate[mate_of_first] = mate_of_first, second
    random[0] = turn
