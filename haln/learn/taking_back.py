"""Take a published plan back before it is confirmed: it is a plan like any other again, and nobody is asked.

Every seat that it offered is recalled, whatever was answered, so that no answer, and least of all a "no", lives on in
what comes next. Whoever had a place, answered or not, is told kindly; whoever declined has nothing to be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict
from haln.learn import repairing, seat_mail
from haln.learn.leading import led_plan
from haln.learn.seat_state import LIVE, PUBLISHED, Standing, State, cohort_of, hold_cohort, standing
from haln.models import Cohort, CohortPlan, Seat

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Prospect:
    """A published plan before it is taken back: how many of its people accepted, and how many are told."""

    public_id: str
    number: int
    version: int
    title: str
    accepted: int
    told: int


def prospect(session: Session, actor: Actor, plan_public_id: str, now: datetime) -> Prospect:
    """What taking a plan back would mean. Raises NotFound, Conflict when the plan is not published."""
    plan = led_plan(session, actor, plan_public_id)
    cohort = _check_published(session, plan)
    found = standing(session, plan, now)
    return Prospect(plan.public_id, plan.number, plan.version, cohort.title, len(found.coming), len(_told(found)))


def take_back(session: Session, actor: Actor, plan_public_id: str, version: int, now: datetime) -> int:
    """Make a published plan ready again. Returns how many people are told.

    Raises NotPermitted, NotFound, and Conflict when the plan has changed since the actor saw `version` or is not
    published.
    """
    hold_cohort(session, plan_public_id)
    plan = led_plan(session, actor, plan_public_id, version=version)
    _check_published(session, plan)
    told = _told(standing(session, plan, now))
    _recall(session, plan)
    repairing.discard(session, plan, now)
    plan.state, plan.published_at, plan.answer_by = "ready", None, None
    plan.version += 1
    plan.changed_at = now
    seat_mail.tell(session, "seat_recalled", told, now)
    history.record(session, actor.member_id, "take_plan_back", "cohort_plan", plan.id, now, {"told": len(told)})
    return len(told)


def _check_published(session: Session, plan: CohortPlan) -> Cohort:
    cohort = cohort_of(session, plan)
    if plan.state != PUBLISHED or cohort.state not in LIVE:
        raise Conflict("Only a plan that is published, and not confirmed yet, can be taken back.")
    return cohort


def _told(found: Standing) -> dict[int, int]:
    """Who has a place in the plan, has not declined and still applies: members by the seat."""
    return {found.places[one].seat_id: one for one in sorted(found.coming | found.waiting | found.silent)}


def _recall(session: Session, plan: CohortPlan) -> None:
    recalled = session.scalars(
        update(Seat)
        .where(Seat.plan_id == plan.id, Seat.state != State.RECALLED.value)
        .values(state=State.RECALLED.value)
        .returning(Seat.id),
        execution_options=_QUIET,
    ).all()
    seat_mail.take_back(session, recalled)
