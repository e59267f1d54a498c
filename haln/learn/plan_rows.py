"""Plans between the rows that keep them and the data that they are formed and judged as, and with single changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from haln.matching.pool import Plan, PlannedSet
from haln.models import CohortPlan

Places = dict[int, int | None]
"""Set number by member; none: left over."""

Leaders = dict[int, int | None]
"""Facilitator by set number; none: nobody."""


def plan_of(row: CohortPlan) -> Plan:
    """The plan in a row."""
    sets = tuple(PlannedSet(tuple(sorted(one["members"])), one["facilitator"]) for one in row.sets)
    return Plan(sets, tuple(sorted(row.left_over)))


def set_rows(plan: Plan, locked: Collection[int] = ()) -> list[dict[str, Any]]:
    """A plan's sets as a row keeps them; `locked`: numbers of the sets that stay as they are."""
    return [
        {"members": list(one.members), "facilitator": one.facilitator, "locked": number in locked}
        for number, one in enumerate(plan.sets)
    ]


def locked_sets(row: CohortPlan) -> frozenset[int]:
    """The numbers of a row's sets that are locked."""
    return frozenset(number for number, one in enumerate(row.sets) if one["locked"])


def placed(plan: Plan, places: Places) -> Plan:
    """The plan with some people in other places."""
    left = (set(plan.left_over) - places.keys()) | {member for member, to in places.items() if to is None}
    sets = tuple(
        PlannedSet(
            tuple(sorted((set(one.members) - places.keys()) | {who for who, to in places.items() if to == number})),
            one.facilitator,
        )
        for number, one in enumerate(plan.sets)
    )
    return replace(plan, sets=sets, left_over=tuple(sorted(left)))


def led(plan: Plan, leaders: Leaders) -> Plan:
    """The plan with other facilitators of some sets."""
    sets = tuple(PlannedSet(one.members, leaders.get(number, one.facilitator)) for number, one in enumerate(plan.sets))
    return replace(plan, sets=sets)
