"""Seat as many as the rules that are a must allow, exactly: for small pools that annealing did not end well on."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from haln.matching.annealing import Freedom
from haln.matching.arrangement import Arrangement
from haln.matching.set_facts import Facts

LARGEST = 64
"""Pools of more people are not searched exactly."""

_LIMIT = 4.0
_SEED = 1


def best_seating(facts: Facts, now: Arrangement, freedom: Freedom) -> Arrangement | None:
    """Return an arrangement without breaks in which least weight is left over; none where there is none, or none is
    found within the limit (of the solver's own count of its work, so that every machine stops at the same point).

    Whoever may not move stays where `now` has them; the search begins from `now`.
    """
    model = Seating(facts, now, freedom)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = _SEED
    solver.parameters.max_deterministic_time = _LIMIT
    if solver.solve(model.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    assigned = np.full(len(now.assigned), now.sets, np.int32)
    for (row, number), seat in model.seat.items():
        if solver.value(seat):
            assigned[row] = number
    leaders = now.leaders.copy()
    for (number, leader), leads in model.leads.items():
        if solver.value(leads):
            leaders[number] = leader
    return Arrangement(now.sets, assigned, leaders)


class Seating:
    """The rules that are a must as a model of 0 and 1: `seat` by row and set, `leads` by set and leader."""

    def __init__(self, facts: Facts, now: Arrangement, freedom: Freedom) -> None:
        self.facts, self.now, self.model = facts, now, cp_model.CpModel()
        self.rows, self.sets = range(len(now.assigned)), range(now.sets)
        self.seat = {(row, number): self._bool() for row in self.rows for number in self.sets}
        self.used = [self._bool() for _ in self.sets]
        self.leads: dict[tuple[int, int], Any] = {}
        self.common: dict[tuple[int, int], Any] = {}
        self._seats(freedom)
        self._sizes()
        self._kinds()
        self._bonds()
        self._slots()
        self._leaders(freedom)

    def _bool(self) -> Any:
        return self.model.new_bool_var("")

    def _seats(self, freedom: Freedom) -> None:
        free = set(freedom.rows.tolist())
        open_sets = set(freedom.sets.tolist())
        for row in self.rows:
            self.model.add_at_most_one(self.seat[row, number] for number in self.sets)
            here = int(self.now.assigned[row])
            for number in self.sets:
                self.model.add_hint(self.seat[row, number], int(number == here))
                if row not in free:
                    self.model.add(self.seat[row, number] == int(number == here))
                elif number not in open_sets:
                    self.model.add(self.seat[row, number] == 0)
        weights = self.facts.left.tolist()
        self.model.maximize(sum(weights[row] * seat for (row, _), seat in self.seat.items()))

    def _sizes(self) -> None:
        for number in self.sets:
            size = sum(self.seat[row, number] for row in self.rows)
            self.model.add(size >= int(self.facts.least[number]) * self.used[number])
            self.model.add(size <= int(self.facts.most[number]) * self.used[number])

    def _kinds(self) -> None:
        for rule in np.flatnonzero(self.facts.count_hard):
            for code in sorted(set(self.facts.codes[rule].tolist()) - {-1}):
                rows = np.flatnonzero(self.facts.codes[rule] == code).tolist()
                allowed = [many for many in range(len(rows) + 1) if not self.facts.count_cost[rule, many]]
                if len(allowed) > len(rows):
                    continue
                for number in self.sets:
                    count = self.model.new_int_var_from_domain(cp_model.Domain.from_values(allowed), "")
                    self.model.add(count == sum(self.seat[row, number] for row in rows))

    def _bonds(self) -> None:
        facts = self.facts
        for row in self.rows:
            for entry in range(facts.bond_start[row], facts.bond_start[row + 1]):
                other = int(facts.bond_other[entry])
                if other < row:
                    continue
                for number in self.sets:
                    if facts.bond_same_hard[entry]:
                        self.model.add_at_most_one(self.seat[row, number], self.seat[other, number])
                    if facts.bond_split_hard[entry]:
                        elsewhere = [self.seat[other, another] for another in self.sets if another != number]
                        self.model.add_at_most_one(self.seat[row, number], *elsewhere)

    def _slots(self) -> None:
        facts, slots = self.facts, len(self.facts.slot_gain) - 1
        if not facts.masks.shape[1]:
            return
        for number in self.sets:
            for slot in range(slots):
                self.common[number, slot] = self._bool()
                bit = np.uint64(1) << np.uint64(slot % 64)
                without = np.flatnonzero((facts.masks[:, slot // 64] & bit) == 0)
                for row in without.tolist():
                    self.model.add_at_most_one(self.common[number, slot], self.seat[row, number])
            shared = sum(self.common[number, slot] for slot in range(slots))
            self.model.add(shared >= int(facts.slot_need.max(initial=0)) * self.used[number])

    def _leaders(self, freedom: Freedom) -> None:
        facts = self.facts
        if not facts.leader_hard:
            return
        leaders, open_sets = range(len(facts.leader_room)), set(freedom.sets.tolist())
        for number in self.sets:
            for leader in leaders:
                self.leads[number, leader] = self._bool()
                if number not in open_sets:
                    self.model.add(self.leads[number, leader] == int(leader == self.now.leaders[number]))
                if self.common and facts.leader_need:
                    times = [slot for (at, slot) in self.common if at == number and self._can(leader, slot)]
                    shared = sum(self.common[number, slot] for slot in times)
                    self.model.add(shared >= facts.leader_need * self.leads[number, leader])
            self.model.add(sum(self.leads[number, leader] for leader in leaders) == self.used[number])
        for leader in leaders:
            self.model.add(sum(self.leads[number, leader] for number in self.sets) <= int(facts.leader_room[leader]))

    def _can(self, leader: int, slot: int) -> bool:
        return bool(self.facts.leader_masks[leader, slot // 64] >> np.uint64(slot % 64) & np.uint64(1))
