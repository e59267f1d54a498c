"""Plans changed by hand: move, swap, lead, lock, undo, redo. Whoever changes a plan says which version they saw.

Every change brings the plan up to date with the cohort: who has withdrawn or left is no longer in it, who applied since
is left over. The report that the plan is drawn from is made anew with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn import confidences
from haln.learn.leading import led_plan
from haln.learn.plan_rows import Leaders, Places, led, locked_sets, placed, plan_of, set_rows
from haln.learn.plans import check_ready
from haln.learn.studio import Prepared, Studio, fitted
from haln.matching.pool import Plan
from haln.models import Cohort, CohortPlan, Member, PlanStep

MOST_STEPS = 500
"""Steps of a plan that can be undone; the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did, for the sentence that says so: who went where; set numbers from 0, none: left over.

    Where a set has another facilitator, `member` is who leads it now (none: nobody), and `after` its number.
    """

    kind: str
    member: int | None = None
    other: int | None = None
    before: int | None = None
    after: int | None = None
    locked: bool = False
    moved: int = 0


@dataclass(slots=True)
class _Held:
    """A plan that is being changed, as it stands now."""

    row: CohortPlan
    studio: Studio
    prepared: Prepared
    plan: Plan
    people: set[int]
    leaders: set[int]
    locked: set[int]
    sets: set[int]

    def place(self, member: int) -> int | None:
        return next((number for number, one in enumerate(self.plan.sets) if member in one.members), None)


def move(
    session: Session, studio: Studio, actor: Actor, plan: str, version: int, member: str, to: int | None, now: datetime
) -> Changed:
    """Move somebody to the set with the number `to`, or out of all (none).

    Raises Conflict when the plan has changed since, or they or a set of theirs are locked; NotFound for somebody or a
    set that is not there.
    """
    held = _hold(session, studio, actor, plan, version)
    mover = _member(session, held, member)
    before = held.place(mover)
    _check_set(held, to)
    if before == to:
        raise Conflict("They are there already.")
    _check_free(held, [mover], [before, to])
    _apply(session, actor, held, "move", {mover: to}, now)
    return Changed("move", mover, before=before, after=to)


def swap(
    session: Session, studio: Studio, actor: Actor, plan: str, version: int, member: str, other: str, now: datetime
) -> Changed:
    """Let two people change places. Raises as `move` does."""
    held = _hold(session, studio, actor, plan, version)
    one, two = _member(session, held, member), _member(session, held, other)
    places = held.place(one), held.place(two)
    if places[0] == places[1]:
        raise Conflict("They are in the same place already.")
    _check_free(held, [one, two], places)
    _apply(session, actor, held, "swap", {one: places[1], two: places[0]}, now)
    return Changed("swap", one, two, places[0], places[1])


def lead(
    session: Session,
    studio: Studio,
    actor: Actor,
    plan: str,
    version: int,
    number: int,
    facilitator: str,
    now: datetime,
) -> Changed:
    """Let another of the cohort's facilitators lead a set; an empty public id: nobody.

    Raises Conflict when the plan has changed since, or the set is locked; NotFound for whoever leads no set of the
    cohort, and for a set that is not there.
    """
    held = _hold(session, studio, actor, plan, version)
    _check_set(held, number)
    _check_free(held, (), [number])
    leader = _leader(session, held, facilitator) if facilitator else None
    if held.plan.sets[number].facilitator == leader:
        raise Conflict("That is how it is already.")
    _apply(session, actor, held, "lead", {}, now, leaders={number: leader})
    return Changed("lead", leader, after=number)


def lock(
    session: Session, studio: Studio, actor: Actor, plan: str, version: int, member: str, on: bool, now: datetime
) -> Changed:
    """Keep somebody where they are when the rest is improved, or let go of them."""
    held = _hold(session, studio, actor, plan, version)
    who = _member(session, held, member)
    locked = held.locked | {who} if on else held.locked - {who}
    _apply(session, actor, held, "lock", {}, now, locked=locked)
    return Changed("lock", who, locked=on)


def lock_set(
    session: Session, studio: Studio, actor: Actor, plan: str, version: int, number: int, on: bool, now: datetime
) -> Changed:
    """Keep a whole set as it is, or let go of it."""
    held = _hold(session, studio, actor, plan, version)
    _check_set(held, number)
    sets = held.sets | {number} if on else held.sets - {number}
    _apply(session, actor, held, "lock", {}, now, sets=sets)
    return Changed("lock_set", after=number, locked=on)


def undo(session: Session, studio: Studio, actor: Actor, plan: str, version: int, now: datetime) -> Changed:
    """Take the last step back. Raises Conflict when there is none."""
    held = _hold(session, studio, actor, plan, version)
    step = session.get(PlanStep, (held.row.id, held.row.step)) if held.row.step else None
    if step is None:
        raise Conflict("There is nothing to undo.")
    held.row.step -= 1
    return _replay(session, actor, held, step.before, "undo", now)


def redo(session: Session, studio: Studio, actor: Actor, plan: str, version: int, now: datetime) -> Changed:
    """Do the step that was taken back once more. Raises Conflict when there is none."""
    held = _hold(session, studio, actor, plan, version)
    step = session.get(PlanStep, (held.row.id, held.row.step + 1))
    if step is None:
        raise Conflict("There is nothing to do again.")
    held.row.step += 1
    return _replay(session, actor, held, step.after, "redo", now)


def bring_up_to_date(session: Session, studio: Studio, actor: Actor, plan: str, version: int, now: datetime) -> Changed:
    """Take out who withdrew or left since, and list who applied since as left over."""
    held = _hold(session, studio, actor, plan, version)
    _write(session, actor, held, "refresh", now)
    return Changed("refresh")


def _hold(session: Session, studio: Studio, actor: Actor, plan: str, version: int) -> _Held:
    row = led_plan(session, actor, plan, version=version)
    check_ready(row)
    cohort = session.get_one(Cohort, row.cohort_id, populate_existing=True)
    if cohort.state in ("formed", "cancelled"):
        raise Conflict("This cohort is over. Its plans are no longer changed.")
    prepared = studio.prepared(session, cohort, row)
    people = {one.id for one in prepared.encoded.pool.applicants}
    return _Held(
        row=row,
        studio=studio,
        prepared=prepared,
        plan=fitted(plan_of(row), prepared.encoded),
        people=people,
        leaders={one.id for one in prepared.encoded.pool.facilitators},
        locked=set(row.locked) & people,
        sets=set(locked_sets(row)),
    )


def _member(session: Session, held: _Held, public_id: str) -> int:
    found = session.scalar(select(Member.id).where(Member.public_id == public_id))
    if found is None or found not in held.people:
        raise NotFound("This person does not apply to the cohort any more.")
    return found


def _leader(session: Session, held: _Held, public_id: str) -> int:
    found = session.scalar(select(Member.id).where(Member.public_id == public_id))
    if found is None or found not in held.leaders:
        raise NotFound("There is no such facilitator.")
    return found


def _check_set(held: _Held, number: int | None) -> None:
    if number is not None and not 0 <= number < len(held.plan.sets):
        raise NotFound("There is no set %(number)s in this plan.", number=number + 1)


def _check_free(held: _Held, members: Iterable[int], sets: Iterable[int | None]) -> None:
    if held.locked & set(members):
        raise Conflict("Somebody who is locked stays where they are. Unlock them first.")
    for number in sets:
        if number is not None and number in held.sets:
            raise Conflict("Set %(number)s is locked. Unlock it first.", number=number + 1)


def _replay(session: Session, actor: Actor, held: _Held, change: dict[str, Any], kind: str, now: datetime) -> Changed:
    """Put a step's document into force: places, facilitators, locks."""
    places: Places = {
        member: to for member, to in change.get("moves", ()) if member in held.people and _there(held, to)
    }
    leaders: Leaders = {
        number: who if who in held.leaders else None
        for number, who in change.get("leaders", ())
        if _there(held, number)
    }
    held.plan = led(placed(held.plan, places), leaders)
    held.locked = set(change.get("locked", held.locked)) & held.people
    held.sets = set(change.get("locked_sets", held.sets))
    _write(session, actor, held, kind, now)
    return Changed(kind, moved=len(places))


