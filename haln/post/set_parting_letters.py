"""Letters about who was taken out of a set: to them, and to who leads it where another did it.

What is said is decided when the letter leaves: nothing of it once they are in the set again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from haln.learn import session_calendars
from haln.models import LearningSet, SetMembership
from haln.post import set_leader_letters, set_letters
from haln.post.set_letters import Told
from haln.post.writing import Attachment, Draft, Order, Url, Writer

KINDS = ("set_out", "set_member_out")
STOPPABLE = frozenset({"set_member_out"})
"""Kinds that a facilitator can do without; that they are in a set no longer, everybody is told."""


def write(writer: Writer, order: Order) -> Draft | None:
    """About somebody who was taken out of a learning set."""
    said = told(writer.session, order.kind, order.values, order.member_id, writer.url, writer.now)
    return set_letters.drafted(writer, order, said, stoppable=order.kind in STOPPABLE)


def told(
    session: Session, kind: str, about: Mapping[str, Any], member_id: int | None, url: Url, now: datetime
) -> Told | None:
    """What to say to who was taken out, or to who leads the set; none when there is nothing to say any more."""
    row = session.get(LearningSet, about["set_id"])
    if row is None or member_id is None or row.public_id is None or row.ended_on is not None:
        return None
    if kind == "set_out":
        return _out(session, row, member_id, about["session_ids"], url, now)
    return set_leader_letters.parted(session, row, about["left_id"], url) if row.facilitator_id == member_id else None


def _out(session: Session, row: LearningSet, member_id: int, ids: list[int], url: Url, now: datetime) -> Told | None:
    """That they are in it no longer. The file carries no link: what the set meets by is not theirs any more."""
    kept = session.get(SetMembership, (row.id, member_id))
    if kept is None or kept.left_on is None:
        return None
    meetings = set_letters.planned(session, row, ids, now)
    values = {"set_name": row.name, "meetings": bool(meetings), "url": url("/learning")}
    if not meetings:
        return Told(values)
    file = session_calendars.taking_out(row, meetings, now)
    return Told(values, (Attachment(set_letters.FILE, file.decode("utf-8")),))
