"""Steps between members, kept from one day to the next and followed by what changes between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from haln.compiled import Bytes, Ints, Longs
from haln.network import follow_kernels, kernels, step_kernels, structure
from haln.network.history import Snapshot
from haln.network.step_kernels import FAR
from haln.network.structure import Distances
from haln.network.walk import NOT_YET, Walk

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

    def lines_of(self, asked: Longs) -> Longs | None:
        """The line of each of those who are asked; none where one has no line, for others were asked on that day."""
        line = np.full(self.steps.size // len(self.sources), -1)
        line[self.sources] = np.arange(len(self.sources))
        lines: Longs = line[asked]
        return lines if lines.min(initial=0) >= 0 else None


class Steps:
    """What is told of the steps of days of one walk, each from the one that was asked for before it.

    All that is told is what `structure.distances` tells of the day by itself, to the last digit: steps are whole
    numbers, and whatever is not one is worked out of the same of them.
    """

    def __init__(self) -> None:
        self._turn = NOT_YET
        self._table: _Table | None = None
        self._near, self._patience = 0, PATIENCE
        self._order: tuple[int, Longs] | None = None
        self._fresh: Bytes = np.empty(0, np.uint8)

    def of(
        self, walk: Walk, found: Callable[[], Snapshot], giant: Longs, sources: int | None = None, seed: int = 0
    ) -> Distances:
        """Steps within the largest part, from all its members (`sources` none), or from so many drawn by a seed.

        `giant` are rows of the history, ascending.
        """
        asked = giant if sources is None or sources >= len(giant) else self._drawn(walk, giant, sources, seed)
        if walk.turn != self._turn:
            self._follow(walk, asked, everybody=len(asked) == len(giant))
        lines = None if self._table is None or len(giant) < 2 else self._table.lines_of(asked)
        if self._table is None or lines is None:
            places = (np.searchsorted(walk.rows, some) for some in (giant, asked))
            return structure.distances_from(found(), *places)
        return _told(self._table, lines, len(giant))

    def _drawn(self, walk: Walk, giant: Longs, sources: int, seed: int) -> Longs:
        """Those whom `structure.drawn` draws: all members are put in the order of their numbers once."""
        if self._order is None or self._order[0] != seed:
            members = walk.course.history.members
            self._order = seed, np.argsort(structure.numbered(members, seed)).astype(np.int64)
        order, inside = self._order[1], np.zeros(len(walk.spell), np.bool_)
        inside[giant] = True
        first = 2 * sources
        while np.count_nonzero(inside[order[:first]]) < sources:
            first *= 2
        drawn: Longs = order[:first][inside[order[:first]]][:sources]
        return drawn

    def _follow(self, walk: Walk, asked: Longs, *, everybody: bool) -> None:
        """Bring the table to another day; give it up where that takes longer than to count, or more than is kept."""
        table, near = self._table, walk.follows(self._turn, FEW)
        self._near = self._near + 1 if near else 0
        self._turn, self._table = walk.turn, None
        many = len(walk.spell)
        sources = np.arange(many) if everybody else asked
        if not near or len(sources) * many > MOST:
            return
        if table is None or len(table.sources) != len(sources):
            if self._near >= self._patience:
                self._keep(_written(walk, sources))
            return
        if len(walk.lost):
            self._end(table, walk)
        if everybody:
            _begin_for_all(table, walk)
        else:
            self._begin(table, walk)
            _give_places(table, walk, sources)
        self._keep(table)

    def _keep(self, table: _Table) -> None:
        """Keep a table that tells everything; where somebody is too far away, wait twice as long for the next."""
        self._near = 0
        if _is_whole(table):
            self._table = table
        else:
            self._patience *= 2

    def _end(self, table: _Table, walk: Walk) -> None:
        """Take what ended out of a table, as if nothing had begun."""
        pairs, many = walk.pairs, len(walk.spell)
        fresh = self._unmarked(walk)
        begun = np.concatenate((pairs.at[2 * walk.made], pairs.at[2 * walk.made + 1]))
        fresh[begun] = 1
        met, moved = np.zeros(many, np.uint8), np.empty(many, np.int32)
        low, high = pairs.low[walk.lost], pairs.high[walk.lost]
        net = pairs.starts, pairs.ends, pairs.others, fresh
        follow_kernels.lost(*net, low, high, table.steps, table.counts, *_lists(2 * many), met, moved)
        fresh[begun] = 0

    def _begin(self, table: _Table, walk: Walk) -> None:
        """Take what began into a table of some sources."""
        pairs, many = walk.pairs, len(walk.spell)
        low, high = pairs.low[walk.made], pairs.high[walk.made]
        net = pairs.starts, pairs.ends, pairs.others, self._unmarked(walk)
        follow_kernels.made(*net, low, high, table.steps, table.counts, *_lists(many + len(low)))

    def _unmarked(self, walk: Walk) -> Bytes:
        """A mark for each place in the lists of neighbours, all 0."""
        if len(self._fresh) != len(walk.pairs.others):
            self._fresh = np.zeros(len(walk.pairs.others), np.uint8)
        return self._fresh


def _written(walk: Walk, sources: Longs) -> _Table:
    """Write down all steps from some members."""
    pairs, many = walk.pairs, len(walk.spell)
    steps, counts = np.empty(len(sources) * many, np.uint8), np.empty(len(sources) * (FAR + 1), np.int32)
    table = _Table(sources.astype(np.int32), steps, counts)
    places = np.arange(len(sources))
    step_kernels.counted(pairs.starts, pairs.ends, pairs.others, table.sources, places, steps, counts)
    return table


def _is_whole(table: _Table) -> bool:
    """Whether nobody may be further away than a table tells: nobody is as far away as it tells at most."""
    return not table.counts[FAR - 1 :: FAR + 1].any()


def _begin_for_all(table: _Table, walk: Walk) -> None:
    """Take what began into a table of everybody."""
    many = len(table.sources)
    scratch = np.empty(2 * many, np.uint8), np.empty(many, np.int32)
    low, high = walk.pairs.low[walk.made], walk.pairs.high[walk.made]
    follow_kernels.joined(low, high, table.steps, table.counts, *scratch)


def _lists(entries: int) -> tuple[Longs, Ints, Longs]:
    """One list of members for each number of steps, all empty, with room for so many entries."""
    return np.full(FAR + 1, -1, np.int64), np.empty(entries, np.int32), np.empty(entries, np.int64)


def _give_places(table: _Table, walk: Walk, sources: Longs) -> None:
    """Give the places of those who are not asked any more to those who were not asked before."""
    asked = np.zeros(len(walk.spell), np.bool_)
    asked[sources] = True
    places = np.flatnonzero(~asked[table.sources])
    if len(places):
        asked[table.sources] = False
        table.sources[places] = np.sort(sources[asked[sources]])
        pairs = walk.pairs
        net = pairs.starts, pairs.ends, pairs.others
        step_kernels.counted(*net, table.sources, places, table.steps, table.counts)


def _told(table: _Table, lines: Longs, giant: int) -> Distances:
    """Put together what some lines of a table tell, of whom each reaches the whole of the largest part."""
    each = table.counts.reshape(-1, FAR + 1)[lines]
    counts = np.add.reduceat(each, np.arange(0, len(lines), kernels.WORD), axis=0, dtype=np.int64)
    total, reached = counts[:, :FAR] @ np.arange(FAR), counts[:, 1:FAR].sum(axis=1)
    furthest = int(np.flatnonzero(counts[:, :FAR].any(axis=0))[-1])
    return structure.told(total, reached, furthest, len(lines) / giant)
