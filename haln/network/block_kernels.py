"""Compiled search for blocks: the largest groups that nobody's going takes apart.

Two neighbours with nothing else in common are a block of two. The neighbours of a node are those from its start to
before its end, in any order.
"""

from __future__ import annotations

import numpy as np

from haln.compiled import INTS, OUT_BYTES, OUT_DOUBLES, OUT_INTS, Bytes, Doubles, Ints, compiled, inlined


@inlined
def _searched(starts: Ints, ends: Ints, others: Ints, order: Ints, parent: Ints, found: Ints, lowest: Ints) -> None:
    """Search from every node depth first: the order, who was come from, and the earliest that each one's branch meets.

    (Hopcroft and Tarjan 1973.)
    """
    many = ends.size
    turn, stack = np.empty(many, np.int32), np.empty(many, np.int32)
    found[:] = -1
    parent[:] = -1
    clock = 0
    for root in range(many):
        if found[root] >= 0:
            continue
        size = 0
        order[clock] = root
        found[root] = lowest[root] = clock
        clock += 1
        turn[root] = starts[root]
        stack[size] = root
        size = 1
        while size:
            node = stack[size - 1]
            if turn[node] < ends[node]:
                other = others[turn[node]]
                turn[node] += 1
                if found[other] < 0:
                    parent[other] = node
                    order[clock] = other
                    found[other] = lowest[other] = clock
                    clock += 1
                    turn[other] = starts[other]
                    stack[size] = other
                    size += 1
                elif other != parent[node]:
                    lowest[node] = min(lowest[node], found[other])
            else:
                size -= 1
                above = parent[node]
                if above >= 0:
                    lowest[above] = min(lowest[above], lowest[node])


@inlined
def _numbered(first: int, last: int, some: Ints, parent: Ints, low: Ints, key: Doubles) -> None:
    """Number a block so that all but its first and its last have lower and higher neighbours, these two being tied.

    `some` are all others of it in the order of the search, `low` the node that each one's branch meets (Tarjan 1986).
    """
    many = key.size
    ahead, then, up = np.full(many, -1, np.int32), np.full(many, -1, np.int32), np.zeros(many, np.uint8)
    then[first], ahead[last] = last, first
    for number in range(some.size):
        node = some[number]
        above = parent[node]
        if up[low[number]]:
            before, after = above, then[above]
            up[above] = 0
        else:
            before, after = ahead[above], above
            up[above] = 1
        ahead[node], then[node] = before, after
        if before >= 0:
            then[before] = node
        if after >= 0:
            ahead[after] = node
    node, place = first, 0
    while node >= 0:
        key[node] = place
        place += 1
        node = then[node]


@compiled(INTS, INTS, INTS, OUT_INTS, OUT_INTS, OUT_BYTES, OUT_DOUBLES, OUT_INTS)
def found(
    starts: Ints, ends: Ints, others: Ints, blocks: Ints, part: Ints, inside: Bytes, key: Doubles, two: Ints
) -> int:
    """Write in how many blocks each node is, and its part by a node of it; return how many are in the largest.

    Who is in that one is marked `inside`, and `key` numbers them from 0 so that each of them has neighbours with a
    lower and with a higher one, but for the first and the last, who are neighbours and written to `two`. Where no block
    has more than two nodes, nobody is marked and 0 returned.
    """
    many = ends.size
    order, parent = np.empty(many, np.int32), np.empty(many, np.int32)
    clock, lowest = np.empty(many, np.int32), np.empty(many, np.int32)
    _searched(starts, ends, others, order, parent, clock, lowest)
    head, size = np.empty(many, np.int32), np.zeros(many, np.int32)
    blocks[:] = 0
    inside[:] = 0
    largest = -1
    for place in range(many):
        node = order[place]
        above = parent[node]
        if above < 0:
            part[node] = node
            continue
        part[node] = part[above]
        blocks[node] += 1
        head[node] = head[above]
        if lowest[node] >= clock[above]:
            head[node] = node
            blocks[above] += 1
        size[head[node]] += 1
        if largest < 0 or size[head[node]] > size[largest]:
            largest = head[node]
    if largest < 0 or size[largest] < 2:
        return 0
    some, low = np.empty(size[largest] - 1, np.int32), np.empty(size[largest] - 1, np.int32)
    count = 0
    for place in range(many):
        node = order[place]
        if parent[node] >= 0 and head[node] == largest:
            inside[node] = 1
            if node != largest:
                some[count], low[count] = node, order[lowest[node]]
                count += 1
    two[0], two[1] = parent[largest], largest
    inside[two[0]] = 1
    _numbered(two[0], two[1], some, parent, low, key)
    return count + 2


@compiled(*(INTS,) * 3, OUT_BYTES, OUT_DOUBLES, OUT_INTS, OUT_INTS)
def sided(starts: Ints, ends: Ints, others: Ints, inside: Bytes, key: Doubles, below: Ints, above: Ints) -> None:
    """Count for all inside the block their neighbours in it with a lower and with a higher number."""
    for node in range(ends.size):
        for place in range(starts[node], ends[node]):
            if inside[node] and inside[others[place]]:
                below[node] += 1 if key[others[place]] < key[node] else 0
                above[node] += 1 if key[others[place]] > key[node] else 0
