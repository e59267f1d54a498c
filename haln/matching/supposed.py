"""Which rules a supposed change of places would break or mend, and which would serve people better or worse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from haln.compiled import Doubles, Longs
from haln.matching.arrangement import Arrangement
from haln.matching.bonds import bonded, row_pairs
from haln.matching.breaks import wrong_by_set
from haln.matching.ledger import SomeSets, ledger
from haln.matching.problem import Problem
from haln.matching.rule_arrays import BONDING
from haln.matching.rules import Kind, Rule, Strength

Supposition = Mapping[int, tuple[int | None, int | None]]
"""By set (the number after the last: left over) the row that leaves it and the row that comes; none: nobody."""


@dataclass(frozen=True, eq=False)
class Supposed:
    """Compares an arrangement with what it would be after a change of places, rule by rule.

    A must is compared by its breaks. Another rule is compared by how well it serves the people of the sets that change,
    on average, so that one more to serve is no gain by itself; one about pairs by the pairs that are seated otherwise.
    """

    problem: Problem
    arrangement: Arrangement

    def changes(self, suppositions: Sequence[Supposition]) -> list[Doubles]:
        """Return for each supposition the change by rule, above 0 where it is for the better.

        A must: breaks less (above 0) or more (below 0). Another rule: people served better or worse.
        """
        columns = _Columns(self.arrangement)
        sides = [columns.sides(one) for one in suppositions]
        some = SomeSets(self.problem, columns.members, columns.leaders)
        served = ledger(some).served
        found = [np.zeros(len(self.problem.rules)) for _ in suppositions]
        for number, rule in enumerate(self.problem.rules):
            must = rule.strength is Strength.MUST
            pairs = rule.kind in BONDING or (must and rule.kind is Kind.NOT_AGAIN)
            wrong = wrong_by_set(some, rule) if must and not pairs else None
            for supposition, (before, after), line in zip(suppositions, sides, found, strict=True):
                if pairs:
                    line[number] = -self._bonds(rule, supposition) * (1 if must else 2)
                elif wrong is not None:
                    line[number] = wrong[before].sum() - wrong[after].sum()
                    if rule.kind is Kind.FACILITATOR_LOAD:
                        line[number] -= self.overload(supposition)
                else:
                    line[number] = _better(served[number], some.size, before, after)
        return found

    def overload(self, supposition: Supposition) -> int:
        """Return how many sets more than before the facilitators would lead beyond their room, together."""
        sizes = self._sizes
        load = self._load.copy()
        for number, (out, come) in supposition.items():
            if number == self.arrangement.sets or self.arrangement.leaders[number] < 0:
                continue
            after = sizes[number] - (out is not None) + (come is not None)
            load[self.arrangement.leaders[number]] += int(after > 0) - int(sizes[number] > 0)
        return self._over(load) - self._over(self._load)

    def _over(self, load: Longs) -> int:
        return int(np.maximum(load - self.problem.facts.leader_room, 0).sum())

    @cached_property
    def _sizes(self) -> Longs:
        return self.arrangement.sizes().astype(np.int64)

    @cached_property
    def _load(self) -> Longs:
        """How many sets with people each facilitator leads."""
        leading = self.arrangement.leaders[self._sizes > 0]
        return np.bincount(leading[leading >= 0], minlength=len(self.problem.leaders)).astype(np.int64)

    @cached_property
    def _partners(self) -> Mapping[Kind, Mapping[int, Sequence[int]]]:
        found: dict[Kind, dict[int, list[int]]] = {}
        for kind in (*BONDING, Kind.NOT_AGAIN):
            found[kind] = defaultdict(list)
            for one, other in sorted(row_pairs(bonded(kind, self.problem.pool) or (), self.problem.rows)):
                found[kind][one].append(other)
                found[kind][other].append(one)
        return found

    def _bonds(self, rule: Rule, supposition: Supposition) -> int:
        """Return how many pairs more than before would not sit as a rule says."""
        to = {come: number for number, (_, come) in supposition.items() if come is not None}
        partners, assigned = self._partners[rule.kind], self.arrangement.assigned
        pairs = {(min(row, other), max(row, other)) for row in to for other in partners.get(row, ())}
        change = 0
        for one, other in pairs:
            here, there = int(assigned[one]), int(assigned[other])
            change += self._broken(rule, to.get(one, here), to.get(other, there)) - self._broken(rule, here, there)
        return change

    def _broken(self, rule: Rule, here: int, there: int) -> bool:
        if self.arrangement.sets in (here, there):
            return False
        return (here == there) is not (rule.kind is Kind.TOGETHER)


class _Columns:
    """The sets that suppositions speak of, before and after, each once."""

    def __init__(self, arrangement: Arrangement) -> None:
        self.arrangement = arrangement
        self.members: list[list[int]] = []
        self.leaders: list[int] = []
        self._seen: dict[tuple[int, int | None, int | None], int] = {}

    def sides(self, supposition: Supposition) -> tuple[list[int], list[int]]:
        """Return the columns of all sets of a supposition before and after."""
        inside = [(number, *ends) for number, ends in supposition.items() if number < self.arrangement.sets]
        return [self._column(number, None, None) for number, _, _ in inside], [self._column(*one) for one in inside]

    def _column(self, number: int, out: int | None, come: int | None) -> int:
        key = (number, out, come)
        if key not in self._seen:
            rows = [row for row in self.arrangement.members(number) if row != out]
            self._seen[key] = len(self.members)
            self.members.append(rows if come is None else [*rows, come])
            self.leaders.append(int(self.arrangement.leaders[number]))
        return self._seen[key]


def _better(served: Doubles, size: Longs, before: Sequence[int], after: Sequence[int]) -> float:
    """Return by how many people those who sit there are served better than as many as they would be before."""
    people, then = int(size[before].sum()), int(size[after].sum())
    if not people or not then:
        return 0.0
    return float(served[after].sum() - served[before].sum() * then / people)
