"""An auction of places in lists: askers outbid each other until everybody has what is worth most beside its price.

It is that of Bertsekas (1988) for transport with convex costs. There are millions of bids, by askers in no order, and
each waits for memory: of their wishes, an asker keeps a few near at hand, in one place, and bids by these as long as
none of the others can be worth more. As prices never fall, what the best of the others gained when all were last looked
at is a bound on what they gain now. So the bids are the same as if all were looked at each time.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from haln.compiled import (
    CHOICES,
    DOUBLE,
    DOUBLES,
    FLOATS,
    LONG,
    LONGS,
    OUT_BYTES,
    OUT_DOUBLES,
    OUT_INTS,
    OUT_LONGS,
    Bytes,
    Doubles,
    Floats,
    Ints,
    Longs,
    compiled,
    inlined,
)

STEP = 0.01
"""The least by which a bid is higher: plans are optimal to within so much for each place."""
NEAR = 12
"""So many of the wishes that an asker has not been given are near at hand once all were looked at."""


class _Near(NamedTuple):
    """The wishes near at hand, a line for each asker: which, whose row, what they are worth; how many; the bound."""

    wish: NDArray[np.uint16]
    row: NDArray[np.int32]
    value: NDArray[np.float32]
    kept: Longs
    bound: Doubles


@inlined
def _best(near: _Near, asker: int, price: Doubles, least: float) -> tuple[int, float, float]:
    """Where the best near wish stands (-1: none is worth `least`), what it gains beside its price, and the next best.

    Of those that draw, the wish that comes first.
    """
    best = -1
    first = second = least
    for at in range(near.kept[asker]):
        gain = near.value[asker, at] - price[near.row[asker, at]]
        if gain > first or (gain == first and (best < 0 or near.wish[asker, at] < near.wish[asker, best])):
            second, first, best = first, gain, at
        elif gain > second:
            second = gain
    return best, first, second


@inlined
def _look_at_all(
    near: _Near, asker: int, wishes: NDArray[np.int32], values: Floats, taken: Bytes, price: Doubles, gains: Doubles
) -> None:
    """Have the best of the wishes that are not given near at hand, as many as `gains` has room for."""
    width = wishes.shape[1]
    count, bound = 0, -np.inf
    for wish in range(width):
        row = wishes[asker, wish]
        if row < 0:
            break
        if taken[asker * width + wish]:
            continue
        gain = values[asker * width + wish] - price[row]
        if count < gains.size:
            count += 1
        else:
            bound = max(bound, min(gain, gains[count - 1]))
            if gain <= gains[count - 1]:
                continue
        at = count - 1
        while at > 0 and gains[at - 1] < gain:
            gains[at], near.wish[asker, at] = gains[at - 1], near.wish[asker, at - 1]
            at -= 1
        gains[at], near.wish[asker, at] = gain, wish
    for at in range(count):
        wish = near.wish[asker, at]
        near.row[asker, at], near.value[asker, at] = wishes[asker, wish], values[asker * width + wish]
    near.kept[asker], near.bound[asker] = count, bound


@inlined
def _take_away(near: _Near, asker: int, at: int) -> None:
    last = near.kept[asker] - 1
    near.wish[asker, at], near.row[asker, at] = near.wish[asker, last], near.row[asker, last]
    near.value[asker, at] = near.value[asker, last]
    near.kept[asker] = last


@inlined
def _lay_down(near: _Near, asker: int, wish: int, row: int, value: float) -> None:
    """Have a wish near at hand again that went to somebody else.

    There is room: beside what was near when all were looked at, no more can come than had been given by then.
    """
    at = near.kept[asker]
    near.wish[asker, at], near.row[asker, at], near.value[asker, at] = wish, row, value
    near.kept[asker] = at + 1


@inlined
def _lowest(bids: Doubles, first: int, end: int) -> int:
    """Where the lowest of these bids is, the first of those that draw."""
    # Two plain passes: argmin looks for what is no number besides, and took a fifth of an auction longer.
    least = bids[first]
    for place in range(first + 1, end):
        least = min(least, bids[np.uint64(place)])
    for place in range(first, end):
        if bids[np.uint64(place)] == least:
            return place
    return first


@compiled(CHOICES, FLOATS, LONGS, LONG, DOUBLES, DOUBLE, LONG, LONGS, OUT_INTS, OUT_DOUBLES, OUT_LONGS, OUT_BYTES)
def auction(
    wishes: NDArray[np.int32],
    values: Floats,
    turns: Longs,
    length: int,
    dues: Doubles,
    step: float,
    many: int,
    starts: Longs,
    holders: Ints,
    bids: Doubles,
    shown: Longs,
    taken: Bytes,
) -> None:
    """Give every asker up to `length` of their wishes, nobody to more than `len(dues)` askers.

    An asker without enough bids for the best wish beside its price: as much as makes the next best as good, and a step.
    A price is the lowest bid held, or what the next place is due where that is less; who is outbid bids again. `values`
    and `taken` (1: given) are flat, line by line of `wishes`, of fewer than 65,536 a line; places of row r are
    `starts[r]` to `starts[r + 1]`, as many as can be asked for. `shown` counts from 0, and `taken` is 0. `many`, at
    least 2: how many wishes are near at hand, which changes nothing but the time it takes.
    """
    askers, width = wishes.shape
    cap = dues.size
    least = -dues[cap - 1]
    price = np.full(shown.size, dues[0])
    lowest = np.full(shown.size, -1, np.int64)
    held = np.zeros(askers, np.int64)
    queued = np.ones(askers, np.uint8)
    waiting = np.empty(askers, np.int64)
    which = np.empty(holders.size, np.uint16)
    room = (askers, many + length)
    near = _Near(
        np.empty(room, np.uint16),
        np.empty(room, np.int32),
        np.empty(room, np.float32),
        np.zeros(askers, np.int64),
        np.full(askers, np.inf),
    )
    gains = np.empty(many)
    left = turns.size
    for at in range(left):
        waiting[at] = turns[left - 1 - at]
    while left > 0:
        left -= 1
        asker = waiting[left]
        queued[asker] = 0
        while held[asker] < length:
            at, first, second = _best(near, asker, price, least)
            bound = near.bound[asker]
            if bound >= least and not first > bound <= second:
                _look_at_all(near, asker, wishes, values, taken, price, gains)
                at, first, second = _best(near, asker, price, least)
            if at < 0:
                break
            wish, row = near.wish[asker, at], near.row[asker, at]
            _take_away(near, asker, at)
            place = lowest[row]
            if place < 0:
                place = starts[row] + shown[row]
                shown[row] += 1
            else:
                loser, lost = holders[place], which[place]
                taken[loser * width + lost] = 0
                _lay_down(near, loser, lost, row, values[loser * width + lost])
                held[loser] -= 1
                if not queued[loser]:
                    queued[loser] = 1
                    waiting[left] = loser
                    left += 1
            holders[place], which[place] = asker, wish
            bids[place] = price[row] + (first - second) + step
            taken[asker * width + wish] = 1
            held[asker] += 1
            low = _lowest(bids, starts[row], starts[row] + shown[row])
            if shown[row] < cap and dues[shown[row]] <= bids[low]:
                price[row], lowest[row] = dues[shown[row]], -1
            else:
                price[row], lowest[row] = bids[low], low
