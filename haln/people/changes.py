"""Say that members changed, so that everything built from them can catch up.

Each change takes the next number of one counter. Its row lock makes the order of numbers the order of commits, so a
reader that has seen number n has seen everything before it. Indexes (directory, matching) catch up by asking for rows
with a higher number.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from haln.models import Counter, Member, SuggestionRefresh
from haln.people import versions

_NAME = "change"
LATEST = select(Counter.value).where(Counter.name == _NAME)
"""What asks for the number of the newest change; no row before the first."""


def hold(session: Session) -> None:
    """Let nobody else note a change until the transaction ends; asked for first, before any row is written or held.

    Whoever holds the counter may write what they like afterwards. Who held a set, an event, a topic or a member first,
    and took the counter then, could wait for somebody who waits for them, and PostgreSQL would end one of the two.
    """
    session.execute(LATEST.with_for_update())


def still(session: Session) -> int:
    """As `latest_number`, and nobody takes the next one until the transaction ends; any number may ask at once.

    Asked for first, as `hold` is: who writes what was worked out before writes nothing of somebody who goes meanwhile.
    """
    return session.execute(LATEST.with_for_update(read=True)).scalar() or 0


def next_number(session: Session) -> int:
    """Take the next number; holds the counter's row until the transaction ends (`hold`)."""
    value = session.execute(
        update(Counter).where(Counter.name == _NAME).values(value=Counter.value + 1).returning(Counter.value),
        execution_options={"synchronize_session": False},
    ).scalar()
    if value is None:
        session.execute(insert(Counter).values(name=_NAME, value=1))
        return 1
    return value


def latest_number(session: Session) -> int:
    """The number of the newest change that is committed; 0 before the first."""
    return session.execute(LATEST).scalar() or 0


def touch(session: Session, member_ids: Iterable[int], now: datetime) -> int:
    """Note that these members changed and that their suggestions are due. Returns the change's number.

    What they, their connections or their places in sets are by the end of the transaction is kept as a version.
    """
    ids = sorted(set(member_ids))
    number = next_number(session)
    session.flush()
    session.execute(
        update(Member).where(Member.id.in_(ids)).values(change_number=number),
        execution_options={"synchronize_session": "evaluate"},
    )
    ask_refresh(session, ids, now)
    versions.note(session, ids, now)
    return number


def touch_set(session: Session, set_id: int, now: datetime) -> int:
    """Note that a set's sessions changed, or who was at them: no suggestions are due. Returns the change's number.

    What they are by the end of the transaction is kept as a version.
    """
    number = next_number(session)
    versions.note_set(session, set_id, now)
    return number


def ask_refresh(session: Session, member_ids: Iterable[int], now: datetime) -> None:
    """Put members into the queue of suggestions to refresh; twice is once."""
    ids = sorted(set(member_ids))
    waiting = set(session.scalars(select(SuggestionRefresh.member_id).where(SuggestionRefresh.member_id.in_(ids))))
    rows = [{"member_id": member_id, "due_at": now} for member_id in ids if member_id not in waiting]
    if rows:
        session.execute(insert(SuggestionRefresh), rows)
