"""Who leads which set: as many sets led as can be, then as many people as can be by whom they would like."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from haln.compiled import Ints, Longs
from haln.matching.arrangement import Arrangement
from haln.matching.set_facts import Facts

_LED = 1_000_000


def best_leaders(facts: Facts, arrangement: Arrangement, open_sets: Ints) -> Ints:
    """Return by set the leader, optimal over the open sets; -1 where nobody with room and time is left.

    The other sets keep theirs, and use up their leader's room. Among equals the present leader stays.
    """
    leaders = arrangement.leaders.copy()
    sizes = arrangement.sizes()
    wanting = [int(number) for number in open_sets if sizes[number]]
    leaders[open_sets] = -1
    room = facts.leader_room.astype(np.int64)
    for leader in leaders[leaders >= 0]:
        room[leader] -= 1
    places = np.repeat(np.arange(len(room)), np.clip(room, 0, len(wanting)))
    if not wanting or not len(places):
        return leaders
    gain = np.stack([_gains(facts, arrangement, number) for number in wanting])
    lines, columns = linear_sum_assignment(gain[:, places], maximize=True)
    for line, column in zip(lines, columns, strict=True):
        leader = places[column]
        if gain[line, leader] >= _LED:
            leaders[wanting[line]] = leader
    return leaders


def _gains(facts: Facts, arrangement: Arrangement, number: int) -> Longs:
    rows = np.flatnonzero(arrangement.assigned == number)
    common = np.bitwise_and.reduce(facts.masks[rows], axis=0)
    shared = np.bitwise_count(facts.leader_masks & common).sum(axis=1)
    wished = np.bincount(facts.prefers[rows] + 1, minlength=len(facts.leader_room) + 1)[1:]
    gains = np.where(shared >= facts.leader_need, _LED + 10 * wished, 0).astype(np.int64)
    now = arrangement.leaders[number]
    if now >= 0:
        gains[now] += 1
    return gains
