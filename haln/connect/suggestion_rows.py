"""Lists of suggestions as rows: the same pair stays one row for as long as it is listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Dialect, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from haln.connect.stored_lists import Entry, StoredList
from haln.models import Member, Suggestion
from haln.people import writing
from haln.people.erasure import ERASED
from haln.people.visibility import ACTIVE


@dataclass(frozen=True, slots=True)
class Written:
    """What a refresh did to the rows."""

    members: int = 0
    listed: int = 0
    kept: int = 0
    unlisted: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.members + other.members,
            self.listed + other.listed,
            self.kept + other.kept,
            self.unlisted + other.unlisted,
        )


_ROWS: Any = Suggestion.__table__
_CONTENT = Entry._fields[1:]
_ADDED, _CHANGED = ("member_id", "other_id", *_CONTENT), ("row", *_CONTENT)
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def _adding(dialect: Dialect, now: datetime) -> Any:
    """List a pair. On PostgreSQL the nightly run and the worker may do so at the same moment: the first stays."""
    moment = writing.literal_moment(dialect, now)
    values = writing.parameters(dialect, _ROWS, _ADDED) | {"listed_at": moment, "refreshed_at": moment}
    return _INSERT[dialect.name](_ROWS).values(values).on_conflict_do_nothing().inline()


def _changing(dialect: Dialect, now: datetime) -> Any:
    values = writing.parameters(dialect, _ROWS, _CONTENT) | {"refreshed_at": writing.literal_moment(dialect, now)}
    return update(_ROWS).where(_ROWS.c.id == bindparam("row")).values(values)


def write_lists(session: Session, lists: Sequence[StoredList], now: datetime) -> Written:
    """Bring the rows to these lists: the same pair stays one row, who left the list is marked, who is new is added."""
    owners = {one.member for one in lists}
    if not owners:
        return Written()
    # Asked by the ends of a range, which is as good as full: to word two hundred ids takes longer than to ask.
    held = select(Suggestion.id, Suggestion.member_id, Suggestion.other_id, Suggestion.fingerprint).where(
        Suggestion.member_id.between(min(owners), max(owners)), Suggestion.unlisted_at.is_(None)
    )
    current = {(row.member_id, row.other_id): row for row in session.execute(held) if row.member_id in owners}
    added: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    kept = 0
    for one in lists:
        for entry in one.entries:
            row = current.pop((one.member, entry.other), None)
            if row is None:
                added.append((one.member, *entry))
            else:
                kept += 1
                if row.fingerprint != entry.fingerprint:
                    changed.append((row.id, *entry[1:]))
    left = [row.id for row in current.values()]
    for part in (left[start : start + 500] for start in range(0, len(left), 500)):
        session.execute(update(Suggestion).where(Suggestion.id.in_(part)).values(unlisted_at=now))
    dialect = session.get_bind().dialect
    if changed:
        changed.sort()  # by row: two who write the same rows at the same moment wait for one another in one order
        writing.execute_many(session, _changing(dialect, now), _CHANGED, changed)
    if added:
        writing.execute_many(session, _adding(dialect, now), _ADDED, added)
    return Written(len(lists), len(added), kept, len(left))


def unlist_all(session: Session, member_id: int, now: datetime) -> Written:
    """End a member's whole list."""
    current = Suggestion.unlisted_at.is_(None)
    session.execute(update(Suggestion).where(Suggestion.member_id == member_id, current).values(unlisted_at=now))
    return Written(members=1)


def forget_gone(session: Session, now: datetime) -> None:
    """Take the lists of members who are no longer active, and their places in others' lists, out.

    What was written of somebody who was erased meanwhile is deleted.
    """
    erased = select(Member.id).where(Member.standing == ERASED)
    session.execute(
        delete(Suggestion).where(or_(Suggestion.member_id.in_(erased), Suggestion.other_id.in_(erased))),
        execution_options={"synchronize_session": False},
    )
    gone = select(Member.id).where(Member.standing != ACTIVE)
    session.execute(
        update(Suggestion)
        .where(Suggestion.unlisted_at.is_(None), or_(Suggestion.member_id.in_(gone), Suggestion.other_id.in_(gone)))
        .values(unlisted_at=now)
    )
