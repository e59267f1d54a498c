"""How well sets do by each rule: many sets at once, real or supposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Doubles, Ints, Longs
from haln.matching.bonds import bonded, row_pairs
from haln.matching.problem import Problem
from haln.matching.rule_arrays import BONDING, COUNTING, kind_codes, out_of_order, slot_share, uneven
from haln.matching.rules import Kind, Rule


@dataclass(frozen=True, eq=False)
class Ledger:
    """By rule and set: `served`, how many of its people the rule serves (a share of each, summed); `size` by set."""

    served: Doubles
    size: Longs


@dataclass(frozen=True, eq=False)
class SomeSets:
    """Sets as rows of people and who leads each (a facilitator's row; -1: nobody). One person may be in several."""

    problem: Problem
    members: Sequence[Sequence[int]]
    leaders: Sequence[int]

    @cached_property
    def size(self) -> Longs:
        """People by set."""
        return np.array([len(rows) for rows in self.members], np.int64)

    @cached_property
    def row(self) -> Longs:
        """Row by entry, set after set."""
        return np.array([row for rows in self.members for row in rows], np.int64)

    @cached_property
    def set_of(self) -> Longs:
        """Set by entry."""
        return np.repeat(np.arange(len(self.members)), self.size)

    @cached_property
    def pairs(self) -> tuple[Longs, Longs]:
        """All pairs of entries of one set, both ways round."""
        many = np.repeat(self.size, self.size)
        first = np.repeat(np.cumsum(self.size) - self.size, self.size)
        left = np.repeat(np.arange(len(self.row)), many)
        within = np.arange(len(left)) - np.repeat(np.cumsum(many) - many, many)
        right = np.repeat(first, many) + within
        different = left != right
        return left[different], right[different]

    @cached_property
    def slot_counts(self) -> NDArray[np.int64]:
        """How many of a set can make each slot, by set and slot."""
        counts = np.zeros((len(self.members), self.problem.pool.slots), np.int64)
        np.add.at(counts, self.set_of, unpacked(self.problem.facts.masks[self.row], self.problem.pool.slots))
        return counts

    @cached_property
    def common(self) -> NDArray[np.bool_]:
        """Which slots all of a set can make, by set and slot."""
        return np.asarray(self.slot_counts == self.size[:, None], np.bool_)

    def per_entry(self, part: int) -> Doubles:
        """Return the mean measure of each entry with the others of its set, by one of the problem's parts."""
        left, right = self.pairs
        found = self.problem.parts[part].measure.flat(self.row[left], self.row[right])
        total = np.bincount(left, found, len(self.row))
        return np.asarray(total / np.maximum(self.size[self.set_of] - 1, 1), np.float64)

    def by_set(self, per_entry: Doubles | Longs) -> Doubles:
        """Add up over each set."""
        return np.bincount(self.set_of, per_entry, len(self.members)).astype(np.float64)

    @cached_property
    def led(self) -> NDArray[np.bool_]:
        """Which sets have a leader who can make enough of their common slots."""
        leaders = np.array(self.leaders, np.int64)
        if not self.problem.pool.slots or not len(self.problem.leaders):
            return leaders >= 0
        times = unpacked(self.problem.facts.leader_masks, self.problem.pool.slots)[np.maximum(leaders, 0)] > 0
        shared = (times & self.common).sum(axis=1)
        return np.asarray((leaders >= 0) & (shared >= self.problem.facts.leader_need), np.bool_)


def unpacked(masks: NDArray[np.uint64], slots: int) -> NDArray[np.int64]:
    """Turn bits into 0 and 1 by line and slot."""
    numbers = np.arange(slots)
    return ((masks[:, numbers // 64] >> (numbers % 64).astype(np.uint64)) & np.uint64(1)).astype(np.int64)


def ledger(some: SomeSets) -> Ledger:
    """Say how well the sets do by each rule."""
    problem = some.problem
    served = np.zeros((len(problem.rules), len(some.members)))
    part_of = {part.rule: number for number, part in enumerate(problem.parts)}
    for number, rule in enumerate(problem.rules):
        if number in part_of:
            served[number] = some.by_set(some.per_entry(part_of[number]))
        else:
            served[number] = some.size - unserved(some, rule)
    return Ledger(served, some.size)


def unserved(some: SomeSets, rule: Rule) -> Any:
    """Return by set how many people a rule does not serve (a share of each, summed), if it is not about pairs."""
    size, problem = some.size, some.problem
    if rule.kind in COUNTING:
        return disorder(some, rule).sum(axis=1)
    if rule.kind in BONDING or rule.kind is Kind.NOT_AGAIN:
        return _broken_bonds(some, rule)
    match rule.kind:
        case Kind.SIZE:
            least, most = problem.limits
            return np.where(size > 0, np.maximum(least - size, 0) + np.maximum(size - most, 0), 0)
        case Kind.SLOTS if problem.pool.slots:
            common = some.common.sum(axis=1)
            return size * (1.0 - np.array([slot_share(rule, int(number)) for number in common]))
        case Kind.FACILITATOR_LOAD:
            return np.where(some.led, 0, size)
        case Kind.BALANCE:
            uneven_by = [uneven(int(one), len(problem.people), problem.sets) if one else 0 for one in size]
            return np.minimum(uneven_by, size)
        case Kind.PREFERRED_FACILITATOR:
            return some.by_set(unled(some))
    return np.zeros(len(size))


def disorder(some: SomeSets, rule: Rule) -> NDArray[np.int64]:
    """Return by set and kind how many people are out of order by a rule that counts."""
    codes = kind_codes(rule, some.problem.people)
    mine = codes[some.row]
    counts = np.zeros((len(some.members), int(codes.max(initial=0)) + 1), np.int64)
    np.add.at(counts, (some.set_of[mine >= 0], mine[mine >= 0]), 1)
    table = np.array([out_of_order(rule, count) for count in range(int(counts.max(initial=0)) + 1)], np.int64)
    return np.asarray(table[counts], np.int64)


def unled(some: SomeSets) -> Longs:
    """Return by entry whether they would like another leader than the set has."""
    wished: Ints = some.problem.facts.prefers[some.row]
    return np.asarray((wished >= 0) & (wished != np.array(some.leaders, np.int64)[some.set_of]), np.int64)


def _broken_bonds(some: SomeSets, rule: Rule) -> Longs:
    pairs = row_pairs(bonded(rule.kind, some.problem.pool) or (), some.problem.rows)
    partners: dict[int, list[int]] = {}
    for one, other in pairs:
        partners.setdefault(one, []).append(other)
        partners.setdefault(other, []).append(one)
    # Whom somebody should sit with binds nobody while they are in no set.
    elsewhere = set(some.row.tolist()) if rule.kind is Kind.TOGETHER else set[int]()
    found = np.zeros(len(some.members), np.int64)
    for number, rows in enumerate(some.members):
        here = set(rows)
        wrong = elsewhere - here if rule.kind is Kind.TOGETHER else here
        found[number] = sum(other in wrong for row in rows for other in partners.get(row, ()))
    return found
