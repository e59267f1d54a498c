"""Find the sets that are worth most beyond what their people cost: depth-first branch and bound, compiled.

A set is worth its score under the rules, as `judging_kernels` judges it, with the bonds within it, less the price of
each of its people and of its facilitator. Rows are those of a `Menu`: people who must sit together stand side by side.

The bound of an unfinished set lets a straight line stand for every bend of the score (people and sets below their floor
weigh more), and lets everyone who may still come bring the best company there is. Sums are in whole numbers, bounds are
not: they are taken one unit too high.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from haln.compiled import DOUBLE, DOUBLES, LONG, TABLE, Doubles, Ints, Longs, compiled, inlined
from haln.matching.pricing_arrays import FINDS, FINE, MENU, WAY, Finds, Menu, Reals, Way, way_for
from haln.matching.set_facts import SHARE_BITS, Masks

Whole = Any
"""A whole number: int64 where it is compiled."""
Real = Any
Flag = Any

NOBODY_CAN = 1e30
"""The price of a facilitator without any room."""

_NOT_ALLOWED = -(1 << 62)

_M1, _M2, _M4, _H = (
    np.uint64(0x5555555555555555),
    np.uint64(0x3333333333333333),
    np.uint64(0x0F0F0F0F0F0F0F0F),
    np.uint64(0x0101010101010101),
)
_U1, _U2, _U4, _U56 = (np.uint64(number) for number in (1, 2, 4, 56))


@inlined
def _bits(word: np.uint64) -> Whole:
    word = word - ((word >> _U1) & _M1)
    word = (word & _M2) + ((word >> _U2) & _M2)
    word = (word + (word >> _U4)) & _M4
    return np.int64((word * _H) >> _U56)


@inlined
def _shared(one: Masks, other: Masks) -> Whole:
    total = np.int64(0)
    for word in range(one.size):
        total += _bits(one[word] & other[word])
    return total


@inlined
def _leader_cost(menu: Menu, chosen: Ints, here: Whole, size: Whole, mask: Masks, leader: Whole) -> Whole:
    """Return what a set of `size` loses under a leader (-1: none) by the people so far; below 0: it must not be."""
    late = True
    if leader >= 0:
        late = _shared(mask, menu.leader_masks[leader]) < menu.leader_need
    if late and menu.leader_hard:
        return np.int64(-1)
    cost = menu.leader_weight * size if late else np.int64(0)
    for at in range(here if menu.prefer_weight else 0):
        prefers = menu.prefers[chosen[at]]
        if prefers >= 0 and prefers != leader:
            cost += menu.prefer_weight
    return cost


@inlined
def _best_leader(
    menu: Menu, chosen: Ints, here: Whole, size: Whole, mask: Masks, leader_prices: Doubles
) -> tuple[Real, Whole]:
    """Return the least that a leader can cost, their price counted, and who it is; `NOBODY_CAN` where nobody can."""
    best, who = NOBODY_CAN, -1
    for leader in range(-1, leader_prices.size):
        price = leader_prices[leader] if leader >= 0 else 0.0
        if price >= NOBODY_CAN:
            continue
        cost = _leader_cost(menu, chosen, here, size, mask, leader)
        if cost >= 0 and cost + price < best:
            best, who = cost + price, leader
    return best, who


@inlined
def _worth(menu: Menu, chosen: Ints, size: Whole, common: Whole) -> Whole:
    """Return the score of a whole set but for its leader; `_NOT_ALLOWED` where a hard count is out of order."""
    total, below, bonds = np.int64(0), np.int64(0), np.int64(0)
    for at in range(size):
        row = chosen[at]
        own: Whole = np.int64(0)
        for other in range(size):
            own += menu.pairs[row, chosen[other]]
            if other < at:
                bonds += menu.bonds[row, chosen[other]]
        fit = (own * menu.share[size]) >> SHARE_BITS
        total += fit
        below += max(np.int64(0), menu.floors[row] - fit)
    below += max(np.int64(0), menu.set_floor * size - total) >> 1
    worth = total - below + bonds + menu.bonus * size - menu.balance[size] + size * menu.slot_gain[common]
    for rule in range(menu.codes.shape[0]):
        wrong = np.int64(0)
        for at in range(size):
            code = menu.codes[rule, chosen[at]]
            count, earlier = 0, False
            for other in range(size if code >= 0 else 0):
                if menu.codes[rule, chosen[other]] == code:
                    count += 1
                    earlier |= other < at
            if count and not earlier:
                wrong += menu.count_cost[rule, count]
        if wrong and menu.count_hard[rule]:
            return _NOT_ALLOWED
        worth -= wrong * menu.count_weight[rule]
    return worth


@inlined
def _into(top: Doubles, count: Whole, value: float) -> None:
    """Keep the `count` largest values in descending order."""
    at = count - 1
    if count == 0 or value <= top[at]:
        return
    while at > 0 and top[at - 1] < value:
        top[at] = top[at - 1]
        at -= 1
    top[at] = value


@inlined
def _company(menu: Menu, weights: Reals, some: Ints, many: Whole, size: Whole, company: Reals) -> None:
    """Fill for each of some rows what the best 0, 1, 2 … of the others would add as company."""
    top = np.empty(size)
    for at in range(many):
        row = some[at]
        top[:] = -NOBODY_CAN
        for other in range(many):
            if other != at and menu.may[row, some[other]]:
                _into(top, size - 1, weights[row, some[other]])
        company[row, 0] = 0.0
        for number in range(1, size):
            company[row, number] = company[row, number - 1] + max(top[number - 1], -NOBODY_CAN / 100)


@inlined
def _best_rest(lines: Doubles, dots: Doubles, company: Reals, some: Ints, many: Whole, missing: Whole) -> Real:
    """Return the most that `missing` of some rows can add, half of each pair among them counted for each of the two."""
    top = np.full(missing, -NOBODY_CAN)
    for at in range(many):
        row = some[at]
        _into(top, missing, lines[row] + dots[row] + 0.5 * company[row, missing - 1])
    return top.sum()


@inlined
def _added_cost(menu: Menu, tally: Longs, row: Whole) -> Whole:
    """Return what one more person loses by counts that can only grow; below 0: a hard one would be out of order."""
    cost = np.int64(0)
    for rule in range(menu.codes.shape[0]):
        code = menu.codes[rule, row]
        if code >= 0 and menu.count_grows[rule]:
            count = tally[code]
            more = menu.count_cost[rule, count + 1] - menu.count_cost[rule, count]
            if more and menu.count_hard[rule]:
                return np.int64(-1)
            cost += more * menu.count_weight[rule]
    return cost


@inlined
def _count(menu: Menu, tally: Longs, row: Whole, by: Whole) -> None:
    for rule in range(menu.codes.shape[0]):
        if menu.codes[rule, row] >= 0:
            tally[menu.codes[rule, row]] += by


@inlined
def _keep(
    menu: Menu,
    chosen: Ints,
    size: Whole,
    mask: Masks,
    prices: Doubles,
    leader_prices: Doubles,
    limit: float,
    finds: Finds,
) -> Real:
    """Write a whole set down if it gains more than `limit`; return what it gains."""
    worth = _worth(menu, chosen, size, _shared(mask, mask))
    cost, leader = _best_leader(menu, chosen, size, size, mask, leader_prices)
    if worth == _NOT_ALLOWED or cost >= NOBODY_CAN:
        return -NOBODY_CAN
    gain = worth - cost
    for at in range(size):
        gain -= prices[chosen[at]]
    line = finds.done[0]
    if gain > limit and line < finds.leaders.size:
        finds.rows[line, :] = chosen[:size]
        finds.leaders[line] = leader
        finds.worth[line] = worth - _leader_cost(menu, chosen, size, size, mask, leader)
        finds.gains[line] = gain
        finds.done[0] += 1
    return gain


@inlined
def _may_come(menu: Menu, way: Way, depth: Whole, row: Whole) -> Flag:
    """Say whether a row may be the next, by those it must sit with, its time and its kind."""
    before = way.chosen[depth - 1] if depth else -1
    if menu.follows[row] and (depth == 0 or before != row - 1):
        return False
    if depth and menu.leads_on[before] and row != before + 1:
        return False
    if _shared(way.mask[depth], menu.masks[row]) < menu.need:
        return False
    return _added_cost(menu, way.tally, row) >= 0


@inlined
def _narrow(menu: Menu, way: Way, weights: Reals, depth: Whole, row: Whole) -> None:
    """Keep those who may still come once a row has come, and what they have with the people so far."""
    here, left = depth + 1, 0
    for place in range(way.at[depth], way.many[depth]):
        other = way.some[depth, place]
        if menu.may[row, other] and _shared(way.mask[here], menu.masks[other]) >= menu.need:
            way.some[here, left] = other
            way.dots[here, other] = way.dots[depth, other] + weights[row, other]
            left += 1
    way.many[here], way.at[here] = left, 0


@inlined
def _promises(
    menu: Menu,
    way: Way,
    weights: Reals,
    lines: Doubles,
    leader_prices: Doubles,
    depth: Whole,
    size: Whole,
    limit: float,
) -> Flag:
    """Say whether a set that has just been added to could still gain more than `limit`."""
    here = depth + 1
    left = way.many[here]
    led, _ = _best_leader(menu, way.chosen, here, size, way.mask[here], leader_prices)
    if left < size - here or led >= NOBODY_CAN:
        return False
    common = _shared(way.mask[here], way.mask[here])
    bound = way.base[here] + 1 - way.lost[here] - led - menu.balance[size] + size * menu.slot_gain[common]
    known = way.company[min(depth, FINE)]
    if bound + _best_rest(lines, way.dots[here], known, way.some[here], left, size - here) <= limit:
        return False
    if here > FINE:
        return True
    known = way.company[here]
    _company(menu, weights, way.some[here], left, size, known)
    return bound + _best_rest(lines, way.dots[here], known, way.some[here], left, size - here) > limit


@inlined
def _join(menu: Menu, way: Way, lines: Doubles, depth: Whole, row: Whole) -> None:
    here = depth + 1
    way.chosen[depth] = row
    way.mask[here] = way.mask[depth] & menu.masks[row]
    way.base[here] = way.base[depth] + lines[row] + way.dots[depth, row]
    way.lost[here] = way.lost[depth] + _added_cost(menu, way.tally, row)


@inlined
def _back(menu: Menu, way: Way, depth: Whole) -> Whole:
    if depth:
        _count(menu, way.tally, way.chosen[depth - 1], -1)
    return depth - 1


@inlined
def _spent(finds: Finds, allowance: Whole) -> Flag:
    finds.done[1] += 1
    return finds.done[1] > allowance or finds.done[0] == finds.leaders.size


@compiled(MENU, WAY, LONG, TABLE, DOUBLES, DOUBLES, DOUBLES, DOUBLE, LONG, LONG, FINDS)
def _search(
    menu: Menu,
    way: Way,
    size: int,
    weights: Reals,
    lines: Doubles,
    prices: Doubles,
    leader_prices: Doubles,
    least: float,
    every: int,
    allowance: int,
    finds: Finds,
) -> None:
    _company(menu, weights, way.some[0], way.many[0], size, way.company[0])
    depth, limit = 0, least
    while depth >= 0:
        if way.at[depth] + size - depth > way.many[depth]:
            depth = _back(menu, way, depth)
            continue
        row = way.some[depth, way.at[depth]]
        way.at[depth] += 1
        if depth == 0 and not every:
            limit = least
        if _spent(finds, allowance):
            return
        if not _may_come(menu, way, depth, row):
            continue
        _join(menu, way, lines, depth, row)
        if depth + 1 < size:
            _narrow(menu, way, weights, depth, row)
            if _promises(menu, way, weights, lines, leader_prices, depth, size, limit):
                _count(menu, way.tally, row, 1)
                depth += 1
        elif not menu.leads_on[row]:
            gain = _keep(menu, way.chosen, size, way.mask[size], prices, leader_prices, limit, finds)
            if not every:
                limit = max(limit, gain)
    finds.done[2] = 1


def price(
    menu: Menu,
    size: int,
    weights: Reals,
    lines: Doubles,
    prices: Doubles,
    leader_prices: Doubles,
    least: float,
    every: bool,
    allowance: int,
    room: int,
) -> Finds:
    """Find the sets of `size` that gain more than `least`: every one, or ever better ones for each first row.

    `weights` by pair and `lines` by row: what they add in the bound, `lines` less the row's price. Stops after
    `allowance` nodes or with `room` finds; `done[2]` of what it returns is 1 only where nothing was passed over.
    """
    finds = Finds(
        rows=np.zeros((room, size), np.int32),
        leaders=np.zeros(room, np.int32),
        worth=np.zeros(room, np.int64),
        gains=np.zeros(room, np.float64),
        done=np.zeros(3, np.int64),
    )
    _search(menu, way_for(menu, size), size, weights, lines, prices, leader_prices, least, int(every), allowance, finds)
    return finds
