"""Keep the sums of a plan in the making while people come and go, and list what changes would bring: compiled."""

import numpy as np
from numba import types
from numpy.typing import NDArray

from haln.compiled import INTS, LONG, Ints, inner, lean
from haln.matching.judging_kernels import NOBODY, NONE, Whole, change_by_move, change_by_swap, is_away, judged
from haln.matching.set_facts import FACTS, PARTED, STATE, Facts, State

Table = NDArray[np.int64]
OUT_TABLE_LONGS = types.Array(types.int64, 2, "C")

_LESS: Whole = np.int64(-1)
_MORE: Whole = np.int64(1)


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
        hard, soft = judged(facts, state, number, NOBODY, NOBODY, np.int64(state.leader[number]))
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
    left = NONE
    if here == left_over:
        left += facts.left[row]
    hard, soft = NONE, NONE
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
    _keep_totals(state, hard, left, soft, is_away(facts, row, here))


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
        _keep_totals(state, state.hard[number], NONE, state.soft[number], NONE)
    for row in range(state.assigned.size):
        _total_of_row(facts, state, row)
    if facts.linear:
        _fill_table(facts, state)


@lean(FACTS, STATE, LONG, LONG)
def move(facts: Facts, state: State, row: Whole, to: Whole) -> None:
    """Move a row to another set (or among those left over) and keep all sums."""
    here = np.int64(state.assigned[row])
    hard, left, soft, away = change_by_move(facts, state, row, to)
    _take_out(facts, state, row)
    _put_in(facts, state, row, to)
    _judge_again(facts, state, here)
    _judge_again(facts, state, to)
    _keep_totals(state, hard, left, soft, away)


@lean(FACTS, STATE, LONG, LONG)
def swap(facts: Facts, state: State, row: Whole, other: Whole) -> None:
    """Let two rows of different sets change places and keep all sums."""
    here, there = np.int64(state.assigned[row]), np.int64(state.assigned[other])
    hard, left, soft, away = change_by_swap(facts, state, row, other)
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
    hard, soft = judged(facts, state, number, NOBODY, NOBODY, leader)
    _keep_totals(state, hard - state.hard[number], NONE, soft - state.soft[number], NONE)
    state.leader[number] = leader
    state.hard[number] = hard
    state.soft[number] = soft


@lean(FACTS, STATE, LONG, INTS, OUT_TABLE_LONGS)
def move_changes(facts: Facts, state: State, row: int, targets: Ints, changes: Table) -> None:
    """Fill a line per target with the changes of breaks, weight left over, score and people away by moving a row."""
    for line in range(targets.size):
        if targets[line] != state.assigned[row]:
            hard, left, soft, away = change_by_move(facts, state, row, np.int64(targets[line]))
            changes[line, 0], changes[line, 1], changes[line, 2], changes[line, 3] = hard, left, soft, away


@lean(FACTS, STATE, LONG, INTS, OUT_TABLE_LONGS)
def swap_changes(facts: Facts, state: State, row: int, others: Ints, changes: Table) -> None:
    """Fill a line per other row with the changes of breaks, weight left over, score and people away by a swap."""
    for line in range(others.size):
        if state.assigned[others[line]] != state.assigned[row]:
            hard, left, soft, away = change_by_swap(facts, state, row, np.int64(others[line]))
            changes[line, 0], changes[line, 1], changes[line, 2], changes[line, 3] = hard, left, soft, away
