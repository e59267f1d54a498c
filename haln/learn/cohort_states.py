"""Open a cohort for applications, close it, open it again, cancel it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict
from haln.learn import application_mail, topic_asking
from haln.learn.cohorts import DRAFT, changeable, changed
from haln.learn.rule_rows import rules_of
from haln.models import Cohort, CohortPlan, CohortSlot

_QUIET = {"synchronize_session": False}


def is_open(state: str, closes_on: date | None, today: date) -> bool:
    """Whether members may apply: it is open, and its last day is not over."""
    return state == "open" and (closes_on is None or today <= closes_on)


def open_up(session: Session, actor: Actor, cohort: str, version: int, today: date, now: datetime) -> None:
    """Let members apply, for the first time or again.

    Raises Conflict when it is open already, when there are no times to choose from, or when its last day is over.
    """
    row = changeable(session, actor, cohort, version)
    if is_open(row.state, row.closes_on, today):
        raise Conflict("This cohort is open for applications already.")
    if row.closes_on is not None and row.closes_on < today:
        raise Conflict("The last day to apply is over. Choose a later one first.")
    if row.availability != "none" and not _slots(session, row.id):
        raise Conflict("There are no times to choose from yet. Add some first.")
    rules_of(row.rules)
    was_draft = row.state == DRAFT
    _move(session, actor, row, "open", "open_applications", now)
    if was_draft:
        application_mail.tell_opened(session, row, now)
        topic_asking.make_known(session, now, cohort=row.id)


def close(session: Session, actor: Actor, cohort: str, version: int, now: datetime) -> None:
    """Take no more applications. Raises Conflict unless it is open."""
    row = changeable(session, actor, cohort, version)
    if row.state != "open":
        raise Conflict("This cohort is not open for applications.")
    _move(session, actor, row, "closed", "close_applications", now)


def cancel(session: Session, actor: Actor, cohort: str, version: int, now: datetime) -> int:
    """Call a cohort off: its plans are put away and everybody who applied is told. Returns how many are."""
    row = changeable(session, actor, cohort, version)
    session.execute(
        update(CohortPlan)
        .where(CohortPlan.cohort_id == row.id, CohortPlan.state.not_in(("confirmed", "discarded")))
        .values(state="discarded", version=CohortPlan.version + 1, changed_at=now),
        execution_options=_QUIET,
    )
    told = 0 if row.state == DRAFT else application_mail.tell_cancelled(session, row.id, now)
    _move(session, actor, row, "cancelled", "cancel_cohort", now)
    session.flush()
    topic_asking.fall_through(session, cohort=row.id)
    return told


def _slots(session: Session, cohort_id: int) -> int:
    return session.scalar(select(func.count(CohortSlot.id)).where(CohortSlot.cohort_id == cohort_id)) or 0


def _move(session: Session, actor: Actor, row: Cohort, state: str, action: str, now: datetime) -> None:
    row.state = state
    changed(row, now)
    history.record(session, actor.member_id, action, "cohort", row.id, now)
