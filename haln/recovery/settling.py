"""What a restored database must be told, for it knows nothing of what came after it was copied.

What ended since would work again: sign-ins, links, keys of programs. What was sent since would be sent once more:
letters that waited, and reminders and digests that have fallen due in the meantime. Who was erased or left since would
be there again, and who wanted less since would be shown and written to as before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.connect import blocks, coffee_opting, pairs
from haln.models import AccountToken, ApiKey, Mail, Member, SignInSession
from haln.people import accounts, changes, digest_choices, erasure, leaving, stopped_mail
from haln.post import holding
from haln.recovery.since import AUDIENCES, Less, Since

CatchUp = Callable[[Session], None]
"""Does what has fallen due by the clock, as a worker does, and commits. Letters are written, and none is sent."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What was done to a restored database."""

    sign_ins: int = 0
    keys: int = 0
    letters: int = 0
    erased: int = 0
    left: int = 0
    blocks: int = 0
    stopped: int = 0
    unsubscribed: int = 0
    hidden: int = 0


def settle(session: Session, taken_at: datetime, since: Since, catch_up: CatchUp, now: datetime) -> Settled:
    """End what must not live on, do again what people did who want less, and hold back what may have left.

    What has fallen due is done before that: so it is held back, too, and by the product's own rules none comes twice.
    Commits as it goes.
    """
    sign_ins, keys = _end(session, now)
    for member_id in since.erased:
        erasure.erase(session, member_id, now)
    for member_id in since.left:
        leaving.end(session, member_id, now)
    _want_less(session, since, now)
    session.commit()
    catch_up(session)
    letters = holding.hold(session)
    told = Settled(
        sign_ins,
        keys,
        letters,
        erased=len(since.erased),
        left=len(since.left),
        blocks=len(since.blocks),
        stopped=len(since.stopped),
        unsubscribed=sum(one.stops_mail for one in since.less.values()),
        hidden=sum(one.hides for one in since.less.values()),
    )
    _record(session, taken_at, told, now)
    session.commit()
    return told


def _want_less(session: Session, since: Since, now: datetime) -> None:
    if since.blocks:
        pairs.hold(session)
    for blocker_id, blocked_id in since.blocks:
        blocks.put_between(session, blocker_id, blocked_id, now)
    for address, (reason, code) in since.stopped.items():
        stopped_mail.stop(session, address, reason, code, now)
    for member_id, less in since.less.items():
        _give(session, member_id, less, now)


def _give(session: Session, member_id: int, less: Less, now: datetime) -> None:
    member = session.get_one(Member, member_id)
    for name, value in (*less.mail.items(), *less.shown.items()):
        setattr(member, name, value if name in AUDIENCES else bool(value))
    if less.paused_until is not None:
        member.paused_until = less.paused_until
    session.flush()
    if less.no_news:
        accounts.set_news(session, member.public_id, wanted=False, now=now)
    if less.no_digest:
        digest_choices.stop(session, member.public_id, now)
    if less.no_coffee:
        coffee_opting.stop(session, member.public_id, now)
    if less.hides:
        changes.touch(session, {member_id}, now)


def moved(session: Session, taken_at: datetime, now: datetime) -> Settled:
    """Write down that a service moved, in which nothing has happened since."""
    waits = session.scalar(select(func.count()).select_from(Mail).where(Mail.state.in_(("leased", "sending")))) or 0
    _record(session, taken_at, Settled(), now, moved=True, being_sent=waits)
    session.commit()
    return Settled()


def _end(session: Session, now: datetime) -> tuple[int, int]:
    session.execute(delete(AccountToken).where(AccountToken.used_at.is_(None)))
    ended = [
        session.scalars(update(kind).where(kind.ended_at.is_(None)).values(ended_at=now).returning(kind.id)).all()
        for kind in (SignInSession, ApiKey)
    ]
    return len(ended[0]), len(ended[1])


def _record(session: Session, taken_at: datetime, told: Settled, now: datetime, **more: bool | int) -> None:
    detail: history.Detail = {
        "taken_at": taken_at.isoformat(),
        "sign_ins": told.sign_ins,
        "keys": told.keys,
        "letters": told.letters,
        "erased": told.erased,
        "left": told.left,
        "blocks": told.blocks,
        "stopped": told.stopped,
        "unsubscribed": told.unsubscribed,
        "hidden": told.hidden,
        **more,
    }
    history.record(session, None, "restore_backup", "network", None, now, detail)
