"""The arrays that sets are priced with: the menu, a set in the making, and what is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from haln.compiled import OUT_BYTES, OUT_DOUBLES, OUT_INTS, OUT_LONGS, Bytes, Doubles, Ints, Longs
from haln.matching.set_facts import Masks

Table = NDArray[np.int64]
Choices = NDArray[np.int32]
Reals = NDArray[np.float64]

FINE = 2
"""So many people deep, the best company of everybody who may still come is looked for anew."""


class Menu(NamedTuple):
    """What sets are made of: the facts of a problem, rows in the order in which sets are put together."""

    pairs: Table  # by two rows: what they are worth to each other
    bonds: Table  # by two rows: what it adds that they share a set
    may: NDArray[np.uint8]  # by two rows: they may share a set
    follows: Bytes  # by row: it comes only right after the row before it
    leads_on: Bytes  # by row: the row after it must come, too
    share: Longs  # by size
    floors: Longs
    set_floor: int
    bonus: int
    balance: Longs  # by size
    codes: Choices  # by counting rule and row: number of their kind, -1: not counted
    kinds: int  # how many kinds there are
    count_cost: Choices
    count_hard: Bytes
    count_weight: Longs
    count_grows: Bytes  # by counting rule: more people of a kind never cost less
    masks: Masks
    need: int  # slots in common
    slot_gain: Longs
    leader_masks: Masks
    leader_need: int
    leader_hard: int
    leader_weight: int
    prefers: Ints
    prefer_weight: int


class Finds(NamedTuple):
    """Room for what is found: a line each, `done[0]` of them. `done[1]`: nodes looked at; `done[2]`: 1: all were."""

    rows: Choices
    leaders: Ints
    worth: Longs
    gains: Doubles
    done: Longs


class Way(NamedTuple):
    """A set in the making, and by its depth (people so far) what is known of those who may still come."""

    chosen: Ints
    at: Longs  # the next place in `some`
    some: Choices
    many: Longs
    dots: Reals  # by row: the bound's weights with the people so far
    company: Reals  # by row and number: the best company there is; down to `FINE` people
    base: Doubles
    lost: Longs
    mask: Masks  # the slots that all so far can make
    tally: Longs  # by kind: people so far


def way_for(menu: Menu, size: int) -> Way:
    """Return the way to sets of one size, at its start."""
    rows = len(menu.pairs)
    way = Way(
        chosen=np.zeros(size, np.int32),
        at=np.zeros(size + 1, np.int64),
        some=np.zeros((size + 1, rows), np.int32),
        many=np.zeros(size + 1, np.int64),
        dots=np.zeros((size + 1, rows)),
        company=np.zeros((FINE + 1, rows, size)),
        base=np.zeros(size + 1),
        lost=np.zeros(size + 1, np.int64),
        mask=np.zeros((size + 1, menu.masks.shape[1]), np.uint64),
        tally=np.zeros(menu.kinds + 1, np.int64),
    )
    way.some[0] = np.arange(rows)
    way.many[0] = rows
    way.mask[0] = ~np.uint64(0)
    return way


_TABLE_LONGS = types.Array(types.int64, 2, "C")
_INTS_2 = types.Array(types.int32, 2, "C")
_MASKS = types.Array(types.uint64, 2, "C")
_BYTES_2 = types.Array(types.uint8, 2, "C")
_OF_MENU = {
    "pairs": _TABLE_LONGS,
    "bonds": _TABLE_LONGS,
    "may": _BYTES_2,
    "follows": OUT_BYTES,
    "leads_on": OUT_BYTES,
    "share": OUT_LONGS,
    "floors": OUT_LONGS,
    "balance": OUT_LONGS,
    "codes": _INTS_2,
    "count_cost": _INTS_2,
    "count_hard": OUT_BYTES,
    "count_weight": OUT_LONGS,
    "count_grows": OUT_BYTES,
    "masks": _MASKS,
    "slot_gain": OUT_LONGS,
    "leader_masks": _MASKS,
    "prefers": OUT_INTS,
}
_typed: Callable[..., Any] = types.NamedTuple
MENU = _typed([_OF_MENU.get(name, types.int64) for name in Menu._fields], Menu)
FINDS = _typed([_INTS_2, OUT_INTS, OUT_LONGS, OUT_DOUBLES, OUT_LONGS], Finds)
_TABLE_DOUBLES = types.Array(types.float64, 2, "C")
_OF_WAY = {
    "chosen": OUT_INTS,
    "some": _INTS_2,
    "dots": _TABLE_DOUBLES,
    "company": types.Array(types.float64, 3, "C"),
    "base": OUT_DOUBLES,
    "mask": _MASKS,
}
WAY = _typed([_OF_WAY.get(name, OUT_LONGS) for name in Way._fields], Way)
