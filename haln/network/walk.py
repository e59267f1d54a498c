"""A history walked from day to day: who is there and who is tied to whom, changed by what begins and ends in between.

What a step takes grows with what changes, not with how many members there are, but for copies of whole arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from haln.compiled import Ints, Longs
from haln.network import growth, walk_kernels
from haln.network.history import UNKNOWN, Flags, History, Only, places, wanted
from haln.network.mixing import Mixing

NOT_YET = -2
"""The turn of what was never told: before the first of a walk, and not the one before it."""

_NONE = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class Spells:
    """Some spells of a history: by the days on which they begin, and by those on which they end, with these days."""

    since: Ints
    until: Ints
    by_since: Longs
    by_until: Longs
    begins: Ints
    ends: Ints

    @classmethod
    def of(cls, some: Longs, since: Ints, until: Ints) -> Spells:
        """Put the spells `some` in order."""
        by_since = some[np.argsort(since[some], kind="stable")]
        by_until = some[np.argsort(until[some], kind="stable")]
        return cls(since, until, by_since, by_until, since[by_since], until[by_until])

    def holding(self, day: int) -> Longs:
        """Those that hold on a day."""
        some = self.by_since[: places(self.begins, day)[0]]
        return np.sort(some[self.until[some] > day])

    def differing(self, one: int, other: int) -> tuple[Longs, Longs]:
        """Those that hold on the one day and not on the other, and the other way round."""
        days = min(one, other), max(one, other)
        ended = self.by_until[slice(*places(self.ends, *days))]
        begun = self.by_since[slice(*places(self.begins, *days))]
        ended, begun = ended[self.since[ended] <= days[0]], begun[self.until[begun] > days[1]]
        return (ended, begun) if one <= other else (begun, ended)


@dataclass(frozen=True)
class Course:
    """A history and who of it counts: everything that is the same on all its days, worked out once."""

    history: History
    only: Only | None = None
    evidences: frozenset[str] | None = None

    @cached_property
    def members(self) -> Spells:
        """The spells of members who count."""
        return Spells.of(np.flatnonzero(wanted(self.history, self.only)), self.history.since, self.history.until)

    @cached_property
    def spells(self) -> Spells:
        """The spells of ties that count."""
        past = self.history
        chosen: Flags = np.ones(len(past.low), np.bool_)
        if self.evidences is not None:
            chosen = np.isin(past.evidence, [past.evidences.index(one) for one in self.evidences & {*past.evidences}])
        return Spells.of(np.flatnonzero(chosen), past.tied_since, past.tied_until)

    @cached_property
    def comings(self) -> tuple[Ints, Ints]:
        """The days on which members came, and those on which they went, ascending."""
        found = growth.comings(self.history, self.only)
        return np.sort(found.came_on), np.sort(found.went_on)

    def came(self, after: int, until: int) -> int:
        """How many members came after one day and no later than another."""
        first, last = places(self.comings[0], after, until)
        return last - first

    def went(self, after: int, until: int) -> int:
        """How many members went after one day and no later than another."""
        first, last = places(self.comings[1], after, until)
        return last - first


class Pairs:
    """All pairs of a history that are ever tied, and the lists of neighbours; of those the tied ones come first.

    Numbers of pairs ascend with `low`, then `high`; `of_spell` is the pair of each spell of a tie. The neighbours of a
    row of the history are `others[starts[row] : ends[row]]`, in no order.
    """

    def __init__(self, past: History) -> None:
        order = past.by_pair
        ends = past.low[order], past.high[order]
        begins = np.ones(len(order), np.bool_)
        begins[1:] = (ends[0][1:] != ends[0][:-1]) | (ends[1][1:] != ends[1][:-1])
        self.of_spell: Ints = np.empty(len(order), np.int32)
        self.of_spell[order] = np.cumsum(begins) - 1
        self.low: Ints = ends[0][begins]
        self.high: Ints = ends[1][begins]
        self.starts: Ints = np.zeros(len(past) + 1, np.int32)
        ever = np.bincount(self.low, minlength=len(past)) + np.bincount(self.high, minlength=len(past))
        self.starts[1:] = np.cumsum(ever)
        self.most = int(ever.max(initial=0))
        self.ends: Ints = self.starts[:-1].copy()
        self.others: Ints = np.empty(2 * len(self.low), np.int32)
        self.tie: Ints = np.empty_like(self.others)
        self.at: Ints = np.empty_like(self.others)
        walk_kernels.laid_out(self.low, self.high, self.starts, self.others, self.tie, self.at)

    def move(self, lost: Ints, made: Ints) -> None:
        """Take pairs out of the lists of neighbours, then put others in."""
        walk_kernels.moved(lost, made, self.low, self.high, self.others, self.tie, self.at, self.ends)

    @property
    def tied(self) -> Longs:
        """The pairs that are tied."""
        return np.flatnonzero(self.at[::2] < self.ends[self.low])


class Walk:
    """Where a walk through a history is.

    `spell` is the spell in which each member is, UNKNOWN of those who are not there; `degree` how many ties each has,
    and `counts` how many members have so many. `turn` counts the days on which anything was different from the day
    before: `lost` and `made` are the pairs tied no longer, and now, since the last of them.
    """

    def __init__(self, course: Course, day: int) -> None:
        past = course.history
        self.course = course
        self.day = day
        self.pairs = Pairs(past)
        self.spell: Longs = np.full(len(past), UNKNOWN, np.int64)
        self.degree: Ints = np.zeros(len(past), np.int32)
        self.counts: Longs = np.zeros(self.pairs.most + 1, np.int64)
        self.rows: Longs = np.empty(0, np.int64)
        self.ties = 0
        self.turn = 0
        self.lost: Ints = _NONE
        self.made: Ints = _NONE
        self._held: Ints = np.zeros(len(self.pairs.low), np.int32)
        self._asked = np.zeros(len(self.pairs.low), np.uint8)
        self._found = np.empty(len(self.pairs.low), np.int32)
        self._mark = np.zeros(len(past), np.uint8)
        self._groups: dict[str, Longs] = {}
        self._tables: dict[str, tuple[Ints, Longs]] = {}
        nothing = np.empty(0, np.int64)
        self._turn((nothing, course.members.holding(day)), (nothing, course.spells.holding(day)))

    def to(self, day: int) -> bool:
        """Walk to another day, forwards or backwards; return whether anything is different there."""
        members = self.course.members.differing(self.day, day)
        spells = self.course.spells.differing(self.day, day)
        self.day = day
        return any(len(some) for some in (*members, *spells)) and self._turn(members, spells)

    def follows(self, turn: int, few: int) -> bool:
        """Whether what was told at a turn may be followed: it is the one before, and few ties differ: one in `few`."""
        return turn == self.turn - 1 and few * (len(self.lost) + len(self.made)) <= self.ties

    def _turn(self, members: tuple[Longs, Longs], spells: tuple[Longs, Longs]) -> bool:
        past, pairs = self.course.history, self.pairs
        rows = np.unique(np.concatenate([past.who[some] for some in members])).astype(np.int64)
        before = self.spell[rows]
        self.spell[past.who[members[0]]] = UNKNOWN
        self.spell[past.who[members[1]]] = members[1]
        after = self.spell[rows]
        ended, begun = (pairs.of_spell[some] for some in spells)
        lost, made = walk_kernels.differing(
            pairs.starts, pairs.ends, pairs.tie, pairs.low, pairs.high, pairs.at, rows, ended, begun,
            self._held, self.spell, self._asked, self._found,
        )  # fmt: skip
        if not (len(rows) or lost or made):
            return False
        self.turn += 1
        self.lost, self.made = self._found[:lost].copy(), self._found[len(self._found) - made :].copy()
        pairs.move(self.lost, _NONE)
        self._regroup(rows, before, after)
        pairs.move(_NONE, self.made)
        self.ties += made - lost
        self._recount(rows[(before >= 0) & (after < 0)], rows[(before < 0) & (after >= 0)])
        return True

    def _recount(self, gone: Longs, came: Longs) -> None:
        pairs, none = self.pairs, _NONE
        walk_kernels.ranked(self.lost, none, pairs.low, pairs.high, self.degree, self.counts)
        self.counts[0] += len(came) - len(gone)
        walk_kernels.ranked(none, self.made, pairs.low, pairs.high, self.degree, self.counts)
        if len(gone):
            self.rows = np.delete(self.rows, np.searchsorted(self.rows, gone))
        if len(came):
            self.rows = np.insert(self.rows, np.searchsorted(self.rows, came), came)

    def _regroup(self, rows: Longs, before: Longs, after: Longs) -> None:
        """Follow how many members and ties groups have; ties are those after some were lost, before others are made."""
        pairs = self.pairs
        for kind, members in self._groups.items() if len(rows) else ():
            for spells, step in ((before, -1), (after, 1)):
                known = self._of_spells(kind, spells)
                np.add.at(members, known[known != UNKNOWN], step)
        for kind, (group, table) in self._tables.items():
            walk_kernels.mixed(
                pairs.starts, pairs.ends, pairs.others, rows, self._of_spells(kind, after), self.lost, self.made,
                pairs.low, pairs.high, group, table,
            )  # fmt: skip

    def _of_spells(self, kind: str, spells: Longs) -> Ints:
        """The group of each spell; of none, UNKNOWN."""
        numbers = self.course.history.groups.get(kind)
        if numbers is None or not len(numbers):
            return np.full(len(spells), UNKNOWN, np.int32)
        return np.where(spells >= 0, numbers[spells], np.int32(UNKNOWN))

    def members_of(self, kind: str) -> Longs:
        """How many members each group of a kind has: followed from when it is first asked for."""
        if kind not in self._groups:
            known = self._of_spells(kind, self.spell)
            names = self.course.history.names.get(kind, ())
            self._groups[kind] = np.bincount(known[known != UNKNOWN], minlength=len(names)).astype(np.int64)
        return self._groups[kind]

    def mixing(self, kind: str) -> Mixing:
        """Ties by the groups of a kind at their ends, as `mixing.mixing` has them of the day by itself."""
        names = self.course.history.names.get(kind, ())
        many = len(names) + 1
        if kind not in self._tables:
            group, table = np.full(len(self.spell), UNKNOWN, np.int32), np.zeros(many * many, np.int64)
            self._tables[kind] = group, table
            pairs, everybody = self.pairs, np.arange(len(group), dtype=np.int64)
            group[:] = self._of_spells(kind, self.spell)
            tied = pairs.tied.astype(np.int32)
            walk_kernels.mixed(
                pairs.starts, pairs.ends, pairs.others, everybody[:0], group[:0], _NONE, tied,
                pairs.low, pairs.high, group, table,
            )  # fmt: skip
        cells = self._tables[kind][1].reshape(many, many)
        known = cells[:-1, :-1]
        table = known - np.diag(np.diag(known) // 2)
        told = int(np.trace(table) + (table.sum() - np.trace(table)) // 2)
        return Mixing(names, self.members_of(kind).copy(), table, self.ties - told)

    def within(self, some: Longs) -> int:
        """How many ties some members, by their rows of the history, have among each other."""
        return int(walk_kernels.within(self.pairs.starts, self.pairs.ends, self.pairs.others, some, self._mark))
