"""How much better than a plan any plan can be: column generation, then set partitioning. For small pools.

A plan that places everybody is a choice of sets, and its score the sum of what they are worth. The linear programme
over all possible sets bounds that sum; the prices of every round give a bound that holds whatever is found later. Where
the gap that is left is small, all sets that could be part of a better plan are listed, and CP-SAT either finds that
plan or proves that there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from haln.compiled import Longs
from haln.matching.arrangement import Arrangement, arranged, in_order, plan_of
from haln.matching.assessment import worth
from haln.matching.covering import Covering, Found, Priced, Prices
from haln.matching.menu import Prepared, prepare_menu
from haln.matching.plan_state import state_of
from haln.matching.pool import Plan
from haln.matching.problem import Problem
from haln.matching.set_facts import SHARE_BITS, State

_ROOM = 4_000  # sets found by one pricing
_PROMISING = 2_000  # sets among which a better plan is looked for first
_LISTED = 20_000  # sets of one size that could be part of a better plan
_SMOOTHED = 0.4
_WORTHWHILE = 0.3
_FIRST_GAIN = 0.3  # of what a set is worth
_UNBOUNDED = 1 << 62


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to go on, in work and never in seconds."""

    rounds: int = 150
    nodes: int = 20_000_000  # of one pricing
    partition: float = 3.0  # CP-SAT's own count
    close_enough: float = 0.0005  # of the score


@dataclass(frozen=True, slots=True)
class Bound:
    """No plan that places everybody in at most so many sets and breaks no must has a higher value than `upper`.

    `gap`: by how much the plan misses that, as a share of the larger of the two; 0 and `proved_best` where there is no
    better plan. `better`: one, where one was found.
    """

    upper: float
    gap: float
    proved_best: bool
    better: Plan | None = None


def bound(problem: Problem, plan: Plan, limits: Limits | None = None) -> Bound | None:
    """Bound the value of all plans of a problem that place everybody and break no must.

    None where `plan` is no such plan, or where the limits were reached before there was any bound.
    """
    limits = limits or Limits()
    arrangement = arranged(problem, in_order(plan), problem.sets)
    if arrangement.sets > problem.sets or not len(problem.people):
        return None
    state = state_of(problem.facts, arrangement)
    room = _room(problem)
    if state.totals[0] or state.totals[1] or (state.load > room).any():
        return None
    prepared = prepare_menu(problem)
    covering = _covering(problem, prepared, state, room)
    start = _sets_of(prepared, state)
    covering.add(start)
    prices, priced = _generate(covering, start, limits)
    if priced is None:
        return None
    score = int(state.totals[2])
    upper, better = int(np.floor(covering.bound(prices, priced) + 0.01)) - prepared.lost, None
    if upper > score:
        upper, better = _settle(problem, covering, prices, priced, (score, upper), limits)
    upper = max(score, upper)
    return Bound(worth(problem, upper), (upper - score) / max(1, abs(upper), abs(score)), upper == score, better)


def _room(problem: Problem) -> Longs:
    """Return how many sets each facilitator can lead: any number, unless that they have room is a must."""
    if problem.facts.leader_hard:
        return problem.facts.leader_room.astype(np.int64)
    return np.full(len(problem.leaders), problem.sets, np.int64)


def _covering(problem: Problem, prepared: Prepared, state: State, room: Longs) -> Covering:
    low, high = problem.limits
    facts = problem.facts
    sizes = range(low, min(high, len(problem.people)) + 1)
    seated = state.size[state.assigned]
    fits = (state.own * facts.share[seated]) >> SHARE_BITS
    totals = np.bincount(state.assigned, fits, len(state.size))[:-1]
    used = state.size[:-1] > 0
    below = float((totals < facts.set_floor * state.size[:-1])[used].mean())
    return Covering(prepared, problem.sets, room, sizes, fits[prepared.order].astype(np.float64), below)


def _sets_of(prepared: Prepared, state: State) -> tuple[Found, ...]:
    """Return the sets of a plan as the menu knows them."""
    place = np.argsort(prepared.order)
    found = []
    for number in np.flatnonzero(state.size[:-1]):
        rows = place[np.flatnonzero(state.assigned == number)]
        inside = prepared.menu.bonds[np.ix_(rows, rows)].sum() // 2
        leader = int(state.leader[number])
        found.append(Found(tuple(sorted(rows.tolist())), leader, int(state.soft[number] + inside)))
    return tuple(found)


