"""Put a message into the outbox: what to say as data. `haln.post` words it and sends it later.

Of most of it the member is told in the page, too, whether they want such mail or not: both are written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.models import Mail, Member
from haln.people import notices


def put(
    session: Session,
    kind: str,
    address: str,
    values: dict[str, Any],
    now: datetime,
    *,
    member_id: int | None = None,
    language: str = "en",
    dedupe_key: str | None = None,
    due_at: datetime | None = None,
) -> None:
    """Write one message to send. With a `dedupe_key` that was used before, nothing is written."""
    if dedupe_key is not None:
        session.flush()
        if session.scalar(select(Mail.id).where(Mail.dedupe_key == dedupe_key)) is not None:
            return
    session.add(
        Mail(
            kind=kind,
            address=address,
            member_id=member_id,
            language=language,
            values=values,
            dedupe_key=dedupe_key,
            state="waiting",
            created_at=now,
            due_at=due_at or now,
        )
    )
    if member_id is not None:
        notices.put(session, kind, {member_id: values}, now)


def put_to_member(
    session: Session, kind: str, member_id: int, values: dict[str, Any], now: datetime, *, dedupe_key: str | None = None
) -> None:
    """Write one message to a member who is active and has an address; others get none."""
    row = session.execute(
        select(Member.email, Member.language).where(Member.id == member_id, Member.standing == "active")
    ).first()
    if row is None or row.email is None:
        return
    put(session, kind, row.email, values, now, member_id=member_id, language=row.language, dedupe_key=dedupe_key)


def put_to_members(
    session: Session,
    kind: str,
    values: Mapping[int, dict[str, Any]],
    now: datetime,
    *,
    dedupe_keys: Mapping[int, str],
) -> None:
    """Write one message of a kind to each of many members, as `put_to_member` does, in a few statements."""
    session.flush()
    written = set(session.scalars(select(Mail.dedupe_key).where(Mail.dedupe_key.in_(sorted(dedupe_keys.values())))))
    rows = session.execute(
        select(Member.id, Member.email, Member.language).where(
            Member.id.in_(sorted(values)), Member.standing == "active", Member.email.is_not(None)
        )
    )
    new = [row for row in rows if dedupe_keys[row.id] not in written]
    session.add_all(
        Mail(
            kind=kind,
            address=row.email,
            member_id=row.id,
            language=row.language,
            values=values[row.id],
            dedupe_key=dedupe_keys[row.id],
            state="waiting",
            created_at=now,
            due_at=now,
        )
        for row in new
    )
    notices.put(session, kind, {row.id: values[row.id] for row in new}, now)


def cancel(session: Session, dedupe_keys: Iterable[str]) -> None:
    """Take back messages that have not been sent yet."""
    session.flush()
    session.execute(
        update(Mail).where(Mail.dedupe_key.in_(sorted(dedupe_keys)), Mail.state == "waiting").values(state="cancelled"),
        execution_options={"synchronize_session": False},
    )


def cancel_kind(session: Session, kind: str, member_id: int) -> None:
    """Take back one member's messages of a kind that have not been sent yet."""
    session.flush()
    waiting = update(Mail).where(Mail.kind == kind, Mail.member_id == member_id, Mail.state == "waiting")
    session.execute(waiting.values(state="cancelled"), execution_options={"synchronize_session": False})
