"""Whoever is over after pairing joins a pair, or takes the place of one who then joins another pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from haln.matching.pairing import Table

EXCHANGED = 12
"""For so many people who are over, exchanges are tried; the others only join: each looks at n^2/2 ways."""
_LINES = 512
_NEVER = -(2**61)


def join(table: Table, groups: list[list[int]], over: list[int], barred: int) -> None:
    """Put each row of `over` into the groups where that weighs most, and take them off `over`; both are changed.

    `table` (n, n) holds weights; two at `-barred` or less may not meet. Every pair of a trio counts.
    """
    for number, one in enumerate(over[:]):
        pairs = [at for at, group in enumerate(groups) if len(group) == 2]
        if not pairs:
            return
        ends = np.array([groups[at] for at in pairs], np.int64)
        joined = _joining(table, np.array([one]), ends, barred)[0]
        at = int(joined.argmax())
        worth, steps = int(joined[at]), [(at, one)]
        if number < EXCHANGED:
            found = _exchange(table, one, ends, barred)
            if found[0] > worth:
                worth, steps = found
        if worth <= _NEVER // 2:
            continue
        for place, who in steps[:-1]:  # `who` goes, and the one who is over comes
            group = groups[pairs[place]]
            group[group.index(who)] = one
        place, who = steps[-1]
        groups[pairs[place]].append(who)
        over.remove(one)


def _joining(table: Table, who: NDArray[np.int64], ends: NDArray[np.int64], barred: int) -> Table:
    """What it weighs (rows of `who`, pairs) when somebody joins a pair; `_NEVER` where they may not."""
    first, second = table[np.ix_(who, ends[:, 0])], table[np.ix_(who, ends[:, 1])]
    found: Table = np.where((first <= -barred) | (second <= -barred), _NEVER, first + second)
    return found


def _exchange(table: Table, one: int, ends: NDArray[np.int64], barred: int) -> tuple[int, list[tuple[int, int]]]:
    """The best way in which one takes somebody's place, who joins another pair: its weight, and the two steps."""
    goes = ends.ravel()
    stays, own = ends[:, ::-1].ravel(), np.repeat(np.arange(len(ends)), 2)
    comes = np.where(table[one, stays] <= -barred, _NEVER, table[one, stays] - table[goes, stays])
    best, steps = 2 * _NEVER, list[tuple[int, int]]()
    for start in range(0, len(goes), _LINES):
        part = slice(start, start + _LINES)
        joined = _joining(table, goes[part], ends, barred)
        joined[np.arange(len(joined)), own[part]] = _NEVER
        at = joined.argmax(axis=1)
        worth = comes[part] + joined[np.arange(len(joined)), at]
        row = int(worth.argmax())
        if int(worth[row]) > best:
            who = int(goes[start + row])
            best, steps = int(worth[row]), [(int(own[start + row]), who), (int(at[row]), who)]
    return best, steps
