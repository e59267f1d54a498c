"""How an issue leaves: at its hour, in portions, to each reader once; taken back before, stopped on the way.

One letter for each issue and reader is written by its key (`dedupe_key`), whatever happens to a worker; up to which
member that is done stands in the issue, in the same commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.models import Mail, Member, Newsletter
from haln.people import mailbox
from haln.post.held import HELD
from haln.post.newsletters import audience, blocks, issues
from haln.post.newsletters.issues import DRAFT, SCHEDULED, SENDING, SENT, STOPPED
from haln.post.newsletters.letters import ISSUE
from haln.taxonomy.vocabulary import Vocabulary

PORTION = 300
"""Letters that are written in one commit."""

AHEAD = timedelta(days=366)
STOPPED_BY_STAFF = "The issue was stopped while it left."
_AS_IT_STANDS = {"synchronize_session": False}
_WAITING = ("waiting", "leased", "sending")


def schedule(session: Session, actor: Actor, key: str, at: datetime, seen: str, now: datetime) -> None:
    """Let an issue leave at a moment; nobody changes it meanwhile. `seen`: how it stood when the actor read it.

    Raises NotFound, Invalid, Conflict.
    """
    row = issues.one(session, key, lock=True)
    if row.state != DRAFT:
        raise Conflict("Only a draft can be given an hour to leave.")
    if not blocks.live(row.blocks):
        raise Conflict("Write a block first: there is nothing to send.")
    if issues.stand(row) != seen:
        raise Conflict(
            "Somebody else has changed this issue since you opened it. Read it once more before you send it."
        )
    if at < now:
        raise Invalid("This hour is over. Choose one to come.", {"begins": "This hour is over. Choose one to come."})
    if at > now + AHEAD:
        raise Invalid("Choose a day within a year.", {"day": "Choose a day within a year."})
    row.state, row.send_at = SCHEDULED, at
    _record(session, actor, row, "schedule_newsletter", now)


def take_back(session: Session, actor: Actor, key: str, now: datetime) -> None:
    """Make a scheduled issue a draft again. Raises NotFound, Conflict once it leaves."""
    row = issues.one(session, key, lock=True)
    if row.state != SCHEDULED:
        raise Conflict("This issue does not wait for its hour any more.")
    row.state, row.send_at = DRAFT, None
    _record(session, actor, row, "take_back_newsletter", now)


def stop(session: Session, actor: Actor, key: str, now: datetime) -> int:
    """Let no more letters of an issue leave; what has left has left. Returns how many stay.

    Raises NotFound, Conflict when all have left.
    """
    row = issues.one(session, key, lock=True)
    waits = session.scalar(select(func.count()).where(letters_of(row.id), Mail.state.in_(_WAITING))) or 0
    if row.state != SENDING and not (row.state == SENT and waits):
        raise Conflict("There is nothing to stop: all its letters have left.")
    row.state, row.ended_at = STOPPED, now
    session.execute(
        update(Mail)
        .where(letters_of(row.id), Mail.state == "waiting")
        .values(state="cancelled", last_error=STOPPED_BY_STAFF),
        execution_options=_AS_IT_STANDS,
    )
    _record(session, actor, row, "stop_newsletter", now)
    return waits


def _record(session: Session, actor: Actor, row: Newsletter, act: str, now: datetime) -> None:
    session.flush()
    history.record(session, actor.member_id, act, "newsletter", row.id, now)


def due(
    session: Session, vocabulary: Vocabulary, commit: Callable[[], None], now: datetime, portion: int = PORTION
) -> int:
    """Write the letters of what is due, one portion of each issue. Commits after each. Returns how many there were."""
    session.execute(
        update(Newsletter)
        .where(Newsletter.state == SCHEDULED, Newsletter.send_at <= now)
        .values(state=SENDING, began_at=now, reached=0),
        execution_options=_AS_IT_STANDS,
    )
    commit()
    written = 0
    for number in session.scalars(select(Newsletter.id).where(Newsletter.state == SENDING)).all():
        written += _order(session, number, vocabulary, now, portion)
        commit()
    return written


def _order(session: Session, number: int, vocabulary: Vocabulary, now: datetime, portion: int) -> int:
    """Write the letters to the next members. Another worker at the same issue, or who stops it, waits or is skipped."""
    row = session.scalar(
        select(Newsletter)
        .where(Newsletter.id == number, Newsletter.state == SENDING)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if row is None:
        return 0
    ids = session.scalars(
        audience.readers(audience.of(row), vocabulary).where(Member.id > row.reached).order_by(Member.id).limit(portion)
    ).all()
    if ids:
        about: dict[str, Any] = {"newsletter_id": number}
        keys = {member: key_of(number, member) for member in ids}
        mailbox.put_to_members(session, ISSUE, dict.fromkeys(ids, about), now, dedupe_keys=keys)
        row.reached = ids[-1]
    if len(ids) < portion:
        row.state, row.ended_at = SENT, now
    session.flush()
    return len(ids)


def key_of(number: int, member_id: int) -> str:
    """The key of the one letter of an issue to a member."""
    return f"newsletter:{number}:{member_id}"


def letters_of(number: int) -> ColumnElement[bool]:
    """Whether the row of Mail is a letter of an issue, also when it was emptied since."""
    return and_(Mail.kind == ISSUE, Mail.dedupe_key.startswith(f"newsletter:{number}:", autoescape=True))


def figures(session: Session, row: Newsletter) -> dict[str, int]:
    """How an issue's letters fare: waiting, held back, sent, cancelled, failed, came back, complained; for rounding."""
    if row.figures is not None:
        return {name: int(value) for name, value in row.figures.items()}
    found: Counter[str] = Counter()
    counted = select(Mail.state, Mail.returned, func.count().filter(~HELD), func.count().filter(HELD))
    counted = counted.where(letters_of(row.id)).group_by(Mail.state, Mail.returned)
    for state, returned, count, held in session.execute(counted):
        for name, number in (("waiting" if state in _WAITING else state, count), ("held", held)):
            if number:
                found[name] += number
        if returned is not None and count:
            found["complained" if returned == "complained" else "returned"] += count
    return dict(found)


def keep_figures(session: Session, now: datetime, after: timedelta) -> None:
    """Write down the figures of issues whose letters are forgotten soon."""
    old = select(Newsletter).where(
        Newsletter.state.in_((SENT, STOPPED)), Newsletter.figures.is_(None), Newsletter.began_at < now - after
    )
    for row in session.scalars(old).all():
        row.figures = figures(session, row)
    session.flush()
