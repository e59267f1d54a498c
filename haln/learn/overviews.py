"""All sets that somebody answers for: who comes, what is next, and which are in trouble."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor, Permission, require
from haln.learn import attendance, sessions
from haln.learn.cohorts import SMALLEST
from haln.learn.set_access import oversees, sits
from haln.models import Attendance, Cohort, LearningSet, Member, SetAction, SetMembership, SetNote, SetSession
from haln.people.visibility import ACTIVE

QUIET = timedelta(weeks=6)
SOON = timedelta(weeks=2)
"""How long before it begins a set should have its first session planned."""

LATEST = 6
PAGE = 50


class Trouble(StrEnum):
    """Why a set needs a look. The rules stand on the page, too."""

    NO_SESSION = "no_session"  # no session is planned, and it has begun or begins soon
    FEW_COME = "few_come"  # fewer than half came, twice in a row
    FEW_LEFT = "few_left"  # fewer than four members are left
    QUIET = "quiet"  # nobody has written or recorded anything for six weeks


class Sort(StrEnum):
    """What the table can be in order of."""

    NAME = "name"
    MEMBERS = "members"
    ATTENDANCE = "attendance"
    NEXT = "next"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Line:
    """One set. `came`: (present, expected) of its latest sessions, the oldest first; `share` is over all of
    them; `begins` is its first day, where that is still ahead."""

    public_id: str
    name: str
    cohort: str | None
    facilitator: str | None
    members: int
    held: int
    came: tuple[tuple[int, int], ...]
    share: float | None
    next_at: datetime | None
    begins: date | None
    ended_on: date | None
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Some of the sets, and how many there are of each kind."""

    lines: tuple[Line, ...]
    count: int
    running: int
    ended: int
    in_trouble: int


def troubles(
    members: int,
    came: Sequence[tuple[int, int]],
    next_at: datetime | None,
    latest: datetime,
    now: datetime,
    begins: date | None = None,
) -> tuple[Trouble, ...]:
    """What is wrong with a running set. `latest`: when somebody last wrote or recorded something, or it began.

    `begins`: its first day, where that is still ahead.
    """
    soon = begins is None or begins <= (now + SOON).date()
    last = came[-2:]
    found = (
        (Trouble.NO_SESSION, next_at is None and soon),
        (Trouble.FEW_COME, len(last) == 2 and all(present * 2 < expected for present, expected in last)),
        (Trouble.FEW_LEFT, members < SMALLEST),
        (Trouble.QUIET, latest < now - QUIET),
    )
    return tuple(kind for kind, so in found if so)


def overview(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    ended: bool = False,
    only_trouble: bool = False,
    sort: Sort = Sort.TROUBLE,
    down: bool = False,
    page: int | None = 1,
) -> Overview:
    """The sets that the actor leads, and for who looks on those too: the same few queries however many there are.

    `page` none: all of them, for a file.
    """
    require(actor, Permission.FORM_SETS)
    rows = session.execute(
        select(LearningSet, Cohort.title, Member.name)
        .outerjoin(Cohort, Cohort.id == LearningSet.cohort_id)
        .outerjoin(Member, (Member.id == LearningSet.facilitator_id) & (Member.standing == ACTIVE))
        .where(LearningSet.public_id.is_not(None), or_(LearningSet.facilitator_id == actor.member_id, oversees(actor)))
    ).all()
    running = [one for one in rows if one[0].ended_on is None]
    over = [one for one in rows if one[0].ended_on is not None]
    lines = _lines(session, over if ended else running, now)
    troubled = sum(bool(one.troubles) for one in lines)
    chosen = [one for one in lines if one.troubles or not only_trouble]
    chosen.sort(key=lambda one: (one.name.casefold(), one.public_id))
    chosen.sort(key=lambda one: _key(one, sort), reverse=down)
    first = ((page or 1) - 1) * PAGE
    shown = chosen if page is None else chosen[first : first + PAGE]
    return Overview(tuple(shown), len(chosen), len(running), len(over), troubled)


