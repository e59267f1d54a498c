"""A plan as the studio shows it: its sets page by page, its rules, who is left over. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import confidences, plan_advice, plan_people, plan_reports, plans, slots
from haln.learn.leading import entrusted, led_plan
from haln.learn.plan_people import Placed
from haln.learn.plans import PlanLine
from haln.learn.rule_rows import rules_of
from haln.learn.slots import Slot
from haln.matching.rules import Rule
from haln.models import Cohort, CohortPlan, PlanStep

PAGE = 12
"""Sets on one page."""

LEFT_SHOWN = 40
BREAKS_SHOWN = 4
"""Places a rule is said to be broken at; all of them are counted."""

NAMED = 3
"""People whom one sentence names; the others are counted."""


@dataclass(frozen=True, slots=True)
class ShownSet:
    """One set: its people, and what is said of it and of each of them (`haln.learn.plan_reports`)."""

    number: int
    locked: bool
    facilitator: str
    members: list[tuple[int, Placed | None]]
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StudioPage:
    """One page of a plan. `gone`: how many of its people no longer apply; `new`: how many apply and are not in it.

    `counted`: whether rules in confidence are counted in what is said. `breaks`: musts broken, of those that are.
    """

    row: CohortPlan
    cohort: Cohort
    tabs: list[PlanLine]
    rules: tuple[Rule, ...]
    report: dict[str, Any]
    sets: list[ShownSet]
    first: int
    left_over: list[tuple[int, Placed | None]]
    people: dict[int, Placed]
    slots: tuple[Slot, ...]
    placed: int
    gone: int
    new: int
    can_redo: bool
    rules_changed: bool
    found: list[tuple[Placed, int | None]]
    advice: dict[str, Any] | None
    takeable: list[bool]
    counted: bool
    breaks: int | None

    @property
    def unformed(self) -> bool:
        """Whether there is nothing to show: never formed, it may hold only the sets that it was to begin from."""
        never = self.row.state in ("failed", "discarded") and not plan_reports.is_formed(self.row)
        return never or not (self.row.sets or self.row.left_over)


def studio(session: Session, actor: Actor, plan: str, first: int = 0, text: str = "") -> StudioPage:
    """A plan of a cohort that the actor leads, with the sets from `first` on. Raises NotFound."""
    row = led_plan(session, actor, plan)
    cohort = session.get_one(Cohort, row.cohort_id)
    first = min(max(first, 0), max(0, len(row.sets) - 1)) // PAGE * PAGE
    rules, trusted = rules_of(row.rules), entrusted(session, actor, cohort.id)
    report = confidences.report(plan_reports.of_row(row, trusted), rules, trusted)
    part = row.sets[first : first + PAGE]
    left = row.left_over[:LEFT_SHOWN]
    advice = confidences.advice(row.progress, rules, trusted) if report else None
    wanted = [*left, *(member for one in part for member in one["members"]), *_named_in(report, advice)]
    people = plan_people.people(session, actor.member_id, cohort.id, wanted)
    leaders = plan_people.leaders(session, (one["facilitator"] for one in part))
    there, inside = plan_people.applying(session, cohort.id), _inside(row)
    return StudioPage(
        row=row,
        cohort=cohort,
        tabs=plans.lines(session, cohort.id, trusted),
        rules=rules,
        report=report,
        sets=[_set(row, number, people, leaders, report) for number in range(first, first + len(part))],
        first=first,
        left_over=[(member, people.get(member)) for member in left],
        people=people,
        slots=times(session, cohort),
        placed=sum(len(one["members"]) for one in row.sets),
        gone=len(inside - there),
        new=len(there - inside) if row.sets or row.left_over else 0,
        can_redo=_has_step(session, row, row.step + 1),
        rules_changed=row.rules != cohort.rules,
        found=_found(session, actor, row, text) if text else [],
        advice=advice,
        takeable=[_takeable(session, row, way, trusted) for way in advice["ways"]] if advice else [],
        counted=trusted,
        breaks=row.breaks if trusted else report.get("breaks"),
    )


def _takeable(session: Session, row: CohortPlan, way: dict[str, Any], trusted: bool) -> bool:
    """Whether the actor can take a way out: pairs are the business of the cohort's own facilitators."""
    return (trusted or not plan_advice.drops(way)) and plan_advice.can_be_taken(session, row, way)


def _set(
    row: CohortPlan, number: int, people: dict[int, Placed], leaders: dict[int, str], report: dict[str, Any]
) -> ShownSet:
    one = row.sets[number]
    members = sorted(
        ((member, people.get(member)) for member in one["members"]),
        key=lambda pair: (pair[1] is None, pair[1].name.casefold() if pair[1] else "", pair[0]),
    )
    said = report.get("sets", [])
    return ShownSet(
        number, one["locked"], leaders.get(one["facilitator"], ""), members, said[number] if number < len(said) else {}
    )


def _inside(row: CohortPlan) -> set[int]:
    return {member for one in row.sets for member in one["members"]} | set(row.left_over)


def _named_in(report: dict[str, Any], advice: dict[str, Any] | None) -> Iterable[int]:
    """Whom the rules' reports name where they are broken, and whom the advice names."""
    for rule in report.get("rules", ()):
        for broken in rule["breaks"][:BREAKS_SHOWN]:
            yield from broken["members"][:NAMED]
    for one in advice["certificates"] if advice else ():
        yield from one["members"][:NAMED]
    for way in advice["ways"] if advice else ():
        for change in way["changes"]:
            yield from change["members"][:NAMED]


def _has_step(session: Session, row: CohortPlan, number: int) -> bool:
    statement = select(PlanStep.number).where(PlanStep.plan_id == row.id, PlanStep.number == number)
    return session.scalar(statement) is not None


def _found(session: Session, actor: Actor, row: CohortPlan, text: str) -> list[tuple[Placed, int | None]]:
    places = places_of(row)
    return [
        (person, places.get(person.id)) for person in plan_people.named(session, actor.member_id, row.cohort_id, text)
    ]


def places_of(row: CohortPlan) -> dict[int, int]:
    """Set number by member."""
    return {member: number for number, one in enumerate(row.sets) for member in one["members"]}


def times(session: Session, cohort: Cohort) -> tuple[Slot, ...]:
    """The cohort's times, numbered as plans number them; none where times do not matter."""
    return () if cohort.availability == "none" else slots.of_cohort(session, cohort.id)
