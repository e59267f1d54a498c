"""Open a set again that was ended by mistake, within 30 days: whoever sat in it at the end has their place still.

What was cancelled with its end stays cancelled, and who asked to join has been answered: neither is taken back from
people who were told. Reflections that were written stay with whoever wrote them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict
from haln.learn import sessions, set_mail
from haln.learn.set_access import Entry, check_admits, enter, sitting_in
from haln.learn.set_people import sitting_ids
from haln.models import LearningSet, SetMembership, SetSession
from haln.people import changes, versions

DAYS = 30


def may_reopen(entry: Entry, now: datetime) -> bool:
    """Whether the actor may open a set again: whoever may end one, for 30 days after it has ended."""
    ended = entry.row.ended_on
    return entry.admits and ended is not None and now.date() <= ended + timedelta(days=DAYS)


def ended(session: Session, actor: Actor, set_id: str, now: datetime) -> Entry:
    """A set that the actor may open again, to look at. Raises NotPermitted, NotFound, Conflict."""
    return _ended(enter(session, actor, set_id), now)


def _ended(entry: Entry, now: datetime) -> Entry:
    check_admits(entry)
    if entry.running:
        raise Conflict("This set runs already.")
    if not may_reopen(entry, now):
        raise Conflict("A set can be opened again for %(days)s days after it has ended.", days=DAYS)
    return entry


def reopen(session: Session, actor: Actor, set_id: str, now: datetime) -> None:
    """Let a set that has ended run on; its people are told. Raises NotPermitted, NotFound, Conflict."""
    row = _ended(enter(session, actor, set_id, lock=True), now).row
    detail: history.Detail = {"ended_on": row.ended_on.isoformat() if row.ended_on else None}
    row.ended_on = None
    row.version += 1
    session.flush()
    changes.touch(session, sitting_ids(session, row.id), now)
    versions.note(session, session.scalars(select(SetMembership.member_id).where(sitting_in(row.id))), now)
    set_mail.tell(session, "set_reopened", row, _cancelled(session, row, now), now, mark=row.version)
    history.record(session, actor.member_id, "reopen_set", "learning_set", row.id, now, detail)


def _cancelled(session: Session, row: LearningSet, now: datetime) -> Sequence[int]:
    """Sessions ahead that do not take place: who has them in a calendar still is told once more."""
    return session.scalars(
        select(SetSession.id)
        .where(SetSession.set_id == row.id, SetSession.state == sessions.CANCELLED, SetSession.starts_at > now)
        .order_by(SetSession.starts_at)
    ).all()
