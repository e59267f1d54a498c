"""What any way of sharing attention must lose at least: a bound from the dual of the problem of transport."""

import numpy as np
from numpy.typing import NDArray

from haln.compiled import CHOICES, DOUBLES, OUT_LONGS, Doubles, Longs, compiled
from haln.matching.worth import discounts

Lists = NDArray[np.int32]

STEPS = 300
_MEMORY, _SQUARES = 0.9, 0.99  # of how lists answered before, and of the squares of it (as Kingma and Ba 2015)
_FIRST, _SLOWER = 0.05, 40.0


@compiled(CHOICES, DOUBLES, DOUBLES, DOUBLES, OUT_LONGS)
def answered(wishes: Lists, gains: Doubles, prices: Doubles, discount: Doubles, demand: Longs) -> float:
    """Return what all lists gain, less prices, when each is the best for its owner at these; add up whom they ask for.

    `gains` are flat, line by line of `wishes`, each line falling: a list shows those chosen in that order, and each
    gains by the discount of its place.
    """
    askers, width = wishes.shape
    length = discount.size
    best = np.empty(length + 1)
    takes = np.zeros((width, length + 1), np.uint8)
    total = 0.0
    for asker in range(askers):
        best[:] = -np.inf
        best[0] = 0.0
        there = 0
        while there < width and wishes[asker, there] >= 0:
            gain = gains[asker * width + there]
            price = prices[wishes[asker, there]]
            takes[there, :] = 0
            for count in range(min(length, there + 1), 0, -1):
                found = best[count - 1] + discount[count - 1] * gain - price
                if found > best[count]:
                    best[count] = found
                    takes[there, count] = 1
            there += 1
        held = np.argmax(best)
        total += best[held]
        for wish in range(there - 1, -1, -1):
            if held > 0 and takes[wish, held]:
                demand[wishes[asker, wish]] += 1
                held -= 1
    return total


def most_gain(wishes: Lists, gains: Doubles, members: int, length: int, cap: int, steps: int = STEPS) -> float:
    """Return a bound that the summed gains of all lists cannot pass, whoever draws them.

    `gains` (askers, wishes; 0 or more) of whom each asker wishes for (rows, -1: no more), of which a list gets the
    discount of nDCG for the place. Nobody is in more than `cap` lists; who is not wished for gains nobody anything. By
    weak duality any prices give a bound; these descend by subgradients for so many steps (Fisher 1981).
    """
    order = np.argsort(np.where(wishes >= 0, -gains, np.inf), axis=1, kind="stable")
    lines = np.ascontiguousarray(np.take_along_axis(wishes, order, 1))
    flat = np.ascontiguousarray(np.take_along_axis(gains, order, 1)).ravel()
    discount, highest = discounts(length), float(flat.max(initial=0.0))
    prices, heading, squares = np.zeros(members), np.zeros(members), np.zeros(members)
    bound = np.inf
    for step in range(steps):
        demand = np.zeros(members, np.int64)
        value = answered(lines, flat, prices, discount, demand)
        bound = min(bound, value + cap * float(prices.sum()))
        slope = (cap - demand).astype(np.float64)
        heading = _MEMORY * heading + (1.0 - _MEMORY) * slope
        squares = _SQUARES * squares + (1.0 - _SQUARES) * slope**2
        move = _FIRST * highest / (1.0 + step / _SLOWER) * heading / (np.sqrt(squares) + 1.0)
        prices = np.maximum(0.0, prices - move)
    return bound
