"""Pairs that must, or should, sit together or apart: sparse, and judged one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from haln.compiled import Ints, Longs
from haln.matching.pool import Pair, Pool
from haln.matching.rules import Kind, Rules, Strength
from haln.matching.set_facts import UNIT

RowPair = tuple[int, int]
"""Two rows, the lower first."""


@dataclass(frozen=True, eq=False)
class Bonds:
    """What it costs when two rows share a set (`same`) or do not (`split`), in breaks (hard) and score (soft).

    A split is a break only where both sit in a set: a pair of whom somebody is left over binds nobody, and costs score
    (`PARTED`). The entries of row r are `start[r]` to `start[r + 1]`; each pair is entered for both of its rows.
    """

    start: Longs
    other: Ints
    same_hard: Ints
    split_hard: Ints
    same_soft: Longs
    split_soft: Longs


def row_pairs(pairs: Iterable[Pair], rows: Mapping[int, int]) -> frozenset[RowPair]:
    """Turn pairs of ids into pairs of rows; pairs of oneself, or with somebody who does not apply, are left out."""
    both = ((rows[one], rows[other]) for one, other in pairs if one in rows and other in rows and one != other)
    return frozenset((min(one, other), max(one, other)) for one, other in both)


def bonded(kind: Kind, pool: Pool) -> frozenset[Pair] | None:
    """Return the pairs that a rule is about; none where it is about something else."""
    return {
        Kind.MANAGERS: pool.managers,
        Kind.APART: pool.apart,
        Kind.TOGETHER: pool.together,
        Kind.NOT_AGAIN: pool.set_mates,
    }.get(kind)


def bonds_between(pool: Pool, rules: Rules, weights: Sequence[int], rows: Mapping[int, int]) -> Bonds:
    """Collect the bonds of all rules. A soft one costs what both people could gain by the rule at most."""
    costs: dict[RowPair, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for number, rule in enumerate(rules):
        must = rule.strength is Strength.MUST
        pairs = bonded(rule.kind, pool)
        if pairs is None or (rule.kind is Kind.NOT_AGAIN and not must):
            continue
        column = (0 if must else 2) + (1 if rule.kind is Kind.TOGETHER else 0)
        for pair in row_pairs(pairs, rows):
            costs[pair][column] += 1 if must else 2 * weights[number] * UNIT
    return _flat(costs, len(rows))


def _flat(costs: Mapping[RowPair, Sequence[int]], rows: int) -> Bonds:
    entries = sorted((*ends, *costs[pair]) for pair in costs for ends in (pair, pair[::-1]))
    table = np.array(entries, np.int64).reshape(len(entries), 6)
    start = np.searchsorted(table[:, 0], np.arange(rows + 1)).astype(np.int64)
    narrow = [np.ascontiguousarray(table[:, column].astype(np.int32)) for column in (1, 2, 3)]
    wide = [np.ascontiguousarray(table[:, column]) for column in (4, 5)]
    return Bonds(start, narrow[0], narrow[1], narrow[2], wide[0], wide[1])
