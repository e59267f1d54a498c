"""The arrays that the kernels of forming sets work on: what is given (`Facts`) and what changes (`State`).

Rows are applicants by ascending id. Set numbers run from 0; the number after the last stands for "left over".
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from haln.compiled import OUT_BYTES, OUT_INTS, OUT_LONGS, Bytes, Ints, Longs
from haln.matching.pair_values import Shorts

Masks = NDArray[np.uint64]
"""Time slots as bits: a line per row, 64 slots a word."""

ONE = 10_000
"""What a pair, or a person, is worth by all rules together at most, and the sum of all weights."""

UNIT = 16
"""Scores count in 1/UNIT of that, so that the mean over a set's members loses little to rounding."""

PARTED = UNIT * ONE // 2
"""What it costs in score to leave over one of two who must sit together: half of what a person can be worth.

Nobody is left over for the sake of a pair: plans are compared by who is left over before they are by score.
"""

SHARE_BITS = 12
"""`Facts.share` holds UNIT / (size - 1) in 1/2**SHARE_BITS."""


class Facts(NamedTuple):
    """What a plan is judged by. Hard numbers count breaks of rules that are a must; soft ones are scores."""

    pairs: Shorts  # value of each two rows
    share: Longs  # by size of set: what a sum of pair values is multiplied by
    floors: Longs  # by row: a person below this weighs double
    set_floor: int  # per member: a set below this weighs half as much again
    linear: int  # 1: the value of a plan is just the sum of its pairs (floors and all rules but sizes are off)
    least: Ints  # by set
    most: Ints
    bonus: int  # what each person in a set adds
    balance: Longs  # by size of set: what it costs
    codes: Ints  # by counting rule and row: column of `State.tally`, -1: not counted
    count_cost: Ints  # by counting rule and count: persons out of order
    count_hard: Bytes  # by counting rule
    count_weight: Longs
    masks: Masks  # by row: the slots a person can make
    slot_need: Ints  # by slot rule that is a must: least number in common
    slot_gain: Longs  # by slots in common: what each member gains
    bond_start: Longs  # the bonds of row r are the entries bond_start[r] to bond_start[r + 1]
    bond_other: Ints
    bond_same_hard: Ints  # what it costs when both sit in one set
    bond_split_hard: Ints  # … and when they sit in two sets
    bond_same_soft: Longs
    bond_split_soft: Longs  # … and when they do not, though one of them be left over
    leader_masks: Masks  # by facilitator
    leader_room: Ints  # by facilitator: how many sets
    leader_need: int  # slots a facilitator must share with all of a set
    leader_hard: int  # how many rules say that each set must have a facilitator
    leader_weight: int  # per member of a set that has none
    prefers: Ints  # by row: facilitator they would like, -1: none
    prefer_weight: int
    left: Longs  # by row: what leaving them over weighs
    home: Ints  # by row: the set they should stay in, -1: any
    guarded: Bytes  # by set: 1: nobody enters or leaves


class State(NamedTuple):
    """A plan in the making, with sums that are kept as it changes."""

    assigned: Ints  # by row: set
    size: Ints  # by set
    members: Ints  # by set and place: row
    place: Ints  # by row: place in its set
    own: Longs  # by row: sum of pair values with its set
    table: Ints  # by set and row: sum of pair values with that set; only where `Facts.linear`
    tally: Ints  # by set and column of `Facts.codes`: count
    disorder: Ints  # by counting rule and set: people out of order
    leader: Ints  # by set: facilitator, -1: none
    load: Ints  # by facilitator: sets
    hard: Longs  # by set: breaks
    soft: Longs  # by set: score
    totals: Longs  # breaks, weight of those left over, score, people away from home
    random: Masks  # one word: the state of the generator


_LONG = types.int64
_SHORTS_2 = types.Array(types.int16, 2, "C")
_INTS_2 = types.Array(types.int32, 2, "C")
_MASKS_2 = types.Array(types.uint64, 2, "C")
_MASKS_1 = types.Array(types.uint64, 1, "C")

_OF_FACTS = {
    "pairs": _SHORTS_2,
    "share": OUT_LONGS,
    "floors": OUT_LONGS,
    "least": OUT_INTS,
    "most": OUT_INTS,
    "balance": OUT_LONGS,
    "codes": _INTS_2,
    "count_cost": _INTS_2,
    "count_hard": OUT_BYTES,
    "count_weight": OUT_LONGS,
    "masks": _MASKS_2,
    "slot_need": OUT_INTS,
    "slot_gain": OUT_LONGS,
    "bond_start": OUT_LONGS,
    "bond_other": OUT_INTS,
    "bond_same_hard": OUT_INTS,
    "bond_split_hard": OUT_INTS,
    "bond_same_soft": OUT_LONGS,
    "bond_split_soft": OUT_LONGS,
    "leader_masks": _MASKS_2,
    "leader_room": OUT_INTS,
    "prefers": OUT_INTS,
    "left": OUT_LONGS,
    "home": OUT_INTS,
    "guarded": OUT_BYTES,
}
_OF_STATE = {
    "members": _INTS_2,
    "own": OUT_LONGS,
    "table": _INTS_2,
    "tally": _INTS_2,
    "disorder": _INTS_2,
    "hard": OUT_LONGS,
    "soft": OUT_LONGS,
    "totals": OUT_LONGS,
    "random": _MASKS_1,
}

_typed: Callable[..., Any] = types.NamedTuple
FACTS = _typed([_OF_FACTS.get(name, _LONG) for name in Facts._fields], Facts)
STATE = _typed([_OF_STATE.get(name, OUT_INTS) for name in State._fields], State)
