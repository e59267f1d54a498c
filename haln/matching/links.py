"""Which (sector, region) cells are tied to each other: how one sees that a pair would be the first link."""

from dataclasses import dataclass

import numpy as np

from haln.compiled import Bytes, Ints, Longs
from haln.matching.ragged import Ragged

_SHIFT = 32


@dataclass(frozen=True, slots=True)
class Links:
    """How many ties join two cells: `keys` ascending (lower cell in the high half), `counts` above 0."""

    keys: Longs
    counts: Longs

    def linked(self, cell: int, cells: int) -> Bytes:
        """Say for each cell whether any tie joins it to this one."""
        low, high = self.keys >> _SHIFT, self.keys & ((1 << _SHIFT) - 1)
        linked = np.zeros(cells, np.uint8)
        linked[high[low == cell]] = 1
        linked[low[high == cell]] = 1
        return linked

    def changed(self, before: Longs, after: Longs) -> "Links":
        """Return the counts with the ties of `before` taken off and those of `after` added (keys, one per tie)."""
        keys = np.concatenate((self.keys, before, after))
        steps = np.concatenate((self.counts, np.full(len(before), -1), np.ones(len(after), np.int64)))
        merged, where = np.unique(keys, return_inverse=True)
        counts = np.zeros(len(merged), np.int64)
        np.add.at(counts, where, steps)
        return Links(merged[counts > 0], counts[counts > 0])


NO_LINKS = Links(np.empty(0, np.int64), np.empty(0, np.int64))


def link_keys(ties: Ragged, cells: Ints, rows: Longs | None = None) -> Longs:
    """Return the key of each tie whose ends both stand in a cell; of all ties, or of those that touch `rows`."""
    if rows is None:
        rows = np.arange(len(ties))
    lengths = ties.lengths()[rows]
    owner = np.repeat(rows, lengths)
    skipped = np.repeat(ties.starts[rows] - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    others = ties.columns[0][np.arange(len(owner)) + skipped].astype(np.int64)
    touched = np.zeros(len(ties), bool)
    touched[rows] = True
    keep = ~touched[others] | (owner < others)
    one, two = cells[owner[keep]].astype(np.int64), cells[others[keep]].astype(np.int64)
    low, high = np.minimum(one, two), np.maximum(one, two)
    return np.asarray(((low << _SHIFT) | high)[low >= 0], np.int64)
