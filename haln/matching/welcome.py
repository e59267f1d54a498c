"""Who would be in nobody's list gets a place in one; and lists that have room are filled."""

import numpy as np
from numpy.typing import NDArray

from haln.compiled import (
    BYTES,
    CHOICES,
    INTS,
    LONG,
    LONGS,
    OUT_CHOICES,
    OUT_LONGS,
    Bytes,
    Ints,
    Longs,
    compiled,
)

Lists = NDArray[np.int32]


@compiled(LONGS, INTS, LONG, LONG)
def _barred(starts: Longs, barred: Ints, asker: int, row: int) -> bool:
    found = False
    for entry in range(starts[asker], starts[asker + 1]):
        found |= barred[entry] == row
    return found


@compiled(CHOICES, LONGS, BYTES, LONG, LONG)
def _place_for_guest(lists: Lists, shown: Longs, given: Bytes, asker: int, tail: int) -> int:
    """A place of this list that is empty, or one of the last whose holder is shown elsewhere too; -1: none."""
    length = lists.shape[1]
    found = -1
    for slot in range(length):
        held = lists[asker, slot]
        if held < 0:
            return slot
        if slot >= length - tail and not given[asker * length + slot] and shown[held] > 1:
            found = slot
    return found


@compiled(LONGS, CHOICES, LONGS, LONGS, BYTES, LONGS, INTS, LONG, OUT_LONGS, OUT_CHOICES)
def welcome(
    turns: Longs,
    wishes: Lists,
    rows: Longs,
    asker_of: Longs,
    suggestable: Bytes,
    barred_starts: Longs,
    barred: Ints,
    tail: int,
    shown: Longs,
    lists: Lists,
) -> None:
    """Give askers whom nobody was shown a last slot in the list of whoever suits them best, or of anyone.

    `rows[a]` is the row of asker a and `asker_of` its inverse (-1: no asker). Only someone shown elsewhere gives way,
    and only from the last `tail` slots. `barred[barred_starts[a]:barred_starts[a + 1]]`: whom asker a may not be shown.
    """
    askers, length = lists.shape
    given = np.zeros(askers * length, np.uint8)
    for turn in range(askers):
        guest = turns[turn]
        row = rows[guest]
        if not suggestable[row] or shown[row] > 0:
            continue
        for step in range(wishes.shape[1] + askers):
            if step < wishes.shape[1]:
                asker = asker_of[wishes[guest, step]] if wishes[guest, step] >= 0 else -1
            else:
                asker = turns[(turn + step) % askers]
            if asker < 0 or asker == guest:
                continue
            slot = _place_for_guest(lists, shown, given, asker, tail)
            if slot < 0 or _barred(barred_starts, barred, asker, row):
                continue
            if lists[asker, slot] >= 0:
                shown[lists[asker, slot]] -= 1
            lists[asker, slot] = row
            given[asker * length + slot] = 1
            shown[row] = 1
            break


@compiled(CHOICES, LONGS, LONG, OUT_LONGS, OUT_CHOICES)
def top_up(wishes: Lists, turns: Longs, cap: int, shown: Longs, lists: Lists) -> None:
    """Fill lists that have room with wishes of members below the cap."""
    length = lists.shape[1]
    for asker in turns:
        if lists[asker, length - 1] >= 0:
            continue
        for wish in range(wishes.shape[1]):
            row = wishes[asker, wish]
            if row < 0 or lists[asker, length - 1] >= 0:
                break
            slot = 0
            while lists[asker, slot] >= 0 and lists[asker, slot] != row:
                slot += 1
            if lists[asker, slot] < 0 and shown[row] < cap:
                lists[asker, slot] = row
                shown[row] += 1
