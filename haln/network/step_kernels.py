"""Compiled loops over kept distances: to count them all, and to follow ties that end and that begin.

A `table` holds for each source, one after the other, its distance to every node, FAR where there is no way. Beside it
is kept how often each distance is in a source's part of it (`counts`, FAR + 1 for each source). Who is further away
than FAR - 1 is taken not to be reached: a table in which anybody is as far away as that may be wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from haln.compiled import (
    BYTES,
    INTS,
    LONGS,
    OUT_BYTES,
    OUT_INTS,
    OUT_LONGS,
    Bytes,
    Ints,
    Longs,
    compiled,
    inlined,
    inner,
    lean,
)

FAR = 31
"""The distance of those who are not reached; in networks of members it is hardly ever ten from one to another."""

WORD = 64
"""So many searches go side by side, a bit each."""

ASKED, MOVED = 1, 2
"""Who is asked whether they move, and who does."""

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


@compiled(INTS, INTS, INTS, LONGS, OUT_BYTES, OUT_INTS)
def counted(starts: Ints, others: Ints, sources: Ints, places: Longs, table: Bytes, counts: Ints) -> None:
    """Count all distances from some sources anew, into their places; the searches of 64 of them go side by side."""
    many = starts.size - 1
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
                    for place in range(starts[node], starts[node + 1]):
                        after[others[place]] |= bits
            alive = _levelled(table, counts, places[begin:end], now, after, seen, step)
        for number in range(begin, end):
            place = places[number]
            own = counts[place * (FAR + 1) : (place + 1) * (FAR + 1)]
            own[FAR] = many - own[:FAR].sum()


@inner
def _nearer(row: Bytes, own: Ints, node: int, step: int) -> None:
    """Take a node to be so many steps away."""
    own[row[node]] -= 1
    own[step] += 1
    row[node] = step


@inner
def _awaits(lists: tuple[Longs, Ints, Longs], entries: int, node: int, step: int) -> int:
    """Put a node on the list of those so many steps away; return how many entries all lists have."""
    head, entry, then = lists
    entry[entries], then[entries] = node, head[step]
    head[step] = entries
    return entries + 1


@inner
def _held(net: tuple[Ints, Ints, Bytes], row: Bytes, met: Bytes, node: int) -> bool:
    """Whether a node has a neighbour one step nearer who has not moved."""
    starts, others, fresh = net
    nearer = row[node] - 1
    for place in range(starts[node], starts[node + 1]):
        other = others[place]
        if row[other] == nearer and not fresh[place] and met[other] != MOVED:
            return True
    return False


@inner
def _moving(
    net: tuple[Ints, Ints, Bytes], row: Bytes, met: Bytes, lists: tuple[Longs, Ints, Longs], entries: int, step: int
) -> int:
    """Mark who moves: all whose every nearer neighbour is gone or moves, from a step outwards.

    The lists hold who has lost one; all who were asked end up in them. Returns how many entries there are.
    """
    starts, others, fresh = net
    head, entry, then = lists
    pending = entries
    while pending:
        at = head[step]
        head[step] = -1
        while at >= 0:
            node = entry[at]
            at = then[at]
            pending -= 1
            if _held(net, row, met, node):
                continue
            met[node] = MOVED
            for place in range(starts[node], starts[node + 1]):
                child = others[place]
                if row[child] == step + 1 and not met[child] and not fresh[place]:
                    met[child] = ASKED
                    entries = _awaits(lists, entries, child, step + 1)
                    pending += 1
        step += 1
    return entries


@inner
def _reached(
    net: tuple[Ints, Ints, Bytes], row: Bytes, own: Ints, lists: tuple[Longs, Ints, Longs], entries: int, step: int
) -> None:
    """Reach from all on the lists whoever is nearer by way of them, the nearest first."""
    starts, others, fresh = net
    head, entry, then = lists
    pending = entries
    while pending:
        at = head[step]
        head[step] = -1
        while at >= 0:
            node = entry[at]
            at = then[at]
            pending -= 1
            if row[node] != step:  # was reached on a shorter way since
                continue
            for place in range(starts[node], starts[node + 1]):
                other = others[place]
                if step + 1 < row[other] and not fresh[place]:
                    _nearer(row, own, other, step + 1)
                    entries = _awaits(lists, entries, other, step + 1)
                    pending += 1
        step += 1


@inner
def _asking(
    net: tuple[Ints, Ints, Bytes], row: Bytes, met: Bytes, lists: tuple[Longs, Ints, Longs], low: Ints, high: Ints
) -> tuple[int, int]:
    """Put those on the lists who have lost their last nearer neighbour; return how many, and the least distance."""
    entries, least = 0, FAR
    for number in range(low.size):
        one, other = low[number], high[number]
        if row[one] == row[other]:
            continue
        node = one if row[one] > row[other] else other
        if not met[node] and not _held(net, row, met, node):
            met[node] = ASKED
            entries = _awaits(lists, entries, node, row[node])
            least = min(least, row[node])
    return entries, least


@inner
def _away(row: Bytes, own: Ints, met: Bytes, lists: tuple[Longs, Ints, Longs], entries: int, moved: Ints) -> int:
    """Take all who move to be reached by nobody, for now; return how many they are."""
    _, entry, _ = lists
    gone = 0
    for number in range(entries):
        node = entry[number]
        if met[node] == MOVED:
            moved[gone] = node
            gone += 1
            _nearer(row, own, node, FAR)
        met[node] = 0
    return gone


@inner
def _back(
    net: tuple[Ints, Ints, Bytes], row: Bytes, own: Ints, lists: tuple[Longs, Ints, Longs], moved: Ints, gone: int
) -> tuple[int, int]:
    """Put those who moved on the lists by the nearest neighbour they have; return how many, and the least distance."""
    starts, others, fresh = net
    entries, least = 0, FAR
    for number in range(gone):
        node = moved[number]
        step = FAR
        for place in range(starts[node], starts[node + 1]):
            if not fresh[place]:
                step = min(step, row[others[place]] + 1)
        if step < FAR:
            _nearer(row, own, node, step)
            entries = _awaits(lists, entries, node, step)
            least = min(least, step)
    return entries, least


@inlined
def _place(starts: Ints, others: Ints, node: int, other: int) -> Any:
    """Where the one is in the list of the other's neighbours."""
    first, last = starts[node], starts[node + 1] - 1
    while first < last:
        middle = (first + last) // 2
        if others[middle] < other:
            first = middle + 1
        else:
            last = middle
    return first


