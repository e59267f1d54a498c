"""What becomes of mail that comes back, and the rule by which it stops an address.

- The address is at fault for good (`HARD`: no such mailbox, no such domain, closed): no more mail goes there.
- It failed for the address's sake, this time (the mailbox is full, its server was silent for days): on `SOFT_DAYS`
  different days within `SOFT_WITHIN` the same.
- Anything else (our server, a filter, the message itself) is told to staff and stops nobody: one gateway that takes us
  for a nuisance would else stop all members behind it.
- Its owner complains: at once, and of everything but what protects their account.

Nothing of a report is believed but the Message-ID, which we made and nobody can guess, beside the address that we kept;
of a complaint the mark of the message, too, for every answer tells the Message-ID to others (`report_marks`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.models import Mail
from haln.people import stopped_mail
from haln.people.stopped_mail import BOUNCED, COMPLAINED
from haln.post import report_marks
from haln.post.return_reports import Report

HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""No such mailbox, system, address; moved, takes no mail, disabled (RFC 3463, RFC 7505)."""

_OF_THE_SENDER = frozenset({"1.7", "1.8"})
_OF_THE_ADDRESS = ("1", "2", "4")
SOFT_DAYS, SOFT_WITHIN = 4, timedelta(days=30)
FAILED, REFUSED = "failed", "refused"

_AS_IT_STANDS = {"synchronize_session": False}


def refused(session: Session, mail_id: int, code: str, now: datetime) -> None:
    """Note that a message was refused when it was handed over."""
    address = session.scalar(select(Mail.address).where(Mail.id == mail_id)) or ""
    _note(session, mail_id, address, REFUSED, code, now)


def take(session: Session, report: Report, secret: str, now: datetime) -> bool:
    """Note what a report says of a message of ours. Returns whether it is about one, and says anything new."""
    ids = report.message_ids
    if report.complains:
        ids = tuple(one for one in ids if report_marks.fits(secret, one, report.marks))
    row = _found(session, ids)
    if row is None:
        return False
    mail_id, address, before = row
    if report.complains:
        if before != COMPLAINED:
            _mark(session, mail_id, COMPLAINED, now)
            stopped_mail.stop(session, address, COMPLAINED, "", now)
        return bool(before != COMPLAINED)
    code = report.failed.get(address.casefold())
    if code is None or before in (COMPLAINED, BOUNCED) or (before is not None and code not in HARD):
        return False
    _note(session, mail_id, address, BOUNCED if code in HARD else REFUSED, code, now)
    return True


def _found(session: Session, message_ids: Iterable[str]) -> tuple[int, str, str | None] | None:
    """The one message of ours that the report names first; nothing for what we did not make or have emptied."""
    for message_id in message_ids:
        row = session.execute(
            select(Mail.id, Mail.address, Mail.returned)
            .where(Mail.message_id == message_id, Mail.address != "")
            .with_for_update()
        ).first()
        if row is not None:
            return row.id, row.address, row.returned
    return None


def _note(session: Session, mail_id: int, address: str, how: str, code: str, now: datetime) -> None:
    if code in HARD:
        _mark(session, mail_id, how, now)
        stopped_mail.stop(session, address, BOUNCED, code, now)
    elif is_soft(code):
        _mark(session, mail_id, FAILED, now)
        _count_days(session, address, code, now)
    else:
        _mark(session, mail_id, REFUSED, now)


def is_soft(code: str) -> bool:
    """Whether a code that is not hard lays it on the address: its mailbox, its server's silence."""
    _, _, rest = code.partition(".")
    return code not in HARD and rest not in _OF_THE_SENDER and rest.partition(".")[0] in _OF_THE_ADDRESS


def _mark(session: Session, mail_id: int, how: str, now: datetime) -> None:
    session.execute(
        update(Mail).where(Mail.id == mail_id).values(returned=how, returned_at=now), execution_options=_AS_IT_STANDS
    )


def _count_days(session: Session, address: str, code: str, now: datetime) -> None:
    """Stop an address at which mail failed on too many days; those are counted now, and not again after a lift."""
    ours = (Mail.address == address, Mail.returned == FAILED, Mail.returned_at > now - SOFT_WITHIN)
    days = {moment.date() for moment in session.scalars(select(Mail.returned_at).where(*ours)) if moment is not None}
    if len(days) >= SOFT_DAYS:
        session.execute(update(Mail).where(*ours).values(returned=BOUNCED), execution_options=_AS_IT_STANDS)
        stopped_mail.stop(session, address, BOUNCED, code, now)
