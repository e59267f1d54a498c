"""When rules cannot all hold: whether that is so, why, and the cheapest ways out.

The question is always whether *everybody* can be placed. A plan that leaves people over breaks no rule that must hold,
so it is a way out like others: it is offered with the names of who would be left over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from ortools.sat.python import cp_model

from haln.matching.certificates import Certificate, certificates
from haln.matching.cores import SMALL, core, place_everybody
from haln.matching.levers import Change, Lever, cost, levers, price
from haln.matching.mending import mending
from haln.matching.musts import Musts, musts
from haln.matching.placing import Placing
from haln.matching.pool import Plan, Pool
from haln.matching.remedies import remedies
from haln.matching.rules import Rules

MOST_WAYS = 4
_DEAREST = 3  # nothing that costs more than so many times the cheapest is offered, but for the last resort
_WORK = 1.0  # the solver's, for each way out


class Asked(Protocol):
    """What is asked for: a `Problem` has it."""

    @property
    def pool(self) -> Pool: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def sets(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Changes that together let everybody who is not left out be placed; `plan` does it.

    Without a plan it is not known to do, but no quick proof stands against it (`haln.matching.remedies`).

    `proved`: no cheaper change would do, but for those that use all levers of an earlier way out.
    """

    changes: tuple[Change, ...]
    cost: int
    proved: bool
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether everybody can be placed (none: not decided), and if not, why, and the ways out, the cheapest first.

    `core`: rules that cannot hold together, none of which can be taken out; empty where that was not looked for.
    `proved`: `core` is so, and no way out is cheaper than the first.
    """

    possible: bool | None
    certificates: tuple[Certificate, ...] = ()
    core: tuple[int, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    proved: bool = False


def advise(asked: Asked, plan: Plan | None = None) -> Advice:
    """Say whether everybody can be placed by the rules that must hold, in at most `asked.sets` sets, and if not, why.

    Exact for pools of up to `SMALL`. Above, only certificates prove anything, and the ways out are those that they
    name, and that under which `plan`, the best that is known, would hold.

    Raises ValueError for rules without a size of sets.
    """
    question = musts(asked.pool, asked.rules, asked.sets)
    found = certificates(question)
    if len(question.people) > SMALL:
        return _by_plan(asked, question, found, plan)
    if not found:
        answer = place_everybody(question)
        if answer.possible is not False:
            return Advice(answer.possible, proved=bool(answer.possible))
    reason = core(question)
    ways = tuple(sorted(_ways_out(question), key=lambda way: way.cost))
    proved = reason is not None and reason.minimal and bool(ways) and ways[0].proved
    return Advice(False, found, reason.rules if reason else (), ways, proved)


def _by_plan(asked: Asked, question: Musts, found: tuple[Certificate, ...], plan: Plan | None) -> Advice:
    changes = None if plan is None else mending(question, plan)
    if changes == ():
        return Advice(True, proved=True)
    ways = [Relaxation(changes, cost(question, changes), False, plan)] if changes else []
    if found:
        named = remedies(asked.pool, asked.rules, asked.sets)
        ways += [Relaxation(changes, cost(question, changes), False) for changes in named]
    return Advice(False if found else None, found, (), tuple(sorted(ways, key=lambda way: way.cost)))


def _ways_out(asked: Musts) -> Iterator[Relaxation]:
    """Return the cheapest ways out: each time the cheapest that does not use all levers of an earlier one.

    The last resort, to do nothing but leave people out, is among them wherever half of the people can be placed.
    """
    placing = Placing(asked, frozenset(levers(asked)))
    last_resort = (Lever.LEAVE_OUT, None)
    proved = True
    shown = set()
    for number in range(MOST_WAYS):
        way = _cheapest(placing)
        if way is None:
            break
        proved = proved and way.proved
        yield replace(way, proved=proved)
        shown.add(frozenset((change.lever, change.rule) for change in way.changes))
        if not number:
            placing.at_most(_DEAREST * way.cost)
        placing.forbid(way.changes)
    if frozenset([last_resort]) not in shown:
        placing = Placing(asked, frozenset([last_resort]))
        placing.at_most(len(asked.people) // 2 * price(asked, Lever.LEAVE_OUT))
        way = _cheapest(placing)
        if way is not None:
            yield way


def _cheapest(placing: Placing) -> Relaxation | None:
    status, solver = placing.solve(_WORK)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    changes = placing.changes(solver)
    return Relaxation(changes, cost(placing.asked, changes), status == cp_model.OPTIMAL, placing.plan(solver))
