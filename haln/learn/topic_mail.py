"""Mail about topics: to those who back one, who proposed it, and whose comment was hidden.

Only the outbox knows to whom such a letter goes: that somebody backs a topic is theirs to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from haln.models import Member, Topic, TopicBacking, TopicComment
from haln.people import mailbox, notices
from haln.people.visibility import ACTIVE

ANSWERED, RETIRED, PLANNED, HIDDEN = "topic_answered", "topic_retired", "topic_planned", "topic_comment_hidden"
KINDS = (ANSWERED, RETIRED, PLANNED, HIDDEN)
STOPPABLE = frozenset({ANSWERED, RETIRED, PLANNED})


def tell(session: Session, kind: str, row: Topic, now: datetime, mark: str = "", but: int | None = None) -> int:
    """Write to everybody who backs a topic, and to who proposed it; once each. Who wants no such mail is told in the
    page alone.

    `mark`: what makes a second letter of the kind another one; `but`: who did it, and knows. Returns how many.
    """
    about = {"topic_id": row.id, **({"result_id": int(mark)} if mark else {})}
    people = [one for one in _concerned(session, row, everybody=kind != PLANNED) if one.id != but]
    letters = {one.id: about for one in people if one.topic_mail}
    if letters:
        keys = {member: f"{kind}:{row.id}:{mark}:{member}" for member in letters}
        mailbox.put_to_members(session, kind, letters, now, dedupe_keys=keys)
    notices.put(session, kind, {one.id: about for one in people if not one.topic_mail}, now)
    return len(letters)


def _concerned(session: Session, row: Topic, *, everybody: bool) -> Sequence[Any]:
    """Who backs a topic, and whether they want mail about it; with `everybody` who proposed it, too."""
    backs = select(TopicBacking.member_id).where(TopicBacking.topic_id == row.id)
    who = or_(Member.id.in_(backs), Member.id == row.proposed_by_id) if everybody else Member.id.in_(backs)
    wanted = select(Member.id, Member.topic_mail).where(who, Member.standing == ACTIVE)
    return session.execute(wanted.order_by(Member.id)).all()


def tell_hidden(session: Session, comment: TopicComment, now: datetime) -> None:
    """Tell somebody that what they said was hidden, and why."""
    mark = f"{HIDDEN}:{comment.id}:{int(now.timestamp())}"
    values = {"topic_id": comment.topic_id, "comment_id": comment.id}
    mailbox.put_to_member(session, HIDDEN, comment.member_id, values, now, dedupe_key=mark)
