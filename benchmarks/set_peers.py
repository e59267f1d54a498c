"""Other ways to form sets, judged as ours are: clusters of limited size, and a model of 0 and 1."""

from __future__ import annotations

import time
from itertools import combinations
from typing import Any

import numpy as np
from k_means_constrained import KMeansConstrained
from ortools.sat.python import cp_model

from haln.matching.arrangement import Arrangement, arranged, plan_of
from haln.matching.beginnings import freedom_of
from haln.matching.feasible import Seating
from haln.matching.leading import best_leaders
from haln.matching.pool import Plan
from haln.matching.problem import Problem


def clustered(problem: Problem, seed: int = 1) -> tuple[Plan, float]:
    """k-means with limited sizes on what people are: themes, sector, region, role, level, times."""
    least, most = problem.limits
    began = time.process_time()
    clusters = KMeansConstrained(problem.sets, size_min=least, size_max=most, random_state=seed, n_init=3)
    labels = clusters.fit_predict(_features(problem)).astype(np.int32)
    nobody = np.full(problem.sets, -1, np.int32)
    found = Arrangement(problem.sets, labels, nobody)
    leaders = best_leaders(problem.facts, found, np.arange(problem.sets, dtype=np.int32))
    return plan_of(problem, Arrangement(problem.sets, labels, leaders)), time.process_time() - began


def _features(problem: Problem) -> np.ndarray[Any, np.dtype[np.float64]]:
    columns: dict[str, int] = {}
    entries = []
    for row, person in enumerate(problem.people):
        kinds = [f"theme {theme}" for theme in person.themes] + [f"slot {slot}" for slot in person.slots]
        kinds += [f"{name} {getattr(person, name)}" for name in ("sector", "region", "role", "level")]
        entries += [(row, columns.setdefault(kind, len(columns))) for kind in kinds]
    table = np.zeros((len(problem.people), len(columns)))
    for row, column in entries:
        table[row, column] = 1.0
    return table


def modelled(problem: Problem, seconds: float, start: Plan | None = None) -> tuple[Plan, float]:
    """CP-SAT on all rules that are a must and the sum of pair values inside sets; whatever it has when time is up."""
    began = time.process_time()
    empty = arranged(problem, start or Plan(()), problem.sets)
    seating = Seating(problem.facts, empty, freedom_of(empty, frozenset(), frozenset()))
    model, terms = seating.model, []
    for one, other in combinations(range(len(problem.people)), 2):
        value = int(problem.pairs[one, other])
        for number in range(problem.sets if value else 0):
            both = model.new_bool_var("")
            model.add_implication(both, seating.seat[one, number])
            model.add_implication(both, seating.seat[other, number])
            terms.append(value * both)
    everybody = 10**6 * sum(seating.seat.values())
    model.maximize(everybody + sum(terms))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    assigned = np.full(len(problem.people), problem.sets, np.int32)
    leaders = np.full(problem.sets, -1, np.int32)
    if solver.solve(model) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        for (row, number), seat in seating.seat.items():
            if solver.value(seat):
                assigned[row] = number
        for (number, leader), leads in seating.leads.items():
            if solver.value(leads):
                leaders[number] = leader
    return plan_of(problem, Arrangement(problem.sets, assigned, leaders)), time.process_time() - began
