"""A problem → the menu from which sets are priced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from haln.compiled import Doubles, Longs
from haln.matching.pricing_arrays import Menu
from haln.matching.problem import Problem
from haln.matching.set_facts import SHARE_BITS, Facts


@dataclass(frozen=True, eq=False)
class Prepared:
    """A menu, the row of the problem behind each of its rows, and what all sets together lose from the start."""

    menu: Menu
    order: Longs
    lost: int


def prepare_menu(problem: Problem) -> Prepared:
    """Prepare a menu: people who must sit together side by side, those who fit with fewest first."""
    facts = problem.facts
    rows = len(problem.people)
    bonds, same, split, lost = _bonds(facts, rows)
    may = _may(facts, same)
    group = _groups(split)
    order = np.array(sorted(range(rows), key=lambda row: (_freedom(may, group, row), group[row], row)), np.int64)
    grid = np.ix_(order, order)
    group = group[order]
    follows = np.append(False, group[1:] == group[:-1])[:rows]
    soft = np.array([cost.min(initial=0) for cost in np.diff(facts.count_cost, axis=1)])
    menu = Menu(
        pairs=facts.pairs[grid].astype(np.int64),
        bonds=bonds[grid],
        may=may[grid].astype(np.uint8),
        follows=follows.astype(np.uint8),
        leads_on=np.append(follows[1:], False)[:rows].astype(np.uint8),
        share=facts.share,
        floors=facts.floors[order],
        set_floor=int(facts.set_floor),
        bonus=int(facts.bonus),
        balance=facts.balance,
        codes=np.ascontiguousarray(facts.codes[:, order]),
        kinds=int(facts.codes.max(initial=-1)) + 1,
        count_cost=facts.count_cost,
        count_hard=facts.count_hard,
        count_weight=facts.count_weight,
        count_grows=(soft >= 0).astype(np.uint8),
        masks=np.ascontiguousarray(facts.masks[order]),
        need=int(facts.slot_need.max(initial=0)),
        slot_gain=facts.slot_gain,
        leader_masks=facts.leader_masks,
        leader_need=int(facts.leader_need),
        leader_hard=int(facts.leader_hard),
        leader_weight=int(facts.leader_weight),
        prefers=np.ascontiguousarray(facts.prefers[order]),
        prefer_weight=int(facts.prefer_weight),
    )
    return Prepared(menu, order, lost)


def _bonds(facts: Facts, rows: int) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_], int]:
    """Return by two rows what sharing a set adds, whether it must not be and must be, and the sum of all splits."""
    adds = np.zeros((rows, rows), np.int64)
    same, split = np.zeros((rows, rows), np.bool_), np.zeros((rows, rows), np.bool_)
    left = np.repeat(np.arange(rows), np.diff(facts.bond_start))
    right = facts.bond_other
    np.add.at(adds, (left, right), facts.bond_split_soft - facts.bond_same_soft)
    np.logical_or.at(same, (left, right), facts.bond_same_hard > 0)
    np.logical_or.at(split, (left, right), facts.bond_split_hard > 0)
    return adds, same, split, int(facts.bond_split_soft.sum()) // 2


def _may(facts: Facts, same: NDArray[np.bool_]) -> NDArray[np.bool_]:
    may = ~same
    need = int(facts.slot_need.max(initial=0))
    if need:
        common = np.zeros(may.shape, np.int64)
        for word in range(facts.masks.shape[1]):
            common += np.bitwise_count(facts.masks[:, word][:, None] & facts.masks[None, :, word])
        may &= common >= need
    for codes, cost, hard in zip(facts.codes, facts.count_cost, facts.count_hard, strict=True):
        if hard and cost[2:].all():
            may &= (codes[:, None] != codes[None, :]) | (codes[:, None] < 0)
    np.fill_diagonal(may, True)
    return np.asarray(may)


def _groups(split: NDArray[np.bool_]) -> Longs:
    """Return by row the first row of those who must all share a set."""
    group = np.arange(len(split))
    for one, other in np.argwhere(split):
        low, high = sorted((group[one], group[other]))
        group[group == high] = low
    return group


def _freedom(may: NDArray[np.bool_], group: Longs, row: int) -> int:
    return int(may[group == group[row]].all(axis=0).sum())


def slopes(menu: Menu, fits: Doubles, below: float) -> tuple[Doubles, Doubles]:
    """Return by row the straight lines that bound scores: what a unit of fit counts, and the constant beside it.

    `fits`: of each row in a good plan, where the lines touch; `below`: which share of its sets are below their floor.
    """
    steep = 1.0 + (fits < menu.floors)
    beside = (1.0 - steep) * menu.floors - below / 2 * menu.set_floor
    return np.asarray(steep + below / 2, np.float64), np.asarray(beside, np.float64)


def bound_weights(menu: Menu, steep: Doubles, size: int) -> Doubles:
    """Return what each pair adds to the bound of a set of `size`."""
    share = float(menu.share[size]) / (1 << SHARE_BITS)
    return np.ascontiguousarray(share * menu.pairs * (steep[:, None] + steep[None, :]) + menu.bonds)
