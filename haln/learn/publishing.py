"""Publish a plan: everybody in its sets is asked, each by themselves, whether they will come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn import judging, seat_mail
from haln.learn.judging import Broken
from haln.learn.leading import entrusted, leading_still, led_plan
from haln.learn.plan_rows import plan_of
from haln.learn.seat_state import (
    LIVE,
    PUBLISHED,
    State,
    applicants,
    cohort_of,
    hold_cohort,
    next_round,
    seated,
)
from haln.learn.studio import Studio
from haln.models import Cohort, CohortPlan, Member, Seat
from haln.people.tokens import public_id

DAYS = 10
"""Days that people have to answer, unless the facilitator chooses otherwise."""

MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who applied to the cohort, as its facilitators know them."""

    id: int
    public_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """A plan before it is published, and what stands in the way.

    `gone`: people in its sets who withdrew or left. `unled`: numbers of sets whose facilitator is no longer there.
    `other`: the public id of the cohort's plan that is published already. `left_over`: how many have no place.
    """

    public_id: str
    number: int
    version: int
    state: str
    title: str
    cohort_public_id: str
    cohort_state: str
    starts_on: date | None
    sizes: tuple[int, ...]
    left_over: int
    gone: tuple[Person, ...]
    unled: tuple[int, ...]
    broken: tuple[Broken, ...]
    other: str | None

    @property
    def may_publish(self) -> bool:
        """Whether nothing stands in the way."""
        hindered = self.gone or self.unled or self.broken or self.other or not any(self.sizes)
        return self.state == "ready" and self.cohort_state in LIVE and not hindered


def named(session: Session, member_ids: Sequence[int] | frozenset[int]) -> tuple[Person, ...]:
    """People of a cohort by name, as whoever leads it knows them."""
    if not member_ids:
        return ()
    rows = session.execute(
        select(Member.id, Member.public_id, Member.name)
        .where(Member.id.in_(sorted(member_ids)))
        .order_by(Member.sort_name, Member.id)
    )
    return tuple(Person(*row) for row in rows)


def prospect(session: Session, actor: Actor, studio: Studio, plan_public_id: str) -> Prospect:
    """A plan as it stands before it is published. Computes much: never where others wait to write."""
    plan = led_plan(session, actor, plan_public_id)
    cohort = cohort_of(session, plan)
    here, sets = applicants(session, cohort.id), seated(plan)
    ready = plan.state == "ready" and bool(sets)
    trusted = entrusted(session, actor, cohort.id)
    return Prospect(
        public_id=plan.public_id,
        number=plan.number,
        version=plan.version,
        state=plan.state,
        title=cohort.title,
        cohort_public_id=cohort.public_id,
        cohort_state=cohort.state,
        starts_on=cohort.starts_on,
        sizes=tuple(len(one["members"]) for one in plan.sets),
        left_over=len(here - set(sets)),
        gone=named(session, sorted(set(sets) - here)),
        unled=_unled(session, plan),
        broken=judging.broken(session, studio, plan, plan_of(plan).sets, trusted) if ready else (),
        other=_other(session, plan),
    )


def warm(session: Session, actor: Actor, studio: Studio, plan_public_id: str) -> None:
    """Prepare what judging a plan needs, where nobody waits to write. Ends the transaction it is called in."""
    session.commit()
    with studio.reading():
        plan = led_plan(session, actor, plan_public_id)
        if plan.state in ("ready", PUBLISHED):
            trusted = entrusted(session, actor, plan.cohort_id)
            studio.prepared(session, cohort_of(session, plan), plan, trusted)
        session.commit()
        session.expire_all()


def _unled(session: Session, plan: CohortPlan) -> tuple[int, ...]:
    named_ids = {one["facilitator"] for one in plan.sets if one["facilitator"] is not None}
    there = leading_still(session, plan.cohort_id, named_ids)
    return tuple(
        number
        for number, one in enumerate(plan.sets)
        if one["facilitator"] is not None and one["facilitator"] not in there
    )


