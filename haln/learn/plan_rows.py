"""Plans between the rows that keep them and the data that they are formed and judged as."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from haln.matching.pool import Plan, PlannedSet
from haln.models import CohortPlan


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
