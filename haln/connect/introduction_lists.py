"""A member's introductions as their page shows them. Nothing here tells anybody of a "no"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect.introduction_state import ASKED
from haln.models import Introduction
from haln.people.seen import PersonLine, people

PAST_DAYS = 180
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One introduction as the member sees it.

    `other` is who they are introduced to; for the weaver, the first of the two, and `second` the other one. `state` is
    open, accepted, withdrawn or lapsed.
    """

    public_id: str
    kind: str
    other: PersonLine
    second: PersonLine | None
    weaver: PersonLine | None
    note: str
    evidence: str
    state: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Lists:
    """What waits for the member's answer, what the member waits for, whom they introduced, and what is over."""

    to_answer: tuple[Line, ...]
    waiting: tuple[Line, ...]
    woven: tuple[Line, ...]
    past: tuple[Line, ...]


def lists(session: Session, actor: Actor, now: datetime) -> Lists:
    """All introductions in which the member has a part, newest first: two queries."""
    me = actor.member_id
    rows = session.execute(
        _rows(me, now).order_by(Introduction.created_at.desc(), Introduction.id.desc()).limit(LONGEST)
    ).all()
    seen = _seen(session, me, rows)
    sorted_in: dict[str, list[Line]] = {"to_answer": [], "waiting": [], "woven": [], "past": []}
    for row in rows:
        line = _line(row, me, seen, now)
        if line is not None:
            place = _place(row, line, me)
            if place:
                sorted_in[place].append(line)
    return Lists(**{name: tuple(found) for name, found in sorted_in.items()})


def to_answer(session: Session, member_id: int, now: datetime, limit: int) -> tuple[Line, ...]:
    """What waits for a member's answer, the newest first: two queries, one where nothing waits."""
    unanswered = or_(
        and_(Introduction.asker_id == member_id, Introduction.asker_answer.is_(None)),
        and_(Introduction.asked_id == member_id, Introduction.asked_answer.is_(None)),
    )
    rows = session.execute(
        _rows(member_id, now)
        .where(Introduction.state == "open", Introduction.expires_at > now, unanswered)
        .order_by(Introduction.created_at.desc(), Introduction.id.desc())
        .limit(limit)
    ).all()
    if not rows:
        return ()
    seen = _seen(session, member_id, rows)
    found = [(row, _line(row, member_id, seen, now)) for row in rows]
    return tuple(line for row, line in found if line is not None and _place(row, line, member_id) == "to_answer")


def _rows(me: int, now: datetime) -> Any:
    """Select the introductions in which a member has a part."""
    return select(
        Introduction.public_id,
        Introduction.kind,
        Introduction.asker_id,
        Introduction.asked_id,
        Introduction.weaver_id,
        Introduction.note,
        Introduction.evidence,
        Introduction.state,
        Introduction.asker_answer,
        Introduction.asked_answer,
        Introduction.created_at,
        Introduction.expires_at,
    ).where(
        or_(Introduction.asker_id == me, Introduction.asked_id == me, Introduction.weaver_id == me),
        Introduction.created_at > now - timedelta(days=PAST_DAYS),
    )


def _seen(session: Session, me: int, rows: Sequence[Any]) -> dict[int, PersonLine]:
    ids = {number for row in rows for number in (row.asker_id, row.asked_id, row.weaver_id) if number not in (None, me)}
    return people(session, me, ids)


def _line(row: Any, me: int, seen: dict[int, PersonLine], now: datetime) -> Line | None:
    """The introduction, or none where somebody in it may not be seen."""
    ends = [seen.get(number) for number in (row.asker_id, row.asked_id) if number != me]
    if any(end is None for end in ends):
        return None
    other, second = (ends[0], ends[1] if len(ends) > 1 else None)
    assert other is not None
    over = row.state == "open" and row.expires_at <= now
    return Line(
        public_id=row.public_id,
        kind=row.kind,
        other=other,
        second=second,
        weaver=seen.get(row.weaver_id) if row.weaver_id != me else None,
        note=row.note,
        evidence=row.evidence,
        state="lapsed" if over or row.state not in ("open", "accepted", "withdrawn") else row.state,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _place(row: Any, line: Line, me: int) -> str:
    """In which list it belongs; in none when the member said no, or when there is nothing left to say."""
    if row.weaver_id == me:
        return "woven" if line.state == "open" else "past"
    mine = row.asker_answer if row.asker_id == me else row.asked_answer
    if line.state == "open":
        if mine == "no" or line.other.connected:
            return ""
        return "to_answer" if mine is None else "waiting"
    asked_by_me = row.kind == ASKED and row.asker_id == me
    return "past" if asked_by_me or (line.state == "accepted" and mine == "yes") else ""
