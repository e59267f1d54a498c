"""Proposals of events that wait: who decides on them is written to, once a day at most, in one letter of all of them.

A letter goes out on a day on which something new waits, and again after a week in which nothing was answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from haln.learn.event_access import PROPOSED
from haln.models import Event, Mail, Member, Notice
from haln.people import mailbox, notices
from haln.people.seen import people
from haln.people.visibility import ACTIVE

KIND = "event_proposals"
AGAIN = timedelta(days=7)
LISTED = 50
SETTLED = timedelta(minutes=10)
"""A proposal that was made just now may be taken back at once, or be the first of several."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal that waits; `by`: who made it, empty where the reader may not see them."""

    public_id: str
    title: str
    starts_at: datetime
    by: str


def remind(session: Session, now: datetime) -> int:
    """Write to each member of staff who wants to be told and has not been of these; returns how many letters.

    Who wants no such mail is told in the page alone, by the same rule.
    """
    newest = session.scalar(
        select(Event.made_at)
        .where(Event.state == PROPOSED, Event.starts_at > now, Event.made_at <= now - SETTLED)
        .order_by(Event.made_at.desc())
        .limit(1)
    )
    if newest is None:
        return 0
    told = select(Mail.member_id, func.max(Mail.created_at).label("at")).where(Mail.kind == KIND)
    last = told.group_by(Mail.member_id).subquery()
    noticed = select(func.max(Notice.at)).where(Notice.member_id == Member.id, Notice.kind == KIND).scalar_subquery()
    staff = session.execute(
        select(Member.id, Member.proposal_mail, case((Member.proposal_mail, last.c.at), else_=noticed).label("at"))
        .outerjoin(last, last.c.member_id == Member.id)
        .where(Member.audience == "staff", Member.standing == ACTIVE)
        .order_by(Member.id)
    ).all()
    today = _day(now)
    due = [one for one in staff if _is_due(one.at, newest, now)]
    values: dict[bool, dict[int, dict[str, int]]] = {
        mail: {one.id: {"reader_id": one.id} for one in due if one.proposal_mail == mail} for mail in (True, False)
    }
    keys = {one: f"{KIND}:{today.isoformat()}:{one}" for one in values[True]}
    mailbox.put_to_members(session, KIND, values[True], now, dedupe_keys=keys)
    notices.put(session, KIND, values[False], now)
    return len(values[True])


def _is_due(told: datetime | None, newest: datetime, now: datetime) -> bool:
    """Whether somebody who was told last at a moment is to be told today."""
    if told is None:
        return True
    return _day(told) < _day(now) and (newest > told - SETTLED or now - told >= AGAIN)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def waiting(session: Session, reader_id: int, now: datetime) -> tuple[Waiting, ...]:
    """The proposals that wait for staff now, the next first; nothing for who is none of them any more."""
    is_staff = select(Member.id).where(Member.id == reader_id, Member.audience == "staff", Member.standing == ACTIVE)
    if session.scalar(is_staff) is None:
        return ()
    rows = session.execute(
        select(Event.public_id, Event.title, Event.starts_at, Event.organiser_id)
        .where(Event.state == PROPOSED, Event.starts_at > now)
        .order_by(Event.starts_at, Event.id)
        .limit(LISTED)
    ).all()
    seen = people(session, reader_id, [one.organiser_id for one in rows])
    return tuple(
        Waiting(
            one.public_id, one.title, one.starts_at, seen[one.organiser_id].name if one.organiser_id in seen else ""
        )
        for one in rows
    )
