"""Judge a set as it is or would be, keep the sums of a plan in the making, and anneal: compiled.

All in one file, because a kernel that is kept on disk is compiled anew only when its own file changes. Everything is
in whole numbers, so that a change and its undoing restore every sum to the bit.
"""

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from haln.compiled import INTS, LONG, LONGS, Ints, Longs, inner, lean
from haln.matching.set_facts import FACTS, PARTED, SHARE_BITS, STATE, Facts, Masks, State

Table = NDArray[np.int64]
Whole = Any
"""A whole number: int64 where it is compiled."""

_NOBODY: Whole = np.int64(-1)
_NONE: Whole = np.int64(0)
_LESS: Whole = np.int64(-1)
_MORE: Whole = np.int64(1)

Change = tuple[Whole, Whole, Whole, Whole]
"""Of breaks, weight left over, score and people away from home."""
OUT_TABLE_LONGS = types.Array(types.int64, 2, "C")

HEAT_BITS = 16

_M1, _M2, _M4, _H = (
    np.uint64(0x5555555555555555),
    np.uint64(0x3333333333333333),
    np.uint64(0x0F0F0F0F0F0F0F0F),
    np.uint64(0x0101010101010101),
)
_U1, _U2, _U4, _U7, _U13, _U17, _U32, _U56 = (np.uint64(number) for number in (1, 2, 4, 7, 13, 17, 32, 56))
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@inner
def _bits(word: np.uint64) -> Whole:
    word = word - ((word >> _U1) & _M1)
    word = (word & _M2) + ((word >> _U2) & _M2)
    word = (word + (word >> _U4)) & _M4
    return np.int64((word * _H) >> _U56)


@inner
def _below(random: Masks, number: Whole) -> Whole:
    word = random[0]
    word ^= word << _U13
    word ^= word >> _U7
    word ^= word << _U17
    random[0] = word
    return np.int64(((word >> _U32) * np.uint64(number)) >> _U32)


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
def _judged(facts: Facts, state: State, number: Whole, out: Whole, come: Whole, leader: Whole) -> tuple[Whole, Whole]:
    """Return breaks and score of a set, had `out` left it and `come` entered it (-1: nobody) under a leader."""
    people = np.int64(state.size[number])
    if out >= 0:
        people -= 1
    if come >= 0:
        people += 1
    if people == 0:
        return np.int64(0), np.int64(0)
    hard = max(_NONE, facts.least[number] - people) + max(_NONE, people - facts.most[number])
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
            hard += max(_NONE, facts.slot_need[rule] - common)
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
def _away(facts: Facts, row: Whole, number: Whole) -> Whole:
    return np.int64(facts.home[row] >= 0 and facts.home[row] != number)


@inner
def _change_of_row(facts: Facts, state: State, row: Whole, to: Whole, but: Whole) -> Change:
    """Return the changes by bonds, being left over and being away from home when a row goes elsewhere."""
    here, left_over = np.int64(state.assigned[row]), state.hard.size
    hard_now, soft_now = _bond_cost(facts, state, row, here, but)
    hard_then, soft_then = _bond_cost(facts, state, row, to, but)
    left = _NONE
    if here == left_over:
        left -= facts.left[row]
    if to == left_over:
        left += facts.left[row]
    away = _away(facts, row, to) - _away(facts, row, here)
    return hard_then - hard_now, left, soft_now - soft_then, away


@inner
def _change_of_set(facts: Facts, state: State, number: Whole, out: Whole, come: Whole) -> tuple[Whole, Whole]:
    if number == state.hard.size:
        return np.int64(0), np.int64(0)
    hard, soft = _judged(facts, state, number, out, come, np.int64(state.leader[number]))
    return hard - state.hard[number], soft - state.soft[number]


@inner
def _change_by_move(facts: Facts, state: State, row: Whole, to: Whole) -> Change:
    """Return the changes of breaks, weight left over, score and people away from home when a row moves."""
    hard, left, soft, away = _change_of_row(facts, state, row, to, _NOBODY)
    hard_here, soft_here = _change_of_set(facts, state, np.int64(state.assigned[row]), row, _NOBODY)
    hard_there, soft_there = _change_of_set(facts, state, to, _NOBODY, row)
    return hard + hard_here + hard_there, left, soft + soft_here + soft_there, away


@inner
def _change_by_swap(facts: Facts, state: State, row: Whole, other: Whole) -> Change:
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