@compiled(INTS, INTS, INTS, INTS, OUT_BYTES)
def marked(starts: Ints, others: Ints, low: Ints, high: Ints, fresh: Bytes) -> None:
    """Mark where some ties are in the lists of neighbours."""
    fresh[:] = 0
    for number in range(low.size):
        fresh[_place(starts, others, low[number], high[number])] = 1
        fresh[_place(starts, others, high[number], low[number])] = 1


_NETWORK = (INTS, INTS, BYTES, INTS, INTS)
_TABLE = (OUT_BYTES, OUT_INTS)
_LISTS = (OUT_LONGS, OUT_INTS, OUT_LONGS)


@lean(*_NETWORK, *_TABLE, *_LISTS, OUT_BYTES, OUT_INTS)
def lost(
    starts: Ints,
    others: Ints,
    fresh: Bytes,
    low: Ints,
    high: Ints,
    table: Bytes,
    counts: Ints,
    head: Longs,
    entry: Ints,
    then: Longs,
    met: Bytes,
    moved: Ints,
) -> None:
    """Follow ties that have ended: `starts` and `others` are what is left, ties marked `fresh` not among them.

    For each source those whose every nearer neighbour is gone or moves are found, step by step outwards; then they are
    reached anew from the others, the nearest first (Ramalingam and Reps 1996, for steps).
    """
    many = starts.size - 1
    net = (starts, others, fresh)
    lists = (head, entry, then)
    for source in range(counts.size // (FAR + 1)):
        row = table[source * many : (source + 1) * many]
        entries, least = _asking(net, row, met, lists, low, high)
        if entries:
            entries = _moving(net, row, met, lists, entries, least)
            own = counts[source * (FAR + 1) : (source + 1) * (FAR + 1)]
            gone = _away(row, own, met, lists, entries, moved)
            entries, least = _back(net, row, own, lists, moved, gone)
            _reached(net, row, own, lists, entries, least)


@lean(*_NETWORK, *_TABLE, *_LISTS)
def made(
    starts: Ints,
    others: Ints,
    fresh: Bytes,
    low: Ints,
    high: Ints,
    table: Bytes,
    counts: Ints,
    head: Longs,
    entry: Ints,
    then: Longs,
) -> None:
    """Follow ties that have begun, and are in `starts` and `others`: whoever is nearer is reached from their ends.

    Ties marked `fresh` are not among them yet: none is.
    """
    many = starts.size - 1
    lists = (head, entry, then)
    for source in range(counts.size // (FAR + 1)):
        row = table[source * many : (source + 1) * many]
        own = counts[source * (FAR + 1) : (source + 1) * (FAR + 1)]
        entries, least = 0, FAR
        for number in range(low.size):
            one, other = low[number], high[number]
            node, step = (other, row[one] + 1) if row[other] > row[one] else (one, row[other] + 1)
            if step < row[node]:
                _nearer(row, own, node, step)
                entries = _awaits(lists, entries, node, step)
                least = min(least, step)
        _reached((starts, others, fresh), row, own, lists, entries, least)


@lean(INTS, INTS, *_TABLE, OUT_BYTES, OUT_INTS)
def joined(low: Ints, high: Ints, table: Bytes, counts: Ints, ways: Bytes, nearer: Ints) -> None:
    """Follow ties that have begun in a table of everybody, one after the other, pair by pair.

    Only pairs of one to whom the one end is nearer by two or more than the other end, and one to whom it is the other
    way round, can be nearer now (Ausiello and others 1991).
    """
    many = nearer.size
    for number in range(low.size):
        one, other = low[number], high[number]
        ours, theirs = 0, many
        for node in range(many):
            left, right = table[one * many + node], table[other * many + node]
            ways[node], ways[many + node] = left, right
            if left + 1 < right:
                nearer[ours] = node
                ours += 1
            elif right + 1 < left:
                theirs -= 1
                nearer[theirs] = node
        for place in range(ours):
            node = nearer[place]
            so_far = ways[node] + 1
            own = counts[node * (FAR + 1) : (node + 1) * (FAR + 1)]
            row = table[node * many : (node + 1) * many]
            for further in range(theirs, many):
                end = nearer[further]
                step = so_far + ways[many + end]
                before = row[end]
                if step < before:
                    row[end] = table[end * many + node] = step
                    own[before] -= 1
                    own[step] += 1
                    counts[end * (FAR + 1) + before] -= 1
                    counts[end * (FAR + 1) + step] += 1
