"""A plan as rows and numbers, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haln.compiled import Ints
from haln.matching.pool import Plan, PlannedSet
from haln.matching.problem import Problem


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Who sits where: by row the number of their set (`sets`: left over), by set the row of its leader (-1: nobody)."""

    sets: int
    assigned: Ints
    leaders: Ints

    def members(self, number: int) -> list[int]:
        """Return the rows in one set, ascending."""
        return [int(row) for row in np.flatnonzero(self.assigned == number)]

    def sizes(self) -> Ints:
        """Return how many sit in each set."""
        return np.bincount(self.assigned, minlength=self.sets + 1)[: self.sets].astype(np.int32)


def arranged(problem: Problem, plan: Plan, least_sets: int = 0) -> Arrangement:
    """Turn a plan into rows. Who no longer applies is passed over; whoever the plan does not name is left over.

    Sets keep their numbers; there are at least `least_sets` of them.
    """
    sets = max(len(plan.sets), least_sets)
    assigned = np.full(len(problem.people), sets, np.int32)
    leaders = np.full(sets, -1, np.int32)
    for number, planned in enumerate(plan.sets):
        if planned.facilitator is not None:
            leaders[number] = problem.leader_rows.get(planned.facilitator, -1)
        for member in planned.members:
            row = problem.rows.get(member)
            if row is not None and assigned[row] == sets:
                assigned[row] = number
    return Arrangement(sets, assigned, leaders)


def plan_of(problem: Problem, arrangement: Arrangement) -> Plan:
    """Turn rows back into a plan, set by set; an empty set has nobody to lead it."""
    members: list[list[int]] = [[] for _ in range(arrangement.sets + 1)]
    for row, number in enumerate(arrangement.assigned.tolist()):
        members[number].append(problem.people[row].id)
    sets = []
    for number in range(arrangement.sets):
        leader = int(arrangement.leaders[number])
        led = leader >= 0 and members[number]
        sets.append(PlannedSet(tuple(members[number]), problem.leaders[leader].id if led else None))
    return Plan(tuple(sets), tuple(members[arrangement.sets]))


def in_order(plan: Plan) -> Plan:
    """Return the same plan without empty sets, in the order of their lowest member."""
    return Plan(tuple(sorted((one for one in plan.sets if one.members), key=lambda one: one.members)), plan.left_over)