@inner
def _count(facts: Facts, state: State, row: Whole, number: Whole, by: Whole) -> None:
    for rule in range(facts.codes.shape[0]):
        code = facts.codes[rule, row]
        if code >= 0:
            before = state.tally[number, code]
            state.tally[number, code] = before + by
            state.disorder[rule, number] += facts.count_cost[rule, before + by] - facts.count_cost[rule, before]


@inner
def _take_out(facts: Facts, state: State, row: Whole) -> None:
    number = np.int64(state.assigned[row])
    state.size[number] -= 1
    if number < state.hard.size:
        last = state.members[number, state.size[number]]
        state.members[number, state.place[row]] = last
        state.place[last] = state.place[row]
        for at in range(state.size[number]):
            other = state.members[number, at]
            state.own[other] -= facts.pairs[other, row]
        _count(facts, state, row, number, _LESS)
    state.own[row] = 0


@inner
def _put_in(facts: Facts, state: State, row: Whole, number: Whole) -> None:
    state.assigned[row] = number
    if number < state.hard.size:
        total = np.int64(0)
        for at in range(state.size[number]):
            other = state.members[number, at]
            value = np.int64(facts.pairs[other, row])
            state.own[other] += value
            total += value
        state.own[row] = total
        state.place[row] = state.size[number]
        state.members[number, state.size[number]] = row
        _count(facts, state, row, number, _MORE)
    state.size[number] += 1


@inner
def _judge_again(facts: Facts, state: State, number: Whole) -> None:
    if number < state.hard.size:
        hard, soft = _judged(facts, state, number, _NOBODY, _NOBODY, np.int64(state.leader[number]))
        state.hard[number] = hard
        state.soft[number] = soft


@inner
def _keep_totals(state: State, hard: Whole, left: Whole, soft: Whole, away: Whole) -> None:
    state.totals[0] += hard
    state.totals[1] += left
    state.totals[2] += soft
    state.totals[3] += away


@inner
def _total_of_row(facts: Facts, state: State, row: Whole) -> None:
    """Add to the totals what a row adds by itself, and by its bonds with later rows."""
    here, left_over = np.int64(state.assigned[row]), state.hard.size
    left = _NONE
    if here == left_over:
        left += facts.left[row]
    hard, soft = _NONE, _NONE
    for entry in range(facts.bond_start[row], facts.bond_start[row + 1]):
        other = facts.bond_other[entry]
        if other < row:
            continue
        if state.assigned[other] != here:
            soft -= facts.bond_split_soft[entry]
            if here != left_over and state.assigned[other] != left_over:
                hard += facts.bond_split_hard[entry]
            else:
                soft -= PARTED * facts.bond_split_hard[entry]
        elif here != left_over:
            hard += facts.bond_same_hard[entry]
            soft -= facts.bond_same_soft[entry]
    _keep_totals(state, hard, left, soft, _away(facts, row, here))


@inner
def _fill_table(facts: Facts, state: State) -> None:
    state.table[:] = 0
    for row in range(state.assigned.size):
        if state.assigned[row] < state.hard.size:
            for other in range(state.assigned.size):
                state.table[state.assigned[row], other] += facts.pairs[row, other]


@lean(FACTS, STATE)
def recount(facts: Facts, state: State) -> None:
    """Compute all sums of a state from `assigned` and `leader` alone."""
    state.own[:] = 0
    state.load[:] = 0
    state.size[:] = 0
    state.totals[:] = 0
    state.tally[:] = 0
    state.disorder[:] = 0
    for row in range(state.assigned.size):
        _put_in(facts, state, row, np.int64(state.assigned[row]))
    for number in range(state.hard.size):
        if state.leader[number] >= 0:
            state.load[state.leader[number]] += 1
        _judge_again(facts, state, number)
        _keep_totals(state, state.hard[number], _NONE, state.soft[number], _NONE)
    for row in range(state.assigned.size):
        _total_of_row(facts, state, row)
    if facts.linear:
        _fill_table(facts, state)


@lean(FACTS, STATE, LONG, LONG)
def move(facts: Facts, state: State, row: Whole, to: Whole) -> None:
    """Move a row to another set (or among those left over) and keep all sums."""
    here = np.int64(state.assigned[row])
    hard, left, soft, away = _change_by_move(facts, state, row, to)
    _take_out(facts, state, row)
    _put_in(facts, state, row, to)
    _judge_again(facts, state, here)
    _judge_again(facts, state, to)
    _keep_totals(state, hard, left, soft, away)