def _generate(covering: Covering, start: Sequence[Found], limits: Limits) -> tuple[Prices, Priced | None]:
    """Add sets until the bound is close to the value over those that are known; return the best prices that were met.

    Prices are smoothed: they stay near those with the best bound so far, or they would swing from round to round. Only
    sets that gain a good part of what the best gained before are looked for, as long as there are such.
    """
    centre = _first_prices(covering, start)
    best: Priced | None = None
    lowest, smoothed, gained = np.inf, _SMOOTHED, max(one.worth for one in start) * _FIRST_GAIN
    for _ in range(limits.rounds):
        value, prices, _ = covering.solve()
        slack = limits.close_enough * abs(value)
        if lowest - value <= slack:
            break
        tried = centre.towards(prices, smoothed)
        least = max(_WORTHWHILE * gained, slack / 2 / covering.sets)
        priced = covering.price(tried, least, False, _ROOM, limits.nodes)
        gained = priced.best
        if priced.complete and covering.bound(tried, priced) < lowest:
            lowest, best, centre = covering.bound(tried, priced), priced, tried
        if not covering.add(priced.found) and least <= slack / 2 / covering.sets:
            if not smoothed:
                break
            smoothed = 0.0
    return centre, best


def _first_prices(covering: Covering, start: Sequence[Found]) -> Prices:
    """Everybody's share of what their set is worth."""
    people = np.zeros(len(covering.prepared.order))
    for one in start:
        people[list(one.rows)] = one.worth / len(one.rows)
    return Prices(people, 0.0, np.zeros(len(covering.room)))


def _settle(
    problem: Problem, covering: Covering, prices: Prices, priced: Priced, between: tuple[int, int], limits: Limits
) -> tuple[int, Plan | None]:
    """Look for a better plan among the best sets that are known, then among all that could be part of one.

    `between`: the score of the plan that is given and the bound so far. Returns the bound, and a better plan.
    """
    lost = covering.prepared.lost
    best, upper = between
    chosen: tuple[Found, ...] = ()
    promising = sorted(covering.known.values(), key=lambda one: (-covering.gain(one, prices), one.rows, one.leader))
    known = _partition(covering, promising[:_PROMISING], best + lost, limits.partition)
    if known.chosen:
        best, chosen = known.worth - lost, known.chosen
    least = best + lost - covering.cost(prices) - (covering.sets - 1) * max(priced.best, 0.0)
    listed = covering.price(prices, least, True, _LISTED, limits.nodes)
    if listed.complete:
        last = _partition(covering, listed.found, best + lost, limits.partition)
        if last.chosen:
            best, chosen = last.worth - lost, last.chosen
        upper = max(best, min(upper, last.most - lost))
    return upper, _plan(problem, covering.prepared, chosen) if chosen else None


@dataclass(frozen=True)
class _Partition:
    """Sets that together hold everybody, what they are worth, and what no other choice exceeds."""

    chosen: tuple[Found, ...]
    worth: int
    most: int


def _partition(covering: Covering, some: Sequence[Found], above: int, work: float) -> _Partition:
    """Choose sets, each person in exactly one, that are worth more than `above`; where none is, `most` is `above`."""
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in some]
    holding: list[list[cp_model.IntVar]] = [[] for _ in covering.prepared.order]
    led: list[list[cp_model.IntVar]] = [[] for _ in covering.room]
    for literal, found in zip(taken, some, strict=True):
        for row in found.rows:
            holding[row].append(literal)
        if found.leader >= 0:
            led[found.leader].append(literal)
    for literals in holding:
        model.add_exactly_one(literals)
    for literals, room in zip(led, covering.room.tolist(), strict=True):
        model.add(sum(literals) <= room)
    model.add(sum(taken) <= covering.sets)
    worth = sum(literal * found.worth for literal, found in zip(taken, some, strict=True))
    model.add(worth > above)
    model.maximize(worth)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = work
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return _Partition((), above, above)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return _Partition((), above, _UNBOUNDED)
    chosen = tuple(one for one, literal in zip(some, taken, strict=True) if solver.boolean_value(literal))
    return _Partition(chosen, sum(one.worth for one in chosen), int(np.floor(solver.best_objective_bound + 1e-3)))


def _plan(problem: Problem, prepared: Prepared, chosen: Sequence[Found]) -> Plan:
    assigned = np.zeros(len(problem.people), np.int32)
    leaders = np.array([found.leader for found in chosen], np.int32)
    for number, found in enumerate(chosen):
        assigned[prepared.order[list(found.rows)]] = number
    return plan_of(problem, Arrangement(len(chosen), assigned, leaders))
