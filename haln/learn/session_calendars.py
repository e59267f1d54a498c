"""The sessions of a set as calendar files, for those inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import calendar_files, sessions
from haln.learn.set_access import inside
from haln.models import LearningSet, SetSession

Page = Callable[[str, str], str]
"""Gives the address of a session's page from the public ids of its set and of itself."""


def of_set(session: Session, actor: Actor, set_id: str, page: Page, now: datetime) -> bytes:
    """All sessions of a set, past and cancelled ones too, so that a calendar can catch up. Raises NotFound."""
    entry = inside(session, actor, set_id)
    rows = session.scalars(select(SetSession).where(SetSession.set_id == entry.row.id)).all()
    return of_rows(entry.row, rows, page, now)


def of_session(session: Session, actor: Actor, set_id: str, session_id: str, page: Page, now: datetime) -> bytes:
    """One session. Raises NotFound."""
    entry = inside(session, actor, set_id)
    return of_rows(entry.row, [sessions.of_set(session, entry.row, session_id)], page, now)


def taking_out(row: LearningSet, rows: Iterable[SetSession], now: datetime) -> bytes:
    """A file that takes sessions out of the calendar of who is in the set no longer: without link and words."""
    gone = [
        calendar_files.Entry(one.public_id, row.name, one.starts_at, one.minutes, one.sequence, cancelled=True)
        for one in rows
    ]
    return calendar_files.written(gone, now)


def of_rows(row: LearningSet, rows: Iterable[SetSession], page: Page, now: datetime) -> bytes:
    """Sessions of one set as a calendar file."""
    return calendar_files.written(
        [
            calendar_files.Entry(
                public_id=one.public_id,
                title=row.name,
                starts_at=one.starts_at,
                minutes=one.minutes,
                sequence=one.sequence,
                cancelled=one.state == sessions.CANCELLED,
                where=one.where,
                joining_link=one.joining_link or row.joining_link,
                agenda=one.agenda,
                page=page(row.public_id or "", one.public_id),
            )
            for one in rows
        ],
        now,
    )
