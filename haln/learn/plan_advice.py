"""What stands in the way of a plan, as it is kept with it; and the way out that a facilitator takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotPermitted
from haln.learn import confidences, plans
from haln.learn.leading import entrusted, led_plan
from haln.learn.rule_rows import rows_of, rules_of
from haln.learn.seat_state import hold_cohort
from haln.matching.pool import Plan
from haln.matching.rules import Kind, Rules, Strength
from haln.models import Cohort, CohortPair, CohortPlan

if TYPE_CHECKING:
    from haln.matching.levers import Change
    from haln.matching.problem import Problem

PROVED_UP_TO = 30
"""People in a pool up to which the worker looks for a proof of how good a plan is."""

_KEPT_PAIRS = (Kind.APART, Kind.TOGETHER, Kind.MANAGERS)
_PAIR_KINDS = {Kind.APART: "apart", Kind.TOGETHER: "together", Kind.MANAGERS: "manager"}


def advice(problem: Problem, report: Mapping[str, Any], plan: Plan) -> dict[str, Any] | None:
    """Why not everybody could be placed within the rules, and the ways out, the cheapest first; none when all are.

    `plan`: the best that was found, which `report` is of.
    """
    from haln.matching.relax import advise

    if not report["breaks"] and not report["left_over"]:
        return None
    found = advise(problem, plan)
    return {
        "possible": found.possible,
        "proved": found.proved,
        "core": list(found.core),
        "certificates": [
            {
                "finding": str(one.finding),
                "rules": list(one.rules),
                "members": list(one.members),
                "figures": dict(one.figures),
                "slots": list(one.slots),
            }
            for one in found.certificates
        ],
        "ways": [
            {"changes": [_change(change) for change in one.changes], "proved": one.proved, "seen": one.plan is not None}
            for one in found.relaxations
        ],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "lever": str(change.lever),
        "rule": change.rule,
        "before": change.before,
        "after": change.after,
        "members": list(change.members),
    }


def proved(problem: Problem, plan: Plan) -> tuple[float, Plan | None] | None:
    """The value that no plan can exceed, and a better plan where one came out of looking for it.

    None where the pool is too large to find that out, or somebody is left over.
    """
    from haln.matching.exact import bound

    if len(problem.people) > PROVED_UP_TO:
        return None
    found = bound(problem, plan)
    return None if found is None else (float(found.upper), found.better)


def can_be_taken(session: Session, row: CohortPlan, way: Mapping[str, Any]) -> bool:
    """Whether a button can do it: rules can be changed here; people, facilitators and history cannot."""
    rules = rules_of(row.rules)
    return any(_is_ours(session, row, rules, change) for change in way["changes"]) and all(
        change["lever"] == "leave_out" or _is_ours(session, row, rules, change) for change in way["changes"]
    )


def drops(way: Mapping[str, Any]) -> bool:
    """Whether a way out takes a pair away, which only the cohort's own facilitators do."""
    return any(change["lever"] == "drop" for change in way["changes"])


def _is_ours(session: Session, row: CohortPlan, rules: Rules, change: Mapping[str, Any]) -> bool:
    if change["lever"] in ("leave_out", "facilitator"):
        return False
    if change["lever"] != "drop":
        return True
    kind = rules[change["rule"]].kind
    return kind in _KEPT_PAIRS and session.scalar(_pair(row, kind, change["members"]).limit(1)) is not None


def _pair(row: CohortPlan, kind: Kind, members: list[int]) -> Any:
    return select(CohortPair.low_id).where(*_is_pair(row, kind, members))


def _is_pair(row: CohortPlan, kind: Kind, members: list[int]) -> tuple[Any, ...]:
    low, high = sorted(members)
    return (
        CohortPair.cohort_id == row.cohort_id,
        CohortPair.kind == _PAIR_KINDS[kind],
        CohortPair.low_id == low,
        CohortPair.high_id == high,
    )


def take(session: Session, actor: Actor, plan: str, version: int, way: int, now: datetime) -> str:
    """Change the cohort's rules as a way out says, and ask for a new plan. Returns its public id.

    Raises Conflict when the rules or the plan have changed since.
    """
    hold_cohort(session, plan)
    row = led_plan(session, actor, plan, version=version)
    trusted = entrusted(session, actor, row.cohort_id)
    ways = (confidences.kept(row.progress, trusted).get("advice") or {}).get("ways", [])
    if not 0 <= way < len(ways) or not can_be_taken(session, row, ways[way]):
        raise Conflict("This way out is no longer there. Look at the plan again.")
    if drops(ways[way]) and not trusted:
        raise NotPermitted("Only the facilitators of this cohort note pairs. Add yourself to them first.")
    cohort = session.get_one(Cohort, row.cohort_id, populate_existing=True)
    if cohort.rules != row.rules:
        raise Conflict("The cohort's rules have changed since this plan was formed. Form a new plan first.")
    sets = row.set_count
    for change in ways[way]["changes"]:
        if change["lever"] == "sets":
            sets = change["after"]
        elif change["lever"] != "leave_out":
            _change_rule(session, row, cohort, change)
    cohort.version += 1
    cohort.changed_at = now
    detail: history.Detail = {"levers": [change["lever"] for change in ways[way]["changes"]]}
    history.record(session, actor.member_id, "relax_rules", "cohort", cohort.id, now, detail)
    session.flush()
    return plans.propose(session, actor, cohort.public_id, 1, sets, row.seed, now)[0]


def _change_rule(session: Session, row: CohortPlan, cohort: Cohort, change: Mapping[str, Any]) -> None:
    rules = rules_of(cohort.rules)
    index, after = change["rule"], change["after"]
    rule = rules[index]
    if change["lever"] == "drop":
        session.execute(delete(CohortPair).where(*_is_pair(row, rule.kind, change["members"])))
        return
    if change["lever"] == "most":
        new = replace(rule, most=after)
        cohort.size_high = after
    elif change["lever"] == "soften":
        new = replace(rule, strength=Strength.STRONGLY)
    else:
        new = replace(rule, number=after)
        if change["lever"] == "least":
            cohort.size_low = after
    cohort.rules = rows_of((*rules[:index], new, *rules[index + 1 :]))