def _other(session: Session, plan: CohortPlan) -> str | None:
    return session.scalar(
        select(CohortPlan.public_id).where(
            CohortPlan.cohort_id == plan.cohort_id,
            CohortPlan.id != plan.id,
            CohortPlan.state.in_((PUBLISHED, "confirmed")),
        )
    )


def publish(
    session: Session,
    actor: Actor,
    studio: Studio,
    plan_public_id: str,
    version: int,
    answer_by: datetime,
    now: datetime,
) -> None:
    """Publish a ready plan that keeps every must, and ask its people to answer by a moment.

    The studio should be warm. Raises NotPermitted, NotFound; Conflict when this plan or another has moved on; Invalid
    while something stands in the way.
    """
    hold_cohort(session, plan_public_id)
    plan = led_plan(session, actor, plan_public_id, version=version)
    cohort = cohort_of(session, plan)
    _check_state(session, plan, cohort)
    _check_people(session, plan)
    if judging.broken(session, studio, plan, plan_of(plan).sets):
        raise Invalid("This plan breaks a rule that must hold. Change the plan or the rule before you publish it.")
    check_answer_by(answer_by, now, cohort.starts_on)
    plan.state, plan.published_at, plan.answer_by = PUBLISHED, now, answer_by
    plan.version += 1
    plan.changed_at = now
    offer(session, plan, seated(plan), next_round(session, plan.id), now)
    detail: history.Detail = {"sets": len(plan.sets), "people": len(seated(plan))}
    history.record(session, actor.member_id, "publish_plan", "cohort_plan", plan.id, now, detail)


def _check_state(session: Session, plan: CohortPlan, cohort: Cohort) -> None:
    if plan.state != "ready":
        raise Conflict("This plan cannot be published: it has been published, discarded, or is not ready yet.")
    if cohort.state not in LIVE:
        raise Conflict("Plans can be published only while the cohort takes or has taken applications.")
    if _other(session, plan):
        raise Conflict("Another plan of this cohort is published already. Only one can be at a time.")


def _check_people(session: Session, plan: CohortPlan) -> None:
    sets = seated(plan)
    if not sets or not all(one["members"] for one in plan.sets):
        raise Invalid("This plan has a set without people. Change the plan before you publish it.")
    gone = named(session, sorted(set(sets) - applicants(session, plan.cohort_id)))
    if gone:
        names = ", ".join(one.name for one in gone)
        raise Invalid("Take these people out of the plan first, they withdrew or left: %(names)s.", names=names)
    if _unled(session, plan):
        raise Invalid("The facilitator of a set is no longer there. Choose another before you publish the plan.")


def last_day(today: date, starts_on: date | None) -> date | None:
    """The last day to answer by: before the sets start, where a day is left until then."""
    return starts_on - timedelta(days=1) if starts_on is not None and starts_on > today + timedelta(days=1) else None


def check_answer_by(answer_by: datetime, now: datetime, starts_on: date | None) -> None:
    """Raise Invalid for a moment to answer by that leaves no time, far too much, or ends after the sets start."""
    if not now < answer_by <= now + timedelta(days=MOST_DAYS):
        problem = "Choose a day from tomorrow on, at most 90 days ahead."
        raise Invalid(problem, {"answer_by": problem})
    last = last_day(now.date(), starts_on)
    if last is not None and answer_by.date() > last:
        problem = "Choose a day before the sets start, so that everybody knows by then who comes."
        raise Invalid(problem, {"answer_by": problem})


def offer(session: Session, plan: CohortPlan, places: dict[int, int], round_: int, now: datetime) -> None:
    """Ask people to take a place: the set's number by member, in a round of their plan. They get a letter each."""
    rows = [
        Seat(
            public_id=public_id(),
            plan_id=plan.id,
            member_id=member,
            set_number=number,
            round=round_,
            state=State.ASKED.value,
            asked_at=now,
        )
        for member, number in sorted(places.items())
    ]
    session.add_all(rows)
    session.flush()
    seat_mail.tell(session, "seat_offered", {row.id: row.member_id for row in rows}, now)
