"""The linear programme over all possible sets, everybody in exactly one: in fractions, and its sets found by price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from haln.compiled import Doubles, Longs
from haln.matching.menu import Prepared, bound_weights, slopes
from haln.matching.pricing import NOBODY_CAN, price

UNIT = 100_000.0
"""Scores and prices count in this many within the linear programme, for the solver's tolerances."""


@dataclass(frozen=True, slots=True)
class Found:
    """A possible set: rows of the menu, facilitator (-1: none), what it is worth."""

    rows: tuple[int, ...]
    leader: int
    worth: int


@dataclass(frozen=True)
class Prices:
    """What people (by row of the menu), a set, and a facilitator cost: duals of the linear programme."""

    people: Doubles
    set: float
    leaders: Doubles

    def towards(self, other: Prices, share: float) -> Prices:
        """Return prices that lie between, with so large a share of these."""
        rest = 1 - share
        return Prices(
            share * self.people + rest * other.people,
            share * self.set + rest * other.set,
            share * self.leaders + rest * other.leaders,
        )


@dataclass(frozen=True)
class Priced:
    """What pricing found: no set gains more than `best` beyond its price, if nothing was passed over (`complete`)."""

    best: float
    found: tuple[Found, ...]
    complete: bool


class Covering:
    """The linear programme. `room`: how many sets each facilitator can lead; `sizes`: of sets.

    `fits` and `below` are those of a good plan: see `slopes`.
    """

    def __init__(self, prepared: Prepared, sets: int, room: Longs, sizes: range, fits: Doubles, below: float) -> None:
        self.prepared, self.sets, self.room, self.sizes = prepared, sets, room, sizes
        self.known: dict[tuple[tuple[int, ...], int], Found] = {}
        self.nodes = 0
        steep, self.lines = slopes(prepared.menu, fits, below)
        self.weights = {size: bound_weights(prepared.menu, steep, size) for size in sizes}

    def add(self, some: Sequence[Found]) -> int:
        """Add sets; return how many are new."""
        before = len(self.known)
        for one in some:
            self.known[one.rows, one.leader] = one
        return len(self.known) - before

    def solve(self) -> tuple[float, Prices, NDArray[np.float64]]:
        """Return the value over the sets that are known, its prices, and how much of each set is taken."""
        some = list(self.known.values())
        answer = linprog(
            [-one.worth / UNIT for one in some],
            A_ub=sparse.csr_matrix(self._limits(some)),
            b_ub=np.concatenate(([self.sets], self.room)),
            A_eq=self._people(some),
            b_eq=np.ones(len(self.prepared.order)),
            method="highs",
        )
        if answer.status != 0:
            raise ArithmeticError(answer.message)
        limits = np.maximum(-answer.ineqlin.marginals * UNIT, 0.0)
        prices = Prices(-answer.eqlin.marginals * UNIT, float(limits[0]), limits[1:])
        return -answer.fun * UNIT, prices, answer.x

    def _people(self, some: Sequence[Found]) -> sparse.csr_matrix:
        rows = np.concatenate([one.rows for one in some])
        columns = np.repeat(np.arange(len(some)), [len(one.rows) for one in some])
        return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (len(self.prepared.order), len(some)))

    def _limits(self, some: Sequence[Found]) -> NDArray[np.float64]:
        leaders = np.array([one.leader for one in some])
        by_leader = [(leaders == one).astype(np.float64) for one in range(len(self.room))]
        return np.vstack([np.ones(len(some)), *by_leader])

    def cost(self, prices: Prices) -> float:
        """Return what everybody, all sets and all room of facilitators cost together."""
        return float(prices.people.sum() + self.sets * prices.set + self.room @ prices.leaders)

    def gain(self, one: Found, prices: Prices) -> float:
        """Return what a set is worth beyond its price."""
        led = float(prices.leaders[one.leader]) if one.leader >= 0 else 0.0
        return one.worth - float(prices.people[list(one.rows)].sum()) - prices.set - led

    def bound(self, prices: Prices, priced: Priced) -> float:
        """Return a value that no plan, and no mixture of plans, exceeds."""
        return self.cost(prices) + self.sets * max(priced.best, 0.0)

    def price(self, prices: Prices, least: float, every: bool, room: int, nodes: int) -> Priced:
        """Find sets that gain more than `least`: `every` one, or ever better ones, until `room` or `nodes` are used."""
        menu = self.prepared.menu
        leaders = np.where(self.room > 0, prices.leaders, NOBODY_CAN)
        lines = self.lines + menu.bonus - prices.people
        best, complete = least, True
        found: list[Found] = []
        for size in self.sizes:
            finds = price(
                menu,
                size,
                self.weights[size],
                lines,
                np.ascontiguousarray(prices.people),
                leaders,
                least + prices.set,
                every,
                nodes,
                room,
            )
            complete = complete and bool(finds.done[2])
            self.nodes += int(finds.done[1])
            gains = finds.gains[: finds.done[0]] - prices.set
            best = max(best, float(gains.max(initial=least)))
            found += [
                Found(tuple(sorted(finds.rows[at].tolist())), int(finds.leaders[at]), int(finds.worth[at]))
                for at in range(finds.done[0])
            ]
        return Priced(best, tuple(found), complete)
