"""Where a plan breaks its rules, and by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from haln.compiled import Longs
from haln.matching.bonds import bonded, row_pairs
from haln.matching.ledger import SomeSets, disorder, unled, unserved
from haln.matching.pool import Pair
from haln.matching.problem import Problem
from haln.matching.rule_arrays import BONDING, COUNTING, kind_codes, uneven
from haln.matching.rules import Kind, Rule


@dataclass(frozen=True, slots=True)
class Break:
    """One thing out of order: in which set (none: between sets), whose ids, and how many too many (below 0: missing).

    `facilitator`: whose load it is about. Of new ties it is how many pairs of a set know each other, and nobody's ids.
    """

    set: int | None
    members: tuple[int, ...]
    number: int
    facilitator: int | None = None


def breaks_of(some: SomeSets, number: int) -> tuple[Break, ...]:
    """Return the breaks of one rule by a whole plan's sets, in the order of the sets."""
    rule = some.problem.rules[number]
    part = next((at for at, part in enumerate(some.problem.parts) if part.rule == number), None)
    if rule.kind in COUNTING:
        return tuple(_counted(some, rule))
    if rule.kind in BONDING or rule.kind is Kind.NOT_AGAIN:
        return tuple(_bonds(some, bonded(rule.kind, some.problem.pool) or frozenset(), rule.kind is Kind.TOGETHER))
    if rule.kind is Kind.NEW_TIES:  # neither connected nor set-mates; by whom it is broken is told to nobody
        known = _bonds(some, some.problem.pool.ties | some.problem.pool.set_mates, False)
        counts = Counter(one.set for one in known)
        return tuple(Break(number, (), count) for number, count in counts.items())
    if part is not None:
        return tuple(_without_any(some, part))
    match rule.kind:
        case Kind.SIZE:
            return tuple(_sizes(some))
        case Kind.SLOTS if some.problem.pool.slots:
            short = some.common.sum(axis=1) - (rule.number or 0)
            return tuple(_of_set(some, int(at), int(short[at])) for at in np.flatnonzero((short < 0) & (some.size > 0)))
        case Kind.FACILITATOR_LOAD:
            return (
                *(_of_set(some, int(at), -1) for at in np.flatnonzero(~some.led & (some.size > 0))),
                *_overload(some),
            )
        case Kind.BALANCE:
            return tuple(_uneven(some))
        case Kind.PREFERRED_FACILITATOR:
            entries = np.flatnonzero(unled(some))
            return tuple(Break(int(some.set_of[at]), _ids(some.problem, [int(some.row[at])]), 1) for at in entries)
    return ()


def wrong_by_set(some: SomeSets, rule: Rule) -> Longs:
    """Return by set how many too many or missing its breaks name, by a rule that each set keeps or breaks by itself.

    That facilitators have room is judged between sets: see `overload`. Other rules than those that may be a must, and
    those about pairs, have none.
    """
    if rule.kind in COUNTING:
        return np.asarray(disorder(some, rule).sum(axis=1), np.int64)
    match rule.kind:
        case Kind.SIZE:
            return np.asarray(unserved(some, rule), np.int64)
        case Kind.SLOTS if some.problem.pool.slots:
            missing = np.maximum((rule.number or 0) - some.common.sum(axis=1), 0)
            return np.where(some.size > 0, missing, 0).astype(np.int64)
        case Kind.FACILITATOR_LOAD:
            return ((some.size > 0) & ~some.led).astype(np.int64)
    return np.zeros(len(some.members), np.int64)


def overload(some: SomeSets) -> int:
    """Return how many sets more than they have room for the facilitators lead, together."""
    return sum(found.number for found in _overload(some))


def _ids(problem: Problem, rows: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(problem.people[int(row)].id for row in rows))


def _of_set(some: SomeSets, number: int, by: int) -> Break:
    return Break(int(number), _ids(some.problem, list(some.members[number])), by)


def _sizes(some: SomeSets) -> Iterator[Break]:
    least, most = some.problem.limits
    for number, size in enumerate(some.size.tolist()):
        if size and not least <= size <= most:
            yield _of_set(some, number, size - most if size > most else size - least)


def _uneven(some: SomeSets) -> Iterator[Break]:
    """Beside sets as even as those who sit in them can be: whoever is left over makes none of them too small."""
    seated, sets = int(some.size.sum()), int(np.count_nonzero(some.size))
    for number, size in enumerate(some.size.tolist()):
        by = uneven(size, seated, sets)
        if size and by:
            yield _of_set(some, number, by if size * sets > seated else -by)


def _counted(some: SomeSets, rule: Rule) -> Iterator[Break]:
    wrong = disorder(some, rule)
    codes = kind_codes(rule, some.problem.people)
    for number, kind in zip(*np.nonzero(wrong), strict=True):
        rows = [row for row in some.members[number] if codes[row] == kind]
        by = int(wrong[number, kind])
        yield Break(int(number), _ids(some.problem, rows), -by if rule.kind is Kind.NOT_ALONE else by)


def _bonds(some: SomeSets, pairs: Iterable[Pair], together: bool) -> Iterator[Break]:
    """The pairs that share a set; those that do not where they are to be `together`."""
    problem = some.problem
    where = {int(row): int(number) for row, number in zip(some.row, some.set_of, strict=True)}
    found = []
    for one, other in row_pairs(pairs, problem.rows):
        here, there = where.get(one), where.get(other)
        if together:
            if here is not None and there is not None and here != there:
                found.append(Break(None, _ids(problem, [one, other]), -1))
        elif here is not None and here == there:
            found.append(Break(here, _ids(problem, [one, other]), 1))
    yield from sorted(found, key=lambda one: (-1 if one.set is None else one.set, one.members))


def _without_any(some: SomeSets, part: int) -> Iterator[Break]:
    alone = np.flatnonzero(some.per_entry(part) <= 0)
    for at in alone:
        yield Break(int(some.set_of[at]), _ids(some.problem, [int(some.row[at])]), -1)


def _overload(some: SomeSets) -> Iterator[Break]:
    leading = [leader for leader, size in zip(some.leaders, some.size, strict=True) if leader >= 0 and size]
    for row, leader in enumerate(some.problem.leaders):
        over = leading.count(row) - max(0, leader.capacity)
        if over > 0:
            yield Break(None, (), over, leader.id)
