"""Leave people over where nothing else keeps the rules that are a must, and seat whoever can be seated."""

from __future__ import annotations

import numpy as np

from haln.compiled import Longs
from haln.matching.annealing import Freedom
from haln.matching.set_facts import Facts, State
from haln.matching.set_kernels import move, move_changes


def settle(facts: Facts, state: State, freedom: Freedom) -> None:
    """End without breaks, leaving over whom it takes: only those who may not move can keep one up. Then seat again."""
    free = freedom
    while state.totals[0]:
        if _mended(facts, state, free) or _given_up(facts, state, free):
            continue
        gone = _sent_away(facts, state, free)
        if gone is None:
            break
        # Whoever was sent away may not come back before the rest is in order, or this would never end.
        free = Freedom(np.setdiff1d(free.rows, np.array([gone], np.int32)), free.sets)
    while _seated(facts, state, freedom) or _begun(facts, state, freedom):
        pass


def changes_of(facts: Facts, state: State, row: int, targets: Longs) -> list[list[int]]:
    """Return the changes of breaks, weight left over, score and people away for each target."""
    changes = np.zeros((len(targets), 4), np.int64)
    move_changes(facts, state, row, targets.astype(np.int32), changes)
    return changes.tolist()


def _free_members(state: State, freedom: Freedom, number: int) -> list[int]:
    free = set(freedom.rows.tolist())
    return [row for row in np.flatnonzero(state.assigned == number).tolist() if row in free]


def _troubled(facts: Facts, state: State, freedom: Freedom) -> list[int]:
    """Return the rows that may move and sit in a set with a break, or have a broken bond."""
    sets = len(state.hard)
    return [
        row
        for row in freedom.rows.tolist()
        if (state.assigned[row] < sets and state.hard[state.assigned[row]])
        or any(_broken(facts, state, row, entry) for entry in _bonds(facts, row))
    ]


def _bonds(facts: Facts, row: int) -> range:
    return range(int(facts.bond_start[row]), int(facts.bond_start[row + 1]))


def _broken(facts: Facts, state: State, row: int, entry: int) -> bool:
    here, there = state.assigned[row], state.assigned[facts.bond_other[entry]]
    if len(state.hard) in (here, there):
        return False
    same = here == there
    return bool((facts.bond_same_hard if same else facts.bond_split_hard)[entry] > 0)


def _mended(facts: Facts, state: State, freedom: Freedom) -> bool:
    """Make the one move that leaves fewest breaks, then least weight left over; say whether there was one."""
    targets = np.array([*freedom.sets.tolist(), len(state.hard)], np.int64)
    found = [
        (hard, left, -score, row, int(to))
        for row in _troubled(facts, state, freedom)
        for (hard, left, score, _), to in zip(changes_of(facts, state, row, targets), targets, strict=True)
        if hard < 0
    ]
    if not found:
        return False
    *_, row, to = min(found)
    move(facts, state, row, to)
    return True


def _given_up(facts: Facts, state: State, freedom: Freedom) -> bool:
    """Leave over everybody who may leave the set with most breaks, if that ends some; say whether it did."""
    order = sorted(
        (number for number in freedom.sets.tolist() if state.hard[number]),
        key=lambda number: (-int(state.hard[number]), int(state.size[number]), number),
    )
    for number in order:
        before = int(state.totals[0])
        rows = _free_members(state, freedom, number)
        for row in rows:
            move(facts, state, row, len(state.hard))
        if state.totals[0] < before:
            return True
        for row in rows:
            move(facts, state, row, number)
    return False


def _sent_away(facts: Facts, state: State, freedom: Freedom) -> int | None:
    """Leave over the person in trouble who weighs least; return who that is, none where nobody can be."""
    sets = len(state.hard)
    seated = [row for row in _troubled(facts, state, freedom) if state.assigned[row] < sets]
    if not seated:
        return None
    gone = min(seated, key=lambda row: (int(facts.left[row]), row))
    move(facts, state, gone, sets)
    return gone


def _seated(facts: Facts, state: State, freedom: Freedom) -> bool:
    """Seat one person where that breaks nothing: whoever weighs most first."""
    targets = np.array([number for number in freedom.sets.tolist() if state.size[number]], np.int64)
    found = [
        (hard, left, -score, row, int(to))
        for row in _left(state, freedom)
        for (hard, left, score, _), to in zip(changes_of(facts, state, row, targets), targets, strict=True)
        if hard <= 0
    ]
    if not found:
        return False
    *_, row, to = min(found)
    move(facts, state, row, to)
    return True


def _left(state: State, freedom: Freedom) -> list[int]:
    return [row for row in freedom.rows.tolist() if state.assigned[row] == len(state.hard)]


def _begun(facts: Facts, state: State, freedom: Freedom) -> bool:
    """Begin an empty set with people left over, one by one whoever fits best; take it back where rules break."""
    empty = [number for number in freedom.sets.tolist() if not state.size[number]]
    left = _left(state, freedom)
    if not empty or len(left) < facts.least[empty[0]]:
        return False
    number, before = empty[0], int(state.totals[0])
    target = np.array([number], np.int64)
    for first in sorted(left, key=lambda row: (-int(facts.left[row]), row))[:8]:
        chosen = [first]
        move(facts, state, first, number)
        while state.size[number] < facts.least[number]:
            ranked = [
                (hard, left_weight, -score, row)
                for row in left
                if row not in chosen
                for hard, left_weight, score, _ in changes_of(facts, state, row, target)
            ]
            if not ranked:
                break
            chosen.append(min(ranked)[3])
            move(facts, state, chosen[-1], number)
        if state.totals[0] <= before:
            return True
        for row in chosen:
            move(facts, state, row, len(state.hard))
    return False
