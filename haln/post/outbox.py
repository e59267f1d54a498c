"""The outbox: rows that are the queue.

A message goes waiting → leased → sending → sent, with a commit between each, so that a worker may be killed anywhere:

- leased or waiting: nothing has left. When the lease ends another worker takes the row.
- sending: the mark is committed before the first word to the mail server and cleared after its last. A worker killed in
  between leaves a row of which nobody can know whether the server took it; no mail system can do better. We send it
  again, with the same Message-ID, by which mail systems know a copy. Nothing is lost; whoever reads the outbox is told.

Nothing goes to an address that mail came back from for good, or whose owner complained: that is asked here, once a
message, after its address is known and before it leaves, so that no kind slips through (`haln.people.stopped_mail`).

A slow worker never sends what another has taken over: the mark is one UPDATE that asks for its own, unexpired lease.
The lease on a row that is being sent is longer than a dozen answers of a mail server may take.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, or_, select, update
from sqlalchemy.orm import Session

from haln.models import Mail
from haln.people import stopped_mail
from haln.post import letters, messages, report_marks, returns
from haln.post.letters import ALIKE, BULK
from haln.post.transport import Postponed, Refused, Transport, Unreachable
from haln.post.writing import Desk, Letter, Order

LEASE = timedelta(minutes=5)
SENDING_LEASE = timedelta(minutes=20)
MOST_ATTEMPTS = 8
KEPT = timedelta(days=90)

_AS_IT_STANDS = {"synchronize_session": False}
STOPPED = {
    stopped_mail.BOUNCED: "Mail to this address comes back.",
    stopped_mail.COMPLAINED: "The owner of this address complained of our mail.",
}
UNWANTED = "It was no longer wanted when it was to be sent."
_UNSURE = "A worker stopped while it was sending this; it is sent again with the same Message-ID."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edge:
    """What the edge lends: its commit and rollback, its clock, and whether it wants to stop."""

    commit: Callable[[], None]
    rollback: Callable[[], None]
    clock: Callable[[], datetime]
    stopping: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class Tally:
    """What became of one round's messages."""

    sent: int = 0
    cancelled: int = 0
    postponed: int = 0
    failed: int = 0

    def __bool__(self) -> bool:
        """Whether anything was done."""
        return bool(self.sent or self.cancelled or self.postponed or self.failed)


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    attempts: int
    message_id: str
    order: Order


