"""Dated members and ties, and the network as it stood on a day.

Days are whole numbers that count from an epoch of the caller's.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from haln.compiled import Ints, Longs
from haln.network import change_kernels, kernels

Flags = NDArray[np.bool_]

NEVER = 2**31 - 1
"""The day on which something ends that has not ended."""

UNKNOWN = -1
"""The group of a member of whom it is not known."""

UNDEFINED = math.nan
"""A figure that is not defined, such as the mean of nothing: never 0, which would be a finding. Not a number."""

Only = Mapping[str, Collection[str]]
"""Which members count: of each kind of group that is named, those in one of its groups."""


@dataclass(frozen=True, slots=True)
class Node:
    """One spell of a member: there, and in these groups, from the day `since` until before the day `until`.

    `groups`: what is known of them by kind of group ("sector": "nhs").
    """

    member: int
    since: int
    until: int = NEVER
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tie:
    """One spell of a tie between two members, from the day `since` until before the day `until`.

    `evidence` is how it is known; `intensity` 1 (awareness) to 4 (integration).
    """

    one: int
    other: int
    since: int
    until: int = NEVER
    evidence: str = ""
    intensity: int = 1


@dataclass(frozen=True)
class History:
    """All members by id, all spells of their being there, and all spells of ties, as arrays.

    `who`, `low` and `high` are rows of `members`; spells are in the order of `who`, those of one member do not overlap.
    `groups` holds each spell's group of a kind as a number into `names`, or UNKNOWN; `evidence` numbers `evidences`.
    """

    members: Longs
    who: Ints
    since: Ints
    until: Ints
    groups: Mapping[str, Ints]
    names: Mapping[str, tuple[str, ...]]
    low: Ints
    high: Ints
    tied_since: Ints
    tied_until: Ints
    evidence: Ints
    intensity: Ints
    evidences: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.members)

    @cached_property
    def turns(self) -> Ints:
        """The days on which anything begins or ends, ascending."""
        turns: Ints = np.unique(np.concatenate((self.since, self.until, self.tied_since, self.tied_until)))
        return turns

    @cached_property
    def by_pair(self) -> Longs:
        """The spells of ties in the order of their pairs: sorted once, for all days."""
        order: Longs = np.lexsort((self.high, self.low))
        return order


@dataclass(frozen=True)
class Snapshot:
    """The network on a day: who is there and who is tied to whom, each pair once.

    `rows` are the rows of the history's members that are there, and `spells` the spells in which they are; everything
    else counts from 0 in their order. `starts` and `others` list each one's ties, ascending. `low` < `high` are the
    pairs, `intensity` the highest of their spells.
    """

    history: History
    day: int
    rows: Longs
    spells: Longs
    low: Ints
    high: Ints
    intensity: Ints
    starts: Ints
    others: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def ties(self) -> int:
        """How many pairs are tied."""
        return len(self.low)

    @cached_property
    def keys(self) -> Longs:
        """The pairs as numbers that ascend, the same on all days of a history."""
        keys: Longs = self.rows[self.low] * len(self.history) + self.rows[self.high]
        return keys

    @cached_property
    def degrees(self) -> Longs:
        """How many ties each member has."""
        return np.diff(self.starts).astype(np.int64)

    def groups(self, kind: str) -> Ints:
        """Each member's group of a kind, as a number into the history's names; UNKNOWN where it is not known."""
        return self.history.groups[kind][self.spells]

    def different(self, kind: str) -> int:
        """How many groups of a kind have somebody who is there."""
        known = self.groups(kind)
        return int(np.count_nonzero(np.bincount(known[known != UNKNOWN])))


def spells(entity: Longs, day: Ints) -> tuple[Longs, Ints]:
    """Return which of dated statements still hold, and until before which day each does.

    Each row says of an entity what is so from a day on, whatever was said before it; rows are in the order of their
    entities, and for each in the order in which they were said. So a row is void once a later one begins no later.
    """
    until = np.empty(len(entity), np.int32)
    kernels.overridden(np.ascontiguousarray(entity, np.int64), np.ascontiguousarray(day, np.int32), until)
    holding = np.flatnonzero(until > day)
    return holding, until[holding]


def history(nodes: Sequence[Node], ties: Sequence[Tie]) -> History:
    """Gather spells of members and ties, in any order.

    Raises ValueError for a member in two spells at once, a tie to oneself or to nobody, and for what ends before it
    begins.
    """
    nodes = sorted(nodes, key=lambda node: (node.member, node.since))
    _check_nodes(nodes)
    ids = sorted({node.member for node in nodes})
    row_of = {member: row for row, member in enumerate(ids)}
    for tie in ties:
        _check_tie(tie, row_of)
    ends = np.array([(row_of[tie.one], row_of[tie.other]) for tie in ties], np.int32).reshape(-1, 2)
    kinds = sorted({kind for node in nodes for kind in node.groups})
    names = {kind: tuple(sorted({node.groups[kind] for node in nodes if kind in node.groups})) for kind in kinds}
    evidences = tuple(sorted({tie.evidence for tie in ties}))
    return History(
        members=np.array(ids, np.int64),
        who=_whole([row_of[node.member] for node in nodes]),
        since=_whole([node.since for node in nodes]),
        until=_whole([node.until for node in nodes]),
        groups={kind: codes([node.groups.get(kind) for node in nodes], names[kind]) for kind in kinds},
        names=names,
        low=ends.min(axis=1),
        high=ends.max(axis=1),
        tied_since=_whole([tie.since for tie in ties]),
        tied_until=_whole([tie.until for tie in ties]),
        evidence=_whole([evidences.index(tie.evidence) for tie in ties]),
        intensity=_whole([tie.intensity for tie in ties]),
        evidences=evidences,
    )


def coded(values: Sequence[str | None]) -> tuple[Ints, tuple[str, ...]]:
    """Number values by their place among all of them in order; UNKNOWN for none. Returns the numbers and the names."""
    names = tuple(sorted({value for value in values if value is not None}))
    return codes(values, names), names


def codes(values: Sequence[str | None], names: Sequence[str]) -> Ints:
    """Number values by their place in `names`; UNKNOWN for none."""
    code: dict[str | None, int] = {name: number for number, name in enumerate(names)}
    return np.array([code.get(value, UNKNOWN) for value in values], np.int32)


def _check_nodes(nodes: Sequence[Node]) -> None:
    for node in nodes:
        if node.until < node.since:
            raise ValueError(f"member {node.member} left before they joined")
    for before, node in pairwise(nodes):
        if before.member == node.member and node.since < before.until:
            raise ValueError(f"member {node.member} is there twice")


def _check_tie(tie: Tie, row_of: Mapping[int, int]) -> None:
    if tie.one == tie.other:
        raise ValueError(f"member {tie.one} is tied to themselves")
    if tie.one not in row_of or tie.other not in row_of:
        raise ValueError(f"a tie of {tie.one} and {tie.other}, of whom one is not there")
    if tie.until < tie.since:
        raise ValueError(f"a tie of {tie.one} and {tie.other} ends before it begins")


def _whole(values: Sequence[int]) -> Ints:
    return np.array(values, np.int32)


def snapshot(
    found: History, day: int, *, only: Only | None = None, evidences: Collection[str] | None = None
) -> Snapshot:
    """The network on a day, of the members who count (none: all) and ties of some evidence (none: any)."""
    there = there_on(found, day, only)
    rows = found.who[there].astype(np.int64)
    row_of = np.full(len(found), UNKNOWN, np.int64)
    row_of[rows] = np.arange(len(rows))
    holds = (found.tied_since <= day) & (day < found.tied_until)
    holds &= (row_of[found.low] >= 0) & (row_of[found.high] >= 0)
    if evidences is not None:
        wanted = [number for number, name in enumerate(found.evidences) if name in evidences]
        holds &= np.isin(found.evidence, wanted)
    # Rows of members who are there ascend as all rows do: pairs stay in their order, spells of one beside each other.
    spell = found.by_pair[holds[found.by_pair]]
    ends = found.low[spell], found.high[spell]
    begins = np.ones(len(spell), np.bool_)
    begins[1:] = (ends[0][1:] != ends[0][:-1]) | (ends[1][1:] != ends[1][:-1])
    first = np.flatnonzero(begins)
    low, high = (row_of[end[first]].astype(np.int32) for end in ends)
    intensity = np.maximum.reduceat(found.intensity[spell], first) if len(first) else np.empty(0, np.int32)
    starts, others = np.empty(len(rows) + 1, np.int32), np.empty(2 * len(first), np.int32)
    change_kernels.adjacent(low, high, starts, others)
    return Snapshot(found, day, rows, there, low, high, intensity, starts, others)


def places(days: Ints, *asked: int) -> list[int]:
    """How many days, which ascend, are no later than each of those asked for."""
    # Numbers of another kind than the days would have all of these written anew.
    found: list[int] = days.searchsorted(np.array(asked, days.dtype), "right").tolist()
    return found


def there_on(found: History, day: int, only: Only | None = None) -> Longs:
    """The spells, one for each member, of those who are there on a day and count."""
    return np.flatnonzero(wanted(found, only) & (found.since <= day) & (day < found.until))


def wanted(found: History, only: Only | None) -> Flags:
    """Mark the spells that count."""
    chosen: Flags = np.ones(len(found.who), np.bool_)
    for kind, groups in (only or {}).items():
        numbers = [number for number, name in enumerate(found.names.get(kind, ())) if name in groups]
        chosen &= np.isin(found.groups[kind], numbers) if kind in found.groups else False
    return chosen


def neighbours(low: Ints, high: Ints, many: int) -> tuple[Ints, Ints]:
    """Each node's neighbours, ascending: `others[starts[node] : starts[node + 1]]`. The pairs are there once each."""
    ends = (np.concatenate((low, high)), np.concatenate((high, low)))
    matrix = csr_matrix((np.ones(2 * len(low), np.int8), ends), shape=(many, many))
    matrix.sort_indices()
    return matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
