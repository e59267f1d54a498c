"""Mail about events: to who has a place, who waits, and who proposed one. Reminders are for those who want them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, case, cast, exists, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from haln.learn.event_access import PLANNED
from haln.models import Event, EventRegistration, Mail, Member
from haln.people import mailbox
from haln.people.visibility import ACTIVE

KINDS = ("event_placed", "event_moved", "event_cancelled", "event_reminder", "event_answered")
REMINDER = "event_reminder"
REMINDED_BEFORE = timedelta(hours=24)
AT_ONCE = 200


def tell(session: Session, kind: str, row: Event, now: datetime) -> None:
    """Write to everybody who has a place at an event or waits for one; once for each state of the event."""
    people = session.scalars(
        select(EventRegistration.member_id)
        .where(EventRegistration.event_id == row.id, EventRegistration.state != "cancelled")
        .order_by(EventRegistration.member_id)
    ).all()
    _put(session, kind, row, people, {member: f"{kind}:{row.id}:{row.sequence}:{member}" for member in people}, now)


def tell_placed(session: Session, row: Event, placed: Mapping[int, datetime], now: datetime) -> None:
    """Tell these members that they have a place now; each with the moment since which they wanted it."""
    marks = {member: f"event_placed:{row.id}:{_stamp(asked)}:{member}" for member, asked in placed.items()}
    _put(session, "event_placed", row, placed, marks, now)


def tell_answer(session: Session, row: Event, now: datetime) -> None:
    """Tell whoever proposed an event what staff say to it."""
    mark = f"event_answered:{row.id}"
    mailbox.put_to_member(session, "event_answered", row.organiser_id, {"event_id": row.id}, now, dedupe_key=mark)


def _put(
    session: Session, kind: str, row: Event, people: Iterable[int], marks: Mapping[int, str], now: datetime
) -> None:
    values: dict[int, dict[str, Any]] = {member: {"event_id": row.id} for member in people}
    if values:
        mailbox.put_to_members(session, kind, values, now, dedupe_keys=marks)


def _stamp(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def remind(session: Session, now: datetime) -> int:
    """Put reminders of the events of the next day into the outbox, once each. Returns how many. For the worker.

    An event that is put at another time is reminded of anew. Whose place is not an hour old was told its time just now.
    """
    soon = session.execute(
        select(Event.id, Event.starts_at)
        .where(Event.state == PLANNED, Event.starts_at > now, Event.starts_at <= now + REMINDED_BEFORE)
        .order_by(Event.starts_at, Event.id)
        .limit(AT_ONCE)
    ).all()
    due = session.execute(_due({one.id: _stamp(one.starts_at) for one in soon}, now)).all() if soon else []
    for one in due:
        mailbox.put(
            session,
            REMINDER,
            one.email or "",
            {"event_id": one.event_id},
            now,
            member_id=one.member_id,
            language=one.language,
            dedupe_key=f"{REMINDER}:{one.event_id}:{one.stamp}:{one.member_id}",
        )
    return len(due)


def _due(soon: Mapping[int, str], now: datetime) -> Select[Any]:
    """Who is to be reminded of which of these events, each with the stamp of its time, and has not been."""
    stamp = case(soon, value=EventRegistration.event_id)
    key: ColumnElement[str] = literal(REMINDER)
    for part in (cast(EventRegistration.event_id, String), stamp, cast(EventRegistration.member_id, String)):
        key = key + ":" + part
    return (
        select(
            EventRegistration.event_id,
            EventRegistration.member_id,
            stamp.label("stamp"),
            Member.email,
            Member.language,
        )
        .join(Member, Member.id == EventRegistration.member_id)
        .join(Event, Event.id == EventRegistration.event_id)
        .where(
            EventRegistration.event_id.in_(sorted(soon)),
            EventRegistration.state == "registered",
            EventRegistration.changed_at <= now - timedelta(hours=1),
            Member.standing == ACTIVE,
            Member.event_mail,
            Member.email.is_not(None),
            ~exists(select(Mail.id).where(Mail.dedupe_key == key)),
        )
        .order_by(EventRegistration.event_id, EventRegistration.member_id)
        .limit(AT_ONCE)
    )


def state_of(session: Session, event_id: int, member_id: int) -> str | None:
    """How an active member stands to an event: registered, waiting, cancelled, or none."""
    return session.scalar(
        select(EventRegistration.state)
        .join(Member, Member.id == EventRegistration.member_id)
        .where(
            EventRegistration.event_id == event_id,
            EventRegistration.member_id == member_id,
            Member.standing == ACTIVE,
        )
    )
