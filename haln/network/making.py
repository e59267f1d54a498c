"""Which ties were made between two days, and who sat in which group when: what an attribution starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from haln.compiled import Longs
from haln.network.history import NEVER, UNKNOWN, Snapshot, spells
from haln.network.structure import gini


@dataclass(frozen=True, slots=True)
class Made:
    """A pair of members, by id, that is tied on the later of two days only.

    `since`: the day on which the tie that holds began; `evidence`: what it rests on by the later day. `across`: whether
    it joins two groups of a kind; none where a group is not known.
    """

    low: int
    high: int
    since: int
    evidence: str
    across: bool | None


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody sat in a group from the day `since` until before the day `until`."""

    group: int
    member: int
    since: int
    until: int


def made(before: Snapshot, after: Snapshot, kind: str) -> list[Made]:
    """List the ties made between two days, in the order of their members. `kind` of group says what is across."""
    found = after.history
    earlier = set(_pairs(before))
    began = _beginnings(after)
    group = after.groups(kind) if kind in found.groups else np.full(len(after), UNKNOWN, np.int32)
    rows = zip(_pairs(after), group[after.low].tolist(), group[after.high].tolist(), strict=True)
    return [
        Made(*pair, *began[pair], None if UNKNOWN in (one, other) else one != other)
        for pair, one, other in rows
        if pair not in earlier
    ]


def _pairs(found: Snapshot) -> list[tuple[int, int]]:
    """The tied pairs by the ids of members, the lower first."""
    ids = found.history.members[found.rows]
    return list(zip(ids[found.low].tolist(), ids[found.high].tolist(), strict=True))


def _beginnings(found: Snapshot) -> dict[tuple[int, int], tuple[int, str]]:
    """When the tie of each pair that holds on the day began, and what it rests on then.

    What is said of a tie from a later day on begins a spell, not a tie: spells without a day between are one.
    """
    told = found.history
    begun = np.flatnonzero(told.tied_since <= found.day)
    order = begun[np.lexsort((told.tied_since[begun], told.high[begun], told.low[begun]))]
    columns = (told.members[told.low], told.members[told.high], told.tied_since, told.tied_until, told.evidence)
    began: dict[tuple[int, int], tuple[int, str]] = {}
    ends: dict[tuple[int, int], int] = {}
    for low, high, since, until, evidence in zip(*(column[order].tolist() for column in columns), strict=True):
        pair = (low, high)
        first = began[pair][0] if pair in began and since <= ends[pair] else since
        began[pair] = (first, told.evidences[evidence])
        ends[pair] = max(until, ends.get(pair, until)) if first != since else until
    return began


def sittings(
    groups: Sequence[int],
    members: Sequence[int],
    since: Sequence[int],
    said: Sequence[int],
    sits: Sequence[bool],
    known: int | None = None,
) -> list[Sitting]:
    """Who sat where when, as known at the end of a day (none: as known now), of rows that say so from a day on.

    Rows are in the order of group and member, those of one place in the order in which they were said.
    """
    heard = np.flatnonzero(np.array(said, np.int64) <= (NEVER if known is None else known))
    group, member = (np.array(column, np.int64)[heard] for column in (groups, members))
    new: Longs = np.ones(len(heard), np.int64)
    new[1:] = (group[1:] != group[:-1]) | (member[1:] != member[:-1])
    day = np.array(since, np.int32)[heard]
    held, until = spells(np.cumsum(new), day)
    sat = np.array(sits, np.bool_)[heard][held]
    columns = (group[held], member[held], day[held], until)
    return [Sitting(*row) for row in zip(*(column[sat].tolist() for column in columns), strict=True)]


def unevenness(counts: Sequence[int]) -> float | None:
    """The Gini coefficient of counts: 0 where all have as many, towards 1 where one has them all; none of nothing."""
    return gini(np.array(counts, np.float64)) if any(counts) else None
