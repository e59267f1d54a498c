"""How often something may be tried, counted in the database so that all servers count together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from haln.errors import TooMany
from haln.models import Throttle

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that the settings give.

    sign_in          wrong passwords for one account in a quarter of an hour
    sign_in_network  wrong passwords from one network address in a quarter of an hour
    mail             messages of one kind for one address in an hour
    mail_network     messages asked for from one network address in an hour
    """

    sign_in: int
    sign_in_network: int
    mail: int
    mail_network: int


def key(what: str, whom: str) -> str:
    """The key of a count. Whom it is about is kept as a hash: the table is no list of addresses."""
    return f"{what}:{hashlib.sha256(whom.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def take(session: Session, key: str, limit: int, window: timedelta, now: datetime) -> None:
    """Count one try, before it is made.

    One statement counts and answers, so that no two tries see the same number. Who takes several takes them in one
    order everywhere (network address first), so that PostgreSQL never waits in a circle. Raises TooMany.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    over = Throttle.window_start <= now - window
    counted = session.execute(
        insert(Throttle)
        .values(key=key, window_start=now, count=1)
        .on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "count": case((over, 1), else_=Throttle.count + 1),
                "window_start": case((over, now), else_=Throttle.window_start),
            },
        )
        .returning(Throttle.count.label("tries"), Throttle.window_start)
    ).one()
    if counted.tries > limit:
        seconds = max(1, ceil((counted.window_start + window - now).total_seconds()))
        raise TooMany(
            "That was tried too often. Try again in %(minutes)s minutes.",
            retry_after=seconds,
            minutes=max(2, ceil(seconds / 60)),
        )


def give_back(session: Session, key: str) -> None:
    """Take one try back that turned out to be none."""
    session.execute(
        update(Throttle).where(Throttle.key == key, Throttle.count > 0).values(count=Throttle.count - 1),
        execution_options={"synchronize_session": False},
    )


def clear(session: Session, key: str) -> None:
    """Start counting anew."""
    session.execute(delete(Throttle).where(Throttle.key == key), execution_options={"synchronize_session": False})


def forget_old(session: Session, before: datetime) -> None:
    """Delete counts whose window began before a moment."""
    session.execute(
        delete(Throttle).where(Throttle.window_start < before), execution_options={"synchronize_session": False}
    )


def take_for_mail(session: Session, kind: str, address: str, network: str, limits: Limits, now: datetime) -> None:
    """Count one message that somebody asks us to send to an address. Raises TooMany."""
    take(session, key("mail-from", network), limits.mail_network, HOUR, now)
    take(session, key(f"mail-{kind}", address), limits.mail, HOUR, now)
