"""Repair a published plan with the fewest moves when people do not come.

A repair is worked out by the worker (`repair_work`) as a plan of its own, looked at by a facilitator, and then applied.
It fits only the answers that it was worked out from: one more answer in between, and it is worked out again. Whoever
accepted stays where they are unless a must cannot be kept otherwise; whoever is moved is asked again, whatever they
said before; whoever declined is in no set again unless they ask for a place themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn import confidences, plan_reporting, seat_mail
from haln.learn.leading import entrusted, led_plan
from haln.learn.publishing import Person, check_answer_by, named, offer
from haln.learn.rule_rows import rules_of
from haln.learn.seat_state import (
    LIVE,
    PUBLISHED,
    Standing,
    State,
    applicants,
    cohort_of,
    hold_cohort,
    is_over,
    next_round,
    standing,
)
from haln.matching.rules import Rule, size
from haln.models import Cohort, CohortPlan, PlanStep, Seat
from haln.people.tokens import public_id

TASK = "repair"
OPEN = ("waiting", "forming", "ready", "failed")
DAYS = 7
"""Days that people who are asked again have to answer, unless the facilitator chooses otherwise."""

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody whose set changes; `before` or `after` is none where they had, or get, none. Numbers from 0."""

    person: Person
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """A repair and what it would do.

    `state`: none (not asked for), waiting, forming, ready, failed. `fits`: nothing has changed since it was worked out.
    `moved` and `new` are asked; `leaving` are no longer in the plan; `unplaced` accepted, or may still, and would have
    no place; `told` is how many keep their place in a set that changes. `sizes`: of the sets before and after.
    `broken`: musts that it breaks.
    """

    plan_public_id: str
    number: int
    version: int
    title: str
    starts_on: date | None
    over: bool
    answer_by: datetime | None
    public_id: str | None
    state: str | None
    fits: bool
    moved: tuple[Move, ...]
    new: tuple[Move, ...]
    leaving: tuple[Move, ...]
    unplaced: tuple[Move, ...]
    told: int
    sizes: tuple[tuple[int | None, int | None], ...]
    broken: tuple[tuple[Rule, tuple[int, ...]], ...]
    out: int
    wanting: int
    small: tuple[int, ...]

    @property
    def asks(self) -> bool:
        """Whether anybody is asked anew."""
        return bool(self.moved or self.new)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a repair changes, by members' ids and sets' numbers; `renumbered`: new numbers of the old sets that stay."""

    placed: dict[int, int]  # where everybody is afterwards
    moved: dict[int, int]
    new: dict[int, int]
    leaving: frozenset[int]
    unplaced: frozenset[int]
    staying: frozenset[int]
    told: frozenset[int]
    renumbered: dict[int, int]


def changes_of(plan: CohortPlan, repair: CohortPlan, found: Standing) -> Changes:
    """Compare a published plan with what a repair makes of it. Raises Conflict for what must never be."""
    after = [one["members"] for one in repair.sets]
    placed = {member: number for number, members in enumerate(after) for member in members}
    if len(placed) != sum(len(members) for members in after):
        raise Conflict("Somebody would be in two sets. Work the repair out again.")
    if not found.coming | found.waiting | found.wanting >= placed.keys():
        raise Conflict("Answers have changed since the repair was worked out. Work it out again.")
    renumbered = {old: new for new, old in enumerate(repair.progress["from"])}
    kept = found.coming | found.waiting
    staying = frozenset(one for one in kept if one in placed and renumbered.get(found.seated[one]) == placed[one])
    changed = {new for old, new in renumbered.items() if _differ(plan.sets[old], repair.sets[new])}
    return Changes(
        placed=placed,
        moved={one: placed[one] for one in kept if one in placed and one not in staying},
        new={one: placed[one] for one in placed if one not in found.seated},
        leaving=found.out,
        unplaced=frozenset(one for one in kept if one not in placed),
        staying=staying,
        told=frozenset(one for one in staying & found.coming if placed[one] in changed),
        renumbered=renumbered,
    )


def _differ(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return set(one["members"]) != set(other["members"]) or one["facilitator"] != other["facilitator"]


def current(session: Session, plan: CohortPlan) -> CohortPlan | None:
    """The plan's repair that is being worked out, or waits to be looked at."""
    return session.scalar(
        select(CohortPlan)
        .where(CohortPlan.base_id == plan.id, CohortPlan.task == TASK, CohortPlan.state.in_(OPEN))
        .order_by(CohortPlan.id.desc())
        .limit(1)
    )


