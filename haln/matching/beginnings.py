"""Where forming begins: a start that is given, filled up by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haln.compiled import Ints, Longs
from haln.matching.annealing import Freedom
from haln.matching.arrangement import Arrangement
from haln.matching.plan_state import scattered
from haln.matching.set_facts import Facts


@dataclass(frozen=True, slots=True)
class Locks:
    """What forming leaves alone: members (ids) stay in their set; sets (numbers) keep their people and facilitator."""

    members: frozenset[int] = frozenset()
    sets: frozenset[int] = frozenset()


NO_LOCKS = Locks()


def freedom_of(arrangement: Arrangement, locked_rows: frozenset[int], locked_sets: frozenset[int]) -> Freedom:
    """Return what may change; a lock on somebody who is left over binds nothing."""
    sets = arrangement.sets
    rows = [
        row
        for row, number in enumerate(arrangement.assigned.tolist())
        if number == sets or (row not in locked_rows and number not in locked_sets)
    ]
    open_sets = [number for number in range(sets) if number not in locked_sets]
    return Freedom(np.array(rows, np.int32), np.array(open_sets, np.int32))


def filled(facts: Facts, start: Arrangement, freedom: Freedom, seed: int, afresh: bool) -> Arrangement:
    """Seat whoever is left over, and with `afresh` everybody who may move, evenly and by chance.

    No more sets are begun than there are people for; whoever finds no place stays left over. Facilitators lead as many
    sets as they have room for.
    """
    sets = start.sets
    assigned = start.assigned.copy()
    if afresh:
        assigned[freedom.rows] = sets
    size = np.bincount(assigned, minlength=sets + 1)
    loose = sorted((row for row in freedom.rows.tolist() if assigned[row] == sets), key=lambda row: _chance(seed, row))
    begun = _begun(facts, size, freedom, len(loose))
    for row in loose:
        places = [number for number in begun if size[number] < facts.most[number]]
        if not places:
            break
        number = min(places, key=lambda one: (size[one], one))
        assigned[row] = number
        size[number] += 1
    return Arrangement(sets, assigned, led(facts, start, freedom))


def _chance(seed: int, row: int) -> int:
    return scattered(scattered(seed) ^ (row * 0x9E3779B97F4A7C15))


def _begun(facts: Facts, size: Longs, freedom: Freedom, loose: int) -> list[int]:
    """Return the open sets that can all reach their least size: those with people first."""
    order = sorted(freedom.sets.tolist(), key=lambda number: (-min(int(size[number]), 1), number))
    begun = []
    for number in order:
        missing = max(0, int(facts.least[number]) - int(size[number]))
        if size[number] or missing <= loose:
            begun.append(number)
            loose -= missing
    return begun


def led(facts: Facts, start: Arrangement, freedom: Freedom) -> Ints:
    """Return the start's leaders as far as their room goes, and whoever has room left for the other open sets."""
    leaders = np.full(start.sets, -1, np.int32)
    room = facts.leader_room.tolist()
    is_open = set(freedom.sets.tolist())
    for number in sorted(range(start.sets), key=lambda one: (one in is_open, one)):
        leader = int(start.leaders[number])
        if leader >= 0 and (room[leader] > 0 or number not in is_open):
            leaders[number] = leader
            room[leader] -= 1
    for number in freedom.sets.tolist():
        if leaders[number] < 0 and max(room, default=0) > 0:
            leaders[number] = max(range(len(room)), key=lambda one: (room[one], -one))
            room[leaders[number]] -= 1
    return leaders
