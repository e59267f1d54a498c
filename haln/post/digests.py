"""Digests that are due become rows of the outbox: one for each member and day, in portions, by any number of workers.

What one says is decided when it leaves (`digest_letters`): here it is only about for whom one is due. The key of the
outbox row is the member and the day, so that a second worker, or one that goes on where another was killed, finds what
is written and writes nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from haln.models import Digest, DigestChoice, Mail, Member
from haln.people.digest_choices import MONTH, WEEK
from haln.people.visibility import ACTIVE
from haln.post.digest_times import APART, LATE, Days

KIND = "digest"
PORTION = 200


def order_due(session: Session, days: Days, now: datetime, limit: int = PORTION) -> int:
    """Write the next portion of digests that are due; the caller commits. Returns how many; 0: all are written.

    They are due for whoever had chosen them by then, is a member, and had none lately.
    """
    for frequency in (WEEK, MONTH):
        due = days.last(frequency, now)
        if now - due > LATE:
            continue
        due_on = due.astimezone(days.zone).date()
        people = _wanting(session, frequency, due, due_on, limit)
        if people:
            _order(session, frequency, due_on, people, now)
            return len(people)
    return 0


def _wanting(session: Session, frequency: str, due: datetime, due_on: date, limit: int) -> Sequence[Any]:
    lately = exists(
        select(Digest.due_on).where(Digest.member_id == Member.id, Digest.due_on > due_on - APART[frequency])
    )
    return session.execute(
        select(Member.id, Member.email, Member.language)
        .join(DigestChoice, DigestChoice.member_id == Member.id)
        .where(
            DigestChoice.frequency == frequency,
            DigestChoice.chosen_at <= due,
            Member.standing == ACTIVE,
            Member.email.is_not(None),
            ~lately,
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
