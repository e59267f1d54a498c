"""What a restored database must be told, for it knows nothing of what came after it was copied.

What ended since would work again: sign-ins, links, keys of programs. What was sent since would be sent once more:
letters that waited, and reminders and digests that have fallen due in the meantime. Who was erased since would be there
again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.models import AccountToken, ApiKey, Mail, SignInSession
from haln.people import erasure
from haln.post import holding

CatchUp = Callable[[Session], None]
"""Does what has fallen due by the clock, as a worker does, and commits. Letters are written, and none is sent."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What was done to a restored database."""

    sign_ins: int = 0
    keys: int = 0
    letters: int = 0
    erased: int = 0


def settle(session: Session, taken_at: datetime, erased: Collection[int], catch_up: CatchUp, now: datetime) -> Settled:
    """End what must not live on, erase again who was erased, and hold back what may have left. Commits as it goes.

    What has fallen due is done first: so it is held back, too, and by the product's own rules none comes twice.
    """
    sign_ins, keys = _end(session, now)
    for member_id in sorted(erased):
        erasure.erase(session, member_id, now)
    session.commit()
    catch_up(session)
    letters = holding.hold(session)
    told = Settled(sign_ins, keys, letters, len(erased))
    _record(session, taken_at, told, now)
    session.commit()
    return told


def moved(session: Session, taken_at: datetime, now: datetime) -> Settled:
    """Write down that a service moved, in which nothing has happened since."""
    waits = session.scalar(select(func.count()).select_from(Mail).where(Mail.state.in_(("leased", "sending")))) or 0
    _record(session, taken_at, Settled(letters=0), now, moved=True, being_sent=waits)
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
        **more,
    }
    history.record(session, None, "restore_backup", "network", None, now, detail)
