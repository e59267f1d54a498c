"""Digests that are due become rows of the outbox: one for each member and day, in portions, by any number of workers.

What one says is decided when it leaves (`digest_letters`): here it is only about for whom one is due. The key of the
outbox row is the member and the day, so that a second worker, or one that goes on where another was killed, finds what
is written and writes nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from haln.models import Digest, DigestChoice, Mail, Member
from haln.people.digest_choices import MONTH, WEEK
from haln.people.visibility import ACTIVE
from haln.post.digest_times import APART, LATE, Days

KIND = "digest"
WAITS = ("waiting", "leased", "sending")
"""States of a row of the outbox that may yet be sent."""

PORTION = 200


def order_due(session: Session, days: Days, now: datetime, limit: int = PORTION) -> int:
    """Write the next portion of digests that are due; the caller commits. Returns how many; 0: all are written.

    They are due for whoever had chosen them by then, is a member, and had none lately (`_held_back`).
    """
    for frequency in (WEEK, MONTH):
        due = days.last(frequency, now)
        if now - due > LATE:
            continue
        due_on = _day(days, due)
        people = _wanting(session, frequency, due, due_on, limit)
        if people:
            _order(session, frequency, due_on, people, now)
            return len(people)
    return 0


def next_due(session: Session, days: Days, member_id: int, frequency: str, now: datetime) -> datetime:
    """When a member's next digest is due, by what they had until now."""
    due = days.next(frequency, now)
    while session.scalar(select(_held_back(frequency, _day(days, due))).where(Member.id == member_id)):
        due = days.next(frequency, due)
    return due


def _day(days: Days, due: datetime) -> date:
    return due.astimezone(days.zone).date()


def _held_back(frequency: str, due_on: date) -> ColumnElement[bool]:
    """Whether the row of Member has one of that day, or one that is so near to it and has left, or still may.

    One that was not sent, because nothing was new or it failed, keeps nobody from the next.
    """
    may_leave = exists(select(Mail.id).where(Mail.id == Digest.mail_id, Mail.state.in_(WAITS)).correlate(Digest))
    near = and_(Digest.due_on > due_on - APART[frequency], or_(Digest.sent_at.is_not(None), may_leave))
    return exists(
        select(Digest.due_on).where(Digest.member_id == Member.id, or_(Digest.due_on == due_on, near)).correlate(Member)
    )


def _wanting(session: Session, frequency: str, due: datetime, due_on: date, limit: int) -> Sequence[Any]:
    return session.execute(
        select(Member.id, Member.email, Member.language)
        .join(DigestChoice, DigestChoice.member_id == Member.id)
        .where(
            DigestChoice.frequency == frequency,
            DigestChoice.chosen_at <= due,
            Member.standing == ACTIVE,
            Member.email.is_not(None),
            ~_held_back(frequency, due_on),
        )
        .order_by(Member.id)
        .limit(limit)
    ).all()


def _order(session: Session, frequency: str, due_on: date, people: Sequence[Any], now: datetime) -> None:
    session.flush()
    mail = [
        {
            "kind": KIND,
            "address": row.email,
            "member_id": row.id,
            "language": row.language,
            "values": {"due_on": due_on.isoformat()},
            "dedupe_key": f"{KIND}:{due_on.isoformat()}:{row.id}",
            "state": "waiting",
            "attempts": 0,
            "created_at": now,
            "due_at": now,
        }
        for row in people
    ]
    # Another worker may write the same at this moment: who comes second waits for the first, and adds nothing.
    written = session.execute(_once(session, Mail, mail, ["dedupe_key"]).returning(Mail.id, Mail.member_id)).all()
    ids = {row.member_id: row.id for row in written}
    rows = [
        {"member_id": row.id, "due_on": due_on, "frequency": frequency, "mail_id": ids.get(row.id)} for row in people
    ]
    session.execute(_once(session, Digest, rows, ["member_id", "due_on"]))


def _once(session: Session, model: type[Any], rows: list[dict[str, Any]], key: list[str]) -> Any:
    """Insert rows, but for those whose key is there."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(model).values(rows).on_conflict_do_nothing(index_elements=key)
    return sqlite.insert(model).values(rows).on_conflict_do_nothing(index_elements=key)
