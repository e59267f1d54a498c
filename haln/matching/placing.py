"""The question whether everybody can be placed, as a model for CP-SAT: plain, rule by rule, or with ways to give way.

Deterministic: one worker, a fixed seed, and limits in the solver's own count of work, never in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from haln.matching.levers import Change, Lever, price, price_of_person, steps
from haln.matching.musts import SEPARATING, Musts
from haln.matching.pool import Plan, PlannedSet
from haln.matching.rules import Kind

Levers = frozenset[tuple[Lever, int | None]]
NONE: Levers = frozenset()


class Placing:
    """A model that places everybody. `levers`: what may give way, at a cost; `assumed`: rules that can be let go.

    Sets that nobody sits in are allowed. To break symmetry, sets are numbered by the first of `order` who sits in them.
    """

    def __init__(self, asked: Musts, levers: Levers = NONE, assumed: Sequence[int] = ()) -> None:
        self.asked = asked
        self.levers = levers
        self.model = cp_model.CpModel()
        self.holds = {index: self.model.new_bool_var(f"hold {index}") for index in assumed}
        self.costs: list[tuple[Any, int]] = []
        self.soft = {index: self._soft(index) for index in asked.indices}
        self.steps: dict[tuple[Lever, int | None], Any] = {}
        self.dropped: dict[tuple[int, int, int], Any] = {}
        self._pulls: dict[tuple[Lever, int | None], Any] = {}
        self.sets = self._most_sets()
        self.order = _order(asked)
        people, sets = range(len(asked.people)), range(self.sets)
        self.seat = [[self.model.new_bool_var(f"{row} in {number}") for number in sets] for row in people]
        self.used = [self.model.new_bool_var(f"used {number}") for number in sets]
        self.out = self._left_out()
        self._leads: list[tuple[list[Any], list[int]]] = []
        self._place()
        self._common = self._common_slots()
        for index in asked.indices:
            self._rule(index)
        if self.costs:
            self.model.minimize(sum(literal * weight for literal, weight in self.costs))

    def _most_sets(self) -> int:
        asked = self.asked
        people = len(asked.people)
        if (Lever.SETS, None) not in self.levers:
            return min(asked.sets, people)
        least = asked.least
        size = asked.of(Kind.SIZE)[0]
        if (Lever.LEAST, size) in self.levers:
            least -= steps(asked, Lever.LEAST, size)
        return max(min(asked.sets, people), people // least)

    def _soft(self, index: int) -> Any:
        """Return the literal that is true where a rule need not hold; none where it must."""
        if index in self.holds:
            return self.holds[index].negated()
        if (Lever.SOFTEN, index) not in self.levers:
            return None
        literal = self.model.new_bool_var(f"soften {index}")
        self.costs.append((literal, price(self.asked, Lever.SOFTEN, index)))
        return literal

    def _step(self, lever: Lever, rule: int | None, most: int) -> Any:
        """Return by how much a number gives way: 0 where it must not."""
        if (lever, rule) not in self.levers or most <= 0:
            return 0
        amount = self.model.new_int_var(0, most, f"{lever} {rule}")
        self.steps[lever, rule] = amount
        self.costs.append((amount, price(self.asked, lever, rule)))
        return amount

    def _drop(self, index: int, one: int, other: int) -> Any:
        if (Lever.DROP, index) not in self.levers:
            return 0
        literal = self.model.new_bool_var(f"drop {index} {one} {other}")
        self.dropped[index, one, other] = literal
        self.costs.append((literal, price(self.asked, Lever.DROP, index)))
        return literal

    def _left_out(self) -> list[Any]:
        if (Lever.LEAVE_OUT, None) not in self.levers:
            return [0] * len(self.asked.people)
        out = [self.model.new_bool_var(f"{row} out") for row in range(len(self.asked.people))]
        self.costs.extend((literal, price_of_person(self.asked, row)) for row, literal in enumerate(out))
        return out

    def _require(self, constraint: Any, index: int) -> None:
        if self.soft[index] is not None:
            constraint.only_enforce_if(self.soft[index].negated())

    def _place(self) -> None:
        model, people = self.model, len(self.asked.people)
        for row in range(people):
            model.add(sum(self.seat[row]) + self.out[row] == 1)
        for number in range(self.sets):
            model.add(sum(line[number] for line in self.seat) <= people * self.used[number])
            if number:
                model.add_implication(self.used[number], self.used[number - 1])
        more = self._step(Lever.SETS, None, self.sets - self.asked.sets)
        if self.sets > self.asked.sets:
            model.add(sum(self.used) <= self.asked.sets + more)
        for place, row in enumerate(self.order):
            for number in range(1, self.sets):
                earlier = [self.seat[other][number - 1] for other in self.order[:place]]
                model.add_bool_or([*earlier, self.seat[row][number].negated()])

    def _common_slots(self) -> list[list[Any]]:
        """Return by set and slot a literal that is true only where everybody in the set can make the slot."""
        asked = self.asked
        if not asked.slots or not asked.of(Kind.SLOTS, Kind.FACILITATOR_LOAD):
            return []
        common = []
        for number in range(self.sets):
            line = [self.model.new_bool_var(f"{number} at {slot}") for slot in range(asked.slots)]
            for row, slot in np.argwhere(~asked.free):
                self.model.add_implication(line[slot], self.seat[row][number].negated())
            common.append(line)
        return common

    def _rule(self, index: int) -> None:
        kind = self.asked.rules[index].kind
        if kind in SEPARATING:
            self._apart(index)
            return
        {
            Kind.SIZE: self._size,
            Kind.PER_ORGANISATION: self._organisations,
            Kind.TOGETHER: self._together,
            Kind.SLOTS: self._slots,
            Kind.NOT_ALONE: self._not_alone,
            Kind.FACILITATOR_LOAD: self._facilitators,
        }[kind](index)

    def _size(self, index: int) -> None:
        least, most = self.asked.least, self.asked.most
        down = self._step(Lever.LEAST, index, steps(self.asked, Lever.LEAST, index))
        up = self._step(Lever.MOST, index, steps(self.asked, Lever.MOST, index))
        for number in range(self.sets):
            sitting = sum(line[number] for line in self.seat)
            self._require(self.model.add(sitting >= least * self.used[number] - down), index)
            self._require(self.model.add(sitting <= most * self.used[number] + up), index)

    def _organisations(self, index: int) -> None:
        number = self.asked.number(index)
        more = self._step(Lever.NUMBER, index, steps(self.asked, Lever.NUMBER, index))
        for rows in self.asked.organisations.values():
            if len(rows) <= number:
                continue
            for column in range(self.sets):
                sitting = sum(self.seat[row][column] for row in rows)
                self._require(self.model.add(sitting <= number + more), index)

    def _apart(self, index: int) -> None:
        for one, other in self.asked.pairs.get(index, ()):
            drop = self._drop(index, one, other)
            for mine, yours in zip(self.seat[one], self.seat[other], strict=True):
                self._require(self.model.add(mine + yours <= 1 + drop), index)

    def _together(self, index: int) -> None:
        for one, other in self.asked.pairs.get(index, ()):
            drop = self._drop(index, one, other)
            for mine, yours in zip(self.seat[one], self.seat[other], strict=True):
                self._require(self.model.add(mine - yours <= drop + self.out[other]), index)
                self._require(self.model.add(yours - mine <= drop + self.out[one]), index)

    def _slots(self, index: int) -> None:
        asked, number = self.asked, self.asked.number(index)
        if not asked.slots:
            return
        fewer = self._step(Lever.NUMBER, index, steps(asked, Lever.NUMBER, index))
        for line, used in zip(self._common, self.used, strict=True):
            self._require(self.model.add(sum(line) >= number - fewer).only_enforce_if(used), index)
        if isinstance(fewer, int):
            free = asked.free.astype(np.float32)
            for one, other in np.argwhere(np.triu(free @ free.T < number, 1)):
                for mine, yours in zip(self.seat[one], self.seat[other], strict=True):
                    self._require(self.model.add(mine + yours <= 1), index)

    def _not_alone(self, index: int) -> None:
        for rows in self.asked.kinds(index).values():
            for row in rows:
                for number in range(self.sets):
                    company = sum(self.seat[other][number] for other in rows if other != row)
                    self._require(self.model.add(self.seat[row][number] <= company), index)

    def _facilitators(self, index: int) -> None:
        asked = self.asked
        rooms: dict[tuple[bool, ...], list[int]] = {}
        for one in asked.facilitators:
            times = tuple(bool(can) for can in asked.can_lead(one))
            rooms.setdefault(times, []).extend([one.id] * max(one.capacity, 0))
        groups = sorted((times, room) for times, room in rooms.items() if room)
        leads = [
            [self.model.new_bool_var(f"leads {group} {number}") for number in range(self.sets)]
            for group in range(len(groups))
        ]
        found = self._found(index)
        for number in range(self.sets):
            leading = sum(line[number] for line in leads) + found[number]
            self._require(self.model.add(leading >= self.used[number]), index)
        for line, (times, room) in zip(leads, groups, strict=True):
            self.model.add(sum(line) <= len(room))
            self._leads.append((line, room))
            for number, leader in enumerate(line):
                self._leads_in_time(leader, number, times)
        anywhere = (True,) * asked.slots
        for number, leader in enumerate(found):
            if not isinstance(leader, int):
                self._leads_in_time(leader, number, anywhere)

    def _found(self, index: int) -> list[Any]:
        if (Lever.FACILITATOR, index) not in self.levers:
            return [0] * self.sets
        found = [self.model.new_bool_var(f"found {number}") for number in range(self.sets)]
        total = self._step(Lever.FACILITATOR, index, self.sets)
        self.model.add(sum(found) <= total)
        return found

    def _leads_in_time(self, leader: Any, number: int, times: tuple[bool, ...]) -> None:
        """Whoever leads a set can make as many of its common slots as the set must share, and one at least."""
        asked = self.asked
        if not asked.slots:
            return
        shared = sum(slot for slot, can in zip(self._common[number], times, strict=True) if can)
        self.model.add(shared >= 1).only_enforce_if(leader)
        for index in asked.of(Kind.SLOTS):
            fewer = self.steps.get((Lever.NUMBER, index), 0)
            enough = self.model.add(shared >= asked.number(index) - fewer)
            soft = self.soft[index]
            enough.only_enforce_if(leader if soft is None else [leader, soft.negated()])

    def solve(self, work: float, assumptions: Sequence[int] = ()) -> tuple[Any, cp_model.CpSolver]:
        """Solve within so much work (roughly: seconds); return the status and the solver with its answer."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_deterministic_time = work
        self.model.clear_assumptions()
        if assumptions:
            self.model.add_assumptions([self.holds[index] for index in assumptions])
        return solver.solve(self.model), solver

    def plan(self, solver: cp_model.CpSolver) -> Plan:
        """Return the plan that was found."""
        sets: list[list[int]] = [[] for _ in range(self.sets)]
        left: list[int] = []
        for row, line in enumerate(self.seat):
            member = self.asked.people[row].id
            number = next((number for number, seat in enumerate(line) if solver.boolean_value(seat)), None)
            (left if number is None else sets[number]).append(member)
        leaders = self._leaders(solver)
        planned = [PlannedSet(tuple(some), leaders.get(number)) for number, some in enumerate(sets) if some]
        return Plan(tuple(sorted(planned, key=lambda one: one.members)), tuple(left))

    def _leaders(self, solver: cp_model.CpSolver) -> dict[int, int]:
        """Return who leads which set; of facilitators who can make the same slots, the first who has room."""
        found: dict[int, int] = {}
        for line, room in self._leads:
            led = [number for number, leader in enumerate(line) if solver.boolean_value(leader)]
            found.update({number: leader for number, leader in zip(led, room, strict=False) if number not in found})
        return found

    def forbid(self, changes: Sequence[Change]) -> None:
        """Never again use all the levers of these changes together, nor soften a rule instead of bending it."""
        pulled = {(change.lever, change.rule) for change in changes}
        self.model.add_bool_or([self._pulled(lever, rule).negated() for lever, rule in sorted(pulled, key=str)])

    def _pulled(self, lever: Lever, rule: int | None) -> Any:
        """Return a literal that is true wherever a lever is used at all."""
        key = (lever, rule)
        if key not in self._pulls:
            literal = self.model.new_bool_var(f"pulled {lever} {rule}")
            for part in self._parts(lever, rule):
                self.model.add(part == 0).only_enforce_if(literal.negated())
            self._pulls[key] = literal
        return self._pulls[key]

    def _parts(self, lever: Lever, rule: int | None) -> list[Any]:
        softened = [literal for index, literal in self.soft.items() if index == rule and literal is not None]
        match lever:
            case Lever.SOFTEN:
                return softened
            case Lever.DROP:
                return [*softened, *(literal for (index, _, _), literal in self.dropped.items() if index == rule)]
            case Lever.LEAVE_OUT:
                return list(self.out)
            case _:
                return [*softened, self.steps[lever, rule]]

    def at_most(self, price: int) -> None:
        """Look at nothing that costs more."""
        self.model.add(sum(literal * weight for literal, weight in self.costs) <= price)

    def changes(self, solver: cp_model.CpSolver) -> tuple[Change, ...]:
        """Return what gave way."""
        asked, found = self.asked, []
        for (lever, rule), amount in self.steps.items():
            step = solver.value(amount)
            if step:
                found.append(_stepped(asked, lever, rule, step))
        for (index, one, other), literal in self.dropped.items():
            if solver.boolean_value(literal):
                found.append(Change(Lever.DROP, index, members=asked.ids((one, other))))
        for index, literal in self.soft.items():
            if index not in self.holds and literal is not None and solver.boolean_value(literal):
                found.append(Change(Lever.SOFTEN, index))
        for row, literal in enumerate(self.out):
            if not isinstance(literal, int) and solver.boolean_value(literal):
                found.append(Change(Lever.LEAVE_OUT, members=asked.ids((row,))))
        return tuple(found)


def _stepped(asked: Musts, lever: Lever, rule: int | None, step: int) -> Change:
    before = {
        Lever.SETS: asked.sets,
        Lever.LEAST: asked.least,
        Lever.MOST: asked.most,
        Lever.FACILITATOR: 0,
    }.get(lever)
    if before is None:
        before = asked.number(rule or 0)
    down = lever is Lever.LEAST or (rule is not None and asked.rules[rule].kind is Kind.SLOTS)
    return Change(lever, rule, before, before - step if down else before + step)


def _order(asked: Musts) -> tuple[int, ...]:
    """Return all rows, the most entangled first, so that whoever must sit apart opens a set each."""
    degrees = asked.conflicts.sum(axis=1)
    left = np.ones(len(degrees), np.bool_)
    order: list[int] = []
    candidates = left.copy()
    while candidates.any():
        row = int(np.argmax(np.where(candidates, degrees, -1)))
        order.append(row)
        left[row] = False
        candidates &= asked.conflicts[row]
    rest = [int(row) for row in np.argsort(-degrees, kind="stable") if left[row]]
    return (*order, *rest)
