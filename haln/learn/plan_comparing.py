"""Two plans of one cohort side by side: which sets answer to each other, who moves, what differs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Invalid, NotFound
from haln.learn import confidences, plan_people, plan_reports
from haln.learn.leading import entrusted, led_plan
from haln.learn.plan_people import Placed
from haln.learn.rule_rows import rules_of
from haln.matching.rules import Rule
from haln.models import Cohort, CohortPlan

SHOWN = 200
"""People who move that are listed; all are counted."""


Rank = tuple[int, int, float]
"""What plans are compared by, the lower the better: musts broken, weight of those left over, value (negative)."""


@dataclass(frozen=True, slots=True)
class Mover:
    """Somebody who sits elsewhere; set numbers from 0, each in its own plan, none: left over."""

    person: Placed
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The second plan beside the first. `twins`: the sets of the second that answer to those of the first.

    `counted`: whether rules in confidence are counted in what is said. `breaks`: musts broken, of those that are.
    """

    cohort: Cohort
    one: CohortPlan
    other: CohortPlan
    rules: tuple[Rule, ...]
    same_rules: bool
    reports: tuple[dict[str, Any], dict[str, Any]]
    ranks: tuple[Rank | None, Rank | None]
    twins: list[tuple[int | None, int | None, int]]
    movers: list[Mover]
    moving: int
    people: int
    counted: bool
    breaks: tuple[int | None, int | None]


def compare(session: Session, actor: Actor, plan: str, other: str) -> Comparison:
    """Compare two formed plans of a cohort that the actor leads. Raises NotFound, and Invalid for one and the same."""
    one, two = led_plan(session, actor, plan), led_plan(session, actor, other)
    if one.cohort_id != two.cohort_id or not (one.sets or one.left_over) or not (two.sets or two.left_over):
        raise NotFound("There are no such two plans to compare.")
    if one.id == two.id:
        raise Invalid("Choose another plan to compare with.")
    first, second = _members(one), _members(two)
    twins = paired(first, second)
    ids = movers(first, second, twins)
    people = plan_people.people(session, actor.member_id, one.cohort_id, ids[:SHOWN])
    places = _places(first), _places(second)
    trusted = entrusted(session, actor, one.cohort_id)
    reports = _told(one, trusted), _told(two, trusted)
    return Comparison(
        cohort=session.get_one(Cohort, one.cohort_id),
        one=one,
        other=two,
        rules=rules_of(one.rules),
        same_rules=one.rules == two.rules,
        reports=reports,
        ranks=(_rank(reports[0]), _rank(reports[1])),
        twins=twins,
        movers=sorted(
            (Mover(people[who], places[0].get(who), places[1].get(who)) for who in ids[:SHOWN] if who in people),
            key=lambda mover: (mover.before is None, mover.before or 0, mover.person.name.casefold()),
        ),
        moving=len(ids),
        people=len(places[0].keys() | set(one.left_over)),
        counted=trusted,
        breaks=(_breaks(one, reports[0], trusted), _breaks(two, reports[1], trusted)),
    )


def _told(row: CohortPlan, trusted: bool) -> dict[str, Any]:
    return confidences.report(plan_reports.of_row(row, trusted), rules_of(row.rules), trusted)


def _breaks(row: CohortPlan, report: dict[str, Any], trusted: bool) -> int | None:
    return row.breaks if trusted else report.get("breaks")


def _rank(report: dict[str, Any]) -> Rank | None:
    """How a plan ranks, as those rank it that form plans; none where it has no report."""
    return (report["breaks"], report["left_weight"], -report["value"]) if report else None


def _members(row: CohortPlan) -> list[frozenset[int]]:
    return [frozenset(one["members"]) for one in row.sets]


def _places(sets: list[frozenset[int]]) -> dict[int, int]:
    return {member: number for number, one in enumerate(sets) for member in one}


def paired(first: list[frozenset[int]], second: list[frozenset[int]]) -> list[tuple[int | None, int | None, int]]:
    """Pair the sets of two plans by how many people they share, the most first; none for a set without a twin.

    Gives (set of the first, set of the second, people in both), in the order of the first plan.
    """
    there = _places(second)
    shared = Counter((number, there[member]) for number, one in enumerate(first) for member in one if member in there)
    taken: tuple[set[int], set[int]] = (set(), set())
    found: list[tuple[int | None, int | None, int]] = []
    for (one, two), count in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if one not in taken[0] and two not in taken[1]:
            taken[0].add(one)
            taken[1].add(two)
            found.append((one, two, count))
    found += [(number, None, 0) for number in range(len(first)) if number not in taken[0]]
    found.sort(key=lambda pair: pair[0] or 0)
    return found + [(None, number, 0) for number in range(len(second)) if number not in taken[1]]


def movers(
    first: list[frozenset[int]], second: list[frozenset[int]], twins: list[tuple[int | None, int | None, int]]
) -> list[int]:
    """Who does not sit in the twin of their set, by id."""
    twin = {one: two for one, two, _ in twins if one is not None}
    before, after = _places(first), _places(second)
    return sorted(
        member
        for member in before.keys() | after.keys()
        if member not in before or member not in after or twin[before[member]] != after[member]
    )
