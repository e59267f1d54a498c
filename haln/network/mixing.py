"""How ties run within groups and across them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haln.compiled import Doubles, Longs
from haln.network.history import UNDEFINED, UNKNOWN, Snapshot


@dataclass(frozen=True, slots=True)
class Mixing:
    """Ties by the groups of their two ends. `table` is symmetric: [a, b] ties between a and b, [a, a] within a.

    Ties with somebody whose group is not known are counted in `unknown` alone.
    """

    names: tuple[str, ...]
    members: Longs
    table: Longs
    unknown: int

    @property
    def within(self) -> int:
        """How many ties have both ends in one group."""
        return int(np.trace(self.table))

    @property
    def across(self) -> int:
        """How many ties join two groups."""
        return int((self.table.sum() - np.trace(self.table)) // 2)

    @property
    def across_share(self) -> float:
        """The share of ties that join two groups; UNDEFINED without ties."""
        across, within = self.across, self.within
        return across / (across + within) if across + within else UNDEFINED

    @property
    def ei_index(self) -> float:
        """(external - internal) / (external + internal): -1 insular to +1 outward (Krackhardt and Stern 1988)."""
        return 2 * self.across_share - 1

    @property
    def group_ei(self) -> Doubles:
        """The E-I index of each group's own ties; UNDEFINED of a group without ties."""
        internal = np.diag(self.table)
        external = self.table.sum(axis=1) - internal
        return ei_of(external, internal)

    @property
    def assortativity(self) -> float:
        """From below 0, where ties run to other groups more than by chance, to 1, where none does (Newman 2003, eq. 2).

        UNDEFINED where it says nothing: without ties, or where all of them have both ends in one group.
        """
        ends = self.table + np.diag(np.diag(self.table))
        total = int(ends.sum())
        share = ends.sum(axis=1) / max(1, total)
        by_chance = float((share**2).sum())
        if not total or np.count_nonzero(share) < 2:
            return UNDEFINED
        return float((np.trace(ends) / total - by_chance) / (1 - by_chance))

    @property
    def untied(self) -> tuple[tuple[int, int], ...]:
        """The pairs of groups, both with members, between which there is no tie: numbers of groups, the lower first."""
        there = self.members > 0
        gaps = np.triu((self.table == 0) & there[:, None] & there, 1)
        return tuple((int(one), int(other)) for one, other in np.argwhere(gaps))


def ei_of(external: Doubles | Longs, internal: Doubles | Longs) -> Doubles:
    """(external - internal) / (external + internal) of each; UNDEFINED of nothing."""
    total = external + internal
    index: Doubles = np.divide(external - internal, total, out=np.full(len(total), UNDEFINED), where=total > 0)
    return index


def mixing(found: Snapshot, kind: str) -> Mixing:
    """Count ties by the groups of a kind at their ends."""
    names = found.history.names.get(kind, ())
    many = len(names)
    group = found.groups(kind) if names else np.full(len(found), UNKNOWN, np.int32)
    one, other = group[found.low], group[found.high]
    known = (one != UNKNOWN) & (other != UNKNOWN)
    cells = one[known].astype(np.int64) * many + other[known]
    table = np.bincount(cells, minlength=many * many).reshape(many, many)
    table = table + table.T - np.diag(np.diag(table))
    members = np.bincount(group[group != UNKNOWN], minlength=many).astype(np.int64)
    return Mixing(names, members, table, int((~known).sum()))


def by_evidence(found: Snapshot) -> dict[str, int]:
    """How many spells of ties hold between those who are there, by their evidence."""
    past = found.history
    there = np.zeros(len(past), np.bool_)
    there[found.rows] = True
    holds = (past.tied_since <= found.day) & (found.day < past.tied_until) & there[past.low] & there[past.high]
    counted = np.bincount(past.evidence[holds], minlength=len(past.evidences))
    return dict(zip(past.evidences, counted.tolist(), strict=True))
