"""Letters about leading a cohort: that somebody does now, or no longer does, where another said so.

What is said is decided when the letter leaves: nothing of it once it is the other way round.
"""

from __future__ import annotations

from sqlalchemy import select

from haln.models import Cohort, CohortFacilitator
from haln.post.writing import Draft, Order, Writer

KINDS = ("cohort_led", "cohort_not_led")
"""None of them can be stopped: that they answer for a cohort, or no longer do, everybody is told."""


def write(writer: Writer, order: Order) -> Draft | None:
    """About leading a cohort that may still be changed: to who does, or did."""
    person = writer.reader(order)
    row = writer.session.execute(
        select(Cohort.public_id, Cohort.title, CohortFacilitator.member_id.is_not(None).label("leads"))
        .outerjoin(
            CohortFacilitator,
            (CohortFacilitator.cohort_id == Cohort.id) & (CohortFacilitator.member_id == order.member_id),
        )
        .where(Cohort.id == order.values["cohort_id"], Cohort.state.not_in(("formed", "cancelled")))
    ).first()
    if person is None or row is None or bool(row.leads) != (order.kind == "cohort_led"):
        return None
    path = f"/cohorts/{row.public_id}" if row.leads else "/cohorts"
    return Draft(order.kind, person.email, {"title": row.title, "url": writer.url(path)})
