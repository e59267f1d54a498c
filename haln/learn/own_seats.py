"""A member's places in proposed sets, for as long as they can be answered: whatever was said to them so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.seat_state import LIVE, PUBLISHED, State, applies
from haln.models import Cohort, CohortPlan, Seat


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """A place in a proposed set. `stands`: it is in the plan still; otherwise a repair went on without its member."""

    public_id: str
    title: str
    state: State
    answer_by: datetime | None
    cohort_id: str
    stands: bool

    @property
    def open(self) -> bool:
        """Whether its member is expected: they have accepted, or have not answered."""
        return self.state in (State.ASKED, State.ACCEPTED)


def answerable(session: Session, member_id: int) -> tuple[OwnSeat, ...]:
    """The latest place of a member in each cohort that asks its people, the first to be answered first. One query."""
    rows = session.execute(
        select(Seat.public_id, Seat.state, Seat.set_number, CohortPlan.sets, CohortPlan.answer_by)
        .add_columns(Cohort.title, Cohort.public_id.label("cohort"))
        .join(CohortPlan, CohortPlan.id == Seat.plan_id)
        .join(Cohort, Cohort.id == CohortPlan.cohort_id)
        .where(Seat.member_id == member_id, applies(), Seat.state != State.RECALLED.value)
        .where(CohortPlan.state == PUBLISHED, Cohort.state.in_(LIVE))
        .order_by(CohortPlan.answer_by, Seat.round, Seat.id)
    )
    latest = {row.cohort: row for row in rows}
    return tuple(
        OwnSeat(
            row.public_id,
            row.title,
            State(row.state),
            row.answer_by,
            cohort,
            stands=row.state != State.REPLACED and member_id in row.sets[row.set_number]["members"],
        )
        for cohort, row in latest.items()
    )
