"""Form a plan of learning sets, different from others where that is asked, and mend one after people declined."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from haln.matching.annealing import PERSON, STEPS, Descent, Key, Order, copy_of, descend, key_of
from haln.matching.arrangement import Arrangement, arranged, in_order, plan_of
from haln.matching.assessment import worth
from haln.matching.beginnings import NO_LOCKS, Locks, filled, freedom_of
from haln.matching.feasible import LARGEST, best_seating
from haln.matching.leading import best_leaders
from haln.matching.plan_state import state_of
from haln.matching.pool import Plan
from haln.matching.problem import Problem
from haln.matching.set_facts import ONE, Facts, State
from haln.matching.settling import settle

__all__ = ["Effort", "Formed", "Locks", "Progress", "effort_for", "form", "repair"]

_STAY_IN_REPAIR = 2.0
_WARM = 0.3

AVOIDED = ONE // 20
"""What a pair that an earlier plan seated together is worth less: a twentieth of all that a pair can be worth."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried: `rounds` proposals in each of `restarts` descents, and in one more from the best. No clock."""

    rounds: int
    restarts: int

    def __post_init__(self) -> None:
        if self.restarts < 1 or self.rounds < 0:
            raise ValueError("an effort is at least one descent")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far forming is (0 to 1), and the best so far."""

    done: float
    value: float
    breaks: int
    plan: Plan


@dataclass(frozen=True, slots=True)
class Formed:
    """A plan, its value and breaks of rules that are a must, and the proposals made; `stopped`: the watcher said so."""

    plan: Plan
    value: float
    breaks: int
    left_weight: int
    rounds: int
    stopped: bool


Watch = Callable[[Progress], bool]


def effort_for(people: int) -> Effort:
    """Return the effort that suits a pool: under a second to 120 people, three at 480, thirty at 1,800."""
    if people <= 60:
        return Effort(500_000, 3)
    return Effort(min(40_000_000, 7_500 * people), 2 if people <= 240 else 1)


def form(
    problem: Problem,
    seed: int,
    effort: Effort | None = None,
    *,
    start: Plan | None = None,
    locks: Locks = NO_LOCKS,
    stay: float = 0.0,
    avoid: tuple[Plan, ...] = (),
    watch: Watch | None = None,
) -> Formed:
    """Form the best plan that the effort finds. The same problem, seed and effort give the same plan.

    `start`: begin from this plan; its sets keep their numbers, empty ones too. `locks` are of that plan. `stay`: what
    moving somebody out of their set of `start` costs, in persons (1: all that one person can be worth). `avoid`: plans
    whose pairs are worth less. `watch` is told after each step, and stops by returning False: the best so far is kept.
    Rules that are a must are kept wherever people can be left over instead: only locks can force a break.
    """
    work = _Work(problem, seed, effort or effort_for(len(problem.people)), start, locks, stay, avoid, watch)
    return work.formed()


class _Work:
    """One call of `form`: what is given, and the best so far."""

    def __init__(
        self,
        problem: Problem,
        seed: int,
        effort: Effort,
        start: Plan | None,
        locks: Locks,
        stay: float,
        avoid: Iterable[Plan],
        watch: Watch | None,
        fewest: bool = False,
    ) -> None:
        self.problem, self.seed, self.effort, self.watch = problem, seed, effort, watch
        self.kept = len(start.sets) if start else None
        self.start = arranged(problem, start or Plan(()), problem.sets)
        locked = frozenset(problem.rows[one] for one in locks.members if one in problem.rows)
        self.freedom = freedom_of(self.start, locked, locks.sets)
        self.order = Order(round(stay * PERSON), fewest)
        self.facts = _avoiding(problem, problem.facts_for(self.start.sets), avoid)
        if self.order.stay:
            home = np.where(self.start.assigned < self.start.sets, self.start.assigned, -1)
            self.facts = self.facts._replace(home=home.astype(np.int32))
        self.best: Arrangement | None = None
        self.best_key: Key | None = None
        self.rounds = 0

    def formed(self) -> Formed:
        stopped = False
        for turn in range(self.effort.restarts):
            seed = self.seed * 1_000_003 + turn
            begin = filled(self.facts, self.start, self.freedom, seed, afresh=not self.order.stay)
            stopped = self._descend(begin, seed, turn)
            if stopped:
                break
        assert self.best is not None
        assert self.best_key is not None
        if not stopped:
            stopped = self._descend_again(self.best)
        if any(self.best_key[:2]) and len(self.problem.people) <= LARGEST:
            self._search_exactly(self.best)
        state = state_of(self.problem.facts_for(self.best.sets), self.best)
        return Formed(
            self._plan(self.best),
            worth(self.problem, int(state.totals[2])),
            int(state.totals[0]),
            int(state.totals[1]),
            self.rounds,
            stopped,
        )

    def _descend(self, begin: Arrangement, seed: int, turn: int) -> bool:
        descent = Descent(self.effort.rounds, self.order, _WARM if self.order.stay else 1.0)
        return self._go(begin, seed, descent, turn)

    def _descend_again(self, best: Arrangement) -> bool:
        """Warm the best up once more, and no hotter than keeps what it has."""
        descent = Descent(self.effort.rounds, self.order, _WARM, strict=True)
        return self._go(best, self.seed * 1_000_003 - 1, descent, self.effort.restarts)

    def _go(self, begin: Arrangement, seed: int, descent: Descent, turn: int) -> bool:
        def heard(done: float, state: State) -> bool:
            self.rounds += self.effort.rounds // STEPS
            return self._told((turn + done) / (self.effort.restarts + 1), state)

        found, _, stopped = descend(self.facts, begin, self.freedom, seed, descent, heard)
        self._keep(self._settled(found))
        return stopped

    def _search_exactly(self, now: Arrangement) -> None:
        """Look whether fewer need be left over than annealing found, and improve on what is found."""
        seated = best_seating(self.facts, now, self.freedom)
        if seated is None:
            return
        self._keep(seated)
        descent = Descent(self.effort.rounds, self.order, _WARM, strict=True)
        better, *_ = descend(self.facts, seated, self.freedom, self.seed, descent, lambda done, state: True)
        self._keep(better)
        self._keep(self._settled(better))

    def _settled(self, found: Arrangement) -> Arrangement:
        led_best = replace(found, leaders=best_leaders(self.facts, found, self.freedom.sets))
        state = state_of(self.facts, led_best)
        settle(self.facts, state, self.freedom)
        after = copy_of(state)
        return replace(after, leaders=best_leaders(self.facts, after, self.freedom.sets))

    def _keep(self, found: Arrangement) -> None:
        key = key_of(state_of(self.facts, found), self.order)
        if self.best_key is None or key < self.best_key:
            self.best, self.best_key = found, key

    def _told(self, done: float, state: State) -> bool:
        if self.watch is None:
            return True
        key = key_of(state, self.order)
        best = copy_of(state) if self.best is None or self.best_key is None or key < self.best_key else self.best
        breaks, *_, score = min(key, self.best_key or key)
        return self.watch(Progress(done, worth(self.problem, -score), breaks, self._plan(best)))

    def _plan(self, arrangement: Arrangement) -> Plan:
        plan = plan_of(self.problem, arrangement)
        if self.kept is None:
            return in_order(plan)
        sets = list(plan.sets)
        while len(sets) > self.kept and not sets[-1].members:
            sets.pop()
        return replace(plan, sets=tuple(sets))


def _avoiding(problem: Problem, facts: Facts, avoid: Iterable[Plan]) -> Facts:
    plans = tuple(avoid)
    if not plans:
        return facts
    pairs = facts.pairs.copy()
    for plan in plans:
        for planned in plan.sets:
            rows = [problem.rows[member] for member in planned.members if member in problem.rows]
            for one, other in combinations(rows, 2):
                pairs[one, other] -= AVOIDED
                pairs[other, one] -= AVOIDED
    return facts._replace(pairs=pairs)


def repair(
    problem: Problem,
    plan: Plan,
    seed: int,
    effort: Effort | None = None,
    locks: Locks = NO_LOCKS,
    watch: Watch | None = None,
) -> Formed:
    """Mend a plan of which people declined (they are no longer in the pool) or whom it left over: with fewest moves.

    First no rule that is a must is broken, then few are left over, then few change their set, then value counts.
    """
    effort = effort or effort_for(len(problem.people))
    return _Work(problem, seed, effort, plan, locks, _STAY_IN_REPAIR, (), watch, fewest=True).formed()
