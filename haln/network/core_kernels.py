"""Compiled loops that hold what the largest core number of anybody is while pairs come and go.

Nodes stand in one order: `then` is the node after each, `ahead` the one before, `label` a number that ascends. In no
group has everybody more neighbours within it than the first of them in the order has later ones: as long as nobody has
more later neighbours than a number, no core number is larger.
"""

from __future__ import annotations

from haln.compiled import INTS, LONG, OUT_INTS, OUT_LONGS, Ints, Longs, compiled, inlined

FAILED = -1
"""What is returned where the largest core has to be found anew."""

GAP = 2**32
"""So far apart the labels of an order that is made anew are."""


@compiled(INTS, INTS, INTS, INTS, INTS, LONG, OUT_LONGS, OUT_INTS, OUT_INTS, OUT_INTS, OUT_INTS)
def certified(
    starts: Ints,
    ends: Ints,
    others: Ints,
    order: Ints,
    core: Ints,
    largest: int,
    label: Longs,
    ahead: Ints,
    then: Ints,
    later: Ints,
    inner: Ints,
) -> None:
    """Write an order down, how many later neighbours each node has, and how many in the largest core: `inner`.

    Of those who are not in the largest core themselves `inner` is -1.
    """
    many = ends.size
    for place in range(many):
        label[order[place]] = (place + 1) * GAP
        ahead[order[place]] = order[place - 1] if place else -1
        then[order[place]] = order[place + 1] if place + 1 < many else -1
    for node in range(many):
        after, inside = 0, 0
        for place in range(starts[node], ends[node]):
            other = others[place]
            after += 1 if label[other] > label[node] else 0
            inside += 1 if core[other] == largest else 0
        later[node] = after
        inner[node] = inside if core[node] == largest else -1


@inlined
def _placed(label: Longs, ahead: Ints, then: Ints, node: int, behind: int) -> bool:
    """Put a node right behind another one in the order; return whether there was a label left between."""
    before, after = ahead[node], then[node]
    if after >= 0:
        ahead[after] = before
    if before >= 0:
        then[before] = after
    following = then[behind]
    least = label[behind]
    label[node] = least + GAP if following < 0 else (least + label[following]) // 2
    ahead[node], then[node] = behind, following
    then[behind] = node
    if following >= 0:
        ahead[following] = node
    return bool(label[node] > least)


