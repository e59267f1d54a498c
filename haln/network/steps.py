"""Steps between members, kept from one day to the next and followed by what changes between them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from haln.compiled import Bytes, Ints, Longs
from haln.network import changes, kernels, step_kernels, structure
from haln.network.history import History, Snapshot
from haln.network.step_kernels import FAR
from haln.network.structure import Distances

FEW = 128
"""Where more than one in so many ties differ, steps are counted whole: to follow them takes about as long."""

PATIENCE = 4
"""After so many days with few changes in a row steps are kept: to write them down once takes as long as these days."""

MOST = 2**27
"""So many bytes the steps that are kept may take. Of a network that asks for more they are counted whole each day."""


@dataclass(slots=True)
class _Table:
    """Steps from each of `sources` to all members of a history, as `step_kernels` has them."""

    sources: Ints
    steps: Bytes
    counts: Ints


@dataclass(slots=True)
class Steps:
    """What is told of the steps of days of one history, each from the one that was asked for before it.

    All that is told is what `structure.distances` tells of the day by itself, to the last digit: steps are whole
    numbers, and whatever is not one is worked out of the same of them.
    """

    _history: History | None = None
    _ties: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    _table: _Table | None = None
    _near: int = 0

    def of(self, found: Snapshot, giant: Longs, sources: int | None = None, seed: int = 0) -> Distances:
        """Steps within the largest part, from all its members (`sources` none), or from so many drawn by a seed."""
        asked = structure.drawn(found, giant, sources, seed)
        self._follow(found, found.rows[asked], everybody=len(asked) == len(giant))
        if self._table is None or len(giant) < 2:
            return structure.distances_from(found, giant, asked)
        return _told(self._table, found.rows[asked], len(giant))

    def _follow(self, found: Snapshot, asked: Longs, everybody: bool) -> None:
        """Bring the table to another day; give it up where that takes longer than to count, or more than is kept."""
        before, table = self._ties, self._table
        lost, made = before[changes.missing(before, found.keys)], found.keys[changes.missing(found.keys, before)]
        near = found.history is self._history and FEW * (len(lost) + len(made)) <= found.ties
        self._near = self._near + 1 if near else 0
        self._history, self._ties, self._table = found.history, found.keys, None
        many = len(found.history)
        sources = np.arange(many) if everybody else asked
        if not near or len(sources) * many > MOST:
            return
        if table is None or len(table.sources) != len(sources):
            self._table = _written(found, sources) if self._near >= PATIENCE else None
            return
        if len(lost):
            _end(table, found, lost, made)
        if everybody:
            _begin_for_all(table, made)
        else:
            _begin(table, found, made)
            _give_places(table, found, sources)
        self._table = table if _is_whole(table) else None


def _written(found: Snapshot, sources: Longs) -> _Table | None:
    """Write down all steps from some members; none where somebody is too far away."""
    many = len(found.history)
    steps, counts = np.empty(len(sources) * many, np.uint8), np.empty(len(sources) * (FAR + 1), np.int32)
    table = _Table(sources.astype(np.int32), steps, counts)
    step_kernels.counted(*found.neighbours_of_all, table.sources, np.arange(len(sources)), steps, counts)
    return table if _is_whole(table) else None


def _is_whole(table: _Table) -> bool:
    """Whether nobody may be further away than a table tells: nobody is as far away as it tells at most."""
    return not table.counts[FAR - 1 :: FAR + 1].any()


def _end(table: _Table, found: Snapshot, lost: Longs, made: Longs) -> None:
    """Take what ended out of a table, as if nothing had begun."""
    starts, others = found.neighbours_of_all
    many = len(found.history)
    fresh = np.empty(len(others), np.uint8)
    step_kernels.marked(starts, others, *_ends(made, many), fresh)
    met, moved = np.zeros(many, np.uint8), np.empty(many, np.int32)
    low, high = _ends(lost, many)
    lists = _lists(2 * many)
    step_kernels.lost(starts, others, fresh, low, high, table.steps, table.counts, *lists, met, moved)


def _begin(table: _Table, found: Snapshot, made: Longs) -> None:
    """Take what began into a table of some sources."""
    starts, others = found.neighbours_of_all
    many, none = len(found.history), np.zeros(len(others), np.uint8)
    low, high = _ends(made, many)
    lists = _lists(many + len(made))
    step_kernels.made(starts, others, none, low, high, table.steps, table.counts, *lists)


def _begin_for_all(table: _Table, made: Longs) -> None:
    """Take what began into a table of everybody."""
    many = len(table.sources)
    scratch = np.empty(2 * many, np.uint8), np.empty(many, np.int32)
    step_kernels.joined(*_ends(made, many), table.steps, table.counts, *scratch)


def _lists(entries: int) -> tuple[Longs, Ints, Longs]:
    """One list of members for each number of steps, all empty, with room for so many entries."""
    return np.full(FAR + 1, -1, np.int64), np.empty(entries, np.int32), np.empty(entries, np.int64)


def _ends(ties: Longs, many: int) -> tuple[Ints, Ints]:
    """Both ends of ties that are numbers, as rows of the history."""
    return (ties // many).astype(np.int32), (ties % many).astype(np.int32)


def _give_places(table: _Table, found: Snapshot, sources: Longs) -> None:
    """Give the places of those who are not asked any more to those who were not asked before."""
    places = np.flatnonzero(~np.isin(table.sources, sources))
    if len(places):
        table.sources[places] = np.setdiff1d(sources, table.sources)
        step_kernels.counted(*found.neighbours_of_all, table.sources, places, table.steps, table.counts)


def _told(table: _Table, asked: Longs, giant: int) -> Distances:
    """Put together what is told of those who are asked, each of whom reaches the whole of the largest part."""
    place_of = np.empty(int(table.sources.max()) + 1, np.int64)
    place_of[table.sources] = np.arange(len(table.sources))
    each = table.counts.reshape(-1, FAR + 1)[place_of[asked]]
    counts = np.add.reduceat(each, np.arange(0, len(asked), kernels.WORD), axis=0, dtype=np.int64)
    total, reached = counts[:, :FAR] @ np.arange(FAR), counts[:, 1:FAR].sum(axis=1)
    furthest = int(np.flatnonzero(counts[:, :FAR].any(axis=0))[-1])
    return structure.told(total, reached, furthest, len(asked) / giant)
