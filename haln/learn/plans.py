"""Plans of a cohort: ask for them, stop their forming, set one aside; and the list of them.

A plan is a row, and the row is the queue: `haln.learn.plan_work` forms what is asked for here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn import encoding, plan_reports
from haln.learn.cohorts import MOST_APPLICANTS
from haln.learn.leading import entrusted, led_cohort, led_plan
from haln.learn.plan_queue import WAITING
from haln.learn.rule_rows import rules_of
from haln.learn.seat_state import LIVE, cohort_of, hold_cohort
from haln.matching.rules import size
from haln.models import Cohort, CohortPlan
from haln.people.tokens import public_id

MOST_AT_ONCE = 3
MOST_PLANS = 30
"""Plans of one cohort, those that were set aside included."""

MOST_SETS = 500
MOST_WAITING = 12
"""Plans of one cohort that wait or are being formed."""

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One plan in a list. `sizes` of its sets and how many are left over: only where they were asked for.

    `breaks`: musts broken; for who is not trusted, without those in confidence, and none while that is not known.
    `formed`: whether it ever was.
    """

    public_id: str
    number: int
    state: str
    task: str
    base: int | None
    breaks: int | None
    value: float | None
    made_at: datetime
    sizes: tuple[int, ...] = ()
    left_over: int = 0
    formed: bool = False


@dataclass(frozen=True, slots=True)
class CohortPlans:
    """A cohort and its plans, in the order of their numbers. `counted`: whether rules in confidence are."""

    public_id: str
    title: str
    state: str
    version: int
    applicants: int
    plans: list[PlanLine]
    counted: bool


def listing(session: Session, actor: Actor, cohort: str) -> CohortPlans:
    """A cohort that the actor leads, with its plans. Raises NotFound."""
    found = led_cohort(session, actor, cohort)
    trusted = entrusted(session, actor, found.id)
    rows = session.execute(
        select(CohortPlan.public_id, CohortPlan.sets, CohortPlan.left_over).where(CohortPlan.cohort_id == found.id)
    )
    sizes = {row[0]: (tuple(len(one["members"]) for one in row[1]), len(row[2])) for row in rows}
    told = [
        replace(one, sizes=sizes[one.public_id][0], left_over=sizes[one.public_id][1])
        for one in lines(session, found.id, trusted)
    ]
    return CohortPlans(
        found.public_id, found.title, found.state, found.version, applying(session, found.id), told, trusted
    )


def lines(session: Session, cohort_id: int, trusted: bool) -> list[PlanLine]:
    """The plans of a cohort, in the order of their numbers, for who is trusted with its confidences or is not."""
    base = select(CohortPlan.id, CohortPlan.number).subquery()
    rows = session.execute(
        select(
            CohortPlan.public_id,
            CohortPlan.number,
            CohortPlan.state,
            CohortPlan.task,
            base.c.number.label("base"),
            CohortPlan.breaks,
            CohortPlan.value,
            CohortPlan.created_at,
            CohortPlan.progress["counted"]["breaks"].as_integer(),
        )
        .outerjoin(base, base.c.id == CohortPlan.base_id)
        .where(CohortPlan.cohort_id == cohort_id, CohortPlan.task != "repair")
        .order_by(CohortPlan.number)
    )
    return [
        replace(line, formed=line.breaks is not None, breaks=line.breaks if trusted else told)
        for *row, told in rows
        for line in (PlanLine(*row),)
    ]


def applying(session: Session, cohort_id: int) -> int:
    """How many applications stand."""
    inside = encoding.applicants(cohort_id).subquery()
    return session.scalar(select(func.count()).select_from(inside)) or 0


def propose(
    session: Session,
    actor: Actor,
    cohort: str,
    count: int,
    set_count: int | None,
    seed: int | None,
    now: datetime,
    *,
    version: int | None = None,
) -> list[str]:
    """Ask for `count` distinct plans of a cohort's applicants. Returns their public ids.

    `set_count` none: as many sets as fit; `seed` none: one that no plan of the cohort has had. Raises Invalid for what
    cannot be formed at all, Conflict for a cohort that is not to be formed.
    """
    found = led_cohort(session, actor, cohort, version=version, hold=True)
    if found.state not in LIVE:
        raise Conflict("This cohort is not open: there is nothing to form.")
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid("Ask for one to %(most)s plans at once.", most=MOST_AT_ONCE)
    _check_people(session, found, set_count)
    number = _next_number(session, found.id, count)
    made: list[CohortPlan] = []
    for one in range(count):
        row = CohortPlan(
            public_id=public_id(),
            cohort_id=found.id,
            number=number + one,
            state="waiting",
            task="form",
            base_id=made[-1].id if made else None,
            seed=(number if seed is None else seed) + one,
            set_count=set_count,
            rules=found.rules,
            made_by_id=actor.member_id,
            created_at=now,
            changed_at=now,
        )
        session.add(row)
        session.flush()
        made.append(row)
    detail: history.Detail = {"plans": count, "sets": set_count, "seed": made[0].seed}
    history.record(session, actor.member_id, "propose_plans", "cohort", found.id, now, detail)
    return [row.public_id for row in made]


