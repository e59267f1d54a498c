"""Compiled loops that count distances from some nodes to all, each kept as a byte.

A `table` holds for each source, one after the other, its distance to every node, FAR where there is no way. Beside it
is kept how often each distance is in a source's part of it (`counts`, FAR + 1 for each source). Who is further away
than FAR - 1 is taken not to be reached: a table in which anybody is as far away as that may be wrong.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from haln.compiled import INTS, LONGS, OUT_BYTES, OUT_INTS, Bytes, Ints, Longs, compiled, inlined

FAR = 31
"""The distance of those who are not reached; in networks of members it is hardly ever ten from one to another."""

WORD = 64
"""So many searches go side by side, a bit each."""

Masks = NDArray[np.uint64]


@inlined
def _levelled(table: Bytes, counts: Ints, places: Longs, now: Masks, after: Masks, seen: Masks, step: int) -> bool:
    """Write the distance of all who are reached in a step; return whether there are any."""
    many = now.size
    alive = False
    for node in range(many):
        fresh = after[node] & ~seen[node]
        now[node] = fresh
        if fresh:
            alive = True
            seen[node] |= fresh
            while fresh:
                lowest = fresh & (~fresh + np.uint64(1))
                place = places[_place_of(lowest)]
                table[place * many + node] = step
                counts[place * (FAR + 1) + step] += 1
                fresh ^= lowest
    return alive


@inlined
def _place_of(bit: np.uint64) -> np.int64:
    """Which bit of a word is set: how many bits are below it."""
    word = bit - np.uint64(1)
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled(INTS, INTS, INTS, INTS, LONGS, OUT_BYTES, OUT_INTS)
def counted(starts: Ints, ends: Ints, others: Ints, sources: Ints, places: Longs, table: Bytes, counts: Ints) -> None:
    """Count all distances from some sources anew, into their places; the searches of 64 of them go side by side.

    The neighbours of a node are those from its start to before its end.
    """
    many = ends.size
    seen, now, after = np.empty(many, np.uint64), np.empty(many, np.uint64), np.empty(many, np.uint64)
    for begin in range(0, places.size, WORD):
        end = min(begin + WORD, places.size)
        seen[:] = 0
        now[:] = 0
        for number in range(begin, end):
            place = places[number]
            bit = np.uint64(1) << np.uint64(number - begin)
            seen[sources[place]] |= bit
            now[sources[place]] |= bit
            table[place * many : (place + 1) * many] = FAR
            table[place * many + sources[place]] = 0
            counts[place * (FAR + 1) : (place + 1) * (FAR + 1)] = 0
            counts[place * (FAR + 1)] = 1
        step, alive = 0, True
        while alive and step < FAR - 1:
            step += 1
            after[:] = 0
            for node in range(many):
                bits = now[node]
                if bits:
                    for place in range(starts[node], ends[node]):
                        after[others[place]] |= bits
            alive = _levelled(table, counts, places[begin:end], now, after, seen, step)
        for number in range(begin, end):
            place = places[number]
            own = counts[place * (FAR + 1) : (place + 1) * (FAR + 1)]
            own[FAR] = many - own[:FAR].sum()
