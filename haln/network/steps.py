"""Steps between members, kept from one day to the next and followed by what changes between them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from haln.compiled import Bytes, Ints, Longs
from haln.network import changes, kernels, step_kernels, structure
from haln.network.history import History, Snapshot
from haln.network.step_kernels import FAR
from haln.network.structure import Distances

FEW = 50
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


@dataclass(frozen=True, slots=True)
class _Net:
    """The neighbours of all members of a history on a day, of those who are not there none."""

    many: int
    starts: Ints
    others: Ints


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
        net = _net(found)
        if table is not None and len(table.sources) == len(sources):
            _bring(table, net, lost, made)
            _give_places(table, net, sources)
            self._table = table if _is_whole(table) else None
        elif self._near >= PATIENCE:
            self._table = _written(net, sources)


def _net(found: Snapshot) -> _Net:
    starts = np.zeros(len(found.history) + 1, np.int32)
    starts[found.rows + 1] = found.degrees
    return _Net(len(found.history), np.cumsum(starts, dtype=np.int32), found.rows.astype(np.int32)[found.others])


def _written(net: _Net, sources: Longs) -> _Table | None:
    """Write down all steps from some members; none where somebody is too far away."""
    steps, counts = np.empty(len(sources) * net.many, np.uint8), np.empty(len(sources) * (FAR + 1), np.int32)
    table = _Table(sources.astype(np.int32), steps, counts)
    step_kernels.counted(net.starts, net.others, table.sources, np.arange(len(sources)), steps, counts)
    return table if _is_whole(table) else None


def _is_whole(table: _Table) -> bool:
    """Whether nobody may be further away than a table tells: nobody is as far away as it tells at most."""
    return not table.counts[FAR - 1 :: FAR + 1].any()


def _bring(table: _Table, net: _Net, lost: Longs, made: Longs) -> None:
    """Take what ended out of a table, then what began into it."""
    ended, begun = _ends(lost, net.many), _ends(made, net.many)
    fresh = np.zeros(len(net.others), np.uint8)
    entries = 2 * net.many + len(made)
    lists = np.full(FAR + 1, -1, np.int64), np.empty(entries, np.int32), np.empty(entries, np.int64)
    met, moved = np.zeros(net.many, np.uint8), np.empty(net.many, np.int32)
    if len(lost):
        step_kernels.marked(net.starts, net.others, *begun, fresh)
        step_kernels.lost(
            net.starts, net.others, fresh, *ended, table.steps, table.counts, *lists, met, moved
        )
        fresh[:] = 0
    if len(table.sources) == net.many:
        step_kernels.joined(*begun, table.steps, table.counts, np.empty(2 * net.many, np.uint8), moved)
    else:
        step_kernels.made(net.starts, net.others, fresh, *begun, table.steps, table.counts, *lists)


def _ends(ties: Longs, many: int) -> tuple[Ints, Ints]:
    return (ties // many).astype(np.int32), (ties % many).astype(np.int32)


def _give_places(table: _Table, net: _Net, sources: Longs) -> None:
    """Give the places of those who are not asked any more to those who were not asked before."""
    places = np.flatnonzero(~np.isin(table.sources, sources))
    if len(places):
        table.sources[places] = np.setdiff1d(sources, table.sources)
        step_kernels.counted(net.starts, net.others, table.sources, places, table.steps, table.counts)


def _told(table: _Table, asked: Longs, giant: int) -> Distances:
    """Put together what is told of those who are asked, each of whom reaches the whole of the largest part."""
    place_of = np.empty(int(table.sources.max()) + 1, np.int64)
    place_of[table.sources] = np.arange(len(table.sources))
    each = table.counts.reshape(-1, FAR + 1)[place_of[asked], :FAR]
    counts = np.add.reduceat(each, np.arange(0, len(asked), kernels.WORD), axis=0, dtype=np.int64)
    total, reached = counts @ np.arange(FAR), counts[:, 1:].sum(axis=1)
    furthest = int(np.flatnonzero(counts.any(axis=0))[-1])
    return structure.told(total, reached, furthest, len(asked) / giant)