def preview(session: Session, actor: Actor, plan_public_id: str, now: datetime) -> Preview:
    """What the repair of a published plan would do. Raises NotFound, Conflict when the plan is not published."""
    plan = led_plan(session, actor, plan_public_id)
    cohort = _check_published(session, plan)
    found, row = standing(session, plan, now), current(session, plan)
    ready = row is not None and row.state == "ready"
    fits = row is not None and ready and row.data_version == found.mark()
    changed = changes_of(plan, row, found) if row is not None and fits else None
    people = _people(session, changed) if changed else {}
    least = min_size(plan)
    counts = [len((found.coming | found.waiting) & set(one["members"])) for one in plan.sets]

    def moves(members: Collection[int]) -> tuple[Move, ...]:
        after = changed.placed if changed else {}
        listed = [person for person in people.values() if person.id in members]
        return tuple(Move(one, found.seated.get(one.id), after.get(one.id)) for one in listed)

    return Preview(
        plan_public_id=plan.public_id,
        number=plan.number,
        version=plan.version,
        title=cohort.title,
        starts_on=cohort.starts_on,
        over=is_over(plan, now),
        answer_by=plan.answer_by,
        public_id=row.public_id if row else None,
        state=row.state if row else None,
        fits=fits,
        moved=moves(changed.moved) if changed else (),
        new=moves(changed.new) if changed else (),
        leaving=moves(changed.leaving) if changed else (),
        unplaced=moves(changed.unplaced) if changed else (),
        told=len(changed.told) if changed else 0,
        sizes=_sizes(plan, row.sets, changed) if row and changed else (),
        broken=_broken(plan, row.progress, entrusted(session, actor, cohort.id)) if row and changed else (),
        out=len(found.out),
        wanting=len(found.wanting),
        small=tuple(number for number, count in enumerate(counts) if count < least),
    )


def min_size(plan: CohortPlan) -> int:
    """The least size of a set by the plan's rules."""
    return size(rules_of(plan.rules))[0]


def _people(session: Session, changed: Changes) -> dict[int, Person]:
    ids = changed.moved.keys() | changed.new.keys() | changed.leaving | changed.unplaced
    return {one.id: one for one in named(session, frozenset(ids))}


def _sizes(plan: CohortPlan, sets: list[dict[str, Any]], changed: Changes) -> tuple[tuple[int | None, int | None], ...]:
    """How many people each set has before and after; none where there is no such set."""
    old = {new: number for number, new in changed.renumbered.items()}
    after = [
        (len(plan.sets[old[number]]["members"]) if number in old else None, len(one["members"]))
        for number, one in enumerate(sets)
    ]
    lost = [(len(one["members"]), None) for number, one in enumerate(plan.sets) if number not in changed.renumbered]
    return (*after, *lost)


def _broken(plan: CohortPlan, progress: Mapping[str, Any], trusted: bool) -> tuple[tuple[Rule, tuple[int, ...]], ...]:
    rules = rules_of(plan.rules)
    untold = confidences.hidden(rules, trusted)
    return tuple((rules[index], tuple(sets)) for index, sets in progress.get("broken", []) if index not in untold)


def _check_published(session: Session, plan: CohortPlan) -> Cohort:
    cohort = cohort_of(session, plan)
    if plan.state != PUBLISHED or cohort.state not in LIVE:
        raise Conflict("Only a plan that is published can be repaired.")
    return cohort


def _check_over(plan: CohortPlan, now: datetime) -> None:
    """Raise Conflict while people have time to answer: whoever left the plan now could only have declined."""
    if not is_over(plan, now):
        raise Conflict(
            "People can still answer, or change their answer. The plan can be repaired when the day has passed."
        )


