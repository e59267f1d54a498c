"""What must hold in every set, as rows and groups: the common ground of certificates, cores and the exact bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from haln.matching.pool import Applicant, Facilitator, Pair, Pool
from haln.matching.rules import Kind, Rule, Rules, Strength, size

Flags = NDArray[np.bool_]
Code = TypeVar("Code", str, int)

_APART = {Kind.MANAGERS: "managers", Kind.APART: "apart", Kind.NOT_AGAIN: "set_mates"}
SEPARATING = frozenset(_APART)
"""Kinds whose pairs must not share a set."""


@dataclass(frozen=True)
class Musts:
    """A pool and the rules that must hold, for everybody placed in exactly `sets` sets.

    Rows are positions in `people`, who stand in ascending order of id; `rules` keeps every rule's own index, and only
    those of strength must are looked at.
    """

    people: tuple[Applicant, ...]
    facilitators: tuple[Facilitator, ...]
    rules: Rules
    sets: int
    slots: int
    pairs: Mapping[int, tuple[Pair, ...]]
    """By index of a rule about pairs: the pairs of rows it is about."""

    @property
    def least(self) -> int:
        """The least size of a set."""
        return size(self.rules)[0]

    @property
    def most(self) -> int:
        """The largest size of a set."""
        return size(self.rules)[1]

    @cached_property
    def indices(self) -> tuple[int, ...]:
        """Indices of the rules that must hold."""
        return tuple(index for index, rule in enumerate(self.rules) if rule.strength is Strength.MUST)

    def of(self, *kinds: Kind) -> tuple[int, ...]:
        """Return the indices of the rules of these kinds that must hold."""
        return tuple(index for index in self.indices if self.rules[index].kind in kinds)

    def number(self, index: int) -> int:
        """Return the number of a rule that has one."""
        number = self.rules[index].number
        if number is None:
            raise ValueError(f"{self.rules[index].kind} has no number")
        return number

    @cached_property
    def organisations(self) -> Mapping[int, tuple[int, ...]]:
        """Rows by organisation; nobody whose organisation is not said."""
        return self.organisations_of(range(len(self.people)))

    def organisations_of(self, rows: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
        """Return some rows by organisation."""
        return _grouped(rows, [self.people[row].organisation for row in rows])

    def kinds(self, index: int) -> Mapping[str, tuple[int, ...]]:
        """Rows by kind, for a rule that nobody is alone of their kind."""
        trait = str(self.rules[index].of)
        kinds: list[str | None] = [getattr(one, trait) for one in self.people]
        return _grouped(range(len(kinds)), kinds)

    @cached_property
    def free(self) -> Flags:
        """Who (row) can make which slot (column); no column where times do not matter."""
        free = np.zeros((len(self.people), self.slots), np.bool_)
        many = [len(one.slots) for one in self.people]
        slots = np.fromiter((slot for one in self.people for slot in one.slots), np.int64, sum(many))
        known = (slots >= 0) & (slots < self.slots)
        free[np.repeat(np.arange(len(self.people)), many)[known], slots[known]] = True
        return free

    @cached_property
    def shared_slots(self) -> int:
        """How many slots every set must share; 0: times do not matter."""
        return max((self.number(index) for index in self.of(Kind.SLOTS)), default=0) if self.slots else 0

    @cached_property
    def per_organisation(self) -> int | None:
        """How many of one organisation a set may hold at most; none: any number."""
        return min((self.number(index) for index in self.of(Kind.PER_ORGANISATION)), default=None)

    def can_lead(self, facilitator: Facilitator) -> Flags:
        """Return which slots a facilitator can make."""
        can = np.ones(self.slots, np.bool_)
        if facilitator.slots:
            can[:] = False
            can[[slot for slot in facilitator.slots if 0 <= slot < self.slots]] = True
        return can

    @cached_property
    def conflicts(self) -> Flags:
        """Which two rows cannot share a set whoever else is in it: pairs, organisations of one, no time in common."""
        count = len(self.people)
        conflicts = np.zeros((count, count), np.bool_)
        for index in self.of(*SEPARATING):
            for one, other in self.pairs.get(index, ()):
                conflicts[one, other] = conflicts[other, one] = True
        if self.per_organisation == 1:
            for rows in self.organisations.values():
                conflicts[np.ix_(rows, rows)] = True
        if self.shared_slots:
            free = self.free.astype(np.float32)
            conflicts |= free @ free.T < self.shared_slots
        np.fill_diagonal(conflicts, False)
        return conflicts

    def ids(self, rows: Iterable[int]) -> tuple[int, ...]:
        """Return the members' ids of some rows, in their order."""
        return tuple(self.people[row].id for row in rows)


def musts(pool: Pool, rules: Rules, sets: int) -> Musts:
    """Say what must hold; the order of the pool's parts does not matter. Raises ValueError for rules without a size."""
    size(rules)
    people = tuple(sorted(pool.applicants, key=lambda one: one.id))
    facilitators = tuple(sorted(pool.facilitators, key=lambda one: one.id))
    row = {one.id: number for number, one in enumerate(people)}
    pairs = {index: _rows(pool, rule, row) for index, rule in enumerate(rules)}
    return Musts(
        people, facilitators, rules, sets, pool.slots, {index: found for index, found in pairs.items() if found}
    )


def _rows(pool: Pool, rule: Rule, row: Mapping[int, int]) -> tuple[Pair, ...]:
    attribute = "together" if rule.kind is Kind.TOGETHER else _APART.get(rule.kind)
    if attribute is None or rule.strength is not Strength.MUST:
        return ()
    named: frozenset[Pair] = getattr(pool, attribute)
    found = {(row[one], row[other]) for one, other in named if one in row and other in row and one != other}
    return tuple(sorted((min(pair), max(pair)) for pair in found))


def _grouped(rows: Iterable[int], codes: Iterable[Code | None]) -> dict[Code, tuple[int, ...]]:
    groups: dict[Code, list[int]] = {}
    for row, code in zip(rows, codes, strict=True):
        if code is not None:
            groups.setdefault(code, []).append(row)
    return {code: tuple(rows) for code, rows in sorted(groups.items(), key=lambda item: item[1])}