def _check_people(session: Session, cohort: Cohort, set_count: int | None) -> None:
    low, _ = size(rules_of(cohort.rules))
    people = applying(session, cohort.id)
    if people == 0:
        raise Invalid("Nobody has applied yet. Sets are formed of the people who apply.")
    if people < low:
        raise Invalid(
            "A set needs at least %(low)s people, and %(people)s applied. Ask more people, or change the size of sets.",
            low=low,
            people=people,
        )
    if people > MOST_APPLICANTS:
        raise Invalid(
            "%(people)s people applied, and at most %(most)s can be formed into sets at once. Divide the cohort.",
            people=people,
            most=MOST_APPLICANTS,
        )
    if set_count is not None and set_count < 1:
        raise Invalid(
            "Ask for at least one set, or leave the number empty.", {"sets": "Choose another number of sets."}
        )
    most = min(MOST_SETS, people // low)
    if set_count is not None and set_count > most:
        said = "%(people)s people make at most %(most)s sets of at least %(low)s."
        if most == 1:
            said = "%(people)s people make at most one set of at least %(low)s."
        raise Invalid(said, {"sets": "Choose another number of sets."}, people=people, most=most, low=low)


def _next_number(session: Session, cohort_id: int, count: int) -> int:
    last = session.scalar(select(func.max(CohortPlan.number)).where(CohortPlan.cohort_id == cohort_id)) or 0
    if last + count > MOST_PLANS:
        raise Conflict("This cohort has %(most)s plans already. Work on with one of them.", most=MOST_PLANS)
    queued = select(func.count(CohortPlan.id)).where(CohortPlan.cohort_id == cohort_id, CohortPlan.state.in_(WAITING))
    if (session.scalar(queued) or 0) + count > MOST_WAITING:
        raise Conflict(
            "At most %(most)s plans of a cohort wait at once. Ask again when some are formed.", most=MOST_WAITING
        )
    return last + 1


def improve(session: Session, actor: Actor, plan: str, version: int, now: datetime) -> str:
    """Ask for a new plan that begins from this one and keeps what is locked in it. Returns its public id."""
    hold_cohort(session, plan)
    base = led_plan(session, actor, plan, version=version)
    check_ready(base)
    number = _next_number(session, base.cohort_id, 1)
    row = CohortPlan(
        public_id=public_id(),
        cohort_id=base.cohort_id,
        number=number,
        state="waiting",
        task="improve",
        base_id=base.id,
        seed=number,
        set_count=len(base.sets),
        rules=base.rules,
        sets=base.sets,
        left_over=base.left_over,
        locked=base.locked,
        made_by_id=actor.member_id,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    history.record(session, actor.member_id, "improve_plan", "cohort_plan", row.id, now, {"base": base.number})
    return row.public_id


def check_ready(row: CohortPlan) -> None:
    """Refuse to change what is being formed, is with its people, or was set aside. Raises Conflict."""
    if row.state in WAITING:
        raise Conflict("This plan is still being formed.")
    if row.state in ("published", "confirmed"):
        raise Conflict("This plan is with its people now. It is no longer changed here.")
    if row.state != "ready":
        raise Conflict("This plan is set aside. Bring it back before you change it.")


def stop(session: Session, actor: Actor, plan: str, now: datetime) -> bool:
    """Ask for the best that was found so far; what waits is formed no more. Returns whether anything is kept.

    Raises Conflict when it is formed.
    """
    row = led_plan(session, actor, plan)
    done = session.execute(
        update(CohortPlan)
        .where(CohortPlan.id == row.id, CohortPlan.state.in_(WAITING))
        .values(
            stop_asked=CohortPlan.state == "forming",
            state=case((CohortPlan.state == "waiting", "discarded"), else_=CohortPlan.state),
        ),
        execution_options=_QUIET,
    )
    if not getattr(done, "rowcount", 0):
        raise Conflict("This plan is formed already.")
    session.expire(row)
    history.record(session, actor.member_id, "stop_plan", "cohort_plan", row.id, now)
    return row.state != "discarded"


def set_aside(session: Session, actor: Actor, plan: str, version: int, now: datetime, *, back: bool = False) -> None:
    """Put a plan aside, or bring it back.

    Raises Conflict for one that its people have, one that was never formed, or when the cohort is over.
    """
    hold_cohort(session, plan)
    row = led_plan(session, actor, plan, version=version)
    if cohort_of(session, row).state not in LIVE:
        raise Conflict("This cohort is over. Its plans are no longer changed.")
    if back and (row.state != "discarded" or not plan_reports.is_formed(row)):
        raise Conflict("This plan is not set aside.")
    if not back and row.state not in ("ready", "failed"):
        check_ready(row)
    row.state = "ready" if back else "discarded"
    row.version += 1
    row.changed_at = now
    action = "restore_plan" if back else "discard_plan"
    history.record(session, actor.member_id, action, "cohort_plan", row.id, now)
