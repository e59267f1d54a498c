"""Rows of unequal length in flat arrays, so that they can be saved, mapped into memory and patched."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Longs

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Row r holds the entries `starts[r]` to `starts[r + 1]` of every column."""

    starts: Longs
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, row: int) -> tuple[Column, ...]:
        """Return the entries of one row, column by column."""
        first, last = self.starts[row], self.starts[row + 1]
        return tuple([column[first:last] for column in self.columns])  # a list first: asked a hundred thousand times

    def lengths(self) -> Longs:
        """Return how many entries each row has."""
        return np.diff(self.starts)

    def spliced(self, changed: Mapping[int, tuple[Column, ...]], count: int) -> "Ragged":
        """Return a copy of `count` rows in which the changed rows are replaced; new rows start empty."""
        lengths = np.zeros(count, np.int64)
        lengths[: len(self)] = self.lengths()
        pieces: list[list[Column]] = [[] for _ in self.columns]
        done = 0
        for row in sorted(changed):
            known = min(row, len(self))
            first, last = self.starts[min(done, len(self))], self.starts[known]
            for piece, column, new in zip(pieces, self.columns, changed[row], strict=True):
                piece += [column[first:last], np.asarray(new, column.dtype)]
            lengths[row] = len(changed[row][0])
            done = row + 1
        for piece, column in zip(pieces, self.columns, strict=True):
            piece.append(column[self.starts[min(done, len(self))] :])
        return Ragged(_starts(lengths), tuple(np.concatenate(piece) for piece in pieces))


def _starts(lengths: Longs) -> Longs:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def gathered(rows: NDArray[Any], columns: tuple[Column, ...], count: int) -> Ragged:
    """Gather entries by row number, 0 to `count` - 1, keeping their order within a row."""
    # Numbers of 16 bits are sorted by counting, which takes a fifth of the time.
    order = np.argsort(rows.astype(np.uint16) if count <= 2**16 else rows, kind="stable")
    return Ragged(_starts(np.bincount(rows, minlength=count)), tuple(column[order] for column in columns))
