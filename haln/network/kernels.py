"""Compiled loops over neighbours: components, triangles, distances, betweenness, cores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from haln.compiled import (
    INTS,
    LONGS,
    OUT_DOUBLES,
    OUT_INTS,
    OUT_LONGS,
    Doubles,
    Ints,
    Longs,
    compiled,
    inlined,
)

LAST = 2**31 - 1
"""The day on which something ends that has not ended."""

Masks = NDArray[np.uint64]

WORD = 64
"""So many searches go side by side, a bit each."""


@compiled(LONGS, INTS, OUT_INTS)
def overridden(entity: Longs, day: Ints, until: Ints) -> None:
    """Write until before which day each statement holds: until the earliest day of a later one of the same entity."""
    earliest = LAST
    for row in range(entity.size - 1, -1, -1):
        if row + 1 == entity.size or entity[row + 1] != entity[row]:
            earliest = LAST
        until[row] = earliest
        earliest = min(earliest, day[row])


@compiled(INTS, INTS, INTS, OUT_INTS)
def components(starts: Ints, others: Ints, group: Ints, label: Ints) -> int:
    """Write each node's component, numbered in the order of their first nodes; return how many there are.

    Ties between two groups do not count: all nodes in one group have the components of the whole.
    """
    many = label.size
    stack = np.empty(many, np.int32)
    label[:] = -1
    found = 0
    for first in range(many):
        if label[first] >= 0:
            continue
        label[first] = found
        stack[0] = first
        size = 1
        while size:
            size -= 1
            node = stack[size]
            for place in range(starts[node], starts[node + 1]):
                other = others[place]
                if label[other] < 0 and group[other] == group[node]:
                    label[other] = found
                    stack[size] = other
                    size += 1
        found += 1
    return found


@compiled(INTS, INTS, OUT_LONGS)
def triangles(starts: Ints, others: Ints, count: Longs) -> None:
    """Write how many triangles each node is in. Each is met once, from its end of least degree."""
    many = count.size
    mark = np.zeros(many, np.uint8)
    count[:] = 0
    for node in range(many):
        degree = starts[node + 1] - starts[node]
        for place in range(starts[node], starts[node + 1]):
            other = others[place]
            theirs = starts[other + 1] - starts[other]
            if theirs > degree or (theirs == degree and other > node):
                mark[other] = 1
        for place in range(starts[node], starts[node + 1]):
            other = others[place]
            if not mark[other]:
                continue
            theirs = starts[other + 1] - starts[other]
            for further in range(starts[other], starts[other + 1]):
                third = others[further]
                degree_of = starts[third + 1] - starts[third]
                higher = degree_of > theirs or (degree_of == theirs and third > other)
                if higher and mark[third]:
                    count[node] += 1
                    count[other] += 1
                    count[third] += 1
        for place in range(starts[node], starts[node + 1]):
            mark[others[place]] = 0


@inlined
def _ones(word: np.uint64) -> np.int64:
    """Count the bits that are set."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@inlined
def _step(starts: Ints, others: Ints, now: Masks, after: Masks, seen: Masks) -> tuple[int, np.uint64]:
    """Take all searches one step on; return how many arrivals there were, and which searches had any."""
    after[:] = 0
    for node in range(now.size):
        bits = now[node]
        if bits:
            for place in range(starts[node], starts[node + 1]):
                after[others[place]] |= bits
    count, alive = 0, np.uint64(0)
    for node in range(now.size):
        fresh = after[node] & ~seen[node]
        now[node] = fresh
        if fresh:
            alive |= fresh
            seen[node] |= fresh
            count += int(_ones(fresh))
    return count, alive


@compiled(INTS, INTS, LONGS, OUT_LONGS, OUT_LONGS, OUT_LONGS)
def distances(starts: Ints, others: Ints, sources: Longs, total: Longs, reached: Longs, furthest: Longs) -> None:
    """Write for each 64 sources the sum of their distances to all whom they reach and how many those are.

    `furthest` is written for each source: its largest distance. The searches of 64 sources go side by side, a bit each
    (Then and others 2014).
    """
    many = starts.size - 1
    seen, now, after = np.zeros(many, np.uint64), np.zeros(many, np.uint64), np.zeros(many, np.uint64)
    furthest[:] = 0
    for batch in range(total.size):
        begin = batch * WORD
        end = min(begin + WORD, sources.size)
        seen[:] = 0
        now[:] = 0
        for place in range(begin, end):
            bit = np.uint64(1) << np.uint64(place - begin)
            seen[sources[place]] |= bit
            now[sources[place]] |= bit
        total[batch], reached[batch] = 0, 0
        step, count = 0, 1
        while count:
            step += 1
            count, alive = _step(starts, others, now, after, seen)
            total[batch] += step * count
            reached[batch] += count
            for place in range(begin, end):
                if (alive >> np.uint64(place - begin)) & np.uint64(1):
                    furthest[place] = step


