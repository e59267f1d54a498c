"""Addresses that no mail goes to: it came back from them for good, or their owner complained of it.

The outbox asks here before anything leaves (`haln.post.outbox`); so no kind of mail slips through.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from haln.models import Mail, Member, StoppedAddress

BOUNCED, COMPLAINED = "bounced", "complained"

PROVING = frozenset({"verify", "reset", "confirm_address"})
"""Kinds of mail that somebody asks for by hand at this address, with a link in it: who uses it shows that mail arrives
there. They leave all the same, for else nobody could ever lift the stop, or get into their account again."""

OF_THE_ACCOUNT = frozenset({*PROVING, "password_changed", "address_changed"})
"""Kinds that protect an account. Who complained of other mail gets these, too."""

_KEPT = timedelta(days=60)
"""So long what is nobody's is kept: shorter than the letter that went there, by which erasing finds it."""

_AS_IT_STANDS = {"synchronize_session": False}


def keeps_back(session: Session, address: str, kind: str) -> str:
    """Why no mail of a kind may go to an address: bounced, complained; nothing when it may."""
    reason = session.scalar(select(StoppedAddress.reason).where(StoppedAddress.address == address.casefold()))
    if reason is None or kind in (OF_THE_ACCOUNT if reason == COMPLAINED else PROVING):
        return ""
    return str(reason)


def stop(session: Session, address: str, reason: str, code: str, now: datetime) -> None:
    """Let no more mail go to an address. A complaint outweighs that mail came back; else what was first stays.

    One statement, so that two workers to whom it comes back at once do not stand in each other's way.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"reason": reason, "code": code[:12], "since": now}
    stopped = insert(StoppedAddress).values(address=address.casefold(), **values)
    if reason == COMPLAINED:
        stopped = stopped.on_conflict_do_update(
            index_elements=[StoppedAddress.address], set_=values, where=StoppedAddress.reason == BOUNCED
        )
    else:
        stopped = stopped.on_conflict_do_nothing(index_elements=[StoppedAddress.address])
    session.execute(stopped)


def lift(session: Session, address: str | None) -> bool:
    """Let mail go to an address again. Returns whether it had been stopped."""
    gone = delete(StoppedAddress).where(StoppedAddress.address == (address or "").casefold())
    return session.execute(gone.returning(StoppedAddress.address), execution_options=_AS_IT_STANDS).first() is not None


def lift_bounce(session: Session, address: str) -> None:
    """Mail has arrived at an address, so it goes there again. Who complained has not asked for any by that."""
    bounced = delete(StoppedAddress).where(
        StoppedAddress.address == address.casefold(), StoppedAddress.reason == BOUNCED
    )
    session.execute(bounced, execution_options=_AS_IT_STANDS)


def erase(session: Session, member_id: int) -> None:
    """Forget the addresses of a member, former ones too; not what is somebody else's. Before their mail is emptied."""
    sent = select(Mail.address).where(Mail.member_id == member_id, Mail.address != "")
    own = select(Member.email).where(Member.id == member_id, Member.email.is_not(None))
    theirs = {one.casefold() for one in (*session.scalars(sent.distinct()), *session.scalars(own)) if one}
    others = exists().where(Member.email == StoppedAddress.address, Member.id != member_id)
    gone = delete(StoppedAddress).where(StoppedAddress.address.in_(sorted(theirs)), ~others)
    session.execute(gone, execution_options=_AS_IT_STANDS)


def forget_old(session: Session, now: datetime) -> None:
    """Forget stopped addresses that have been nobody's for long."""
    someones = exists().where(Member.email == StoppedAddress.address)
    session.execute(
        delete(StoppedAddress).where(StoppedAddress.since < now - _KEPT, ~someones), execution_options=_AS_IT_STANDS
    )
