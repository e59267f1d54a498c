"""Letters about one's own application to a cohort."""

from __future__ import annotations

from sqlalchemy import select

from haln.models import Application, Cohort
from haln.post.writing import Draft, Order, Writer

KINDS = ("application_received", "application_entered", "cohort_cancelled")


def write(writer: Writer, order: Order) -> Draft | None:
    """About one's own application: while it stands, or when its cohort does not take place. Nothing of what it says."""
    person = writer.reader(order)
    row = writer.session.execute(
        select(Cohort.public_id, Cohort.title, Cohort.state)
        .join(Application, Application.cohort_id == Cohort.id)
        .where(
            Cohort.id == order.values["cohort_id"],
            Application.member_id == order.member_id,
            Application.state != "withdrawn",
        )
    ).first()
    if person is None or row is None:
        return None
    if (order.kind == "cohort_cancelled") != (row.state == "cancelled"):
        return None
    values = {"title": row.title, "url": writer.url(f"/cohorts/{row.public_id}/about")}
    return Draft(order.kind, person.email, {**values, "again": bool(order.values.get("again"))})
