"""One person of a plan: why they are where they are, and what every move would cost before it is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn import confidences, plan_people, plan_reports
from haln.learn.leading import entrusted, led_plan
from haln.learn.plan_people import Placed
from haln.learn.plan_queue import WAITING
from haln.learn.plan_rows import locked_sets, plan_of
from haln.learn.rule_rows import rules_of
from haln.learn.studio import Studio, fitted
from haln.matching.pool import Plan
from haln.matching.rules import Rule
from haln.models import Cohort, CohortPlan

if TYPE_CHECKING:
    from haln.matching.assessment import Assessment

BEST = 3
SWAPS = 4
"""Partners for a change of places that are listed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a move would do: to a set (none: left over), or in exchange with somebody.

    `share`: the change of the plan's value, in what one person in it is worth on average. `breaks`: musts broken more
    (or fewer). `helped`, `harmed`: indices of rules, those that change most first.
    """

    to: int | None
    share: float
    breaks: int
    helped: tuple[int, ...] = ()
    harmed: tuple[int, ...] = ()
    other: Placed | None = None
    locked: bool = False


@dataclass(frozen=True, slots=True)
class PersonPanel:
    """One person of a plan. `moves`: to every other set, the best first; `swaps`: into the set that was chosen.

    `counted`: whether rules in confidence are counted in what they cost.
    """

    row: CohortPlan
    cohort: Cohort
    rules: tuple[Rule, ...]
    person: Placed
    place: int | None
    said: dict[str, Any]
    left_over: dict[str, Any] | None
    people: dict[int, Placed]
    moves: list[Cost]
    chosen: Cost | None
    swaps: list[Cost]
    counted: bool
    locked: bool = False


def panel(
    session: Session,
    studio: Studio,
    actor: Actor,
    plan: str,
    member: str,
    to: int | None = None,
    *,
    out: bool = False,
) -> PersonPanel:
    """Somebody in a plan, with the cost of every move.

    `to`: a set that is looked at more closely; `out`: being left over is.

    Raises NotFound for somebody who does not apply, Conflict while the plan is being formed.
    """
    row = led_plan(session, actor, plan)
    if row.state in WAITING or not (row.sets or row.left_over):
        raise Conflict("This plan is still being formed.")
    cohort = session.get_one(Cohort, row.cohort_id)
    person = plan_people.one(session, actor.member_id, cohort.id, member)
    if person is None:
        raise NotFound("This person does not apply to the cohort any more.")
    trusted = entrusted(session, actor, cohort.id)
    prepared = studio.prepared(session, cohort, row, trusted)
    now = fitted(plan_of(row), prepared.encoded)
    if to is not None and not 0 <= to < len(now.sets):
        raise NotFound("There is no set %(number)s in this plan.", number=to + 1)
    from haln.matching.objective import moves, swaps

    found = studio.judged(prepared, now)
    said = next((one for one in found.members if one.id == person.id), None)
    place = next((number for number, one in enumerate(now.sets) if person.id in one.members), None)
    near = to if out or to is not None else place
    worth = unit(found, now)
    closed, rules = locked_sets(row), rules_of(row.rules)
    untold = confidences.hidden(rules, trusted)
    costs = [_cost(one, one.set, worth, one.set in closed, untold) for one in moves(prepared.problem, now, person.id)]
    partners = swaps(prepared.problem, now, person.id, to)[:SWAPS] if near != place else ()
    spoken = confidences.person(plan_reports.person(said)) if said else {"band": "", "helps": [], "hurts": []}
    left = next((plan_reports.plain(one) for one in found.left_over if one.id == person.id), None)
    people = plan_people.people(
        session, actor.member_id, cohort.id, [*_others(spoken), *(one.other for one in partners)]
    )
    return PersonPanel(
        row=row,
        cohort=cohort,
        rules=rules,
        person=person,
        place=place,
        said=spoken,
        left_over=confidences.left_over(left, untold) if left else None,
        people=people,
        moves=costs,
        chosen=next((one for one in costs if one.to == near), None) if near != place else None,
        swaps=[
            _cost(one, to, worth, to in closed, untold, people[one.other]) for one in partners if one.other in people
        ],
        counted=trusted,
        locked=person.id in row.locked,
    )


def unit(found: Assessment, plan: Plan) -> float:
    """What one person in a plan is worth on average."""
    return max(1e-9, abs(float(found.value)) / max(1, sum(len(one.members) for one in plan.sets)))


def _cost(
    move: Any, to: int | None, unit: float, locked: bool, untold: frozenset[int], other: Placed | None = None
) -> Cost:
    return Cost(
        to=to,
        share=float(move.value) / unit,
        breaks=int(move.breaks),
        helped=_weightiest(move.helped, untold),
        harmed=_weightiest(move.harmed, untold),
        other=other,
        locked=locked,
    )


def _weightiest(rules: Iterable[tuple[int, float]], untold: frozenset[int]) -> tuple[int, ...]:
    """Indices of rules that may be told, those that change most first."""
    return tuple(index for index, _ in sorted(rules, key=lambda item: (-abs(item[1]), item[0])) if index not in untold)


def _others(said: dict[str, Any]) -> Iterable[int]:
    for one in (*said["helps"], *said["hurts"]):
        yield from one.get("members", ())
