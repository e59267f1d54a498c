"""What of a plan is told to whom.

Who is connected is told to nobody by name: a member may hide that from the very people who form sets. Who is kept apart
is told to the cohort's own facilitators only. For staff who look after a cohort such rules are not counted at all: what
a plan is worth and breaks, what a move would cost and what stands in its way are worked out for them as if nobody were
kept apart. That a rule is broken, or what keeping it costs, would tell them whom it is about: whoever may rearrange a
plan asks it one pair after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from haln.matching.pool import Pool
from haln.matching.rules import Kind, Rules


def hidden(rules: Rules, trusted: bool) -> frozenset[int]:
    """The places in a list of rules whose people are not named."""
    kinds = {Kind.NEW_TIES} if trusted else {Kind.NEW_TIES, Kind.APART}
    return frozenset(number for number, rule in enumerate(rules) if rule.kind in kinds)


def counted(pool: Pool, rules: Rules) -> Pool:
    """The pool by which plans are judged for who is not trusted; itself where the rules ask nothing in confidence."""
    if not pool.apart or all(rule.kind is not Kind.APART for rule in rules):
        return pool
    return replace(pool, apart=frozenset())


def kept(progress: Mapping[str, Any], trusted: bool) -> Mapping[str, Any]:
    """The report of a plan and the advice on it that a reader is shown, of all that is kept with the plan.

    Nothing for who is not trusted while what was kept was worked out with what is in confidence only.
    """
    if trusted:
        return progress
    found: Mapping[str, Any] | None = progress.get("counted")
    if found is None:
        return {}
    return found if "report" in found else progress


def report(said: Mapping[str, Any], rules: Rules, trusted: bool) -> dict[str, Any]:
    """A plan's report (`haln.learn.plan_reports`) as it may be shown."""
    if not said:
        return {}
    closed = hidden(rules, trusted)
    shown = said if trusted else {key: one for key, one in said.items() if key != "data"}  # it changes with the pairs
    return {
        **shown,
        "rules": [
            _rule(one, rules[number].kind, trusted) if number in closed else one
            for number, one in enumerate(said["rules"])
        ],
        "members": {key: person(one) for key, one in said["members"].items()},
        "left_over": [left_over(one, closed) for one in said["left_over"]],
    }


def _rule(said: Mapping[str, Any], kind: Kind, trusted: bool) -> dict[str, Any]:
    """What is said of a rule in confidence: whether it is kept is not said where the reader is not trusted."""
    if kind is Kind.APART and not trusted:
        return {**said, "breaks": [], "broken": None, "kept": False, "share": 0.0}
    return {**said, "breaks": [_nameless(broken) for broken in said["breaks"]]}


def person(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of one person, without whether they are connected to anybody in the set."""
    return {**said, **{side: _without_ties(said[side]) for side in ("helps", "hurts")}}


def left_over(said: Mapping[str, Any], closed: frozenset[int]) -> dict[str, Any]:
    """Why somebody is left over, without rules that would tell on others."""
    return {**said, "rules": [index for index in said["rules"] if index not in closed]}


def advice(progress: Mapping[str, Any], rules: Rules, trusted: bool) -> dict[str, Any] | None:
    """What stands in the way of a plan, as it may be shown, of what is kept with it.

    `untold`: a rule in confidence may stand in the way, too. Connections are named to nobody.
    """
    said = kept(progress, trusted).get("advice")
    if said is None:
        return None
    closed = hidden(rules, trusted)
    return {
        **said,
        "certificates": [_nameless(one) if closed & set(one["rules"]) else one for one in said["certificates"]],
        "ways": [
            {**way, "changes": [_nameless(one) if one["rule"] in closed else one for one in way["changes"]]}
            for way in said["ways"]
        ],
        "untold": not trusted and any(rule.kind is Kind.APART for rule in rules),
    }


def _nameless(one: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, "members": []}


def _without_ties(points: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [point for point in points if point["kind"] != Kind.NEW_TIES.value]
