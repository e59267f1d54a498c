"""What a move or a swap would change, before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from haln.compiled import Doubles
from haln.matching.arrangement import Arrangement, arranged
from haln.matching.assessment import worth
from haln.matching.plan_state import state_of
from haln.matching.pool import Plan, PlannedSet
from haln.matching.problem import Problem
from haln.matching.rules import Strength
from haln.matching.set_facts import Facts, State
from haln.matching.set_kernels import move_changes, swap_changes
from haln.matching.supposed import Supposed

_BEST_SWAPS = 10
_NOTABLE = 0.05  # so much of one person served better or worse is told


@dataclass(frozen=True, slots=True)
class Move:
    """Moving one person to a set (none: to those left over). Changes are after less before.

    `breaks`: of rules that are a must; `left_weight`: see `Assessment`. `helped` and `harmed`: the index of each must
    that is broken less or more, and by how much, then of each other rule that serves people better or worse, and by how
    many people; the largest first.
    """

    member: int
    set: int | None
    value: float
    breaks: int
    left_weight: int
    helped: tuple[tuple[int, float], ...]
    harmed: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """Two people of different sets changing places; the changes as for `Move`."""

    member: int
    other: int
    set: int | None
    value: float
    breaks: int
    left_weight: int
    helped: tuple[tuple[int, float], ...]
    harmed: tuple[tuple[int, float], ...]


def moves(problem: Problem, plan: Plan, member: int, sets: Sequence[int | None] | None = None) -> tuple[Move, ...]:
    """Return what moving somebody to each other set, and to those left over, would change: best first.

    `sets`: only to these. Raises KeyError for somebody who is not in the pool.
    """
    arrangement, facts, state, row = _ready(problem, plan, member)
    here = int(state.assigned[row])
    all_sets = range(arrangement.sets + 1)
    wanted = all_sets if sets is None else [arrangement.sets if one is None else one for one in sets]
    targets = [number for number in wanted if number != here and number in all_sets]
    changes = np.zeros((len(targets), 4), np.int64)
    move_changes(facts, state, row, np.array(targets, np.int32), changes)
    supposed = Supposed(problem, arrangement)
    suppositions = [{here: (row, None), number: (None, row)} for number in targets]
    found = []
    for supposition, number, change, by_rule in zip(
        suppositions, targets, changes.tolist(), supposed.changes(suppositions), strict=True
    ):
        to = None if number == arrangement.sets else number
        hard = change[0] + (supposed.overload(supposition) if facts.leader_hard else 0)
        found.append(Move(member, to, worth(problem, change[2]), hard, change[1], *sides(problem, by_rule)))
    return tuple(sorted(found, key=lambda one: (one.breaks, one.left_weight, -one.value)))


def swaps(problem: Problem, plan: Plan, member: int, other_set: int | None) -> tuple[Swap, ...]:
    """Return the best partners to change places with in another set (none: of those left over), best first.

    Raises KeyError for somebody who is not in the pool.
    """
    arrangement, facts, state, row = _ready(problem, plan, member)
    here, there = int(state.assigned[row]), arrangement.sets if other_set is None else other_set
    others = [] if here == there else arrangement.members(there)
    changes = np.zeros((len(others), 4), np.int64)
    swap_changes(facts, state, row, np.array(others, np.int32), changes)
    order = sorted(range(len(others)), key=lambda at: (changes[at, 0], changes[at, 1], -changes[at, 2], at))
    best = order[:_BEST_SWAPS]
    by_rules = Supposed(problem, arrangement).changes(
        [{here: (row, others[at]), there: (others[at], row)} for at in best]
    )
    found = []
    for at, by_rule in zip(best, by_rules, strict=True):
        hard, left, score, _ = changes[at].tolist()
        partner = problem.people[others[at]].id
        found.append(Swap(member, partner, other_set, worth(problem, score), hard, left, *sides(problem, by_rule)))
    return tuple(found)


def with_move(plan: Plan, member: int, to_set: int | None) -> Plan:
    """Return the plan with one person moved to a set (none: left over). Raises IndexError for a set that is not."""
    if to_set is not None and not 0 <= to_set < len(plan.sets):
        raise IndexError(to_set)
    sets = [_without(planned, member) for planned in plan.sets]
    left = tuple(one for one in plan.left_over if one != member)
    if to_set is None:
        return Plan(tuple(sets), tuple(sorted((*left, member))))
    sets[to_set] = replace(sets[to_set], members=tuple(sorted((*sets[to_set].members, member))))
    return Plan(tuple(sets), left)


def with_swap(plan: Plan, member: int, other: int) -> Plan:
    """Return the plan with two people in each other's place. Raises KeyError for somebody whom it does not name."""
    here, there = place_of(plan, member), place_of(plan, other)
    return with_move(with_move(plan, member, there), other, here)


def place_of(plan: Plan, member: int) -> int | None:
    """Return the number of somebody's set; none: left over. Raises KeyError for somebody whom a plan does not name."""
    for number, planned in enumerate(plan.sets):
        if member in planned.members:
            return number
    if member in plan.left_over:
        return None
    raise KeyError(member)


def _without(planned: PlannedSet, member: int) -> PlannedSet:
    if member not in planned.members:
        return planned
    return replace(planned, members=tuple(one for one in planned.members if one != member))


def _ready(problem: Problem, plan: Plan, member: int) -> tuple[Arrangement, Facts, State, int]:
    arrangement = arranged(problem, plan)
    facts = problem.facts_for(arrangement.sets)
    return arrangement, facts, state_of(facts, arrangement), problem.rows[member]


def sides(problem: Problem, by_rule: Doubles) -> tuple[tuple[tuple[int, float], ...], tuple[tuple[int, float], ...]]:
    """Return which rules are kept better and which worse, and by how much: musts first, the largest first."""
    musts = [rule.strength is Strength.MUST for rule in problem.rules]
    ranked = sorted(enumerate(by_rule.tolist()), key=lambda one: (not musts[one[0]], -abs(one[1]), one[0]))
    told = [(rule, round(change, 3)) for rule, change in ranked if abs(change) >= _NOTABLE]
    return tuple(one for one in told if one[1] > 0), tuple(one for one in told if one[1] < 0)
