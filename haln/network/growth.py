"""Who came and who went, and which ties were made and lost, between days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from haln.compiled import Ints, Longs
from haln.network.history import Flags, History, Only, Snapshot, wanted


@dataclass(frozen=True, slots=True)
class Comings:
    """Each time a member came or went: rows of the history's members, and the days. In the order of members."""

    came: Ints
    came_on: Ints
    went: Ints
    went_on: Ints


@dataclass(frozen=True, slots=True)
class Change:
    """How the ties of two days differ, each pair once: `ties_after` = `ties_before` + all made - all lost.

    Made: of those `with_newcomers` one was not there before; the others lie `between_members` who were. Lost: of those
    `with_leavers` one is no longer there; the others `ended` between people who stay.
    """

    ties_before: int
    with_newcomers: int
    between_members: int
    with_leavers: int
    ended: int
    ties_after: int


def comings(found: History, only: Only | None = None) -> Comings:
    """When members came and went. Whoever changes their organisation or role meanwhile has not gone.

    With `only`, whoever begins to count has come, and whoever no longer counts has gone.
    """
    some = np.flatnonzero(wanted(found, only))
    who, since, until = found.who[some], found.since[some], found.until[some]
    follows: Flags = np.zeros(len(some), np.bool_)
    follows[1:] = (who[1:] == who[:-1]) & (since[1:] == until[:-1])
    followed: Flags = np.zeros(len(some), np.bool_)
    followed[:-1] = follows[1:]
    return Comings(who[~follows], since[~follows], who[~followed], until[~followed])


def between(days: Ints, after: int, until: int) -> int:
    """How many of the days lie after one and no later than another."""
    return int(((days > after) & (days <= until)).sum())


def change(before: Snapshot, after: Snapshot) -> Change:
    """Split how ties changed between two days of one history, or of two histories with the same members."""
    one, other = _keys(before), _keys(after)
    made, lost = np.setdiff1d(other, one), np.setdiff1d(one, other)
    new = np.setdiff1d(_members(after), _members(before))
    gone = np.setdiff1d(_members(before), _members(after))
    with_new, with_gone = _touching(made, new), _touching(lost, gone)
    return Change(before.ties, with_new, len(made) - with_new, with_gone, len(lost) - with_gone, after.ties)


_SHIFT = np.int64(1 << 31)


def _members(found: Snapshot) -> Longs:
    return found.history.members[found.rows]


def _keys(found: Snapshot) -> Longs:
    ids = _members(found)
    if len(ids) and int(ids[-1]) >= _SHIFT:
        raise ValueError("members are known by numbers below 2**31 here")
    keys: Longs = ids[found.low] * _SHIFT + ids[found.high]
    return keys


def _touching(keys: Longs, members: Longs) -> int:
    return int((np.isin(keys // _SHIFT, members) | np.isin(keys % _SHIFT, members)).sum())