def ask(
    session: Session, actor: Actor, plan_public_id: str, version: int, dissolve: Collection[int], now: datetime
) -> str:
    """Ask for a repair, in the place of any earlier one; the sets numbered in `dissolve` are divided among the others.

    Asking twice for the same is asking once. Returns the repair's public id. Raises NotFound, Conflict, also before the
    day to answer has passed, Invalid.
    """
    hold_cohort(session, plan_public_id)
    plan = led_plan(session, actor, plan_public_id, version=version)
    _check_published(session, plan)
    _check_over(plan, now)
    stay = [number for number in range(len(plan.sets)) if number not in set(dissolve)]
    sets = [plan.sets[number] for number in stay]
    if not sets:
        raise Invalid("At least one set must stay.")
    row, mark = current(session, plan), standing(session, plan, now).mark()
    if row is not None and row.data_version == mark and row.sets == sets and row.state in ("waiting", "forming"):
        return row.public_id
    discard(session, plan, now)
    # A repair is none of the plans that are told apart by number: it counts below 0.
    last = session.scalar(select(func.min(CohortPlan.number)).where(CohortPlan.cohort_id == plan.cohort_id)) or 0
    row = CohortPlan(
        public_id=public_id(),
        cohort_id=plan.cohort_id,
        number=min(last, 0) - 1,
        state="waiting",
        task=TASK,
        base_id=plan.id,
        seed=plan.seed,
        set_count=len(sets),
        rules=plan.rules,
        data_version=mark,
        sets=sets,
        progress={"from": stay},
        made_by_id=actor.member_id,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    history.record(session, actor.member_id, "ask_repair", "cohort_plan", plan.id, now, {"sets": len(sets)})
    return row.public_id


def discard(session: Session, plan: CohortPlan, now: datetime) -> None:
    """Put aside the plan's repair that is being worked out, or waits to be looked at."""
    session.execute(
        update(CohortPlan)
        .where(CohortPlan.base_id == plan.id, CohortPlan.task == TASK, CohortPlan.state.in_(OPEN))
        .values(state="discarded", changed_at=now),
        execution_options=_QUIET,
    )


def apply(
    session: Session,
    actor: Actor,
    plan_public_id: str,
    version: int,
    repair_public_id: str,
    answer_by: datetime | None,
    now: datetime,
) -> None:
    """Apply a repair: who is moved or new is asked to answer by a moment, who stays keeps their answer.

    The plan's day is never earlier than it was while somebody who keeps their place has yet to answer.
    `answer_by` may be none when nobody is asked. Raises NotFound, Conflict when anything has changed since the repair
    was worked out, Invalid for a moment that leaves no time.
    """
    hold_cohort(session, plan_public_id)
    plan = led_plan(session, actor, plan_public_id, version=version)
    cohort = _check_published(session, plan)
    found, row = standing(session, plan, now), current(session, plan)
    if row is None or row.public_id != repair_public_id or row.state != "ready":
        raise Conflict("This repair is no longer there. Work it out again.")
    if row.data_version != found.mark():
        raise Conflict("Answers have changed since the repair was worked out. Work it out again.")
    _check_over(plan, now)
    changed = changes_of(plan, row, found)
    if changed.moved or changed.new:
        if answer_by is None:
            problem = "Choose the day by which those who are asked should answer."
            raise Invalid(problem, {"answer_by": problem})
        check_answer_by(answer_by, now, cohort.starts_on)
        plan.answer_by = answer_by
    _rewrite_seats(session, plan, found, changed, now)
    plan.sets = row.sets
    plan.left_over = sorted(applicants(session, plan.cohort_id) - changed.placed.keys())
    plan.breaks, plan.value = row.breaks, row.value
    plan.progress = plan_reporting.without_report(plan.progress)
    plan.version += 1
    plan.changed_at = now
    _forget_steps(session, plan)
    discard(session, plan, now)
    detail: history.Detail = {"moved": len(changed.moved), "new": len(changed.new), "sets": len(plan.sets)}
    history.record(session, actor.member_id, "repair_plan", "cohort_plan", plan.id, now, detail)


def _forget_steps(session: Session, plan: CohortPlan) -> None:
    """Steps by hand speak of sets by their numbers: undone after a repair, they would put people elsewhere."""
    session.execute(delete(PlanStep).where(PlanStep.plan_id == plan.id), execution_options=_QUIET)
    plan.step = 0


def _rewrite_seats(session: Session, plan: CohortPlan, found: Standing, changed: Changes, now: datetime) -> None:
    """Close the seats of those who leave or move, renumber those that stay, and ask those who are new to a set."""

    def seats(members: Collection[int]) -> list[int]:
        return [found.places[one].seat_id for one in sorted(members)]

    def write(members: Collection[int], **values: Any) -> None:
        ids = seats(members)
        if ids:
            session.execute(update(Seat).where(Seat.id.in_(ids)).values(**values), execution_options=_QUIET)

    write(found.silent, state=State.DECLINED.value)
    write(found.gone | changed.moved.keys() | changed.unplaced, state=State.REPLACED.value)
    for old, new in changed.renumbered.items():
        if old != new:
            write([one for one in changed.staying if found.seated[one] == old], set_number=new)
    seat_mail.take_back(session, seats(changed.leaving | changed.moved.keys() | changed.unplaced))
    round_ = next_round(session, plan.id)
    offer(session, plan, {**changed.moved, **changed.new}, round_, now)
    seat_mail.tell(session, "seat_lost", {found.places[one].seat_id: one for one in changed.unplaced}, now)
    seat_mail.tell_change(session, {found.places[one].seat_id: one for one in changed.told}, round_, now)
