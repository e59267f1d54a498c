"""Anneal a plan: hot at first, colder by steps, with rules that are a must weighing more and more.

Everything that decides is a whole number and comes from a seed; nothing looks at a clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from haln.compiled import Ints, Longs
from haln.matching.annealing_kernels import HEAT_BITS, anneal
from haln.matching.arrangement import Arrangement
from haln.matching.plan_state import state_of
from haln.matching.set_facts import ONE, UNIT, Facts, State
from haln.matching.set_kernels import recount, swap_changes

STEPS = 48
"""Heats of one descent, and so how often its watcher is asked."""

PERSON = UNIT * ONE
"""What one person is worth at most."""

BREAK = 16 * PERSON
"""What a break costs at last: more than to leave over whoever waited longest, which costs 12 x PERSON."""

LEFT = PERSON
"""What a unit of weight left over costs at last; everybody weighs at least 4."""

_STRICT_FROM = 0.6
_CHANCES = np.array([round(-math.log((k + 0.5) / 4096) * (1 << HEAT_BITS)) for k in range(4096)], np.int64)

Key = tuple[int, int, int, int]
"""To compare plans: breaks, weight left over, people away from home where few should be, less the score; less wins."""


@dataclass(frozen=True)
class Freedom:
    """What may change: rows that may move, and sets that they may enter."""

    rows: Ints
    sets: Ints


@dataclass(frozen=True, slots=True)
class Order:
    """How plans are compared: what being away from home costs in score, and whether few away comes before all score."""

    stay: int = 0
    fewest: bool = False


@dataclass(frozen=True)
class Descent:
    """How one descent goes: proposals in all, how plans are compared, how hot it begins and ends (1: the mean change
    of score when two people change places by chance).

    `strict`: breaks weigh all they can from the first step on.
    """

    rounds: int
    order: Order = Order()
    hottest: float = 1.0
    coldest: float = 0.01
    strict: bool = False


def key_of(state: State, order: Order) -> Key:
    """Return what a state is compared by."""
    breaks, left, score, away = (int(total) for total in state.totals)
    return breaks, left, away if order.fewest else 0, order.stay * away - score


def copy_of(state: State) -> Arrangement:
    """Return who sits where now, apart from what comes."""
    return Arrangement(len(state.hard), state.assigned.copy(), state.leader.copy())


def typical_change(facts: Facts, state: State, rows: Ints) -> int:
    """Return the mean change of score when two rows change places, over an even sample; at least 1."""
    some = np.ascontiguousarray(rows[:: max(1, len(rows) // 48)])
    changes: Longs = np.zeros((len(some), 4), np.int64)
    total, many = 0, 0
    for row in some:
        changes[:] = 0
        swap_changes(facts, state, int(row), some, changes)
        total += int(np.abs(changes[:, 2]).sum())
        many += int(np.count_nonzero(changes[:, 2]))
    return max(1, total // max(1, many))


def descend(
    facts: Facts,
    begin: Arrangement,
    freedom: Freedom,
    seed: int,
    descent: Descent,
    watch: Callable[[float, State], bool],
) -> tuple[Arrangement, Key, bool]:
    """Anneal once from `begin`; return the best met at the end of a step, its key and whether the watcher stopped it.

    `watch` hears the share done and the state after each step, and stops the descent by saying False.
    """
    state = state_of(facts, begin, seed)
    best, best_key = begin, key_of(state, descent.order)
    hot = typical_change(facts, state, freedom.rows) * descent.hottest
    cooling = descent.coldest / descent.hottest
    first_penalty = float(BREAK) if descent.strict else min(float(BREAK), 4.0 * hot)
    for step in range(STEPS):
        done = step / (STEPS - 1)
        heat = 0 if step == STEPS - 1 else round(hot * cooling**done)
        penalty = round(first_penalty * (BREAK / first_penalty) ** min(1.0, done / _STRICT_FROM))
        left = max(1, penalty * LEFT // BREAK)
        anneal(
            facts,
            state,
            freedom.rows,
            freedom.sets,
            descent.rounds // STEPS,
            heat,
            penalty,
            left,
            descent.order.stay,
            _CHANCES,
        )
        if facts.linear:
            recount(facts, state)
        key = key_of(state, descent.order)
        if key < best_key:
            best, best_key = copy_of(state), key
        if not watch((step + 1) / STEPS, state):
            return best, best_key, True
    return best, best_key, False
