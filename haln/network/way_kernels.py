"""Compiled ways among those who are not in the largest block: on whom of it they hang, and how they reach each other.

`inside` marks that block. Who is not in it hangs on one of it at most, in small groups, which are walked.
"""

from __future__ import annotations

from haln.compiled import Bytes, Ints, inlined

NOWHERE, LOST = -1, -2
"""Where a group hangs on nobody, and where too many are in it for a walk or it hangs on two."""

Net = tuple[Ints, Ints, Ints]
Outside = tuple[Net, Bytes, tuple[Bytes, Ints, Ints], int]


@inlined
def walked(space: Outside, node: int, without: int, first: int) -> tuple[int, int, int]:
    """Walk to all outside the largest block whom a node reaches outside it and without another one.

    They are marked and written to the queue from its place `first` on. Returns the place behind them, the one in the
    block on whom they hang, and who of them is its neighbour.
    """
    (starts, ends, others), inside, (mark, parent, queue), most = space
    mark[node], parent[node], queue[first] = 1, -1, node
    size, number, home, door = first + 1, first, NOWHERE, NOWHERE
    while number < size:
        one = queue[number]
        number += 1
        for place in range(starts[one], ends[one]):
            other = others[place]
            if other == without:
                continue
            if inside[other]:
                if home >= 0 and home != other:
                    return size, LOST, one
                home, door = other, one
            elif not mark[other]:
                if size - first >= most:
                    return size, LOST, one
                mark[other], parent[other], queue[size] = 1, one, other
                size += 1
    return size, home, door


@inlined
def unmarked(space: Outside, size: int) -> None:
    """Let nobody be marked any more of so many in the queue."""
    mark, _, queue = space[2]
    for number in range(size):
        mark[queue[number]] = 0


@inlined
def apart(space: Outside, one: int, other: int, without: int) -> bool:
    """Whether the one does not reach the other without a third."""
    inside, mark = space[1], space[2][0]
    size, home, away = 0, one, other
    if not inside[one]:
        size, home, _ = walked(space, one, without, 0)
    if not inside[other] and mark[other]:
        unmarked(space, size)
        return False
    if not inside[other]:
        size, away, _ = walked(space, other, without, size)
    unmarked(space, size)
    return home == NOWHERE or away == NOWHERE


@inlined
def way_between(space: Outside, way: Ints, one: int, other: int) -> tuple[int, int, int, int, int]:
    """Find a way from the one to the other, not both in the largest block; in the block it says only how it gets there.

    Returns how long it is, how many are in the group of the one, how many together with that of the other, and on whom
    the groups hang. Where both are in one group, the way is what is between them, and the other's group is not walked.
    """
    inside, (mark, parent, _) = space[1], space[2]
    ours, home, door, away, gate, length = 0, one, NOWHERE, other, NOWHERE, 0
    if not inside[one]:
        ours, home, door = walked(space, one, NOWHERE, 0)
    if not inside[other] and mark[other]:
        unmarked(space, ours)
        node = parent[other]
        while node != one:
            way[length] = node
            length += 1
            node = parent[node]
        return length, ours, -1, home, home
    both = ours
    if not inside[other]:
        both, away, gate = walked(space, other, NOWHERE, ours)
    unmarked(space, both)
    if home < 0 or away < 0:
        return length, ours, both, home, away
    way[0] = home
    length = 1
    while door >= 0:
        way[length] = door
        length += 1
        door = parent[door]
    begin = length
    while gate >= 0:
        way[length] = gate
        length += 1
        gate = parent[gate]
    way[begin:length] = way[begin:length][::-1].copy()
    way[length] = away
    return length + 1, ours, both, home, away


@inlined
def second(space: Outside, way: Ints, node: int) -> int:
    """Find a way from a node in the block, through others outside, back to another in it; return how long, 0: none."""
    (starts, ends, others), inside, (_, parent, _), _ = space
    for place in range(starts[node], ends[node]):
        door = others[place]
        if inside[door]:
            continue
        # Without the node itself: whoever they hang on then is another one.
        size, home, gate = walked(space, door, node, 0)
        unmarked(space, size)
        if home == LOST:
            return -1
        if home >= 0:
            way[0] = home
            length = 1
            while gate >= 0:
                way[length] = gate
                length += 1
                gate = parent[gate]
            way[length] = node
            return length + 1
    return 0
