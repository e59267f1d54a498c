"""Rules → the arrays of `Facts`: weights, counts by kind, time slots, facilitators, sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from haln.compiled import Ints, Longs
from haln.matching.pair_values import coded
from haln.matching.pool import Applicant, Facilitator, Pool
from haln.matching.rules import Kind, Rule, Rules, Strength
from haln.matching.set_facts import ONE, SHARE_BITS, UNIT, Masks

COUNTING = frozenset({Kind.PER_ORGANISATION, Kind.NOT_ALONE})
"""Kinds that count the people of one kind in a set."""

PENALISING = frozenset({*COUNTING, Kind.FACILITATOR_LOAD, Kind.PREFERRED_FACILITATOR, Kind.BALANCE})
"""Kinds by which a person in a set has all of a rule's weight until something is out of order."""

BONDING = frozenset({Kind.MANAGERS, Kind.APART, Kind.TOGETHER})

FURTHER_SLOTS = 3
"""So many common slots beyond what is needed add to a set's value."""

_STRENGTH = {Strength.MUST: 0.0, Strength.STRONGLY: 3.0, Strength.IF_POSSIBLE: 1.0}
_LAST = 0.6
_SLOTS_OF_MUST = 0.5
_NEEDED = 2 / 3


def weights_of(rules: Rules) -> tuple[int, ...]:
    """Weigh the rules in 1/ONE: strongly to if possible as 3 to 1, the first of the list to its last as 1 to 0.6.

    A must weighs nothing, since it is kept before all others; only to have more common slots than a set must have
    weighs half of an "if possible".
    """
    raw = []
    for place, rule in enumerate(rules):
        strength = _STRENGTH[rule.strength]
        if rule.kind is Kind.SLOTS and rule.strength is Strength.MUST:
            strength = _SLOTS_OF_MUST
        raw.append(strength * (1 - (1 - _LAST) * place / max(1, len(rules) - 1)))
    total = sum(raw)
    return tuple(round(ONE * weight / total) if total else 0 for weight in raw)


def shares(largest: int) -> Longs:
    """Return, by size up to `largest`, what turns a sum of pair values into a mean score."""
    table = np.zeros(largest + 1, np.int64)
    for number in range(2, largest + 1):
        table[number] = (UNIT << SHARE_BITS) // (number - 1)
    return table


def bonus(rules: Rules, weights: Sequence[int]) -> int:
    """Return what a person in a set adds by the rules under which only disorder costs."""
    kinds = PENALISING | BONDING
    return UNIT * sum(weight for rule, weight in zip(rules, weights, strict=True) if rule.kind in kinds)


def uneven(number: int, people: int, sets: int) -> int:
    """Return by how many people a set's size misses the even one (rounded either way)."""
    low = people // max(1, sets)
    high = low + (people % max(1, sets) > 0)
    return max(0, low - number, number - high)


def balance(rules: Rules, weights: Sequence[int], people: int, sets: int) -> Longs:
    """Return what a set costs by its size: the weight for each person too many or missing."""
    weight = sum(weight for rule, weight in zip(rules, weights, strict=True) if rule.kind is Kind.BALANCE)
    sizes = [UNIT * weight * min(number, uneven(number, people, sets)) for number in range(people + 3)]
    return np.array(sizes, np.int64)


def out_of_order(rule: Rule, count: int) -> int:
    """Return how many people of one kind are out of order when `count` of them sit in one set."""
    if rule.kind is Kind.NOT_ALONE:
        return int(count == 1)
    return max(0, count - (rule.number or 0))


def kind_codes(rule: Rule, people: Sequence[Applicant]) -> Longs:
    """Number the kinds that a counting rule tells apart, by row; -1: not said."""
    name = "organisation" if rule.kind is Kind.PER_ORGANISATION else rule.of or ""
    return coded([getattr(person, name) for person in people])


