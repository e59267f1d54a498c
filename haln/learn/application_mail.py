"""Mail to the people of a cohort: it says what happened and never what anybody wrote in confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from haln.learn.cohorts import DRAFT
from haln.models import Application, Cohort, Mail, Member
from haln.people import mailbox

_BATCH = 500


def received(session: Session, cohort_id: int, member_id: int, now: datetime) -> None:
    """Tell an applicant that they have applied; the letter is worded when it is sent."""
    mailbox.put_to_member(session, "application_received", member_id, {"cohort_id": cohort_id}, now)


def tell_added(
    session: Session, cohort: Cohort, member_ids: Sequence[int], now: datetime, *, again: bool = False
) -> None:
    """Tell people whom a facilitator has entered, so that they can change what is said for them, or withdraw.

    `again`: what they wrote themselves stands once more. Nobody sees a draft: of one they are told when it opens.
    """
    if cohort.state == DRAFT:
        return
    for start in range(0, len(member_ids), _BATCH):
        part = member_ids[start : start + _BATCH]
        people = session.execute(
            select(Member.id, Member.email, Member.language).where(
                Member.id.in_(part), Member.standing == "active", Member.email.is_not(None)
            )
        ).all()
        _put(session, "application_entered", cohort.id, people, now, {"again": True} if again else {})


def tell_opened(session: Session, cohort: Cohort, now: datetime) -> None:
    """Tell the people who were entered while a cohort, open now, was a draft."""
    entered = select(Application.member_id).where(Application.cohort_id == cohort.id, Application.state == "applied")
    tell_added(session, cohort, session.scalars(entered.order_by(Application.member_id)).all(), now)


def tell_cancelled(session: Session, cohort_id: int, now: datetime) -> int:
    """Tell everybody who still applies that the cohort does not take place. Returns how many are told."""
    people = session.execute(
        select(Member.id, Member.email, Member.language)
        .join(Application, Application.member_id == Member.id)
        .where(
            Application.cohort_id == cohort_id,
            Application.state == "applied",
            Member.standing == "active",
            Member.email.is_not(None),
        )
        .order_by(Member.id)
    ).all()
    _put(session, "cohort_cancelled", cohort_id, people, now, {})
    return len(people)


def _put(
    session: Session, kind: str, cohort_id: int, people: Sequence[Any], now: datetime, more: Mapping[str, Any]
) -> None:
    rows = [
        {
            "kind": kind,
            "address": email,
            "member_id": member_id,
            "language": language,
            "values": {"cohort_id": cohort_id, **more},
            "state": "waiting",
            "created_at": now,
            "due_at": now,
        }
        for member_id, email, language in people
    ]
    if rows:
        session.execute(insert(Mail), rows)
