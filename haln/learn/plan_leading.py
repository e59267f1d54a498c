"""One set of a plan: who could lead it, and what that would change before it is done."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn import cohort_facilitators, plan_moves
from haln.learn.leading import entrusted, led_plan
from haln.learn.plan_queue import WAITING
from haln.learn.plan_rows import locked_sets, plan_of
from haln.learn.rule_rows import rules_of
from haln.learn.studio import Studio, fitted
from haln.matching.rules import Rule
from haln.models import Cohort, CohortPlan


@dataclass(frozen=True, slots=True)
class LeadCost:
    """What a facilitator would change as the leader of a set; without a key: nobody.

    `share`, `breaks`, `helped` and `harmed` as for `plan_moves.Cost`. `leads`: sets they lead in this plan now, of
    `room` that they can hold. `in_time`: whether they can make the set's times. `now`: they lead it already.
    """

    key: str
    name: str
    share: float
    breaks: int
    helped: tuple[int, ...]
    harmed: tuple[int, ...]
    leads: int
    room: int
    in_time: bool
    now: bool


@dataclass(frozen=True, slots=True)
class LeadPanel:
    """One set of a plan, and who could lead it, the best first; nobody is among them. `number` from 0.

    `counted`: whether rules in confidence are counted in what they cost.
    """

    row: CohortPlan
    cohort: Cohort
    rules: tuple[Rule, ...]
    number: int
    costs: list[LeadCost]
    locked: bool
    counted: bool


def panel(session: Session, studio: Studio, actor: Actor, plan: str, number: int) -> LeadPanel:
    """A set of a plan and who could lead it. Raises NotFound, Conflict while the plan is being formed."""
    from haln.matching.objective import leads

    row = led_plan(session, actor, plan)
    if row.state in WAITING:
        raise Conflict("This plan is still being formed.")
    cohort = session.get_one(Cohort, row.cohort_id)
    trusted = entrusted(session, actor, cohort.id)
    prepared = studio.prepared(session, cohort, row, trusted)
    now = fitted(plan_of(row), prepared.encoded)
    if not 0 <= number < len(now.sets):
        raise NotFound("There is no set %(number)s in this plan.", number=number + 1)
    who = {one.member_id: one for one in cohort_facilitators.listing(session, actor, cohort.id)}
    worth = plan_moves.unit(studio.judged(prepared, now), now)
    costs = [
        LeadCost(
            key=who[one.facilitator].public_id if one.facilitator is not None else "",
            name=who[one.facilitator].name if one.facilitator is not None else "",
            share=float(one.value) / worth,
            breaks=one.breaks,
            helped=tuple(index for index, _ in one.helped),
            harmed=tuple(index for index, _ in one.harmed),
            leads=one.leads,
            room=one.room,
            in_time=one.in_time,
            now=one.facilitator == now.sets[number].facilitator,
        )
        for one in leads(prepared.problem, now, number)
        if one.facilitator is None or one.facilitator in who
    ]
    return LeadPanel(row, cohort, rules_of(row.rules), number, costs, number in locked_sets(row), trusted)
