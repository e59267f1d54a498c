"""What would have to give way for one plan to hold: a way out that is seen to work, though perhaps not the cheapest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from haln.matching.levers import Change, Lever
from haln.matching.musts import Flags, Musts
from haln.matching.pool import Plan
from haln.matching.rules import NUMBERED, Kind


def mending(asked: Musts, plan: Plan) -> tuple[Change, ...] | None:
    """Return the changes under which a plan places everybody who is not left over and keeps all that must hold.

    Nothing to change: an empty tuple. None where no change would do: sets of a size that none may have.
    """
    row = {one.id: number for number, one in enumerate(asked.people)}
    sets = [[row[member] for member in one.members if member in row] for one in plan.sets]
    leaders = [one.facilitator for one, rows in zip(plan.sets, sets, strict=True) if rows]
    sets = [rows for rows in sets if rows]
    sizes = [len(rows) for rows in sets]
    low, high = NUMBERED[Kind.SIZE]
    if sizes and not low <= min(sizes) <= max(sizes) <= high:
        return None
    found = []
    if len(sets) > asked.sets:
        found.append(Change(Lever.SETS, None, asked.sets, len(sets)))
    for index in asked.indices:
        found += _rule(asked, index, sets, leaders)
    seated = {number for rows in sets for number in rows}
    left = [number for number in range(len(asked.people)) if number not in seated]
    return (*found, *(Change(Lever.LEAVE_OUT, members=asked.ids((number,))) for number in left))


def _rule(asked: Musts, index: int, sets: Sequence[list[int]], leaders: Sequence[int | None]) -> Iterator[Change]:
    match asked.rules[index].kind:
        case Kind.SIZE:
            return _sizes(asked, index, sets)
        case Kind.PER_ORGANISATION:
            return _organisations(asked, index, sets)
        case Kind.SLOTS:
            return _slots(asked, index, sets)
        case Kind.NOT_ALONE:
            return _alone(asked, index, sets)
        case Kind.FACILITATOR_LOAD:
            return _facilitators(asked, index, sets, leaders)
        case _:
            return _pairs(asked, index, sets)


def _organisations(asked: Musts, index: int, sets: Sequence[list[int]]) -> Iterator[Change]:
    largest = max((len(some) for rows in sets for some in asked.organisations_of(rows).values()), default=0)
    if largest > NUMBERED[Kind.PER_ORGANISATION][1]:
        yield Change(Lever.SOFTEN, index)
    elif largest > asked.number(index):
        yield Change(Lever.NUMBER, index, asked.number(index), largest)


def _slots(asked: Musts, index: int, sets: Sequence[list[int]]) -> Iterator[Change]:
    number = asked.number(index)
    shared = min((int(_common(asked, rows).sum()) for rows in sets), default=number) if asked.slots else number
    if not shared:
        yield Change(Lever.SOFTEN, index)
    elif shared < number:
        yield Change(Lever.NUMBER, index, number, shared)


def _alone(asked: Musts, index: int, sets: Sequence[list[int]]) -> Iterator[Change]:
    kinds = [set(rows) for rows in asked.kinds(index).values()]
    if any(len(some.intersection(rows)) == 1 for some in kinds for rows in sets):
        yield Change(Lever.SOFTEN, index)


def _common(asked: Musts, rows: Sequence[int]) -> Flags:
    return np.asarray(asked.free[list(rows)].all(axis=0))


def _sizes(asked: Musts, index: int, sets: Sequence[list[int]]) -> Iterator[Change]:
    sizes = [len(rows) for rows in sets]
    if min(sizes, default=asked.least) < asked.least:
        yield Change(Lever.LEAST, index, asked.least, min(sizes))
    if max(sizes, default=0) > asked.most:
        yield Change(Lever.MOST, index, asked.most, max(sizes))


def _pairs(asked: Musts, index: int, sets: Sequence[list[int]]) -> Iterator[Change]:
    where = {row: number for number, rows in enumerate(sets) for row in rows}
    together = asked.rules[index].kind is Kind.TOGETHER
    for one, other in asked.pairs.get(index, ()):
        if one in where and other in where and (where[one] == where[other]) is not together:
            yield Change(Lever.DROP, index, members=asked.ids((one, other)))


def _facilitators(
    asked: Musts, index: int, sets: Sequence[list[int]], leaders: Sequence[int | None]
) -> Iterator[Change]:
    """Each set whose leader has no room or no time left needs somebody else; nobody can lead a set without any time."""
    number = (
        min([max(1, asked.shared_slots), *(int(_common(asked, rows).sum()) for rows in sets)]) if asked.slots else 0
    )
    if asked.slots and not number:
        yield Change(Lever.SOFTEN, index)
        return
    room = {one.id: max(one.capacity, 0) for one in asked.facilitators}
    by_id = {one.id: one for one in asked.facilitators}
    unled = 0
    for rows, leader in zip(sets, leaders, strict=True):
        one = by_id.get(leader) if leader is not None else None
        in_time = one is not None and (not asked.slots or (asked.can_lead(one) & _common(asked, rows)).sum() >= number)
        if one is None or not in_time or not room[one.id]:
            unled += 1
        else:
            room[one.id] -= 1
    if unled:
        yield Change(Lever.FACILITATOR, index, 0, unled)
