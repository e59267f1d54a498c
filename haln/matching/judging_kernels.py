"""Judge a set as it is or would be, and what a change would bring: compiled into the kernels that make changes.

Everything is in whole numbers, so that a change and its undoing restore every sum to the bit.
"""

from typing import Any

import numpy as np

from haln.compiled import inner
from haln.matching.set_facts import PARTED, SHARE_BITS, Facts, State

Whole = Any
"""A whole number: int64 where it is compiled."""

NOBODY: Whole = np.int64(-1)
NONE: Whole = np.int64(0)

Change = tuple[Whole, Whole, Whole, Whole]
"""Of breaks, weight left over, score and people away from home."""

_M1, _M2, _M4, _H = (
    np.uint64(0x5555555555555555),
    np.uint64(0x3333333333333333),
    np.uint64(0x0F0F0F0F0F0F0F0F),
    np.uint64(0x0101010101010101),
)
_U1, _U2, _U4, _U56 = (np.uint64(number) for number in (1, 2, 4, 56))
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@inner
def _bits(word: np.uint64) -> Whole:
    word = word - ((word >> _U1) & _M1)
    word = (word & _M2) + ((word >> _U2) & _M2)
    word = (word + (word >> _U4)) & _M4
    return np.int64((word * _H) >> _U56)


@inner
def _slots(facts: Facts, state: State, number: Whole, out: Whole, come: Whole, leader: Whole) -> tuple[Whole, Whole]:
    """Return how many slots a set shares, and how many of those its leader can make."""
    common, led = np.int64(0), np.int64(0)
    for word in range(facts.masks.shape[1]):
        mask = _ALL
        if come >= 0:
            mask = facts.masks[come, word]
        for at in range(state.size[number]):
            row = state.members[number, at]
            if row != out:
                mask &= facts.masks[row, word]
        common += _bits(mask)
        if leader >= 0:
            led += _bits(mask & facts.leader_masks[leader, word])
    return common, led


@inner
def _pair_score(facts: Facts, state: State, number: Whole, out: Whole, come: Whole, share: Whole) -> Whole:
    """Return the score of a set by its pairs; whoever is below their floor, and a set below its own, weighs more."""
    total, below, came, floor = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    for at in range(state.size[number]):
        row = state.members[number, at]
        if row == out:
            continue
        own = state.own[row]
        if out >= 0:
            own -= facts.pairs[row, out]
        if come >= 0:
            value = np.int64(facts.pairs[row, come])
            own += value
            came += value
        fit = (own * share) >> SHARE_BITS
        total += fit
        if fit < facts.floors[row]:
            below += facts.floors[row] - fit
        floor += facts.set_floor
    if come >= 0:
        fit = (came * share) >> SHARE_BITS
        total += fit
        if fit < facts.floors[come]:
            below += facts.floors[come] - fit
        floor += facts.set_floor
    if total < floor:
        below += (floor - total) >> 1
    return total - below


@inner
def _kinds(facts: Facts, state: State, number: Whole, out: Whole, come: Whole) -> tuple[Whole, Whole]:
    """Return the breaks and the cost of a set by the rules that count kinds of people."""
    hard, cost = np.int64(0), np.int64(0)
    for rule in range(facts.codes.shape[0]):
        wrong = np.int64(state.disorder[rule, number])
        gone, new = np.int64(-1), np.int64(-1)
        if out >= 0:
            gone = np.int64(facts.codes[rule, out])
        if come >= 0:
            new = np.int64(facts.codes[rule, come])
        if gone != new:
            if gone >= 0:
                count = state.tally[number, gone]
                wrong += facts.count_cost[rule, count - 1] - facts.count_cost[rule, count]
            if new >= 0:
                count = state.tally[number, new]
                wrong += facts.count_cost[rule, count + 1] - facts.count_cost[rule, count]
        if facts.count_hard[rule]:
            hard += wrong
        cost += wrong * facts.count_weight[rule]
    return hard, cost


@inner
def _unserved(facts: Facts, state: State, number: Whole, out: Whole, come: Whole, leader: Whole) -> Whole:
    unserved = np.int64(0)
    for at in range(state.size[number]):
        row = state.members[number, at]
        if row != out and facts.prefers[row] >= 0 and facts.prefers[row] != leader:
            unserved += 1
    if come >= 0 and facts.prefers[come] >= 0 and facts.prefers[come] != leader:
        unserved += 1
    return unserved


