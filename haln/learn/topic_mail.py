"""Mail about topics: to those who back one, who proposed it, and whose comment was hidden.

Only the outbox knows to whom such a letter goes: that somebody backs a topic is theirs to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from haln.models import Member, Topic, TopicBacking, TopicComment
from haln.people import mailbox
from haln.people.visibility import ACTIVE

ANSWERED, RETIRED, PLANNED, HIDDEN = "topic_answered", "topic_retired", "topic_planned", "topic_comment_hidden"
KINDS = (ANSWERED, RETIRED, PLANNED, HIDDEN)
STOPPABLE = frozenset({ANSWERED, RETIRED, PLANNED})


def tell(session: Session, kind: str, row: Topic, now: datetime, mark: str = "", but: int | None = None) -> int:
    """Write to everybody who backs a topic, and to who proposed it, as far as they want such mail; once each.

    `mark`: what makes a second letter of the kind another one; `but`: who did it, and knows. Returns how many.
    """
    people = [member for member in _concerned(session, row, everybody=kind != PLANNED) if member != but]
    values = {member: {"topic_id": row.id, **({"result_id": int(mark)} if mark else {})} for member in people}
    if values:
        keys = {member: f"{kind}:{row.id}:{mark}:{member}" for member in people}
        mailbox.put_to_members(session, kind, values, now, dedupe_keys=keys)
    return len(people)


def _concerned(session: Session, row: Topic, *, everybody: bool) -> Sequence[int]:
    """Who backs a topic; with `everybody` who proposed it, too."""
    backs = select(TopicBacking.member_id).where(TopicBacking.topic_id == row.id)
    who = or_(Member.id.in_(backs), Member.id == row.proposed_by_id) if everybody else Member.id.in_(backs)
    wanted = select(Member.id).where(who, Member.standing == ACTIVE, Member.topic_mail)
    return session.scalars(wanted.order_by(Member.id)).all()


def tell_hidden(session: Session, comment: TopicComment, now: datetime) -> None:
    """Tell somebody that what they said was hidden, and why."""
    mark = f"{HIDDEN}:{comment.id}:{int(now.timestamp())}"
    values = {"topic_id": comment.topic_id, "comment_id": comment.id}
    mailbox.put_to_member(session, HIDDEN, comment.member_id, values, now, dedupe_key=mark)
