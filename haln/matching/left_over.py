"""Why a person is in no set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np

from haln.matching.annealing import copy_of
from haln.matching.problem import Problem
from haln.matching.rules import Kind, Rule, Strength
from haln.matching.set_facts import Facts, State
from haln.matching.set_kernels import move_changes
from haln.matching.supposed import Supposed

Cause = Literal["too_few", "no_set", "no_times", "no_common_time", "organisation_full", "no_room", "rules", "free"]


@dataclass(frozen=True, slots=True)
class LeftOver:
    """One person in no set. `why`:

    too_few: fewer people than one set needs (`number`). no_times: they can make none of the times. no_common_time: no
    set with room has enough times with them. organisation_full: every set with room has as many of their organisation
    as it may. no_set: there is no set. no_room: every set is full. rules: every set with room breaks a rule with them.
    free: nothing is in the way of at least one set. `rules`: rules that are in the way in any set, in their order.
    """

    id: int
    why: Cause
    number: int = 0
    rules: tuple[int, ...] = ()
    waiting: int = 0
    sets: tuple[int, ...] = ()


def why_left_over(problem: Problem, facts: Facts, state: State) -> tuple[LeftOver, ...]:
    """Say of everybody left over why, by ascending id."""
    sets = len(state.hard)
    return tuple(_why(problem, facts, state, int(row)) for row in np.flatnonzero(state.assigned == sets))


def _why(problem: Problem, facts: Facts, state: State, row: int) -> LeftOver:
    person = problem.people[row]
    least, most = problem.limits
    if len(problem.people) < least:
        return LeftOver(person.id, "too_few", least - len(problem.people), waiting=person.waiting)
    need = int(facts.slot_need.max(initial=0))
    if need and int(np.bitwise_count(facts.masks[row]).sum()) < need:
        slots = [at for at, rule in enumerate(problem.rules) if _must(rule, Kind.SLOTS)]
        return LeftOver(person.id, "no_times", need, tuple(slots), person.waiting)
    roomy = [number for number in range(len(state.hard)) if 0 < state.size[number] < most]
    if not state.size[: len(state.hard)].any():
        return LeftOver(person.id, "no_set", waiting=person.waiting)
    if not roomy:
        return LeftOver(person.id, "no_room", most, waiting=person.waiting)
    changes = np.zeros((len(roomy), 4), np.int64)
    move_changes(facts, state, row, np.array(roomy, np.int32), changes)
    free = tuple(number for number, change in zip(roomy, changes, strict=True) if change[0] <= 0)
    if free:
        return LeftOver(person.id, "free", waiting=person.waiting, sets=free)
    blocked = _blocking(Supposed(problem, copy_of(state)), row, roomy)
    everywhere = {rule for rule, many in blocked.items() if many == len(roomy)}
    kinds = {problem.rules[rule].kind for rule in everywhere}
    why: Cause = "rules"
    if Kind.PER_ORGANISATION in kinds:
        why = "organisation_full"
    elif Kind.SLOTS in kinds:
        why = "no_common_time"
    return LeftOver(person.id, why, 0, tuple(sorted(blocked)), person.waiting)


def _must(rule: Rule, kind: Kind) -> bool:
    return rule.kind is kind and rule.strength is Strength.MUST


def _blocking(supposed: Supposed, row: int, roomy: list[int]) -> Counter[int]:
    """Count for each rule that is a must in how many sets it would be broken more with the person than without."""
    changes = supposed.changes([{number: (None, row)} for number in roomy])
    found: Counter[int] = Counter()
    for number, rule in enumerate(supposed.problem.rules):
        worse = sum(bool(change[number] < 0) for change in changes)
        if rule.strength is Strength.MUST and worse:
            found[number] = worse
    return found