@inner
def judged(facts: Facts, state: State, number: Whole, out: Whole, come: Whole, leader: Whole) -> tuple[Whole, Whole]:
    """Return breaks and score of a set, had `out` left it and `come` entered it (-1: nobody) under a leader."""
    people = np.int64(state.size[number])
    if out >= 0:
        people -= 1
    if come >= 0:
        people += 1
    if people == 0:
        return np.int64(0), np.int64(0)
    hard = max(NONE, facts.least[number] - people) + max(NONE, people - facts.most[number])
    soft = facts.bonus * people - facts.balance[people]
    soft += _pair_score(facts, state, number, out, come, facts.share[people])
    if facts.codes.shape[0]:
        breaks, cost = _kinds(facts, state, number, out, come)
        hard += breaks
        soft -= cost
    common, led = np.int64(0), np.int64(0)
    if facts.masks.shape[1]:
        common, led = _slots(facts, state, number, out, come, leader)
        for rule in range(facts.slot_need.size):
            hard += max(NONE, facts.slot_need[rule] - common)
        soft += people * facts.slot_gain[common]
    if leader < 0 or led < facts.leader_need:
        hard += facts.leader_hard
        soft -= facts.leader_weight * people
    if facts.prefer_weight:
        soft -= facts.prefer_weight * _unserved(facts, state, number, out, come, leader)
    return hard, soft


@inner
def _bond_cost(facts: Facts, state: State, row: Whole, number: Whole, but: Whole) -> tuple[Whole, Whole]:
    """Return what the bonds of a row would cost in a set, but for the one with `but`."""
    hard, soft = np.int64(0), np.int64(0)
    left_over = state.hard.size
    for entry in range(facts.bond_start[row], facts.bond_start[row + 1]):
        other = facts.bond_other[entry]
        if other == but:
            continue
        if state.assigned[other] != number:
            soft += facts.bond_split_soft[entry]
            if number != left_over and state.assigned[other] != left_over:
                hard += facts.bond_split_hard[entry]
            else:
                soft += PARTED * facts.bond_split_hard[entry]
        elif number != left_over:
            hard += facts.bond_same_hard[entry]
            soft += facts.bond_same_soft[entry]
    return hard, soft


@inner
def is_away(facts: Facts, row: Whole, number: Whole) -> Whole:
    """Say (1 or 0) whether a row has a home and a set is another."""
    return np.int64(facts.home[row] >= 0 and facts.home[row] != number)


@inner
def _change_of_row(facts: Facts, state: State, row: Whole, to: Whole, but: Whole) -> Change:
    """Return the changes by bonds, being left over and being away from home when a row goes elsewhere."""
    here, left_over = np.int64(state.assigned[row]), state.hard.size
    hard_now, soft_now = _bond_cost(facts, state, row, here, but)
    hard_then, soft_then = _bond_cost(facts, state, row, to, but)
    left = NONE
    if here == left_over:
        left -= facts.left[row]
    if to == left_over:
        left += facts.left[row]
    away = is_away(facts, row, to) - is_away(facts, row, here)
    return hard_then - hard_now, left, soft_now - soft_then, away


@inner
def _change_of_set(facts: Facts, state: State, number: Whole, out: Whole, come: Whole) -> tuple[Whole, Whole]:
    if number == state.hard.size:
        return np.int64(0), np.int64(0)
    hard, soft = judged(facts, state, number, out, come, np.int64(state.leader[number]))
    return hard - state.hard[number], soft - state.soft[number]


@inner
def change_by_move(facts: Facts, state: State, row: Whole, to: Whole) -> Change:
    """Return the changes of breaks, weight left over, score and people away from home when a row moves."""
    hard, left, soft, away = _change_of_row(facts, state, row, to, NOBODY)
    hard_here, soft_here = _change_of_set(facts, state, np.int64(state.assigned[row]), row, NOBODY)
    hard_there, soft_there = _change_of_set(facts, state, to, NOBODY, row)
    return hard + hard_here + hard_there, left, soft + soft_here + soft_there, away


@inner
def change_by_swap(facts: Facts, state: State, row: Whole, other: Whole) -> Change:
    """Return the changes when two rows of different sets change places."""
    here, there = np.int64(state.assigned[row]), np.int64(state.assigned[other])
    hard, left, soft, away = _change_of_row(facts, state, row, there, other)
    hard_2, left_2, soft_2, away_2 = _change_of_row(facts, state, other, here, row)
    hard_here, soft_here = _change_of_set(facts, state, here, row, other)
    hard_there, soft_there = _change_of_set(facts, state, there, other, row)
    return (
        hard + hard_2 + hard_here + hard_there,
        left + left_2,
        soft + soft_2 + soft_here + soft_there,
        away + away_2,
    )