def _there(held: _Held, number: int | None) -> bool:
    return number is None or 0 <= number < len(held.plan.sets)


def _apply(
    session: Session,
    actor: Actor,
    held: _Held,
    kind: str,
    places: Places,
    now: datetime,
    *,
    leaders: Leaders | None = None,
    locked: set[int] | None = None,
    sets: set[int] | None = None,
) -> None:
    """Do one step and write it down, with what undoing and redoing it needs."""
    row = held.row
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if places:
        before["moves"] = [[member, held.place(member)] for member in sorted(places)]
        after["moves"] = [[member, places[member]] for member in sorted(places)]
        held.plan = placed(held.plan, places)
    if leaders:
        before["leaders"] = [[number, held.plan.sets[number].facilitator] for number in sorted(leaders)]
        after["leaders"] = [[number, leaders[number]] for number in sorted(leaders)]
        held.plan = led(held.plan, leaders)
    if locked is not None:
        before["locked"], after["locked"] = sorted(held.locked), sorted(locked)
        held.locked = locked
    if sets is not None:
        before["locked_sets"], after["locked_sets"] = sorted(held.sets), sorted(sets)
        held.sets = sets
    session.execute(
        delete(PlanStep).where(
            PlanStep.plan_id == row.id,
            (PlanStep.number > row.step) | (PlanStep.number <= row.step + 1 - MOST_STEPS),
        )
    )
    row.step += 1
    session.add(
        PlanStep(plan_id=row.id, number=row.step, kind=kind, before=before, after=after, by_id=actor.member_id, at=now)
    )
    _write(session, actor, held, kind, now)


def _write(session: Session, actor: Actor, held: _Held, kind: str, now: datetime) -> None:
    row = held.row
    row.sets = set_rows(held.plan, held.sets)
    row.left_over = list(held.plan.left_over)
    row.locked = sorted(held.locked)
    said = held.studio.reports(held.prepared, row, held.plan)
    report, told = said["report"], said["counted"]
    kept = {**row.progress, **said}
    if row.data_version != held.prepared.version:  # what was proved was proved of other people
        row.bound, kept["advice"] = None, None
    elif "report" in told:
        told["advice"] = confidences.kept(row.progress, trusted=False).get("advice")
    row.data_version, row.progress = held.prepared.version, kept
    row.value, row.breaks = report["value"], report["breaks"]
    row.version += 1
    row.changed_at = now
    session.flush()
    history.record(
        session, actor.member_id, "change_plan", "cohort_plan", row.id, now, {"kind": kind, "step": row.step}
    )
