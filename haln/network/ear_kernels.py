"""Compiled loops that hold in how many blocks each node is, while pairs come and go one after the other.

Of the largest block is known who is `inside`, and a number for each, `key`, such that all but two who are neighbours
have neighbours in it with a lower and with a higher one. As long as that is so it is one block: without any of them
each one still reaches the lower of those two by lower numbers, or the higher one by higher ones. `below` and `above`
are how many such neighbours each has. All others hang on it, each group of them on one of its nodes at most, or are not
connected with it; these groups are small, and are walked.
"""

from __future__ import annotations

import numpy as np

from haln.compiled import INTS, LONG, OUT_BYTES, OUT_DOUBLES, OUT_INTS, Bytes, Doubles, Ints, compiled, inlined
from haln.network.walk_kernels import put_in, take_out
from haln.network.way_kernels import LOST, NOWHERE, Net, Outside, apart, second, way_between

PATIENCE = 64
"""So often somebody is given another number after one pair, before all is found anew."""

Order = tuple[Bytes, Doubles, Ints, Ints, Ints]


@inlined
def _counted(blocks: Ints, node: int, step: int) -> int:
    """Let a node be in one block more or less; return how many more hold others together."""
    before = 1 if blocks[node] > 1 else 0
    blocks[node] += step
    return (1 if blocks[node] > 1 else 0) - before


@inlined
def _entered(net: Net, order: Order, node: int) -> bool:
    """Count the neighbours of a node new in the block, and it for them; return whether they have other numbers."""
    starts, ends, others = net
    inside, key, below, above, _ = order
    below[node] = above[node] = 0
    for place in range(starts[node], ends[node]):
        other = others[place]
        if inside[other]:
            if key[other] < key[node]:
                below[node] += 1
                above[other] += 1
            elif key[other] > key[node]:
                above[node] += 1
                below[other] += 1
            else:
                return False
    inside[node] = 1
    return True