@lean(FACTS, STATE, LONG, LONG)
def swap(facts: Facts, state: State, row: Whole, other: Whole) -> None:
    """Let two rows of different sets change places and keep all sums."""
    here, there = np.int64(state.assigned[row]), np.int64(state.assigned[other])
    hard, left, soft, away = _change_by_swap(facts, state, row, other)
    _take_out(facts, state, row)
    _take_out(facts, state, other)
    _put_in(facts, state, row, there)
    _put_in(facts, state, other, here)
    _judge_again(facts, state, here)
    _judge_again(facts, state, there)
    _keep_totals(state, hard, left, soft, away)


@lean(FACTS, STATE, LONG, LONG)
def lead(facts: Facts, state: State, number: Whole, leader: Whole) -> None:
    """Give a set another leader (-1: none) and keep all sums."""
    if state.leader[number] >= 0:
        state.load[state.leader[number]] -= 1
    if leader >= 0:
        state.load[leader] += 1
    hard, soft = _judged(facts, state, number, _NOBODY, _NOBODY, leader)
    _keep_totals(state, hard - state.hard[number], _NONE, soft - state.soft[number], _NONE)
    state.leader[number] = leader
    state.hard[number] = hard
    state.soft[number] = soft


@lean(FACTS, STATE, LONG, INTS, OUT_TABLE_LONGS)
def move_changes(facts: Facts, state: State, row: int, targets: Ints, changes: Table) -> None:
    """Fill a line per target with the changes of breaks, weight left over, score and people away by moving a row."""
    for line in range(targets.size):
        if targets[line] != state.assigned[row]:
            hard, left, soft, away = _change_by_move(facts, state, row, np.int64(targets[line]))
            changes[line, 0], changes[line, 1], changes[line, 2], changes[line, 3] = hard, left, soft, away


@lean(FACTS, STATE, LONG, INTS, OUT_TABLE_LONGS)
def swap_changes(facts: Facts, state: State, row: int, others: Ints, changes: Table) -> None:
    """Fill a line per other row with the changes of breaks, weight left over, score and people away by a swap."""
    for line in range(others.size):
        if state.assigned[others[line]] != state.assigned[row]:
            hard, left, soft, away = _change_by_swap(facts, state, row, np.int64(others[line]))
            changes[line, 0], changes[line, 1], changes[line, 2], changes[line, 3] = hard, left, soft, away


@inner
def _taken(gain: Whole, heat: Whole, chances: Longs, random: Masks) -> Whole:
    """Say whether a change of energy is accepted: always unless it loses, else by the odds of its loss at this heat."""
    if gain >= 0:
        return True
    if heat == 0:
        return False
    accepted: Whole = -gain <= (heat * chances[_below(random, chances.size)]) >> HEAT_BITS
    return accepted


@inner
def _try_leaders(facts: Facts, state: State, open_sets: Ints, heat: Whole, penalty: Whole, chances: Longs) -> None:
    """Propose another leader for a set, or that two sets change theirs."""
    number = np.int64(open_sets[_below(state.random, open_sets.size)])
    leader = _below(state.random, facts.leader_room.size)
    now = np.int64(state.leader[number])
    if leader == now:
        return
    other = _NOBODY
    if state.load[leader] >= facts.leader_room[leader]:
        other = np.int64(open_sets[_below(state.random, open_sets.size)])
        leader = np.int64(state.leader[other])
        if other == number or leader == now or leader < 0:
            return
    hard, soft = _judged(facts, state, number, _NOBODY, _NOBODY, leader)
    hard -= state.hard[number]
    soft -= state.soft[number]
    if other >= 0:
        hard_2, soft_2 = _judged(facts, state, other, _NOBODY, _NOBODY, now)
        hard += hard_2 - state.hard[other]
        soft += soft_2 - state.soft[other]
    if _taken(soft - penalty * hard, heat, chances, state.random):
        lead(facts, state, number, leader)
        if other >= 0:
            lead(facts, state, other, now)


@inner
def _roomy(facts: Facts, state: State, here: Whole, to: Whole) -> Whole:
    """Say whether one more fits into a set and one fewer does not make the other too small."""
    sets = state.hard.size
    if to < sets and state.size[to] >= facts.most[to]:
        return False
    return here == sets or state.size[here] != facts.least[here]


