"""Members meet arrays: who might join something, as the ranking is told about them.

Everything of their own is used, for the list is theirs alone; of the people they are tied to, only the sector that
they may see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from haln.learn import weekly_times
from haln.learn.crowd_rows import by, tie_is_open
from haln.learn.opening_rows import LONGEST, Ways, local_day
from haln.matching.joining_signals import Seeker
from haln.matching.people import ThemeChoice
from haln.models import (
    Application,
    ApplicationSlot,
    CohortSlot,
    Connection,
    Member,
    MemberText,
    MemberTheme,
    Organisation,
)
from haln.people import reading
from haln.people.visibility import ACTIVE, Visibility

TEXTS = 10
"""Texts of one member that are read, the newest."""


def read(session: Session, members: Sequence[int], ways: Ways, then: datetime | None = None) -> list[Seeker]:
    """Those of the given members who are active, in the order of their ids; at most a few thousand at once.

    With `then`, as far as it has a date only what was there by that moment; the rest is today's.
    """
    ids, asked = reading.spanned(members), set(members)
    own = (
        select(Member.id, Member.biography, Organisation.sector)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(reading.among(Member.id, ids), Member.standing == ACTIVE)
        .order_by(Member.id)
    )
    themes, sectors = _themes(session, ids), _tied_sectors(session, ids, then)
    issues, times = _last_issues(session, ids, then), _last_times(session, ids, ways, then)
    texts = _texts(session, ids, None if then is None else local_day(then, ways.zone))
    made = []
    for row in session.execute(own):
        if row.id not in asked:
            continue
        known = {*sectors.get(row.id, ()), *([row.sector] if row.sector else [])}
        pieces = (row.biography, issues.get(row.id, ""), *texts.get(row.id, ()))
        made.append(
            Seeker(
                member=row.id,
                texts=tuple(piece[:LONGEST] for piece in pieces if piece.strip()),
                themes=tuple(themes.get(row.id, ())),
                sectors=frozenset(ways.top_sector(sector) for sector in known),
                times=times.get(row.id, frozenset()),
            )
        )
    return made


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """Rows of (member, value) as values by member."""
    found: dict[int, list[Any]] = {}
    for member_id, value in rows:
        found.setdefault(member_id, []).append(value)
    return found


def _themes(session: Session, ids: Collection[int]) -> dict[int, list[ThemeChoice]]:
    row = MemberTheme
    columns = (row.member_id, row.theme, row.interest, row.offer, row.seek, row.maturity)
    found = session.execute(
        select(*columns).where(reading.among(row.member_id, ids)).order_by(row.member_id, row.theme)
    )
    return _grouped(
        (one.member_id, ThemeChoice(one.theme, one.interest, one.offer, one.seek, one.maturity or 0)) for one in found
    )


def _texts(session: Session, ids: Collection[int], day: date | None) -> dict[int, list[str]]:
    newest = select(MemberText.member_id, MemberText.text).where(reading.among(MemberText.member_id, ids))
    if day is not None:
        newest = newest.where(or_(MemberText.written_on.is_(None), MemberText.written_on <= day))
    found = _grouped(session.execute(newest.order_by(MemberText.member_id, MemberText.id.desc())))
    return {member_id: texts[:TEXTS] for member_id, texts in found.items()}


def _last_issues(session: Session, ids: Collection[int], then: datetime | None) -> dict[int, str]:
    """The live issue that each wrote last, whatever became of the application."""
    issues = select(Application.member_id, Application.live_issue).where(
        reading.among(Application.member_id, ids), Application.live_issue != "", *by(then, Application.applied_at)
    )
    return dict(_pairs(session.execute(issues.order_by(Application.applied_at, Application.id))))


def _pairs(rows: Iterable[Any]) -> Iterable[tuple[int, str]]:
    return ((row[0], row[1]) for row in rows)


def _last_times(session: Session, ids: Collection[int], ways: Ways, then: datetime | None) -> dict[int, frozenset[int]]:
    """When each could, by the last application for which they said so."""
    columns = (Application.member_id, Application.id, CohortSlot.on_day, CohortSlot.half, CohortSlot.starts_at)
    rows = session.execute(
        select(*columns)
        .join(ApplicationSlot, ApplicationSlot.application_id == Application.id)
        .join(CohortSlot, CohortSlot.id == ApplicationSlot.slot_id)
        .where(reading.among(Application.member_id, ids), *by(then, Application.applied_at))
        .order_by(Application.applied_at, Application.id)
    )
    said: dict[int, tuple[int, list[weekly_times.Slot]]] = {}
    for row in rows:
        if said.get(row.member_id, (0,))[0] != row.id:
            said[row.member_id] = row.id, []
        said[row.member_id][1].append((row.on_day, row.half, row.starts_at))
    return {member_id: weekly_times.codes(slots, ways.zone) for member_id, (_, slots) in said.items()}


def _tied_sectors(session: Session, ids: Collection[int], then: datetime | None) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for mine, theirs in ((Connection.low_id, Connection.high_id), (Connection.high_id, Connection.low_id)):
        tied = (
            select(mine, Organisation.sector)
            .join(Member, Member.id == theirs)
            .join(Organisation, Organisation.id == Member.organisation_id)
            .where(reading.among(mine, ids), tie_is_open(then), Member.show_organisation >= Visibility.CONNECTIONS)
            .distinct()
        )
        for member_id, sector in session.execute(tied):
            found.setdefault(member_id, set()).add(sector)
    return found
