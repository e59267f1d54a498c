"""Make learning sets of a plan, and settle what becomes of everybody who applied."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.errors import Conflict
from haln.learn import seat_mail
from haln.learn.leading import leading_still
from haln.learn.plan_rows import set_rows
from haln.learn.seat_state import CONFIRMED, Standing, State, applicants
from haln.matching.pool import Plan, PlannedSet
from haln.models import Application, Cohort, CohortPlan, LearningSet, Seat, SetMembership
from haln.people import changes
from haln.people.tokens import public_id

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Founded:
    """What was made: the sets' public ids, and how many people are placed and left over."""

    sets: list[str]
    placed: int
    left_over: int


def found(
    session: Session,
    plan: CohortPlan,
    cohort: Cohort,
    sets: list[PlannedSet],
    standing: Standing,
    today: date,
    now: datetime,
) -> Founded:
    """Make the sets, and write what became of everybody. The caller has checked that it may be.

    Whoever has a seat in a set that runs is placed. Whoever declined, or never answered, has withdrawn. Everybody else
    who applies wanted a place and is left over.
    """
    placed = {member for one in sets for member in one.members}
    declined = standing.declined | standing.silent | _declined_before(standing)
    left_over = (applicants(session, cohort.id) - placed) - declined
    _settle_applications(session, cohort, placed, left_over, now)
    _settle_seats(session, standing, sets, left_over)
    made = _make_sets(session, plan, cohort, sets, today)
    _settle_plans(session, plan, cohort, sets, left_over, now)
    changes.touch(session, placed, now)
    _tell(session, plan, cohort, placed, left_over, now)
    return Founded([one.public_id or "" for one in made], len(placed), len(left_over))


def _declined_before(standing: Standing) -> frozenset[int]:
    """Who declined, or let the day pass, before a repair took them out of the sets."""
    gone = (one for one, place in standing.places.items() if place.state is State.DECLINED)
    return frozenset(one for one in gone if one not in standing.seated)


def _settle_applications(
    session: Session, cohort: Cohort, placed: Collection[int], left_over: Collection[int], now: datetime
) -> None:
    """Say of every application what became of it: none is open afterwards."""
    open_ones = (Application.cohort_id == cohort.id, Application.state == "applied")
    for state, members in (("placed", placed), ("left_over", left_over)):
        done = session.scalars(
            update(Application)
            .where(*open_ones, Application.member_id.in_(sorted(members)))
            .values(state=state, changed_at=now)
            .returning(Application.member_id),
            execution_options=_QUIET,
        ).all()
        if len(done) != len(members):
            raise Conflict("Somebody has withdrawn since you opened the page. Look at it again.")
    session.execute(
        update(Application).where(*open_ones).values(state="withdrawn", withdrawn_at=now, changed_at=now),
        execution_options=_QUIET,
    )


def _settle_seats(session: Session, standing: Standing, sets: list[PlannedSet], left_over: Collection[int]) -> None:
    """Close the seats of those who have no place, and give the others the numbers that the sets have now."""

    def write(members: Collection[int], **values: object) -> None:
        ids = [standing.places[one].seat_id for one in sorted(members) if one in standing.places]
        if ids:
            session.execute(update(Seat).where(Seat.id.in_(ids)).values(**values), execution_options=_QUIET)

    write(left_over, state=State.REPLACED.value)
    write(standing.silent, state=State.DECLINED.value)
    for number, one in enumerate(sets):
        write([member for member in one.members if standing.seated[member] != number], set_number=number)
    placed = {member for one in sets for member in one.members}
    seat_mail.take_back(session, [place.seat_id for one, place in standing.places.items() if one not in placed])


def _make_sets(
    session: Session, plan: CohortPlan, cohort: Cohort, sets: list[PlannedSet], today: date
) -> list[LearningSet]:
    there = leading_still(session, cohort.id, {one.facilitator for one in sets if one.facilitator is not None})
    begins = max(cohort.starts_on, today) if cohort.starts_on else today
    made = [
        LearningSet(
            public_id=public_id(),
            name=f"{cohort.title}: set {number}",
            purpose=cohort.purpose,
            themes=list(cohort.themes),
            started_on=begins,
            cohort_id=cohort.id,
            plan_id=plan.id,
            set_number=number - 1,
            facilitator_id=one.facilitator if one.facilitator in there else None,
            where=cohort.where,
        )
        for number, one in enumerate(sets, 1)
    ]
    session.add_all(made)
    session.flush()
    session.add_all(
        SetMembership(set_id=row.id, member_id=member, joined_on=begins)
        for row, one in zip(made, sets, strict=True)
        for member in one.members
    )
    return made


def _settle_plans(
    session: Session,
    plan: CohortPlan,
    cohort: Cohort,
    sets: list[PlannedSet],
    left_over: Collection[int],
    now: datetime,
) -> None:
    session.execute(
        update(CohortPlan)
        .where(CohortPlan.cohort_id == cohort.id, CohortPlan.id != plan.id, CohortPlan.state != "discarded")
        .values(state="discarded", version=CohortPlan.version + 1, changed_at=now),
        execution_options=_QUIET,
    )
    plan.sets = set_rows(Plan(tuple(sets)))
    plan.left_over = sorted(left_over)
    plan.state, plan.confirmed_at, plan.changed_at = CONFIRMED, now, now
    cohort.state, cohort.changed_at = "formed", now
    plan.version += 1
    cohort.version += 1


def _tell(
    session: Session,
    plan: CohortPlan,
    cohort: Cohort,
    placed: Collection[int],
    left_over: Collection[int],
    now: datetime,
) -> None:
    seat_mail.tell_members(session, "set_confirmed", plan.id, placed, {"plan_id": plan.id}, now)
    seat_mail.tell_members(session, "left_over", plan.id, left_over, {"cohort_id": cohort.id}, now)