@inner
def _anneal_sums(
    facts: Facts, state: State, movable: Ints, open_sets: Ints, rounds: Whole, heat: Whole, chances: Longs
) -> None:
    """Anneal where a plan is worth the sum of its pairs: every change is looked up in `State.table`."""
    table, pairs, assigned = state.table, facts.pairs, state.assigned
    sizes_vary = False
    for number in range(state.hard.size):
        sizes_vary = sizes_vary or facts.least[number] < facts.most[number]
    for turn in range(rounds):
        row = np.int64(movable[_below(state.random, movable.size)])
        here = np.int64(assigned[row])
        if sizes_vary and turn & 3 == 0:
            to = np.int64(open_sets[_below(state.random, open_sets.size)])
            if to == here or not _roomy(facts, state, here, to):
                continue
            gain = 2 * (np.int64(table[to, row]) - table[here, row])
            if _taken(gain, heat, chances, state.random):
                _shift(facts, state, row, here, to)
                state.totals[2] += gain
            continue
        other = np.int64(movable[_below(state.random, movable.size)])
        to = np.int64(assigned[other])
        if to == here:
            continue
        gain = 2 * (np.int64(table[to, row]) - table[here, row] + table[here, other] - table[to, other])
        # Pairs are worth nothing or more, so that the pair itself can only lower the gain: most swaps are refused
        # without looking it up, which is the dearest of the five looks.
        loss = (heat * chances[_below(state.random, chances.size)]) >> HEAT_BITS
        if -gain > loss:
            continue
        gain -= 4 * np.int64(pairs[row, other])
        if -gain <= loss:
            state.totals[2] += gain
            assigned[row], assigned[other] = to, here
            for at in range(assigned.size):
                change = np.int32(pairs[row, at]) - np.int32(pairs[other, at])
                table[to, at] += change
                table[here, at] -= change


@inner
def _shift(facts: Facts, state: State, row: Whole, here: Whole, to: Whole) -> None:
    state.assigned[row] = to
    state.size[here] -= 1
    state.size[to] += 1
    for at in range(state.assigned.size):
        state.table[to, at] += facts.pairs[row, at]
        state.table[here, at] -= facts.pairs[row, at]


@lean(FACTS, STATE, INTS, INTS, LONG, LONG, LONG, LONG, LONG, LONGS)
def anneal(
    facts: Facts,
    state: State,
    movable: Ints,
    open_sets: Ints,
    rounds: int,
    heat: int,
    penalty: int,
    left_penalty: int,
    stay: int,
    chances: Longs,
) -> None:
    """Make `rounds` proposals at one heat: rows of `movable` swap, move to `open_sets` or among those left over.

    A break costs `penalty`, each unit of weight left over `left_penalty`, being away from home `stay`. `chances` are
    -log of evenly spaced odds in 1/2**HEAT_BITS, a power of two of them. Where `Facts.linear`, only `assigned`, `size`,
    `table` and the total score are kept: recount afterwards. Nothing happens without a set or a movable row.
    """
    if movable.size == 0 or open_sets.size == 0:
        return
    if facts.linear:
        _anneal_sums(facts, state, movable, open_sets, rounds, heat, chances)
        return
    sets = state.hard.size
    leaders = facts.leader_room.size > 0
    for turn in range(rounds):
        if leaders and turn & 15 == 0:
            _try_leaders(facts, state, open_sets, heat, penalty, chances)
            continue
        row = np.int64(movable[_below(state.random, movable.size)])
        here = np.int64(state.assigned[row])
        other = _NOBODY
        if turn & 3 == 1:
            choice = _below(state.random, open_sets.size + 1)
            to = np.int64(open_sets[choice]) if choice < open_sets.size else sets
            if to == here or not _roomy(facts, state, here, to):
                continue
            hard, left, soft, away = _change_by_move(facts, state, row, to)
        else:
            other = np.int64(movable[_below(state.random, movable.size)])
            if state.assigned[other] == here:
                continue
            hard, left, soft, away = _change_by_swap(facts, state, row, other)
        gain = soft - penalty * hard - left_penalty * left - stay * away
        if _taken(gain, heat, chances, state.random):
            if other >= 0:
                swap(facts, state, row, other)
            else:
                move(facts, state, row, to)
