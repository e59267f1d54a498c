"""How a member's application ended without a place of theirs when a cohort's sets were settled, and without a word.

Such an application is kept as withdrawn: its member comes before nobody next time. They withdrew nothing, though, and
are told what happened: they declined the place, or no answer came.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Application, CohortPlan, Seat


class Lost(StrEnum):
    """How a place was lost."""

    DECLINED = "declined"
    NO_ANSWER = "no answer"


def lost_places(session: Session, member_id: int) -> dict[int, Lost]:
    """How the member lost their place in a cohort that was settled, by the cohort's id; who withdrew is not in it."""
    rows = session.execute(
        select(CohortPlan.cohort_id, Seat.answered_at)
        .join(Seat, Seat.plan_id == CohortPlan.id)
        .join(Application, Application.cohort_id == CohortPlan.cohort_id)
        .where(
            Seat.member_id == member_id,
            Application.member_id == member_id,
            Application.state == "withdrawn",
            CohortPlan.state == "confirmed",
            CohortPlan.confirmed_at == Application.withdrawn_at,
        )
        .order_by(Seat.round, Seat.id)
    )
    return {cohort: Lost.NO_ANSWER if answered_at is None else Lost.DECLINED for cohort, answered_at in rows}
