"""What a seat's state means, and who of a published plan comes, waits, or does not come.

A seat stands while its member is in the set of the plan that it names. It may be answered, and answered otherwise, for
as long as it stands: the day to answer is when the facilitator may go on, not when a door shuts. Whether that day has
passed is asked of the clock, so that a worker that is late changes nothing.

A member's latest seat says what they want: asked and accepted are seats in the plan; declined is no place, by a "no" or
by silence; replaced without a later seat is a place that was lost and is still wanted.

A plan that is taken back recalls every seat that it ever offered, whatever was answered: nothing is read from them any
more, and publishing the plan again asks everybody anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from haln.models import Application, Cohort, CohortPlan, Member, Seat


class State(StrEnum):
    """The states of a seat, as they are kept."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPLACED = "replaced"
    RECALLED = "recalled"


PUBLISHED, CONFIRMED = "published", "confirmed"
"""The states of a plan whose people have been asked."""

LIVE = ("open", "closed")
"""The states of a cohort in which people may be asked and answer."""


@dataclass(frozen=True, slots=True)
class Place:
    """The latest seat of one member in a plan."""

    seat_id: int
    public_id: str
    member_id: int
    set_number: int
    round: int
    state: State


def places(session: Session, plan_id: int) -> dict[int, Place]:
    """The latest seat of everybody who was asked since the plan was last published, by member."""
    rows = session.execute(
        select(Seat.id, Seat.public_id, Seat.member_id, Seat.set_number, Seat.round, Seat.state)
        .where(Seat.plan_id == plan_id, Seat.state != State.RECALLED.value)
        .order_by(Seat.round, Seat.id)
    )
    return {row[2]: Place(*row[:5], State(row[5])) for row in rows}


def next_round(session: Session, plan_id: int) -> int:
    """The round in which the people of a plan are asked next: 1 at first, and never one that was."""
    return (session.scalar(select(func.max(Seat.round)).where(Seat.plan_id == plan_id)) or 0) + 1


def is_over(plan: CohortPlan, now: datetime) -> bool:
    """Whether the day to answer has passed."""
    return plan.answer_by is not None and plan.answer_by <= now


def seated(plan: CohortPlan) -> dict[int, int]:
    """The number of the set that each person of a plan is in."""
    return {member: number for number, one in enumerate(plan.sets) for member in one["members"]}


def applicants(session: Session, cohort_id: int) -> frozenset[int]:
    """Who applies to a cohort and is still there."""
    return frozenset(
        session.scalars(
            select(Application.member_id)
            .join(Member, Member.id == Application.member_id)
            .where(Application.cohort_id == cohort_id, Application.state == "applied", Member.standing == "active")
        )
    )


def applies() -> ColumnElement[bool]:
    """Whether the member of a row of Seat still applies to the cohort of its row of CohortPlan."""
    return exists(
        select(Application.id).where(
            Application.cohort_id == CohortPlan.cohort_id,
            Application.member_id == Seat.member_id,
            Application.state == "applied",
        )
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Everybody of a published plan at one moment, as members' ids.

    Of the people in its sets, `coming` accepted, `waiting` have time to answer, `silent` had it, `declined` said no,
    `gone` withdrew or left. `wanting` have no place and may be offered one: left over so far, or applied since, or
    lost theirs to a repair.
    """

    places: dict[int, Place]
    seated: dict[int, int]
    coming: frozenset[int]
    waiting: frozenset[int]
    silent: frozenset[int]
    declined: frozenset[int]
    gone: frozenset[int]
    wanting: frozenset[int]

    @property
    def out(self) -> frozenset[int]:
        """Who of the sets' people does not come."""
        return self.silent | self.declined | self.gone

    def mark(self) -> str:
        """A short name of all of this: another one as soon as anybody's standing is another."""
        groups: Iterable[Collection[int]] = (
            self.coming,
            self.waiting,
            self.silent,
            self.declined,
            self.gone,
            self.wanting,
        )
        told = repr([sorted(group) for group in groups] + [sorted(self.seated.items())])
        return hashlib.sha256(told.encode()).hexdigest()[:20]


def standing(session: Session, plan: CohortPlan, now: datetime) -> Standing:
    """Who of a published plan comes, waits, and does not come."""
    found, here = places(session, plan.id), applicants(session, plan.cohort_id)
    sets, over = seated(plan), is_over(plan, now)

    def those(*states: State) -> frozenset[int]:
        return frozenset(one for one in sets if one in here and one in found and found[one].state in states)

    asked = those(State.ASKED)
    free = (one for one in here if one not in sets)
    return Standing(
        places=found,
        seated=sets,
        coming=those(State.ACCEPTED),
        waiting=frozenset() if over else asked,
        silent=asked if over else frozenset(),
        declined=those(State.DECLINED),
        gone=frozenset(sets) - here,
        wanting=frozenset(one for one in free if one not in found or found[one].state is State.REPLACED),
    )


def cohort_of(session: Session, plan: CohortPlan) -> Cohort:
    """The cohort of a plan."""
    return session.scalars(select(Cohort).where(Cohort.id == plan.cohort_id)).one()


def hold_cohort(session: Session, plan_public_id: str) -> None:
    """Let nobody else publish, repair or confirm a plan of the same cohort until this transaction ends."""
    ids = select(CohortPlan.cohort_id).where(CohortPlan.public_id == plan_public_id)
    session.execute(select(Cohort.id).where(Cohort.id.in_(ids)).with_for_update())
