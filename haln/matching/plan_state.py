"""Make the state that kernels work on from an arrangement, and the facts from what shall not change."""

from __future__ import annotations

import numpy as np

from haln.matching.arrangement import Arrangement
from haln.matching.set_facts import Facts, State
from haln.matching.set_kernels import recount


def state_of(facts: Facts, arrangement: Arrangement, seed: int = 1) -> State:
    """Return the state of an arrangement with all its sums; the generator starts from `seed`."""
    rows, sets = len(arrangement.assigned), arrangement.sets
    room = max(int(facts.most.max(initial=0)), int(arrangement.sizes().max(initial=0))) + 1
    state = State(
        assigned=arrangement.assigned.copy(),
        size=np.zeros(sets + 1, np.int32),
        members=np.zeros((sets, room), np.int32),
        place=np.zeros(rows, np.int32),
        own=np.zeros(rows, np.int64),
        table=np.zeros((sets, rows) if facts.linear else (0, rows), np.int32),
        tally=np.zeros((sets, int(facts.codes.max(initial=-1)) + 1), np.int32),
        disorder=np.zeros((len(facts.codes), sets), np.int32),
        leader=arrangement.leaders.copy(),
        load=np.zeros(len(facts.leader_room), np.int32),
        hard=np.zeros(sets, np.int64),
        soft=np.zeros(sets, np.int64),
        totals=np.zeros(4, np.int64),
        random=np.array([scattered(seed)], np.uint64),
    )
    recount(facts, state)
    return state


def scattered(seed: int) -> int:
    """Turn any whole number into a good, never empty state of the generator (a step of splitmix64)."""
    mask = (1 << 64) - 1
    word = (seed + 0x9E3779B97F4A7C15) & mask
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
    return (word ^ (word >> 31)) or 1
