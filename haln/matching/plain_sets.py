"""The score of a plan once more, written plainly from the pool and its rules: what the kernels are checked against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from haln.matching.bonds import bonded, row_pairs
from haln.matching.pool import Applicant, Plan, PlannedSet
from haln.matching.problem import Problem
from haln.matching.rule_arrays import BONDING, COUNTING, PENALISING, out_of_order, slot_gain, uneven
from haln.matching.rules import Kind, Rule, Strength
from haln.matching.set_facts import PARTED, SHARE_BITS, UNIT


def plain_score(problem: Problem, plan: Plan) -> tuple[int, int, int]:
    """Return breaks (facilitators' overload aside), weight left over and score of a plan of the problem's people."""
    seated = {member for planned in plan.sets for member in planned.members}
    left = [person for person in problem.people if person.id not in seated]
    breaks, score = 0, 0
    for planned in plan.sets:
        if planned.members:
            more_breaks, more_score = _set(problem, planned)
            breaks, score = breaks + more_breaks, score + more_score
    for number, rule in enumerate(problem.rules):
        broken, parted = _broken_bonds(problem, plan, rule)
        if rule.strength is Strength.MUST:
            breaks += broken
            score -= PARTED * parted
        elif rule.kind in BONDING:
            score -= 2 * UNIT * problem.weights[number] * (broken + parted)
    return breaks, sum(4 + min(max(person.waiting, 0), 8) for person in left), score


def _set(problem: Problem, planned: PlannedSet) -> tuple[int, int]:
    people = [problem.people[problem.rows[member]] for member in sorted(planned.members)]
    least, most = problem.limits
    breaks = max(0, least - len(people)) + max(0, len(people) - most)
    score = _pairs(problem, [problem.rows[person.id] for person in people])
    for number, rule in enumerate(problem.rules):
        weight = UNIT * problem.weights[number]
        must = rule.strength is Strength.MUST
        common = _common(problem, people)
        if rule.kind in PENALISING | BONDING:
            score += weight * len(people)
        if rule.kind is Kind.SLOTS and problem.pool.slots:
            score += len(people) * slot_gain(rule, problem.weights[number], len(common))
            breaks += max(0, (rule.number or 0) - len(common)) if must else 0
        wrong = _wrong(problem, rule, people, planned.facilitator, common)
        if must:
            breaks += wrong if rule.kind in COUNTING else int(wrong > 0)
        score -= weight * wrong
    return breaks, score


def _pairs(problem: Problem, rows: Sequence[int]) -> int:
    share = problem.facts.share[len(rows)]
    total, below = 0, 0
    for row in rows:
        others = np.array([other for other in rows if other != row], np.int64)
        own = sum(int(part.flat(np.full(len(others), row), others).sum()) for part in problem.parts)
        fit = int(own * share) >> SHARE_BITS
        total += fit
        floor = int(problem.prospects.chance[row] + problem.prospects.ideal[row]) // 2
        below += max(0, floor - fit)
    half_way = (problem.prospects.chance + problem.prospects.ideal) // 2
    floor = len(rows) * (int(half_way.sum()) // len(half_way))
    return total - below - (max(0, floor - total) // 2)


def _common(problem: Problem, people: Sequence[Applicant]) -> frozenset[int]:
    return frozenset(range(problem.pool.slots)).intersection(*(person.slots for person in people))


def _wrong(
    problem: Problem, rule: Rule, people: Sequence[Applicant], facilitator: int | None, common: frozenset[int]
) -> int:
    """Return how many people a rule that counts, or is about facilitators or sizes, does not serve."""
    if rule.kind in COUNTING:
        name = "organisation" if rule.kind is Kind.PER_ORGANISATION else rule.of or ""
        kinds = Counter(getattr(person, name) for person in people)
        return sum(out_of_order(rule, count) for kind, count in kinds.items() if kind is not None)
    if rule.kind is Kind.FACILITATOR_LOAD:
        return 0 if _leads(problem, facilitator, common) else len(people)
    if rule.kind is Kind.PREFERRED_FACILITATOR:
        known = {leader.id for leader in problem.pool.facilitators}
        return sum(person.facilitator in known and person.facilitator != facilitator for person in people)
    if rule.kind is Kind.BALANCE:
        return min(len(people), uneven(len(people), len(problem.people), problem.sets))
    return 0


def _leads(problem: Problem, facilitator: int | None, common: frozenset[int]) -> bool:
    leader = next((one for one in problem.pool.facilitators if one.id == facilitator), None)
    if leader is None or not problem.pool.slots:
        return leader is not None
    needs = [rule.number or 1 for rule in problem.rules if rule.kind is Kind.SLOTS and rule.strength is Strength.MUST]
    return len(common & leader.slots if leader.slots else common) >= max(needs, default=1)


def _broken_bonds(problem: Problem, plan: Plan, rule: Rule) -> tuple[int, int]:
    """Return how many pairs are not seated as a rule says, and how many who belong together leave one of them over."""
    pairs = row_pairs(bonded(rule.kind, problem.pool) or (), problem.rows)
    if rule.kind is Kind.NOT_AGAIN and rule.strength is not Strength.MUST:
        return 0, 0
    where = {member: number for number, planned in enumerate(plan.sets) for member in planned.members}
    places = [(where.get(problem.people[one].id), where.get(problem.people[other].id)) for one, other in pairs]
    if rule.kind is Kind.TOGETHER:
        seated = [(here, there) for here, there in places if here is not None and there is not None]
        alone = sum((here is None) != (there is None) for here, there in places)
        return sum(here != there for here, there in seated), alone
    return sum(here is not None and here == there for here, there in places), 0
