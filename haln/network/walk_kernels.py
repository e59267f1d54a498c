"""Compiled loops over neighbours that change from day to day.

All pairs that are ever tied have their two places in the lists of neighbours once and for all. In each list those who
are tied now come first, up to its end in `ends`; whoever is not comes behind them.
"""

from __future__ import annotations

import numpy as np

from haln.compiled import (
    INTS,
    LONGS,
    OUT_BYTES,
    OUT_INTS,
    OUT_LONGS,
    Bytes,
    Ints,
    Longs,
    compiled,
    inlined,
)

UNKNOWN = -1
"""The group of a member of whom it is not known, and the spell of one who is not there."""


@compiled(INTS, INTS, INTS, OUT_INTS, OUT_INTS, OUT_INTS)
def laid_out(low: Ints, high: Ints, starts: Ints, others: Ints, tie: Ints, at: Ints) -> None:
    """Give each pair two places: `tie` is the pair of a place, `at` the places of each pair, first that of `low`."""
    free = starts[:-1].copy()
    for pair in range(low.size):
        for side in range(2):
            node, other = (low[pair], high[pair]) if side == 0 else (high[pair], low[pair])
            place = free[node]
            others[place], tie[place], at[2 * pair + side] = other, pair, place
            free[node] += 1


@inlined
def _swap(others: Ints, tie: Ints, at: Ints, low: Ints, one: int, other: int) -> None:
    """Let two places of one list change what is in them."""
    for place, to in ((one, other), (other, one)):
        pair = tie[place]
        at[2 * pair + (1 if low[pair] == others[place] else 0)] = to
    others[one], others[other] = others[other], others[one]
    tie[one], tie[other] = tie[other], tie[one]


@inlined
def take_out(pair: int, low: Ints, high: Ints, others: Ints, tie: Ints, at: Ints, ends: Ints) -> None:
    """Let the two of a pair be tied no longer: each goes behind the end of the other's list."""
    for side in range(2):
        node = low[pair] if side == 0 else high[pair]
        ends[node] -= 1
        _swap(others, tie, at, low, at[2 * pair + side], ends[node])


@inlined
def put_in(pair: int, low: Ints, high: Ints, others: Ints, tie: Ints, at: Ints, ends: Ints) -> None:
    """Let the two of a pair be tied from now on."""
    for side in range(2):
        node = low[pair] if side == 0 else high[pair]
        _swap(others, tie, at, low, at[2 * pair + side], ends[node])
        ends[node] += 1


@compiled(INTS, INTS, INTS, INTS, OUT_INTS, OUT_INTS, OUT_INTS, OUT_INTS)
def moved(lost: Ints, made: Ints, low: Ints, high: Ints, others: Ints, tie: Ints, at: Ints, ends: Ints) -> None:
    """Take pairs out of the lists, then put others in."""
    for number in range(lost.size):
        take_out(lost[number], low, high, others, tie, at, ends)
    for number in range(made.size):
        put_in(made[number], low, high, others, tie, at, ends)


_PAIRS = (INTS, INTS, INTS, INTS, INTS, INTS)


@compiled(*_PAIRS, LONGS, INTS, INTS, OUT_INTS, OUT_LONGS, OUT_BYTES, OUT_INTS)
def differing(
    starts: Ints,
    ends: Ints,
    tie: Ints,
    low: Ints,
    high: Ints,
    at: Ints,
    rows: Longs,
    ended: Ints,
    begun: Ints,
    held: Ints,
    spell: Longs,
    asked: Bytes,
    found: Ints,
) -> tuple[int, int]:
    """Find which pairs are tied no longer, and which are now; write them to `found`, the latter from its end backwards.

    `ended` and `begun` are pairs of whose spells one ends or begins, `rows` are members whose spell is another now.
    `held` is how many spells of each pair hold; `asked` is all 0 and stays so. Returns how many of both there are.
    """
    queue = np.empty(found.size, np.int32)
    count = 0
    for number in range(ended.size + begun.size):
        pair = ended[number] if number < ended.size else begun[number - ended.size]
        held[pair] += -1 if number < ended.size else 1
        if not asked[pair]:
            asked[pair] = 1
            queue[count] = pair
            count += 1
    for number in range(rows.size):
        for place in range(starts[rows[number]], starts[rows[number] + 1]):
            pair = tie[place]
            if not asked[pair]:
                asked[pair] = 1
                queue[count] = pair
                count += 1
    lost, made = 0, 0
    for number in range(count):
        pair = queue[number]
        asked[pair] = 0
        tied = held[pair] > 0 and spell[low[pair]] >= 0 and spell[high[pair]] >= 0
        before = at[2 * pair] < ends[low[pair]]
        if before and not tied:
            found[lost] = pair
            lost += 1
        elif tied and not before:
            made += 1
            found[found.size - made] = pair
    return lost, made


@compiled(INTS, INTS, INTS, INTS, OUT_INTS, OUT_LONGS)
def ranked(lost: Ints, made: Ints, low: Ints, high: Ints, degree: Ints, counts: Longs) -> None:
    """Follow each member's number of ties, and how many members have each number."""
    for number in range(lost.size + made.size):
        gone = number < lost.size
        pair = lost[number] if gone else made[number - lost.size]
        for side in range(2):
            node = low[pair] if side == 0 else high[pair]
            counts[degree[node]] -= 1
            degree[node] += -1 if gone else 1
            counts[degree[node]] += 1


@inlined
def _tabled(table: Longs, many: int, one: int, other: int, step: int) -> None:
    """Count a tie between two groups in both cells of a table; those who are not known are the last group."""
    one, other = one if one >= 0 else many - 1, other if other >= 0 else many - 1
    table[one * many + other] += step
    table[other * many + one] += step


@compiled(INTS, INTS, INTS, LONGS, INTS, INTS, INTS, INTS, INTS, OUT_INTS, OUT_LONGS)
def mixed(
    starts: Ints,
    ends: Ints,
    others: Ints,
    rows: Longs,
    groups: Ints,
    lost: Ints,
    made: Ints,
    low: Ints,
    high: Ints,
    group: Ints,
    table: Longs,
) -> None:
    """Follow how many ties there are between groups: first pairs are lost, then members change group, then pairs made.

    The lists are those after pairs were lost, and before others are made.
    """
    many = int(np.sqrt(table.size) + 0.5)
    for number in range(lost.size):
        _tabled(table, many, group[low[lost[number]]], group[high[lost[number]]], -1)
    for number in range(rows.size):
        row = rows[number]
        if group[row] != groups[number]:
            for place in range(starts[row], ends[row]):
                _tabled(table, many, group[row], group[others[place]], -1)
                _tabled(table, many, groups[number], group[others[place]], 1)
            group[row] = groups[number]
    for number in range(made.size):
        _tabled(table, many, group[low[made[number]]], group[high[made[number]]], 1)


@compiled(INTS, INTS, INTS, LONGS, OUT_BYTES)
def within(starts: Ints, ends: Ints, others: Ints, some: Longs, mark: Bytes) -> int:
    """How many ties some members have among each other; `mark` is all 0 and stays so."""
    for number in range(some.size):
        mark[some[number]] = 1
    count = 0
    for number in range(some.size):
        for place in range(starts[some[number]], ends[some[number]]):
            count += mark[others[place]]
    for number in range(some.size):
        mark[some[number]] = 0
    return count // 2