@inlined
def _joined(space: Outside, order: Order, way: Ints, length: int) -> bool:
    """Take into the block all between the two ends of a way, and whoever hangs on two of it then.

    Such a way is an ear: its numbers lie between those of its ends. Returns whether it could be done.
    """
    key = order[1]
    new = way[way.size // 2 :]
    begin, size = 0, 0
    while True:
        first, last = key[way[0]], key[way[length - 1]]
        for number in range(1, length - 1):
            key[way[number]] = first + (last - first) * number / (length - 1)
        for number in range(1, length - 1):
            if not _entered(space[0], order, way[number]):
                return False
            new[size] = way[number]
            size += 1
        length = 0
        while begin < size and not length:
            length = second(space, way, new[begin])
            if length < 0:
                return False
            if not length:
                begin += 1
        if not length:
            return True


@inlined
def _next(net: Net, order: Order, node: int, up: float, limit: float, spare: int) -> int:
    """The neighbour inside with the highest number below a limit (or, `up` -1, the lowest above it), NOWHERE if none.

    Only those count that have more than so many neighbours on the other side.
    """
    starts, ends, others = net
    inside, key, below, above, _ = order
    best = NOWHERE
    for place in range(starts[node], ends[node]):
        other = others[place]
        better = inside[other] and up * key[other] < limit and (best < 0 or up * key[other] > up * key[best])
        if better and (above[other] if up > 0 else below[other]) > spare:
            best = other
    return best


@inlined
def _pass(below: Ints, above: Ints, node: int, other: int, step: int) -> None:
    """Let a node change sides with a neighbour: it was above and is below now, or `step` -1, the other way round."""
    above[other] -= step
    below[other] += step
    above[node] += step
    below[node] -= step


@inlined
def _renumbered(net: Net, order: Order, node: int, stack: Ints, size: int) -> int:
    """Number a node anew that has all its neighbours on one side, and put who may have now on the stack; -1 in vain.

    It goes past the nearest of them that has others on that side, if it can.
    """
    starts, ends, others = net
    inside, key, below, above, _ = order
    up = 1.0 if above[node] == 0 else -1.0  # turned around where all are above
    target = _next(net, order, node, up, np.inf, 1)
    beyond = _next(net, order, node, up, up * key[target], -1) if target >= 0 else NOWHERE
    if beyond < 0:
        target = _next(net, order, node, up, np.inf, -1)
        beyond = _next(net, order, node, up, up * key[target], -1)
    if beyond < 0:
        return -1
    middle = (key[beyond] + key[target]) / 2
    if middle == key[beyond] or middle == key[target]:
        return -1
    key[node] = middle
    for place in range(starts[node], ends[node]):
        other = others[place]
        if inside[other] and up * key[other] > up * middle:
            _pass(below, above, node, other, 1 if up > 0 else -1)
            stack[size] = other
            size += 1
    return size


@inlined
def _repaired(net: Net, order: Order, blocks: Ints, one: int, other: int, stack: Ints) -> tuple[bool, int]:
    """Put numbers right after a pair inside the block has been lost; who has one neighbour left in it falls out of it.

    Returns whether it could be done, and how many more hold others together.
    """
    starts, ends, others = net
    inside, key, below, above, two = order
    cuts, turns, size = 0, 0, 2
    stack[0], stack[1] = one, other
    while size:
        size -= 1
        node = stack[size]
        if node == two[0] or node == two[1] or not inside[node] or (below[node] and above[node]):
            continue
        turns += 1
        if turns > PATIENCE or below[node] + above[node] == 0:
            return False, cuts
        if below[node] + above[node] > 1:
            size = _renumbered(net, order, node, stack, size)
            if size < 0:
                return False, cuts
            continue
        inside[node] = 0
        for place in range(starts[node], ends[node]):
            home = others[place]
            if inside[home]:
                if key[home] < key[node]:
                    above[home] -= 1
                else:
                    below[home] -= 1
                cuts += _counted(blocks, home, 1)
                stack[size] = home
                size += 1
    return True, cuts


@inlined
def _between(space: Outside, way: Ints, length: int, blocks: Ints, one: int, other: int, step: int) -> int:
    """Count a block more or less for everybody on a way without whom its two ends do not reach each other."""
    cuts = 0
    if length > 1 and way[0] == way[length - 1]:  # both hang on the same
        length -= 1
    for number in range(length):
        node = way[number]
        if node != one and node != other and apart(space, one, other, node):
            cuts += _counted(blocks, node, step)
    return cuts


@inlined
def _given(space: Outside, part: Bytes, first: int, last: int, value: int) -> int:
    """Say of a group whether it is in the part of the largest block; return how many they are."""
    queue = space[2][2]
    for number in range(first, last):
        part[queue[number]] = value
    return last - first


@inlined
def _ended(
    space: Outside, order: Order, way: Ints, blocks: Ints, part: Bytes, one: int, other: int
) -> tuple[bool, int, int]:
    """Follow a pair that has been lost. Returns whether it could be done, and the changes of both numbers."""
    inside, key, below, above, two = order
    if inside[one] and inside[other]:
        lower, higher = (one, other) if key[one] < key[other] else (other, one)
        above[lower] -= 1
        below[higher] -= 1
        if (one == two[0] and other == two[1]) or (one == two[1] and other == two[0]):
            return False, 0, 0
        fits, cuts = _repaired(space[0], order, blocks, one, other, way)
        return fits, cuts, 0
    length, ours, both, home, away = way_between(space, way, one, other)
    if home == LOST or away == LOST:
        return False, 0, 0
    if both < 0 or (home >= 0 and away >= 0):
        cuts = _between(space, way, length, blocks, one, other, 1)
        return both < 0 or home == away, cuts, 0
    cuts = _counted(blocks, one, -1) + _counted(blocks, other, -1)
    gone = 0
    if part[one] and home < 0:
        gone = _given(space, part, 0, ours, 0)
    elif part[one] and away < 0:
        gone = _given(space, part, ours, both, 0)
    return True, cuts, -gone


@inlined
def _begun(
    space: Outside, order: Order, way: Ints, blocks: Ints, part: Bytes, one: int, other: int
) -> tuple[int, int, int]:
    """Follow a pair that will be made. Returns how long the ear is that it makes, and the changes of both numbers."""
    inside, key, below, above, _ = order
    if inside[one] and inside[other]:
        if key[one] == key[other]:
            return LOST, 0, 0
        lower, higher = (one, other) if key[one] < key[other] else (other, one)
        above[lower] += 1
        below[higher] += 1
        return 0, 0, 0
    length, ours, both, home, away = way_between(space, way, one, other)
    if home == LOST or away == LOST:
        return LOST, 0, 0
    if both < 0 or (home >= 0 and away >= 0):
        cuts = _between(space, way, length, blocks, one, other, -1)
        return (0 if home == away else length), cuts, 0
    cuts = _counted(blocks, one, 1) + _counted(blocks, other, 1)
    came = 0
    if home >= 0:
        came = _given(space, part, ours, both, 1)
    elif away >= 0:
        came = _given(space, part, 0, ours, 1)
    return 0, cuts, came


_LISTS = (*(INTS,) * 5, *(OUT_INTS,) * 4)
_BLOCK = (OUT_BYTES, OUT_DOUBLES, *(OUT_INTS,) * 3, OUT_BYTES, OUT_INTS)


@compiled(*_LISTS, *_BLOCK, OUT_BYTES, *(OUT_INTS,) * 3, LONG)
def held(
    lost: Ints,
    made: Ints,
    low: Ints,
    high: Ints,
    starts: Ints,
    others: Ints,
    tie: Ints,
    at: Ints,
    ends: Ints,
    inside: Bytes,
    key: Doubles,
    below: Ints,
    above: Ints,
    blocks: Ints,
    part: Bytes,
    two: Ints,
    mark: Bytes,
    parent: Ints,
    queue: Ints,
    way: Ints,
    most: int,
) -> tuple[bool, int, int]:
    """Take pairs out of the lists of `walk_kernels` and put others in, and hold in how many `blocks` each node is.

    With a pair come and go blocks of those alone without whom its ends do not reach each other otherwise: each is in
    one block less once it is made, in one more once it is lost; where its ends do not reach each other at all, the
    pair is a block of its own. `part` marks the part of the largest block; `mark` is all 0 and stays so. Groups of more
    than `most` are not walked. Returns whether all could be held, and the changes of how many are in more than one
    block, and of how many are in that part.
    """
    space = (starts, ends, others), inside, (mark, parent, queue), most
    order = inside, key, below, above, two
    fits, cuts, members = True, 0, 0
    for number in range(lost.size):
        pair = lost[number]
        take_out(pair, low, high, others, tie, at, ends)
        if fits:
            fits, more, came = _ended(space, order, way, blocks, part, low[pair], high[pair])
            cuts += more
            members += came
    for number in range(made.size):
        pair = made[number]
        length = 0
        if fits:
            length, more, came = _begun(space, order, way, blocks, part, low[pair], high[pair])
            cuts += more
            members += came
        put_in(pair, low, high, others, tie, at, ends)
        if length:
            fits = length > 0 and _joined(space, order, way, length)
    return fits, cuts, members
