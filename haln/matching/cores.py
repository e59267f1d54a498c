"""Can everybody be placed, and if not, which rules are in each other's way: exact, for small pools."""

from __future__ import annotations

from dataclasses import dataclass

from ortools.sat.python import cp_model

from haln.matching.musts import Musts
from haln.matching.placing import Placing
from haln.matching.pool import Plan
from haln.matching.rules import Kind

SMALL = 60
"""Pools of up to so many people are looked at exactly."""

WORK = 4.0
"""The solver's work for one question, in its own count (of a second or two each)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether everybody can be placed (none: not decided), and a plan that does it."""

    possible: bool | None
    plan: Plan | None = None


def place_everybody(asked: Musts, work: float = WORK) -> Answer:
    """Look for a plan that keeps all rules that must hold, or a proof that there is none."""
    placing = Placing(asked)
    status, solver = placing.solve(work)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(True, placing.plan(solver))
    return Answer(False if status == cp_model.INFEASIBLE else None)


@dataclass(frozen=True, slots=True)
class Core:
    """Indices of rules that cannot hold together; `minimal`: proved that without any one of them the others can."""

    rules: tuple[int, ...]
    minimal: bool


def core(asked: Musts, work: float = WORK) -> Core | None:
    """Return a smallest set of rules that cannot hold together for everybody in at most `asked.sets` sets.

    Smallest: none can be taken out of it. None where the rules can hold, or where it was not decided.
    """
    placing = Placing(asked, assumed=asked.indices)
    status, _ = placing.solve(work, asked.indices)
    if status != cp_model.INFEASIBLE:
        return None
    left = list(asked.indices)
    minimal = True
    for index in _order(asked, left):
        fewer = [other for other in left if other != index]
        status, _ = placing.solve(work, fewer)
        if status == cp_model.INFEASIBLE:
            left = fewer
        minimal &= status != cp_model.UNKNOWN
    return Core(tuple(left), minimal)


def _order(asked: Musts, rules: list[int]) -> list[int]:
    """Sizes are let go first, then the rules that matter most: what stays is what people would sooner give up."""
    return sorted(rules, key=lambda index: (asked.rules[index].kind is not Kind.SIZE, index))
