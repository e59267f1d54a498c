"""What is said of a plan, as data that is kept with it: so a page is drawn without judging the plan again.

A report is of one state of a plan and one version of the data. `of_row` gives it only where it is of the plan as it
stands; the data may have moved on, and the page says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from haln.learn import confidences
from haln.learn.plan_rows import plan_of
from haln.matching.pool import Plan
from haln.models import CohortPlan

if TYPE_CHECKING:
    from haln.matching.assessment import Assessment
    from haln.matching.member_reports import MemberReport

BREAKS_KEPT = 30
"""Places a rule is broken at that are kept with a plan; how many there are is kept too."""

SAID, PLAINLY = 2, 0.1
"""How much is kept of each person that speaks for their set, and how ill a rule serves whoever it speaks against.

Their own page judges anew, and says all.
"""


def report(found: Assessment, plan: Plan, data_version: str) -> dict[str, Any]:
    """Put down what is said of a plan that was judged."""
    return {
        "of": fingerprint(plan),
        "data": data_version,
        "value": float(found.value),
        "breaks": int(found.breaks),
        "left_weight": int(found.left_weight),
        "rules": [
            {**plain(one, "breaks"), "broken": len(one.breaks), "breaks": plain(one.breaks[:BREAKS_KEPT])}
            for one in found.rules
        ],
        "sets": [plain(one) for one in found.sets],
        "members": {str(one.id): _on_a_card(one) for one in found.members},
        "left_over": [plain(one) for one in found.left_over],
    }


def person(one: MemberReport) -> dict[str, Any]:
    """What is said of one person."""
    return {"band": one.band, "helps": plain(one.helps), "hurts": plain(one.hurts)}


def _on_a_card(one: MemberReport) -> dict[str, Any]:
    helps = [{**plain(point), "members": list(point.members[:SAID])} for point in one.helps[:SAID]]
    hurts = [plain(point, "members") for point in one.hurts if point.share <= PLAINLY][:1]
    return {"band": one.band, "helps": helps, "hurts": hurts}


def is_formed(row: CohortPlan) -> bool:
    """Whether a plan was ever formed: what waits to be improved, or was stopped then, holds another's sets only."""
    return bool(row.progress.get("report"))


def of_row(row: CohortPlan, trusted: bool = True) -> dict[str, Any]:
    """The report kept with a plan for such a reader; nothing while there is none of the plan as it stands."""
    kept: dict[str, Any] = confidences.kept(row.progress, trusted).get("report") or {}
    return kept if kept.get("of") == fingerprint(plan_of(row)) else {}


def fingerprint(plan: Plan) -> str:
    """Which division of which people, led by whom, a report is of."""
    text = repr(([(sorted(one.members), one.facilitator) for one in plan.sets], sorted(plan.left_over)))
    return blake2b(text.encode(), digest_size=8).hexdigest()


def rules_version(rows: list[dict[str, Any]]) -> str:
    """A version of a list of rules: the same rules in the same order give the same."""
    return "rules-" + blake2b(json.dumps(rows, sort_keys=True).encode(), digest_size=8).hexdigest()


def plain(value: Any, *without: str) -> Any:
    """Data of the pure packages as documents hold it."""
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.name not in without}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(part) for key, part in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(part) for part in value)
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value
