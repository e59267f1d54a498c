"""What can give way when rules cannot all hold, what that costs, and a pool and rules in which it has given way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from haln.matching.musts import Musts
from haln.matching.pool import Facilitator, Pair, Pool
from haln.matching.rules import NUMBERED, Kind, Rules, Strength

STILL_TO_BE_FOUND = -1
"""The id of a facilitator who is not there yet."""


class Lever(StrEnum):
    """One way to give way. `Change` says what its fields hold for each."""

    NUMBER = "number"  # another number: more of one organisation, fewer slots in common
    LEAST = "least"  # smaller sets
    MOST = "most"  # larger sets
    SETS = "sets"  # more sets
    DROP = "drop"  # no longer keep one pair apart or together
    SOFTEN = "soften"  # no longer a must
    FACILITATOR = "facilitator"  # find somebody who can lead so many more sets
    LEAVE_OUT = "leave_out"  # place one person less


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of which rule (index; none: the number of sets, or a person left out), from which number to which.

    `members`: the pair that is dropped, or the one person who is left out.
    """

    lever: Lever
    rule: int | None = None
    before: int | None = None
    after: int | None = None
    members: tuple[int, ...] = ()


_SETS, _FACILITATOR, _PERSON, _SOFTEN = 3, 5, 6, 12
_STEP = {Kind.PER_ORGANISATION: 3, Kind.SLOTS: 3, Kind.SIZE: 2}
_PAIR = {Kind.TOGETHER: 3, Kind.APART: 6, Kind.MANAGERS: 6, Kind.NOT_AGAIN: 2}
_WAITED = 4
_FIRST, _LAST, _UNRANKED = 20, 10, 15


def price(asked: Musts, lever: Lever, rule: int | None = None) -> int:
    """Return what one step of a lever costs: for the first rule of the list twice as much as for the last."""
    if rule is None:
        return {Lever.SETS: _SETS * _UNRANKED, Lever.LEAVE_OUT: _PERSON * _FIRST}[lever]
    rank = _FIRST - (_FIRST - _LAST) * rule // max(1, len(asked.rules) - 1)
    kind = asked.rules[rule].kind
    match lever:
        case Lever.NUMBER | Lever.LEAST | Lever.MOST:
            return _STEP[kind] * rank
        case Lever.DROP:
            return _PAIR[kind] * rank
        case Lever.FACILITATOR:
            return _FACILITATOR * rank
        case _:
            return _SOFTEN * rank


def price_of_person(asked: Musts, row: int) -> int:
    """Return what it costs to leave somebody out: more for those who waited before."""
    waited = min(max(asked.people[row].waiting, 0), _WAITED)
    return price(asked, Lever.LEAVE_OUT) + _FIRST * waited


def levers(asked: Musts) -> tuple[tuple[Lever, int | None], ...]:
    """Return all levers there are, each with the index of its rule."""
    found: list[tuple[Lever, int | None]] = [(Lever.SETS, None), (Lever.LEAVE_OUT, None)]
    for index in asked.indices:
        match asked.rules[index].kind:
            case Kind.SIZE:
                found += [(Lever.LEAST, index), (Lever.MOST, index)]
            case Kind.PER_ORGANISATION | Kind.SLOTS:
                found += [(Lever.NUMBER, index), (Lever.SOFTEN, index)]
            case Kind.FACILITATOR_LOAD:
                found += [(Lever.FACILITATOR, index), (Lever.SOFTEN, index)]
            case Kind.NOT_ALONE:
                found.append((Lever.SOFTEN, index))
            case _:
                found += [(Lever.DROP, index), (Lever.SOFTEN, index)]
    return tuple(found)


def steps(asked: Musts, lever: Lever, rule: int) -> int:
    """Return how far a number can go: up for organisations and larger sets, down for slots and smaller sets."""
    low, high = NUMBERED[asked.rules[rule].kind]
    match lever:
        case Lever.LEAST:
            return asked.least - low
        case Lever.MOST:
            return high - asked.most
        case _:
            up = asked.rules[rule].kind is Kind.PER_ORGANISATION
            return high - asked.number(rule) if up else asked.number(rule) - low


def cost(asked: Musts, changes: Iterable[Change]) -> int:
    """Return what some changes cost together."""
    row = {one.id: number for number, one in enumerate(asked.people)}
    total = 0
    for change in changes:
        if change.lever is Lever.LEAVE_OUT:
            total += sum(price_of_person(asked, row[member]) for member in change.members)
        else:
            distance = abs((change.after or 0) - (change.before or 0))
            total += price(asked, change.lever, change.rule) * max(1, distance)
    return total


def relaxed(pool: Pool, rules: Rules, sets: int, changes: Iterable[Change]) -> tuple[Pool, Rules, int]:
    """Return a pool, rules and number of sets in which some changes were made."""
    for change in changes:
        match change.lever:
            case Lever.SETS:
                sets = change.after or 0
            case Lever.LEAVE_OUT:
                kept = tuple(one for one in pool.applicants if one.id not in change.members)
                pool = replace(pool, applicants=kept)
            case Lever.FACILITATOR:
                found = Facilitator(STILL_TO_BE_FOUND, change.after or 0)
                pool = replace(pool, facilitators=(*pool.facilitators, found))
            case Lever.DROP:
                pool = _without_pair(pool, rules[change.rule or 0].kind, change.members)
            case _:
                rules = _with_change(rules, change)
    return pool, rules, sets


def _with_change(rules: Rules, change: Change) -> Rules:
    index = change.rule or 0
    rule = rules[index]
    match change.lever:
        case Lever.NUMBER | Lever.LEAST:
            new = replace(rule, number=change.after)
        case Lever.MOST:
            new = replace(rule, most=change.after)
        case _:
            new = replace(rule, strength=Strength.STRONGLY)
    return (*rules[:index], new, *rules[index + 1 :])


def _without_pair(pool: Pool, kind: Kind, members: tuple[int, ...]) -> Pool:
    def left(pairs: frozenset[Pair]) -> frozenset[Pair]:
        return frozenset(pair for pair in pairs if set(pair) != set(members))

    match kind:
        case Kind.MANAGERS:
            return replace(pool, managers=left(pool.managers))
        case Kind.APART:
            return replace(pool, apart=left(pool.apart))
        case Kind.TOGETHER:
            return replace(pool, together=left(pool.together))
        case _:
            return replace(pool, set_mates=left(pool.set_mates))