def _key(line: Line, sort: Sort) -> Any:
    match sort:
        case Sort.MEMBERS:
            return line.members
        case Sort.ATTENDANCE:
            return (line.share is None, line.share or 0.0)
        case Sort.NEXT:
            return (line.next_at is None, line.next_at.timestamp() if line.next_at else 0.0)
        case Sort.TROUBLE:
            return -len(line.troubles)
        case Sort.NAME:
            return line.name.casefold()


def _lines(session: Session, rows: Sequence[Any], now: datetime) -> list[Line]:
    ids = [row[0].id for row in rows]
    members = _members(session, ids)
    came, held, ahead = _meetings(session, ids, now)
    written = _written(session, ids)
    made = []
    for row, cohort, facilitator in rows:
        latest = came[row.id][-LATEST:]
        expected = sum(one[1] for one in came[row.id])
        count, next_at = members.get(row.id, 0), ahead.get(row.id)
        began = datetime.combine(row.started_on, datetime.min.time(), now.tzinfo) if row.started_on else None
        last = max((at for at in (written.get(row.id), began) if at), default=now)
        begins = row.started_on if row.started_on and row.started_on > now.date() else None
        wrong = () if row.ended_on else troubles(count, latest, next_at, last, now, begins)
        share = sum(one[0] for one in came[row.id]) / expected if expected else None
        made.append(
            Line(
                public_id=row.public_id,
                name=row.name,
                cohort=cohort,
                facilitator=facilitator,
                members=count,
                held=held.get(row.id, 0),
                came=tuple(latest),
                share=share,
                next_at=next_at,
                begins=begins,
                ended_on=row.ended_on,
                troubles=wrong,
            )
        )
    return made


def _members(session: Session, ids: Sequence[int]) -> dict[int, int]:
    found = session.execute(
        select(SetMembership.set_id, func.count())
        .join(Member, Member.id == SetMembership.member_id)
        .where(SetMembership.set_id.in_(ids), sits(), Member.standing == ACTIVE)
        .group_by(SetMembership.set_id)
    )
    return {one[0]: one[1] for one in found}


def _meetings(
    session: Session, ids: Sequence[int], now: datetime
) -> tuple[Mapping[int, list[tuple[int, int]]], dict[int, int], dict[int, datetime]]:
    """Of each set: who came to its sessions in their order, how many were held, and when the next one is."""
    present = func.count().filter(Attendance.state == attendance.PRESENT)
    came: dict[int, list[tuple[int, int]]] = defaultdict(list)
    held: dict[int, int] = defaultdict(int)
    for one in session.execute(
        select(SetSession.set_id, present, func.count(Attendance.member_id))
        .outerjoin(Attendance, Attendance.session_id == SetSession.id)
        .where(SetSession.set_id.in_(ids), SetSession.state == sessions.HELD)
        .group_by(SetSession.id)
        .order_by(SetSession.starts_at, SetSession.id)
    ):
        held[one[0]] += 1
        if one[2]:
            came[one[0]].append((one[1], one[2]))
    ahead = session.execute(
        select(SetSession.set_id, func.min(SetSession.starts_at))
        .where(SetSession.set_id.in_(ids), SetSession.state == sessions.PLANNED, SetSession.starts_at > now)
        .group_by(SetSession.set_id)
    )
    return came, held, {one[0]: one[1] for one in ahead}


def _written(session: Session, ids: Iterable[int]) -> dict[int, datetime]:
    """When somebody of each set last wrote a note or an action, closed one, or recorded who came to a session."""
    latest: dict[int, datetime] = {}
    recorded = (
        select(SetSession.set_id, func.max(Attendance.recorded_at))
        .join(Attendance, Attendance.session_id == SetSession.id)
        .where(SetSession.set_id.in_(ids))
        .group_by(SetSession.set_id)
    )
    written = [
        select(model.set_id, func.max(moment)).where(model.set_id.in_(ids)).group_by(model.set_id)
        for model, moment in (
            (SetNote, SetNote.changed_at),
            (SetAction, SetAction.created_at),
            (SetAction, SetAction.closed_at),
        )
    ]
    for statement in (*written, recorded):
        for set_id, at in session.execute(statement):
            if at is not None:
                latest[set_id] = max(latest.get(set_id, at), at)
    return latest