def counting(rules: Rules, weights: Sequence[int], people: Sequence[Applicant]) -> dict[str, Any]:
    """Return the part of `Facts` about counts of kinds."""
    found = [number for number, rule in enumerate(rules) if rule.kind in COUNTING]
    codes = np.full((len(found), len(people)), -1, np.int32)
    cost = np.zeros((len(found), len(people) + 3), np.int32)
    first = 0
    for line, number in enumerate(found):
        mine = kind_codes(rules[number], people)
        codes[line] = np.where(mine >= 0, mine + first, -1)
        first += int(mine.max(initial=-1)) + 1
        cost[line] = [out_of_order(rules[number], count) for count in range(len(people) + 3)]
    return {
        "codes": codes,
        "count_cost": cost,
        "count_hard": np.array([rules[number].strength is Strength.MUST for number in found], np.uint8),
        "count_weight": np.array([UNIT * weights[number] for number in found], np.int64),
    }


def slot_masks(some: Sequence[frozenset[int]], slots: int, nothing_is_any: bool = False) -> Masks:
    """Return each set of slots as bits; with `nothing_is_any` an empty one stands for all slots."""
    words = -(-slots // 64)
    masks = np.zeros((len(some), words), np.uint64)
    for row, mine in enumerate(some):
        for slot in range(slots) if nothing_is_any and not mine else mine:
            if 0 <= slot < slots:
                masks[row, slot // 64] |= np.uint64(1) << np.uint64(slot % 64)
    return masks


def slot_needs(rules: Rules, slots: int) -> Ints:
    """Return the least numbers of common slots that are a must; none where times do not matter."""
    needs = [rule.number or 0 for rule in rules if rule.kind is Kind.SLOTS and rule.strength is Strength.MUST]
    return np.array(needs if slots else [], np.int32)


def slot_share(rule: Rule, common: int) -> float:
    """Return from 0 to 1 how well a set does by a rule about slots: what is asked for is 2/3, three more are all."""
    need = rule.number or 1
    return min(common, need) / need * _NEEDED + min(max(common - need, 0), FURTHER_SLOTS) / FURTHER_SLOTS * (
        1 - _NEEDED
    )


def slot_gain(rule: Rule, weight: int, common: int) -> int:
    """Return what each member gains by a set's common slots under one rule."""
    return round(UNIT * weight * slot_share(rule, common))


def slot_gains(rules: Rules, weights: Sequence[int], slots: int) -> Longs:
    """Return what each member gains by a set's common slots, under all rules."""
    gains = np.zeros(slots + 1, np.int64)
    for rule, weight in zip(rules, weights, strict=True):
        if rule.kind is Kind.SLOTS and slots:
            gains += [slot_gain(rule, weight, common) for common in range(slots + 1)]
    return gains


def leading(
    pool: Pool,
    rules: Rules,
    weights: Sequence[int],
    people: Sequence[Applicant],
    leaders: Sequence[Facilitator],
) -> dict[str, Any]:
    """Return the part of `Facts` about facilitators."""
    by_id: dict[int | None, int] = {leader.id: number for number, leader in enumerate(leaders)}
    load = [number for number, rule in enumerate(rules) if rule.kind is Kind.FACILITATOR_LOAD]
    preferred = sum(weights[number] for number, rule in enumerate(rules) if rule.kind is Kind.PREFERRED_FACILITATOR)
    need = int(slot_needs(rules, pool.slots).max(initial=1)) if pool.slots else 0
    return {
        "leader_masks": slot_masks([leader.slots for leader in leaders], pool.slots, nothing_is_any=True),
        "leader_room": np.array([max(0, leader.capacity) for leader in leaders], np.int32),
        "leader_need": need,
        "leader_hard": sum(rules[number].strength is Strength.MUST for number in load),
        "leader_weight": UNIT * sum(weights[number] for number in load),
        "prefers": np.array([by_id.get(person.facilitator, -1) for person in people], np.int32),
        "prefer_weight": UNIT * preferred,
    }
