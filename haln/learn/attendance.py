"""Who was at a session: recorded for everybody at once, and again when it was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn import sessions
from haln.learn.set_access import Entry, inside, managed
from haln.learn.set_people import Mate, circle
from haln.models import Attendance, LearningSet, SetMembership, SetSession
from haln.people import changes

PRESENT, APOLOGIES, ABSENT = "present", "apologies", "absent"
STATES = (PRESENT, APOLOGIES, ABSENT)
EARLY = timedelta(hours=1)
"""How long before its hour a session's attendance may be recorded."""


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody who was to be at a session, and what is recorded of them (none: nothing yet)."""

    mate: Mate
    state: str | None


@dataclass(frozen=True, slots=True)
class Register:
    """A session's attendance as it stands. `seen` names what is recorded: it goes along with what is recorded next."""

    entry: Entry
    meeting: SetSession
    lines: tuple[Line, ...]
    open: bool  # it may be recorded now
    seen: str


def register(session: Session, actor: Actor, set_id: str, session_id: str, now: datetime) -> Register:
    """The people who were to be at a session. Raises NotFound."""
    entry = inside(session, actor, set_id)
    meeting = sessions.of_set(session, entry.row, session_id)
    may_be = entry.manages and entry.running and meeting.state != sessions.CANCELLED and _begun(meeting, now)
    states = recorded(session, meeting.id)
    return Register(entry, meeting, _lines(session, actor, entry.row, meeting, states), may_be, mark(states))


def mark(states: Mapping[int, str]) -> str:
    """A short name of what is recorded of a session: another one as soon as that is another; empty for nothing."""
    return sha256(repr(sorted(states.items())).encode()).hexdigest()[:16] if states else ""


def _begun(meeting: SetSession, now: datetime) -> bool:
    return meeting.starts_at - EARLY <= now


def _lines(
    session: Session, actor: Actor, row: LearningSet, meeting: SetSession, states: Mapping[int, str]
) -> tuple[Line, ...]:
    """Those who sat in the set on the day, left since or not, and anybody of whom something is recorded."""
    people = circle(session, actor.member_id, row)
    due = expected(session, meeting)
    order = [mate for mate in people.members if mate.id in due | states.keys()]
    known = {mate.id for mate in order}
    former = [people.of(member) for member in sorted((due | states.keys()) - known)]
    return tuple(Line(mate, states.get(mate.id)) for mate in [*order, *former] if mate is not None)


def recorded(session: Session, session_id: int) -> dict[int, str]:
    """What is recorded of a session, by member."""
    rows = session.execute(select(Attendance.member_id, Attendance.state).where(Attendance.session_id == session_id))
    return {row.member_id: row.state for row in rows}


def expected(session: Session, meeting: SetSession) -> set[int]:
    """Who sat in the set on the day of a session, the day they left included; who was in it from its start, also at one
    before that.
    """
    day = meeting.starts_at.date()
    started_on = select(LearningSet.started_on).where(LearningSet.id == meeting.set_id).scalar_subquery()
    return set(
        session.scalars(
            select(SetMembership.member_id).where(
                SetMembership.set_id == meeting.set_id,
                or_(
                    SetMembership.joined_on.is_(None),
                    SetMembership.joined_on <= day,
                    SetMembership.joined_on <= started_on,
                ),
                or_(SetMembership.left_on.is_(None), SetMembership.left_on >= day),
            )
        )
    )


def record(
    session: Session,
    actor: Actor,
    set_id: str,
    session_id: str,
    states: Mapping[int, str],
    now: datetime,
    *,
    seen: str | None = None,
) -> None:
    """Record who was there; the session counts as held. What was recorded before is replaced for those named.

    `seen` names what was recorded when the actor looked (see `Register`). Raises Conflict where that is another since,
    for a session that is cancelled or has not begun, Invalid for a state or person that cannot be.
    """
    entry = managed(session, actor, set_id)
    meeting = sessions.of_set(session, entry.row, session_id)
    if meeting.state == sessions.CANCELLED:
        raise Conflict("This session has been cancelled meanwhile. Nothing is recorded for it.")
    if not _begun(meeting, now):
        raise Conflict("This session has not begun yet. Record who came when it has.")
    before = {
        one.member_id: one for one in session.scalars(select(Attendance).where(Attendance.session_id == meeting.id))
    }
    if seen is not None and seen != mark({member: one.state for member, one in before.items()}):
        raise Conflict("Somebody else has changed this since you opened it. Save again to replace what they wrote.")
    if not states or states.keys() - (expected(session, meeting) | before.keys()):
        raise Invalid("The people of this session have changed meanwhile. Look at the list again.")
    if set(states.values()) - set(STATES):
        raise Invalid("Choose present, apologies or absent for everybody.")
    for member, state in states.items():
        row = before.get(member)
        if row is None:
            session.add(_row(meeting, member, state, actor, now))
        elif row.state != state:
            row.state, row.recorded_at, row.recorded_by_id = state, now, actor.member_id
    meeting.state = sessions.HELD
    session.flush()
    changes.touch_set(session, meeting.set_id, now)
    detail: history.Detail = {state: sum(one == state for one in states.values()) for state in STATES}
    history.record(session, actor.member_id, "record_attendance", "set_session", meeting.id, now, detail)


def _row(meeting: SetSession, member: int, state: str, actor: Actor, now: datetime) -> Attendance:
    return Attendance(
        session_id=meeting.id, member_id=member, state=state, recorded_at=now, recorded_by_id=actor.member_id
    )
