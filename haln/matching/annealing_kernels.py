"""Anneal a plan: propose changes at random, and accept those that lose by the odds of their loss. Compiled."""

import numpy as np

from haln.compiled import INTS, LONG, LONGS, Ints, Longs, inner, lean
from haln.matching.judging_kernels import NOBODY, Whole, change_by_move, change_by_swap, judged
from haln.matching.set_facts import FACTS, STATE, Facts, Masks, State
from haln.matching.set_kernels import lead, move, swap

HEAT_BITS = 16

_U7, _U13, _U17, _U32 = (np.uint64(number) for number in (7, 13, 17, 32))


@inner
def _below(random: Masks, number: Whole) -> Whole:
    word = random[0]
    word ^= word << _U13
    word ^= word >> _U7
    word ^= word << _U17
    random[0] = word
    return np.int64(((word >> _U32) * np.uint64(number)) >> _U32)


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
    other = NOBODY
    if state.load[leader] >= facts.leader_room[leader]:
        other = np.int64(open_sets[_below(state.random, open_sets.size)])
        leader = np.int64(state.leader[other])
        if other == number or leader == now or leader < 0:
            return
    hard, soft = judged(facts, state, number, NOBODY, NOBODY, leader)
    hard -= state.hard[number]
    soft -= state.soft[number]
    if other >= 0:
        hard_2, soft_2 = judged(facts, state, other, NOBODY, NOBODY, now)
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
        other = NOBODY
        if turn & 3 == 1:
            choice = _below(state.random, open_sets.size + 1)
            to = np.int64(open_sets[choice]) if choice < open_sets.size else sets
            if to == here or not _roomy(facts, state, here, to):
                continue
            hard, left, soft, away = change_by_move(facts, state, row, to)
        else:
            other = np.int64(movable[_below(state.random, movable.size)])
            if state.assigned[other] == here:
                continue
            hard, left, soft, away = change_by_swap(facts, state, row, other)
        gain = soft - penalty * hard - left_penalty * left - stay * away
        if _taken(gain, heat, chances, state.random):
            if other >= 0:
                swap(facts, state, row, other)
            else:
                move(facts, state, row, to)
