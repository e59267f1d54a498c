"""Priority: who was left over from a cohort comes sooner into the next.

Being left over counts one more each time in a row, being placed begins anew, and declining, not answering or
withdrawing neither gains nor loses.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from haln.models import Application, Cohort

MOST = 9


def priority_of(session: Session, member_id: int, cohort_id: int | None = None) -> int:
    """The priority with which a member applies to a cohort (which itself does not count)."""
    return priorities(session, [member_id], cohort_id).get(member_id, 0)


def priorities(session: Session, member_ids: Collection[int], cohort_id: int | None = None) -> dict[int, int]:
    """The priority of those of the members who have one, for many who are brought in at once."""
    ids = sorted(set(member_ids))
    if not ids:
        return {}
    rows = session.execute(
        select(Application.member_id, Application.state, Application.priority)
        .join(Cohort, Cohort.id == Application.cohort_id)
        .where(
            Application.member_id.in_(ids),
            or_(Application.state != "applied", Cohort.state == "cancelled"),
            Application.cohort_id != (cohort_id or 0),
        )
        .order_by(Application.applied_at, Application.id)
    )
    found: dict[int, int] = {}
    for row in rows:
        found[row.member_id] = _after(row.state, max(row.priority, found.get(row.member_id, 0)))
    return {member: priority for member, priority in found.items() if priority}


def found_a_place(session: Session, member_id: int, cohort_id: int, now: datetime) -> None:
    """Note that a member who was left over from a cohort came into a set of it after all.

    What they have applied for since no longer counts that they were left over.
    """
    theirs = select(Application).where(Application.member_id == member_id)
    over = session.scalar(theirs.where(Application.cohort_id == cohort_id, Application.state == "left_over"))
    if over is None:
        return
    over.state, over.changed_at = "placed", now
    session.flush()
    since = theirs.where(Application.state == "applied", Application.applied_at > over.applied_at)
    for one in session.scalars(since).all():
        one.priority = priority_of(session, member_id, one.cohort_id)


def _after(state: str, priority: int) -> int:
    """The priority after an application that was made with one."""
    if state == "placed":
        return 0
    return min(priority + (state == "left_over"), MOST)