@inlined
def _push(heap: Ints, size: int, label: Longs, node: int) -> int:
    """Put a node on a heap whose first is the first in the order; return how many are on it."""
    place = size
    while place and label[heap[(place - 1) // 2]] > label[node]:
        heap[place] = heap[(place - 1) // 2]
        place = (place - 1) // 2
    heap[place] = node
    return size + 1


@inlined
def _popped(heap: Ints, size: int, label: Longs) -> int:
    """Take the first off a heap, which has one less then, and return it."""
    first, last = heap[0], heap[size - 1]
    place = 0
    while 2 * place + 1 < size - 1:
        child = 2 * place + 1
        if child + 1 < size - 1 and label[heap[child + 1]] < label[heap[child]]:
            child += 1
        if label[heap[child]] > label[last]:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = last
    return int(first)


ASIDE, LOOSE, WAITING = 1, 2, -1
"""Who may have to go further back in the order, who is known how far, and who is on the heap."""


@inlined
def _settled(
    net: tuple[Ints, Ints, Ints],
    order: tuple[Longs, Ints, Ints],
    later: Ints,
    earlier: Ints,
    state: Ints,
    node: int,
    largest: int,
    queue: Ints,
) -> int:
    """Let a node stay, and put behind it who is set aside before it and has few enough later neighbours then.

    Whoever is still set aside goes behind them. Returns how many they are; FAILED where no labels were left.
    """
    starts, ends, others = net
    label, ahead, then = order
    later[node] += earlier[node]
    earlier[node] = 0
    size = 0
    for place in range(starts[node], ends[node]):
        other = others[place]
        if state[other] == ASIDE:
            later[other] -= 1
            if later[other] + earlier[other] <= largest:
                state[other] = LOOSE
                queue[size] = other
                size += 1
    tail, limit, number, fits = node, label[node], 0, True
    while number < size:
        loose = queue[number]
        number += 1
        state[loose] = 0
        later[loose] += earlier[loose]
        earlier[loose] = 0
        for place in range(starts[loose], ends[loose]):
            other = others[place]
            if state[other] > 0:
                if label[other] < label[loose]:
                    later[other] -= 1
                else:
                    earlier[other] -= 1
                if state[other] == ASIDE and later[other] + earlier[other] <= largest:
                    state[other] = LOOSE
                    queue[size] = other
                    size += 1
            elif label[other] > limit and earlier[other] > 0:
                earlier[other] -= 1
        fits = _placed(label, ahead, then, loose, tail) and fits
        tail = loose
    return size if fits else FAILED


@inlined
def _reordered(
    net: tuple[Ints, Ints, Ints],
    order: tuple[Longs, Ints, Ints],
    later: Ints,
    earlier: Ints,
    state: Ints,
    node: int,
    largest: int,
    heap: Ints,
    queue: Ints,
) -> bool:
    """Put a node with too many later neighbours so far back that it has not; return whether there is such an order.

    The order is gone through from it on, over those alone who are later neighbours of somebody set aside: `earlier` is
    of how many (Zhang, Yu, Zhang and Qin 2017, for one number of all cores).
    """
    starts, ends, others = net
    label = order[0]
    size, aside = _push(heap, 0, label, node), 0
    while size:
        one = _popped(heap, size, label)
        size -= 1
        state[one] = 0
        if one != node and not earlier[one]:
            continue
        if later[one] + earlier[one] > largest:
            state[one] = ASIDE
            aside += 1
            for place in range(starts[one], ends[one]):
                other = others[place]
                if label[other] > label[one]:
                    if not state[other]:
                        state[other] = WAITING
                        size = _push(heap, size, label, other)
                    earlier[other] += 1
        else:
            settled = _settled(net, order, later, earlier, state, one, largest, queue)
            if settled == FAILED:
                return False
            aside -= settled
    return aside == 0


@inlined
def _counted(
    some: Ints, low: Ints, high: Ints, label: Longs, later: Ints, inner: Ints, step: int, stack: Ints, size: int
) -> int:
    """Count pairs that are lost or made for their ends, and put these on the stack; return how many are on it."""
    for number in range(some.size):
        one, other = low[some[number]], high[some[number]]
        later[one if label[one] < label[other] else other] += step
        if inner[one] >= 0 and inner[other] >= 0:
            inner[one] += step
            inner[other] += step
        stack[size], stack[size + 1] = one, other
        size += 2
    return size


@inlined
def _peeled(starts: Ints, ends: Ints, others: Ints, inner: Ints, largest: int, stack: Ints, size: int) -> int:
    """Take out of the core who has too few neighbours in it, and who then has; return how many are gone."""
    gone = 0
    while size:
        size -= 1
        node = stack[size]
        if inner[node] < 0 or inner[node] >= largest:
            continue
        inner[node] = -1
        gone += 1
        for place in range(starts[node], ends[node]):
            other = others[place]
            if inner[other] >= 0:
                inner[other] -= 1
                if inner[other] == largest - 1:
                    stack[size] = other
                    size += 1
    return gone


@compiled(*(INTS,) * 7, *(OUT_LONGS, OUT_INTS, OUT_INTS), *(OUT_INTS,) * 4, LONG, OUT_INTS, OUT_INTS)
def held(
    lost: Ints,
    made: Ints,
    low: Ints,
    high: Ints,
    starts: Ints,
    ends: Ints,
    others: Ints,
    label: Longs,
    ahead: Ints,
    then: Ints,
    later: Ints,
    inner: Ints,
    earlier: Ints,
    state: Ints,
    largest: int,
    stack: Ints,
    queue: Ints,
) -> int:
    """Hold the largest core number, of pairs that are lost and made: the lists are those after all of them.

    It is not larger as long as there is an order in which nobody has more later neighbours; not less as long as anybody
    is left of those who have so many in `inner`. Returns how many fell out of these; FAILED where there is no such
    order. `earlier` and `state` are all 0, and stay so unless it fails.
    """
    ended = _counted(lost, low, high, label, later, inner, -1, stack, 0)
    size = _counted(made, low, high, label, later, inner, 1, stack, ended)
    heap = stack[size:]
    for number in range(ended, size):
        if later[stack[number]] > largest:
            order = (label, ahead, then)
            if not _reordered(
                (starts, ends, others), order, later, earlier, state, stack[number], largest, heap, queue
            ):
                return FAILED
    return _peeled(starts, ends, others, inner, largest, stack, ended)
