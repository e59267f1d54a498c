"""Small numbers of people, so that nothing that is published tells one of them, not even by subtraction.

A number of people is shown as 0 where it is none for certain, not at all where it may be 1 to `threshold`, and else as
a multiple of 5. Three rules make that hold for all files together:

1. **Over time** only two counters are looked at: how often anybody came, and how often anybody went, since the
   beginning. Each is put into a class of neighbouring numbers; members, joins and leavers of any days are differences
   of classes (`minus`), never of the numbers themselves.
   Proved: whatever days and stretches of days are asked for, the answers are functions of the two counters' classes.
   Each counter may be anything in its classes that never falls, so the arrivals (or departures) within any stretch keep
   at least five possible numbers, or are none for certain because nobody ever came (or went). To see that no counter of
   departures gets ahead of arrivals: set departures to the lowest of their classes, or arrivals to the highest.
2. **On a day** groups are counted in classes, too, and the table of a kind of group is shown only if its classes and
   what is shown of all members leave each hidden cell at least half of 1 to `threshold`. That is asked of the classes,
   not of the numbers (`one_way`), with all members at the middle of what they may be; where nobody ever went, at each
   number they may be, for then joins are known from members.
   Proved: tables of several kinds and days, and the counters, may be laid together. Let arrivals and departures lie off
   the middles of their classes by the same number, from 2 below to 2 above, that never falls from day to day: all
   members are at the middle, each table is filled up by itself, as members may change groups from day to day, and the
   arrivals of a stretch still have five possible numbers. A table that is withheld tells that it was: all small ones
   are tried out in the tests. A number of all members, which is not small, may come out exactly.
3. **Two kinds at once** (`two_way`): each row and column is a cell of the tables above, and what the classes leave of
   every hidden cell, row and column is worked out exactly, by linear programmes whose corners are whole numbers.

Ties are counted in classes as well, but none is not told apart from few (`few`): that the first tie begins, or the last
ends, shows on no day. From day to day a class that changes says that something did, and leaves at least five numbers.
Ties within groups, and of one evidence, are told where together they leave each hidden part enough (`leaves_enough`).

Not proved: what knowledge from elsewhere adds; what the withholding of a table of two kinds tells; histories as known
on different days, which differ by corrections; that a figure of another kind (connections, organisations, shares) is
bounded by how many members there are. Shares and indices are rounded to steps of five members (`ratio`), which
hides single people and is no more than that.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from scipy.sparse import csr_matrix

from haln.compiled import Doubles

STEP = 5
OTHER = "other"
_HALF = STEP // 2
DIGITS = 6
"""So many decimals are told of a share or an index."""

Group = TypeVar("Group")


@dataclass(frozen=True, slots=True)
class Bounds:
    """All that is told of a number: it is no less than `low`, no more than `high`, and `middle` is what stands for it.

    `shown` is none where the number is hidden.
    """

    low: int
    high: int
    middle: int
    shown: int | None

    @property
    def hidden(self) -> bool:
        """Whether the number is not shown."""
        return self.shown is None


HIDDEN = Bounds(0, 0, 0, None)
"""Nothing is told of the number."""


def raised(threshold: int) -> int:
    """The threshold as it is used: the next of 2, 7, 12, …, where a class of what rounds to a multiple of 5 ends."""
    return threshold + (_HALF - threshold) % STEP if threshold > _HALF else _HALF


def bounds(count: int, threshold: int) -> Bounds:
    """The class of a number: 0; 1 to the threshold; or the five that round to one multiple of 5.

    Raises ValueError for a number below 0.
    """
    if count < 0:
        raise ValueError("nothing is counted below 0")
    small = raised(threshold)
    if count == 0:
        return Bounds(0, 0, 0, 0)
    if count <= small:
        return Bounds(1, small, _rounded((small + 1) // 2), None)
    middle = _rounded(count)
    return Bounds(middle - _HALF, middle + _HALF, middle, middle)


def minus(more: Bounds, less: Bounds, threshold: int) -> Bounds:
    """The difference of two counters of which the first is never behind: from their classes alone."""
    low, high = max(0, more.low - less.high), max(0, more.high - less.low)
    middle = max(0, more.middle - less.middle)
    hidden = high > 0 and low <= raised(threshold)
    return Bounds(low, high, middle, None if hidden else middle)


def one_way(counts: Mapping[Group, int], whole: Bounds, threshold: int) -> dict[Group, Bounds] | None:
    """Classes of how many are in each group, everybody being in one; none where they would tell too much.

    `whole` is what is shown of all of them.
    """
    if whole.hidden:
        return None
    cells = {group: bounds(count, threshold) for group, count in counts.items()}
    return cells if leaves_enough(list(cells.values()), whole, threshold) else None


def few(count: int, threshold: int) -> Bounds:
    """The class of a number of which none is not told apart from few: 0 to the threshold, or as `bounds` has it.

    Raises ValueError for a number below 0.
    """
    found = bounds(count, threshold)
    return found if found.low > 1 else Bounds(0, raised(threshold), 0, None)


def leaves_enough(cells: Sequence[Bounds], whole: Bounds, threshold: int) -> bool:
    """Whether classes of all parts, and what is shown of the whole, leave each hidden part enough numbers."""
    lowest, highest = sum(cell.low for cell in cells), sum(cell.high for cell in cells)
    first, last = _core(whole)
    if lowest > first or highest < last:
        return False
    return all(
        min(cell.high, last - (lowest - cell.low)) - max(cell.low, first - (highest - cell.high)) + 1
        >= _needed(threshold)
        for cell in cells
        if cell.hidden
    )


def two_way(table: Sequence[Sequence[int]], whole: Bounds, threshold: int) -> list[list[Bounds]] | None:
    """Classes of a table of groups of two kinds; none where with its rows and columns they would tell too much.

    Each row's and column's sum is taken to be shown, as `one_way` shows it.
    """
    counts = np.array(table, np.int64).reshape(len(table), -1)
    lines = [*counts.sum(axis=1).tolist(), *counts.sum(axis=0).tolist()]
    for sums in (lines[: len(counts)], lines[len(counts) :]):
        if one_way(dict(enumerate(sums)), whole, threshold) is None:
            return None
    cells = [[bounds(int(count), threshold) for count in row] for row in counts]
    flat = [cell for row in cells for cell in row]
    margins = [bounds(count, threshold) for count in lines]
    return cells if _keeps(flat, margins, counts.shape, whole, threshold) else None


def ratio(value: float, members: Bounds, *, share: bool = False) -> float | None:
    """A share, mean or index over members, in steps of five members; none of a number of members that is hidden.

    Larger values than 1 have steps as much larger as their first digit stands. A `share` of which the implied number of
    members, or of the others, may lie between 0 and what is hidden is not shown.
    """
    if members.hidden or not members.middle:
        return None
    step = STEP / members.middle
    if share and (0 < value < 1.5 * step or 0 < 1 - value < 1.5 * step):
        return None
    scale = 10.0 ** math.floor(math.log10(abs(value))) if abs(value) > 1 else 1.0
    return round(round(value / (step * scale)) * step * scale, DIGITS)


def merged(groups: Sequence[str], threshold: int) -> list[str]:
    """Each one's group, or OTHER for those of groups with too few people, so that OTHER itself has enough of them.

    Where it would not, the smallest group that is left goes in, too; of groups as small, the first by name.
    """
    counts = Counter(groups)
    small = raised(threshold)
    others = {group for group, count in counts.items() if count <= small}
    left = sorted((count, group) for group, count in counts.items() if group not in others)
    while left and 0 < sum(counts[group] for group in others) <= small:
        others.add(left.pop(0)[1])
    return [OTHER if group in others else group for group in groups]


def _rounded(count: int) -> int:
    return (count + _HALF) // STEP * STEP


def _core(whole: Bounds) -> tuple[int, int]:
    """The numbers of all members with which tables must agree: the middle; each of them where nobody ever went."""
    return (whole.low, whole.high) if whole.high - whole.low < STEP else (whole.middle, whole.middle)


def _needed(threshold: int) -> int:
    return (raised(threshold) + 1) // 2


def _keeps(
    cells: Sequence[Bounds], margins: Sequence[Bounds], shape: tuple[int, ...], whole: Bounds, threshold: int
) -> bool:
    """Whether classes of cells, rows and columns leave enough of all of them that are hidden, and of the total."""
    from scipy.optimize import linprog  # a sixth of what the program took to start, for these tables alone

    sums = np.concatenate([np.kron(np.eye(shape[0]), np.ones(shape[1])), np.kron(np.ones(shape[0]), np.eye(shape[1]))])
    everything = np.ones((1, len(cells)))
    first, last = _core(whole)
    lows, highs = [one.low for one in margins], [one.high for one in margins]
    limits = csr_matrix(np.concatenate([sums, -sums, everything, -everything]))
    reach = [(cell.low, cell.high) for cell in cells]

    def ends(line: Doubles, start: int, end: int) -> tuple[Doubles, Doubles]:
        """Tables within all classes, with a total from `start` to `end`, where a sum of cells is least and greatest."""
        given: dict[str, Any] = {
            "A_ub": limits,
            "b_ub": [*highs, *(-low for low in lows), end, -start],
            "bounds": reach,
        }
        return linprog(line, **given).x.round(), linprog(-line, **given).x.round()

    lowest, highest = ends(everything[0], whole.low, whole.high)
    if lowest.sum() > first or highest.sum() < last:
        return False
    found: list[Doubles] = []
    for line, one in zip([*np.eye(len(cells)), *sums], [*cells, *margins], strict=True):
        if one.hidden and not _wide(line, found, threshold):  # tables found for other cells may do
            found += ends(line, first, last)
            if not _wide(line, found, threshold):
                return False
    return True


def _wide(line: Doubles, tables: Sequence[Doubles], threshold: int) -> bool:
    """Whether a sum of cells differs enough among tables; all numbers between those of two tables are possible, too."""
    told = [float(line @ table) for table in tables]
    return bool(told) and max(told) - min(told) + 1 >= _needed(threshold)
