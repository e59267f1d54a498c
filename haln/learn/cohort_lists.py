"""The cohorts that somebody leads: how far each is, how many apply, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from haln.access import Actor, Permission, require
from haln.errors import NotFound
from haln.learn.applicants import ACTIVE
from haln.learn.cohort_states import is_open
from haln.learn.leading import leads
from haln.learn.rule_lists import fits
from haln.learn.seat_state import is_over, seated, standing
from haln.models import Application, Cohort, CohortFacilitator, CohortPlan, CohortSlot, LearningSet, Member

LISTED = 200


class Next(StrEnum):
    """What a cohort's facilitators do next."""

    TIMES = "times"  # say when people could meet
    OPEN = "open"  # let members apply
    WAIT = "wait"  # for applications
    FEW = "few"  # too few apply for one set
    ROOM = "room"  # its facilitators cannot hold as many sets as are needed
    FORM = "form"  # form sets
    CHOOSE = "choose"  # a plan is there: look at it, ask its people
    ANSWERS = "answers"  # people are asked
    CONFIRM = "confirm"  # everybody accepted: make the sets
    SETTLE = "settle"  # the day to answer has passed: repair the plan, or make the sets of those who accepted
    MEET = "meet"  # its sets meet
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort in a list. `applied`: who apply and are in the network still; `left`: who are in it no more.

    `over`: how many are left over at least, whatever the sets, as the sizes stand; `needed`: how many sets so many
    people make at least; `held`: how many its facilitators can hold; `asked`: the public id of the plan that is
    with its people.
    """

    public_id: str
    title: str
    state: str
    open: bool
    closes_on: date | None
    starts_on: date | None
    size_low: int
    size_high: int
    availability: str
    version: int
    applied: int
    left: int
    slots: int
    held: int
    plans: int
    sets: int
    over: int
    needed: int
    asked: str
    next: Next


def led(session: Session, actor: Actor, today: date, now: datetime) -> tuple[CohortLine, ...]:
    """The cohorts that the actor leads, what is to be done first, the newest first."""
    require(actor, Permission.FORM_SETS)
    order = case({"open": 0, "draft": 1, "closed": 2, "formed": 3}, value=Cohort.state, else_=4)
    rows = session.execute(_rows(actor).order_by(order, Cohort.created_at.desc(), Cohort.id.desc()).limit(LISTED)).all()
    return tuple(_line(session, row, today, now) for row in rows)


def one(session: Session, actor: Actor, cohort: str, today: date, now: datetime) -> CohortLine:
    """One cohort that the actor leads. Raises NotFound."""
    require(actor, Permission.FORM_SETS)
    row = session.execute(_rows(actor).where(Cohort.public_id == cohort)).first()
    if row is None:
        raise NotFound("There is no such cohort, or it is not yours to lead.")
    return _line(session, row, today, now)


def _rows(actor: Actor) -> Select[Any]:
    def count(what: Any, *conditions: Any) -> Any:
        return select(what).where(*conditions).correlate(Cohort).scalar_subquery()

    applying = (
        select(Application.cohort_id, Member.standing)
        .join(Member, Member.id == Application.member_id)
        .where(Application.state != "withdrawn")
        .subquery()
    )
    here = func.coalesce(func.sum(case((applying.c.standing == ACTIVE, 1), else_=0)), 0)
    gone = func.coalesce(func.sum(case((applying.c.standing != ACTIVE, 1), else_=0)), 0)
    plan = CohortPlan.cohort_id == Cohort.id
    return select(
        Cohort,
        count(here, applying.c.cohort_id == Cohort.id).label("applied"),
        count(gone, applying.c.cohort_id == Cohort.id).label("left"),
        count(func.count(CohortSlot.id), CohortSlot.cohort_id == Cohort.id).label("slots"),
        count(func.coalesce(func.sum(CohortFacilitator.sets), 0), CohortFacilitator.cohort_id == Cohort.id).label(
            "held"
        ),
        count(func.count(CohortPlan.id), plan, CohortPlan.state == "ready", CohortPlan.task != "repair").label("plans"),
        count(func.max(CohortPlan.public_id), plan, CohortPlan.state == "published").label("asked"),
        count(func.count(LearningSet.id), LearningSet.cohort_id == Cohort.id).label("sets"),
        count(func.count(LearningSet.id), LearningSet.cohort_id == Cohort.id, LearningSet.ended_on.is_(None)).label(
            "running"
        ),
    ).where(leads(actor))


def _line(session: Session, row: Any, today: date, now: datetime) -> CohortLine:
    cohort: Cohort = row.Cohort
    opened = is_open(cohort.state, cohort.closes_on, today)
    needed = -(-int(row.applied) // cohort.size_high)
    return CohortLine(
        public_id=cohort.public_id,
        title=cohort.title,
        state="closed" if cohort.state == "open" and not opened else cohort.state,
        open=opened,
        closes_on=cohort.closes_on,
        starts_on=cohort.starts_on,
        size_low=cohort.size_low,
        size_high=cohort.size_high,
        availability=cohort.availability,
        version=cohort.version,
        applied=int(row.applied),
        left=int(row.left),
        slots=row.slots,
        held=int(row.held),
        plans=row.plans,
        sets=row.sets,
        over=fits(int(row.applied), cohort.size_low, cohort.size_high),
        needed=needed,
        asked=row.asked or "",
        next=_next(session, cohort, opened, row, needed, now),
    )


def _next(session: Session, cohort: Cohort, opened: bool, row: Any, needed: int, now: datetime) -> Next:
    if cohort.state in ("formed", "cancelled"):
        ended = row.sets and not row.running
        return Next.MEET if cohort.state == "formed" and not ended else Next.NOTHING
    if row.asked:
        return _of_answers(session, row.asked, now)
    steps: Sequence[tuple[bool, Next]] = (
        (cohort.availability != "none" and not row.slots, Next.TIMES),
        (cohort.state == "draft", Next.OPEN),
        (opened, Next.WAIT),
        (row.applied < cohort.size_low, Next.FEW),
        (row.plans > 0, Next.CHOOSE),
        (row.held < needed, Next.ROOM),
    )
    return next((step for holds, step in steps if holds), Next.FORM)


def _of_answers(session: Session, plan_public_id: str, now: datetime) -> Next:
    """What the answers ask for, of the few plans that are with their people at a time."""
    plan = session.scalars(select(CohortPlan).where(CohortPlan.public_id == plan_public_id)).one()
    if standing(session, plan, now).coming == seated(plan).keys():
        return Next.CONFIRM
    return Next.SETTLE if is_over(plan, now) else Next.ANSWERS
