"""Steps between members, kept from one day to the next and followed by what changes between them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from haln.compiled import Bytes, Ints, Longs
from haln.network import changes, kernels, step_kernels, structure
from haln.network.history import History, Snapshot
from haln.network.step_kernels import FAR
from haln.network.structure import Distances

FEW = 100
"""Where more than one in so many ties differ, steps are counted whole."""

PATIENCE = 5
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
        if len(giant) < 2:
            self._history = self._table = None
            return structure.distances(found, giant, sources, seed)
        asked = structure.drawn(found, giant, sources, seed)
        exact = len(asked) == len(giant)
        self._follow(found, found.rows[asked], exact)
        if self._table is None:
            return structure.distances_from(found, giant, asked)
        return _told(self._table, found.rows[asked], len(giant))

    def _follow(self, found: Snapshot, asked: Longs, exact: bool) -> None:
        """Bring the table to another day, or give it up where that takes longer than to count."""
        ties = changes.keys(found)
        lost, made = changes.missing(self._ties, ties), changes.missing(ties, self._ties)
        near = found.history is self._history and FEW * (len(lost) + len(made)) <= len(ties)
        lost, made = self._ties[lost], ties[made]
        self._history, self._ties = found.history, ties
        self._near = self._near + 1 if near else 0
        many = len(found.history)
        wanted = many if exact else len(asked)
        if not near or wanted * many > MOST:
            self._table = None
        elif self._table is not None and len(self._table.sources) == wanted:
            self._table = _followed(self._table, found, lost, made)
        elif self._near >= PATIENCE:
            sources = np.arange(many) if exact else asked
            self._table = _counted(sources.astype(np.int32), found)
        else:
            self._table = None
        if self._table is not None and not exact:
            self._table = _asked(self._table, found, asked)


def _counted(sources: Ints, found: Snapshot) -> _Table | None:
    """Write down all steps from some members."""
    many = len(found.history)
    table = _Table(
        sources,
        np.empty(len(sources) * many, np.uint8),
        np.empty(len(sources) * (FAR + 1), np.int32),
    )
    return _anew(table, found, np.arange(len(sources)))


def _anew(table: _Table, found: Snapshot, places: Longs) -> _Table | None:
    """Write down the steps from those in some places of a table; none where somebody is too far away."""
    written = step_kernels.counted(*_all_of(found), table.sources, places, table.steps, table.counts)
    return table if written else None


def _all_of(found: Snapshot) -> tuple[Ints, Ints]:
    """The neighbours of all members of the history, of those who are not there none."""
    starts = np.zeros(len(found.history) + 1, np.int32)
    starts[found.rows + 1] = found.degrees
    return np.cumsum(starts, dtype=np.int32), found.rows.astype(np.int32)[found.others]


def _followed(table: _Table, found: Snapshot, lost: Longs, made: Longs) -> _Table | None:
    """Take what ended out of a table, then what began into it; none where somebody is too far away."""
    many = len(found.history)
    starts, others = _all_of(found)
    ended, begun = _ends(lost, many), _ends(made, many)
    parts = table.steps, table.counts
    fresh = np.zeros(len(others), np.uint8)
    entries = 2 * many + len(made)
    lists = np.full(FAR + 2, -1, np.int64), np.empty(entries, np.int32), np.empty(entries, np.int64)
    met, moved = np.zeros(many, np.uint8), np.empty(many, np.int32)
    if len(lost):
        step_kernels.marked(starts, others, *begun, fresh)
        if not step_kernels.lost(starts, others, fresh, *ended, *parts, *lists, met, moved):
            return None
        fresh[:] = 0
    if len(table.sources) == many:
        kept = step_kernels.joined(*begun, *parts, np.empty(2 * many, np.uint8), moved)
    else:
        kept = step_kernels.made(starts, others, fresh, *begun, *parts, *lists)
    return table if kept else None


def _ends(ties: Longs, many: int) -> tuple[Ints, Ints]:
    return (ties // many).astype(np.int32), (ties % many).astype(np.int32)


def _asked(table: _Table, found: Snapshot, asked: Longs) -> _Table | None:
    """Give the places of those who are not asked any more to those who were not asked before."""
    places = np.flatnonzero(~np.isin(table.sources, asked))
    if len(places):
        table.sources[places] = np.setdiff1d(asked, table.sources)
        return _anew(table, found, places)
    return table


def _told(table: _Table, asked: Longs, giant: int) -> Distances:
    """Put together what is told of those who are asked, each of whom reaches the whole of the largest part."""
    place_of = np.empty(int(table.sources.max()) + 1, np.int64)
    place_of[table.sources] = np.arange(len(table.sources))
    places = place_of[asked]
    each = table.counts.reshape(-1, FAR + 1)[places, :FAR]
    begins = np.arange(0, len(places), kernels.WORD)
    counts = np.add.reduceat(each, begins, axis=0, dtype=np.int64)
    total = counts @ np.arange(FAR)
    reached = counts[:, 1:].sum(axis=1)
    return structure.told(total, reached, int(np.flatnonzero(counts.any(axis=0))[-1]), len(places) / giant)
