"""How ties run within groups and across them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haln.compiled import Longs
from haln.network.history import UNKNOWN, Snapshot


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
        """The share of ties that join two groups; 0 without ties."""
        return self.across / (self.across + self.within) if self.across + self.within else 0.0

    @property
    def ei_index(self) -> float:
        """(external - internal) / (external + internal): -1 insular to +1 outward (Krackhardt and Stern 1988)."""
        return 2 * self.across_share - 1 if self.across + self.within else 0.0


def mixing(found: Snapshot, kind: str) -> Mixing:
    """Count ties by the groups of a kind at their ends."""
    names = found.history.names.get(kind, ())
    many = len(names)
    group = found.groups(kind) if names else np.full(len(found), UNKNOWN, np.int32)
    one, other = group[found.low], group[found.high]
    known = (one != UNKNOWN) & (other != UNKNOWN)
    table = np.zeros((many, many), np.int64)
    np.add.at(table, (one[known], other[known]), 1)
    table = table + table.T - np.diag(np.diag(table))
    members = np.bincount(group[group != UNKNOWN], minlength=many).astype(np.int64)
    return Mixing(names, members, table, int((~known).sum()))
