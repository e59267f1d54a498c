"""Mail about introductions, for those who want it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Introduction, Member
from haln.people import mailbox, notices
from haln.people.visibility import ACTIVE

_CALLS = ("introduction_asked", "introduction_woven")
"""Kinds that ask for an answer: pointless once there is nothing to answer."""


def _key(kind: str, introduction_id: int, member_id: int) -> str:
    return f"{kind}:{introduction_id}:{member_id}"


def tell(
    session: Session, kind: str, introduction_id: int, member_id: int, values: Mapping[str, object], now: datetime
) -> None:
    """Write to a member, once for each kind and introduction; who wants no such mail is told in the page alone."""
    about = {**values, "introduction_id": introduction_id}
    wanted = session.execute(
        select(Member.introduction_mail).where(Member.id == member_id, Member.standing == ACTIVE)
    ).scalar()
    if wanted is False:
        notices.put(session, kind, {member_id: about}, now)
    elif wanted:
        key = _key(kind, introduction_id, member_id)
        mailbox.put_to_member(session, kind, member_id, about, now, dedupe_key=key)


def take_back(session: Session, introduction_ids: Collection[int]) -> None:
    """Cancel the unsent mail that calls for answers to introductions which are closed."""
    if not introduction_ids:
        return
    rows = session.execute(
        select(Introduction.id, Introduction.asker_id, Introduction.asked_id).where(
            Introduction.id.in_(introduction_ids)
        )
    )
    keys = [_key(kind, row.id, member) for row in rows for member in (row.asker_id, row.asked_id) for kind in _CALLS]
    mailbox.cancel(session, keys)