def claim(session: Session, now: datetime, worker: str, limit: int = 20, lease: timedelta = LEASE) -> list[int]:
    """Lease messages that are due to one worker, the oldest first, those that nobody waits for after all others.

    Two workers never get the same.
    """
    due = or_(
        and_(Mail.state == "waiting", Mail.due_at <= now),
        and_(Mail.state.in_(("leased", "sending")), Mail.leased_until <= now),
    )
    ids = session.scalars(
        select(Mail.id)
        .where(due)
        .order_by(case((Mail.kind.in_(BULK), 1), else_=0), Mail.due_at, Mail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if ids:
        session.execute(
            update(Mail)
            .where(Mail.id.in_(ids))
            .values(
                state="leased",
                leased_by=worker,
                leased_until=now + lease,
                last_error=case((Mail.state == "sending", _UNSURE), else_=Mail.last_error),
            ),
            execution_options=_AS_IT_STANDS,
        )
    return list(ids)


def send_due(session: Session, desk: Desk, transport: Transport, worker: str, edge: Edge, limit: int = 20) -> Tally:
    """Send what is due, at most `limit` messages. Commits as it goes: see above."""
    tally = Tally()
    ids = claim(session, edge.clock(), worker, limit)
    edge.commit()
    try:
        for mail_id in ids:
            if edge.stopping():
                break
            row = _begin(session, mail_id, worker, desk, edge.clock())
            if row is not None:
                _send(session, row, desk, transport, edge, tally)
            else:
                edge.commit()
    except Unreachable:
        _log.warning("The mail server cannot be reached; mail waits.")
    finally:
        edge.rollback()  # of nothing, unless the database itself failed on the way
        transport.close()
        _release(session, ids, worker)
        edge.commit()
    return tally


def _begin(session: Session, mail_id: int, worker: str, desk: Desk, now: datetime) -> _Row | None:
    """Mark one leased row as being sent; none when the lease has passed to another."""
    row = session.execute(
        update(Mail)
        .where(Mail.id == mail_id, Mail.state == "leased", Mail.leased_by == worker, Mail.leased_until > now)
        .values(
            state="sending",
            leased_until=now + SENDING_LEASE,
            attempts=Mail.attempts + 1,
            message_id=case((Mail.message_id.is_(None), messages.new_id(desk.sender)), else_=Mail.message_id),
        )
        .returning(Mail.kind, Mail.address, Mail.member_id, Mail.language, Mail.values, Mail.attempts, Mail.message_id),
        execution_options=_AS_IT_STANDS,
    ).one_or_none()
    if row is None:
        return None
    kind, address, member_id, language, values, attempts, message_id = row
    return _Row(mail_id, attempts, message_id or "", Order(kind, address, member_id, language, values))


def _send(session: Session, row: _Row, desk: Desk, transport: Transport, edge: Edge, tally: Tally) -> None:
    """Word, send and tick off one message. Raises Unreachable, after noting it."""
    try:
        letter, kept_back = _written(session, row, desk, edge.clock())
        if letter is None:
            _set(session, row, state="cancelled", last_error=kept_back)
            edge.commit()
            tally.cancelled += 1
            return
        mark = report_marks.made(desk.secret, row.message_id)
        message = messages.compose(letter, desk.sender, row.message_id, edge.clock(), mark)
    except Exception as error:  # a message that cannot be worded must not stop the others
        edge.rollback()
        _log.exception("Mail %s (%s) cannot be worded", row.id, row.order.kind)
        _put_back(session, row, f"{type(error).__name__}: {error}", edge, tally)
        return
    edge.commit()
    try:
        transport.send(message)
    except Refused as error:
        returns.refused(session, row.id, error.code, edge.clock())
        _fail(session, row, str(error), edge, tally)
    except Postponed as error:
        _put_back(session, row, str(error), edge, tally)
    except Unreachable as error:
        _put_back(session, row, str(error), edge, tally)
        raise
    else:
        now = edge.clock()
        _set(session, row, state="sent", sent_at=now, last_error=None, values=_told(row, letter))
        letters.has_left(session, row.order, now)
        edge.commit()
        tally.sent += 1


def _written(session: Session, row: _Row, desk: Desk, now: datetime) -> tuple[Letter | None, str]:
    """The letter, or why there is none. The row says from now on to which address it goes: by it, what comes back is
    known."""
    letter = letters.write(session, row.order, desk, now)
    if letter is None:
        return None, UNWANTED
    reason = stopped_mail.keeps_back(session, letter.address, row.order.kind)
    if reason:
        return None, STOPPED[reason]
    if letter.address != row.order.address:
        session.execute(
            update(Mail).where(Mail.id == row.id, Mail.state == "sending").values(address=letter.address),
            execution_options=_AS_IT_STANDS,
        )
    return letter, ""


def _told(row: _Row, letter: Letter) -> dict[str, Any]:
    """What is kept of a message that was sent. What goes to many is kept once, where it was written."""
    if row.order.kind in ALIKE:
        return dict(row.order.values)
    words = letter.masked()
    return {**row.order.values, "wording": {"subject": words.subject, "text": words.text}}


def _put_back(session: Session, row: _Row, error: str, edge: Edge, tally: Tally) -> None:
    if row.attempts >= MOST_ATTEMPTS:
        _fail(session, row, error, edge, tally)
        return
    _set(session, row, state="waiting", due_at=edge.clock() + pause(row.attempts), last_error=error[:500])
    edge.commit()
    tally.postponed += 1


def _fail(session: Session, row: _Row, error: str, edge: Edge, tally: Tally) -> None:
    _set(session, row, state="failed", last_error=error[:500])
    edge.commit()
    tally.failed += 1


def _set(session: Session, row: _Row, **values: Any) -> None:
    # An attempt that never reached the row because the transaction was undone still counts.
    values |= {"leased_until": None, "leased_by": None, "attempts": row.attempts, "message_id": row.message_id}
    # Whom it is to may have been erased while it was being sent: then nothing of it is written down again.
    ours = Mail.state.in_(("leased", "sending"))
    session.execute(update(Mail).where(Mail.id == row.id, ours).values(**values), execution_options=_AS_IT_STANDS)


def _release(session: Session, ids: list[int], worker: str) -> None:
    """Give back what was leased and not begun."""
    session.execute(
        update(Mail)
        .where(Mail.id.in_(ids), Mail.state == "leased", Mail.leased_by == worker)
        .values(state="waiting", leased_until=None, leased_by=None),
        execution_options=_AS_IT_STANDS,
    )


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1 minute, 3, 9, … up to 12 hours; eight attempts take about 18 hours."""
    return min(timedelta(minutes=3 ** (attempts - 1)), timedelta(hours=12))


def forget_old(session: Session, now: datetime) -> int:
    """Delete messages that were sent or cancelled long ago. Returns how many."""
    gone = session.scalars(
        delete(Mail).where(Mail.state.in_(("sent", "cancelled")), Mail.created_at < now - KEPT).returning(Mail.id),
        execution_options=_AS_IT_STANDS,
    )
    return len(gone.all())
