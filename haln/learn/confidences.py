"""What of a plan is told to whom.

Who is connected is told to nobody by name: a member may hide that from the very people who form sets. Who is kept apart
is told to the cohort's own facilitators only: staff who look after a cohort learn that a rule is broken, not by whom,
in which sets or in how many places; so they are not told either in how many places all musts are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from haln.matching.rules import Kind, Rules


def hidden(rules: Rules, trusted: bool) -> frozenset[int]:
    """The places in a list of rules whose people are not named."""
    kinds = {Kind.NEW_TIES} if trusted else {Kind.NEW_TIES, Kind.APART}
    return frozenset(number for number, rule in enumerate(rules) if rule.kind in kinds)


def report(said: Mapping[str, Any], rules: Rules, trusted: bool) -> dict[str, Any]:
    """A plan's report (`haln.learn.plan_reports`) as it may be shown."""
    if not said:
        return {}
    closed = hidden(rules, trusted)
    return {
        **said,
        "rules": [
            _rule(one, rules[number].kind, trusted) if number in closed else one
            for number, one in enumerate(said["rules"])
        ],
        "members": {key: person(one) for key, one in said["members"].items()},
        "left_over": [left_over(one, closed) for one in said["left_over"]],
    }


def _rule(said: Mapping[str, Any], kind: Kind, trusted: bool) -> dict[str, Any]:
    """What is said of a rule in confidence: whose breaks are not even counted where the reader is not trusted."""
    if kind is Kind.APART and not trusted:
        return {**said, "breaks": [], "broken": None if said["broken"] else 0}
    return {**said, "breaks": [_nameless(broken) for broken in said["breaks"]]}


def change(breaks: int, trusted: bool) -> int:
    """How many musts more a change would break, as it may be told: to who is not trusted, whether it would."""
    return breaks if trusted else max(-1, min(1, breaks))


def person(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of one person, without whether they are connected to anybody in the set."""
    return {**said, **{side: _without_ties(said[side]) for side in ("helps", "hurts")}}


def left_over(said: Mapping[str, Any], closed: frozenset[int]) -> dict[str, Any]:
    """Why somebody is left over, without rules that would tell on others."""
    return {**said, "rules": [index for index in said["rules"] if index not in closed]}


def advice(said: Mapping[str, Any] | None, rules: Rules, trusted: bool) -> dict[str, Any] | None:
    """What stands in the way of a plan, as it may be shown."""
    if said is None:
        return None
    closed = hidden(rules, trusted)
    return {
        **said,
        "certificates": [_nameless(one) if closed & set(one["rules"]) else one for one in said["certificates"]],
        "ways": [
            {
                **way,
                "changes": [_nameless(one) if one["rule"] in closed else one for one in way["changes"]],
            }
            for way in said["ways"]
        ],
    }


def _nameless(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "members": []}


def _without_ties(points: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [point for point in points if point["kind"] != Kind.NEW_TIES.value]
