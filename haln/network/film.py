"""Who is there and who is tied at each of several stops: runs of stops through which nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from haln.compiled import Ints, Longs
from haln.network.history import Snapshot

ABSENT = -2


@dataclass(frozen=True, slots=True)
class Run:
    """From one stop to another, both counted, all is the same; `group` numbers names, or is history's UNKNOWN."""

    first: int
    last: int
    group: int = 0


@dataclass(frozen=True, slots=True)
class Film:
    """Members by id, ascending, with their runs; pairs as rows of `members`, the lower first, with theirs."""

    members: tuple[int, ...]
    there: tuple[tuple[Run, ...], ...]
    pairs: tuple[tuple[int, int], ...]
    tied: tuple[tuple[Run, ...], ...]


def film(stops: Sequence[Snapshot], kind: str) -> Film:
    """Lay snapshots of one network side by side, with members' groups of a kind.

    Snapshots whose histories name groups of the kind otherwise do not go together: raises ValueError.
    """
    if len({stop.history.names.get(kind, ()) for stop in stops}) > 1:
        raise ValueError("histories of several vocabularies cannot be one film")
    here = [stop.history.members[stop.rows] for stop in stops]
    members: Longs = np.unique(np.concatenate(here)) if here else np.empty(0, np.int64)
    groups = np.full((len(members), len(stops)), ABSENT, np.int32)
    many = max(1, len(members))
    keys = []
    for number, (stop, ids) in enumerate(zip(stops, here, strict=True)):
        rows = np.searchsorted(members, ids)
        groups[rows, number] = stop.groups(kind)
        keys.append(rows[stop.low] * many + rows[stop.high])
    pairs: Longs = np.unique(np.concatenate(keys)) if keys else np.empty(0, np.int64)
    tied = np.full((len(pairs), len(stops)), ABSENT, np.int32)
    for number, found in enumerate(keys):
        tied[np.searchsorted(pairs, found), number] = 0
    ends = zip((pairs // many).tolist(), (pairs % many).tolist(), strict=True)
    return Film(tuple(members.tolist()), _runs(groups), tuple(ends), _runs(tied))


def _runs(table: Ints) -> tuple[tuple[Run, ...], ...]:
    """Each row's runs of one value, but for those of ABSENT."""
    rows, stops = table.shape
    found: list[list[Run]] = [[] for _ in range(rows)]
    begins = np.ones(table.shape, np.bool_)
    begins[:, 1:] = table[:, 1:] != table[:, :-1]
    where, first = np.nonzero(begins)
    last = np.full(len(first), stops - 1)
    goes_on = np.flatnonzero(where[1:] == where[:-1])
    last[goes_on] = first[goes_on + 1] - 1
    values = table[where, first]
    columns = (where, first, last, values)
    for row, begin, end, value in zip(*(column.tolist() for column in columns), strict=True):
        if value != ABSENT:
            found[row].append(Run(begin, end, value))
    return tuple(map(tuple, found))
