"""What another facilitator of a set would change, before it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from haln.compiled import Doubles
from haln.matching.arrangement import Arrangement, arranged
from haln.matching.assessment import sets_of, worth
from haln.matching.breaks import overload
from haln.matching.ledger import ledger
from haln.matching.moves import sides
from haln.matching.musts import Flags
from haln.matching.plan_state import state_of
from haln.matching.pool import Plan
from haln.matching.problem import Problem


@dataclass(frozen=True, slots=True)
class Lead:
    """One facilitator (none: nobody) in the place of the present one. Changes are after less before, as for `Move`.

    `leads`: sets they lead now, of `room`. `in_time`: whether they can make enough of the set's common times.
    """

    facilitator: int | None
    value: float
    breaks: int
    helped: tuple[tuple[int, float], ...]
    harmed: tuple[tuple[int, float], ...]
    leads: int = 0
    room: int = 0
    in_time: bool = True


def leads(problem: Problem, plan: Plan, number: int) -> tuple[Lead, ...]:
    """Return what each facilitator of the pool, and nobody, would change as the leader of a set: the best first.

    The present one is among them, and changes nothing. Raises IndexError for a set that is not there.
    """
    if not 0 <= number < len(plan.sets):
        raise IndexError(number)
    now = arranged(problem, plan)
    before = _judged(problem, now)
    found = []
    for row in range(-1, len(problem.leaders)):
        leaders = now.leaders.copy()
        leaders[number] = row
        breaks, score, served, led = _judged(problem, replace(now, leaders=leaders))
        helped, harmed = sides(problem, served - before[2])
        lead = Lead(None, worth(problem, score - before[1]), breaks - before[0], helped, harmed)
        if row >= 0:
            one = problem.leaders[row]
            many = int(np.count_nonzero(now.leaders == row))
            lead = replace(lead, facilitator=one.id, leads=many, room=one.capacity, in_time=bool(led[number]))
        found.append(lead)
    return tuple(sorted(found, key=lambda one: (one.breaks, -one.value, one.facilitator is None, one.facilitator or 0)))


def _judged(problem: Problem, arrangement: Arrangement) -> tuple[int, int, Doubles, Flags]:
    """Breaks, score, people served by rule, and which sets are led in time."""
    facts = problem.facts_for(arrangement.sets)
    totals = state_of(facts, arrangement).totals
    some = sets_of(problem, arrangement)
    over = overload(some) if facts.leader_hard else 0
    return int(totals[0]) + over, int(totals[2]), ledger(some).served.sum(axis=1), some.led