@compiled(INTS, INTS, LONGS, OUT_DOUBLES)
def betweenness(starts: Ints, others: Ints, sources: Longs, score: Doubles) -> None:
    """Add up, from each source, the share of shortest paths on which each node lies in between (Brandes 2001)."""
    many = starts.size - 1
    depth = np.empty(many, np.int32)
    paths, owed = np.empty(many, np.float64), np.empty(many, np.float64)
    order = np.empty(many, np.int32)
    score[:] = 0.0
    for number in range(sources.size):
        source = sources[number]
        depth[:] = -1
        paths[:] = 0.0
        owed[:] = 0.0
        depth[source] = 0
        paths[source] = 1.0
        order[0] = source
        head, tail = 0, 1
        while head < tail:
            node = order[head]
            head += 1
            for place in range(starts[node], starts[node + 1]):
                other = others[place]
                if depth[other] < 0:
                    depth[other] = depth[node] + 1
                    order[tail] = other
                    tail += 1
                if depth[other] == depth[node] + 1:
                    paths[other] += paths[node]
        for position in range(tail - 1, 0, -1):
            node = order[position]
            share = (1.0 + owed[node]) / paths[node]
            for place in range(starts[node], starts[node + 1]):
                other = others[place]
                if depth[other] == depth[node] - 1:
                    owed[other] += paths[other] * share
            score[node] += owed[node]


@compiled(INTS, INTS, INTS, OUT_INTS, OUT_INTS)
def cores(starts: Ints, ends: Ints, others: Ints, core: Ints, order: Ints) -> None:
    """Write each node's core number, and the order in which nodes of least degree are taken away.

    The neighbours of a node are those from its start to before its end (Batagelj and Zaveršnik 2003).
    """
    many = core.size
    largest = 0
    for node in range(many):
        core[node] = ends[node] - starts[node]
        largest = max(largest, core[node])
    bins = np.zeros(largest + 2, np.int64)
    for node in range(many):
        bins[core[node] + 1] += 1
    for degree in range(1, largest + 2):
        bins[degree] += bins[degree - 1]
    position = np.empty(many, np.int64)
    free = bins.copy()
    for node in range(many):
        position[node] = free[core[node]]
        order[position[node]] = node
        free[core[node]] += 1
    for turn in range(many):
        node = order[turn]
        for place in range(starts[node], ends[node]):
            other = others[place]
            if core[other] > core[node]:
                # The first of its degree changes places with it, and the bin begins one later.
                first = bins[core[other]]
                ahead = order[first]
                order[first], order[position[other]] = other, ahead
                position[ahead], position[other] = position[other], first
                bins[core[other]] += 1
                core[other] -= 1


@compiled(INTS, INTS, OUT_INTS)
def cut_nodes(starts: Ints, others: Ints, cut: Ints) -> None:  # noqa: C901  # one search, whose stack must not leave it
    """Mark the nodes without which their component would fall apart (Hopcroft and Tarjan 1973)."""
    many = cut.size
    found, lowest = np.full(many, -1, np.int32), np.empty(many, np.int32)
    parent, turn = np.full(many, -1, np.int32), np.empty(many, np.int64)
    stack = np.empty(many, np.int32)
    cut[:] = 0
    clock = 0
    for root in range(many):
        if found[root] >= 0:
            continue
        found[root] = lowest[root] = clock
        clock += 1
        turn[root] = starts[root]
        stack[0] = root
        size, children = 1, 0
        while size:
            node = stack[size - 1]
            if turn[node] < starts[node + 1]:
                other = others[turn[node]]
                turn[node] += 1
                if found[other] < 0:
                    parent[other] = node
                    found[other] = lowest[other] = clock
                    clock += 1
                    turn[other] = starts[other]
                    stack[size] = other
                    size += 1
                    if node == root:
                        children += 1
                elif other != parent[node]:
                    lowest[node] = min(lowest[node], found[other])
            else:
                size -= 1
                above = parent[node]
                if above >= 0:
                    lowest[above] = min(lowest[above], lowest[node])
                    if above != root and lowest[node] >= found[above]:
                        cut[above] = 1
        if children > 1:
            cut[root] = 1
