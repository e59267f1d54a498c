"""Letters about leading a set: that somebody does now, or no longer does, and that a member of theirs has left.

What is said is decided when the letter leaves: nobody is told of a set that is not theirs any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import LearningSet, Member, SetMembership
from haln.people import visibility
from haln.people.visibility import ACTIVE
from haln.post import set_letters
from haln.post.set_letters import Told
from haln.post.writing import Draft, Order, Url, Writer

KINDS = ("set_led", "set_not_led", "set_left")
STOPPABLE = frozenset({"set_left"})
"""Kinds that a facilitator can do without; that they lead a set, or no longer do, everybody is told."""


def write(writer: Writer, order: Order) -> Draft | None:
    """About leading a learning set: to who does, or did."""
    said = told(writer.session, order.kind, order.values, order.member_id, writer.url, writer.now)
    return set_letters.drafted(writer, order, said, stoppable=order.kind in STOPPABLE)


def told(
    session: Session, kind: str, about: Mapping[str, Any], member_id: int | None, url: Url, now: datetime
) -> Told | None:
    """What to say to who leads a set, or led it; none when there is nothing to say any more."""
    row = session.get(LearningSet, about["set_id"])
    if row is None or member_id is None or row.public_id is None:
        return None
    leads = row.facilitator_id == member_id
    if kind == "set_not_led":
        return None if leads else Told({"set_name": row.name, "url": url("/learning")})
    if not leads or row.ended_on is not None:
        return None
    if kind == "set_led":
        return set_letters.with_sessions(session, row, about["session_ids"], url(f"/sets/{row.public_id}"), url, now)
    return parted(session, row, about["left_id"], url)


def parted(session: Session, row: LearningSet, left: int, url: Url) -> Told | None:
    """That somebody is out of it: by name, unless they left the network or one of the two has blocked the other."""
    kept = session.get(SetMembership, (row.id, left))
    if kept is None or kept.left_on is None:
        return None
    known = (Member.standing == ACTIVE, ~visibility.blocked(row.facilitator_id or 0, Member.id))
    name = session.scalar(select(Member.name).where(Member.id == left, *known))
    return Told({"set_name": row.name, "other_name": name or "", "url": url(f"/sets/{row.public_id}/people")})
