"""Sessions of a set: planned several at once, moved, cancelled. Everybody in the set is told, with a calendar file."""

from __future__ import annotations

from datetime import datetime, tzinfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import rota, session_times, set_mail
from haln.learn.rota import Turn
from haln.learn.session_times import Meeting, Span
from haln.learn.set_access import Entry, managed, sitting_in
from haln.models import LearningSet, Member, SetMembership, SetSession
from haln.people import changes
from haln.people.tokens import public_id
from haln.people.visibility import ACTIVE

MOST_PLANNED = 60
PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"


def plan(
    session: Session,
    actor: Actor,
    set_id: str,
    first: Meeting,
    every_weeks: int,
    count: int,
    zone: tzinfo,
    now: datetime,
) -> list[str]:
    """Plan sessions at the same hour every so many weeks; who presents is filled in fairly. Returns their public ids.

    Raises Invalid for what cannot be (each field with its sentence), NotPermitted, Conflict, NotFound.
    """
    entry = managed(session, actor, set_id)
    first = session_times.checked(first, now)
    spans = session_times.series(first, every_weeks, count, zone)
    session_times.check_near(spans, zone, now)
    session_times.check_free(spans, _taken(session, entry.row.id), zone)
    _check_room(session, entry.row.id, len(spans), now)
    made = [_row(entry, first, span) for span in spans]
    session.add_all(made)
    session.flush()
    changes.touch_set(session, entry.row.id, now)
    fill_rota(session, entry.row, now)
    ahead = [row.id for row in made if row.starts_at > now]
    if ahead:
        set_mail.tell(session, "session_planned", entry.row, ahead, now)
    detail: history.Detail = {"sessions": len(made)}
    history.record(session, actor.member_id, "plan_sessions", "learning_set", entry.row.id, now, detail)
    return [row.public_id for row in made]


def _row(entry: Entry, first: Meeting, span: Span) -> SetSession:
    return SetSession(
        public_id=public_id(),
        set_id=entry.row.id,
        starts_at=span.starts_at,
        minutes=span.minutes,
        where=first.where,
        joining_link=first.joining_link,
        agenda=first.agenda,
        state=PLANNED,
        sequence=0,
    )


def _taken(session: Session, set_id: int, but: int | None = None) -> list[Span]:
    rows = session.execute(
        select(SetSession.starts_at, SetSession.minutes).where(
            SetSession.set_id == set_id, SetSession.state != CANCELLED, SetSession.id != (but or 0)
        )
    )
    return [Span(row.starts_at, row.minutes) for row in rows]


def _check_room(session: Session, set_id: int, more: int, now: datetime) -> None:
    ahead = session.scalar(
        select(func.count(SetSession.id)).where(
            SetSession.set_id == set_id, SetSession.state == PLANNED, SetSession.starts_at > now
        )
    )
    if (ahead or 0) + more > MOST_PLANNED:
        sentence = "A set can have at most 60 sessions ahead. Plan fewer at once."
        raise Invalid(sentence, {"count": sentence})


def fill_rota(session: Session, row: LearningSet, now: datetime) -> None:
    """Give each session ahead that has no presenter the one who presented least recently."""
    members = session.execute(
        select(SetMembership.member_id, SetMembership.joined_on)
        .join(Member, Member.id == SetMembership.member_id)
        .where(sitting_in(row.id), Member.standing == ACTIVE)
    ).all()
    meetings = session.scalars(
        select(SetSession).where(SetSession.set_id == row.id, SetSession.state != CANCELLED)
    ).all()
    turns = [Turn(one.starts_at, one.presenter_id) for one in meetings if one.presenter_id is not None]
    free = {one.starts_at: one for one in meetings if one.presenter_id is None and one.starts_at > now}
    for starts_at, member in rota.fill([(one.member_id, one.joined_on) for one in members], turns, free).items():
        free[starts_at].presenter_id = member
    session.flush()


def take_out_of_rota(session: Session, row: LearningSet, member_id: int, now: datetime) -> None:
    """Somebody presents no more: their sessions ahead go to whoever is next."""
    session.execute(
        update(SetSession)
        .where(SetSession.set_id == row.id, SetSession.presenter_id == member_id, SetSession.starts_at > now)
        .values(presenter_id=None),
        execution_options={"synchronize_session": "fetch"},
    )
    fill_rota(session, row, now)


def of_set(session: Session, row: LearningSet, session_id: str) -> SetSession:
    """A session of a set. Raises NotFound."""
    found = session.scalar(select(SetSession).where(SetSession.public_id == session_id, SetSession.set_id == row.id))
    if found is None:
        raise NotFound("There is no such session in this set. It may have been taken out.")
    return found


def change(
    session: Session,
    actor: Actor,
    set_id: str,
    session_id: str,
    wanted: Meeting,
    presenter: int | None,
    seen: int,
    zone: tzinfo,
    now: datetime,
) -> bool:
    """Move a session, or change what is said of it. Returns whether its people are told: when time or place changed.

    `seen` is the sequence that the actor saw. Raises Conflict when somebody has changed it since, or cancelled it;
    Invalid for what cannot be; NotPermitted; NotFound.
    """
    entry = managed(session, actor, set_id)
    row = of_set(session, entry.row, session_id)
    check_open(row)
    if row.sequence != seen:
        raise Conflict("Somebody else has changed this since you opened it. Save again to replace what they wrote.")
    wanted = session_times.checked(wanted, now)
    span = wanted.span(zone)
    session_times.check_free([span], _taken(session, entry.row.id, row.id), zone)
    _check_presenter(session, entry.row.id, presenter)
    before = (row.starts_at, row.minutes, row.where, row.joining_link)
    row.starts_at, row.minutes, row.where, row.joining_link = (
        span.starts_at,
        span.minutes,
        wanted.where,
        wanted.joining_link,
    )
    moved = before != (row.starts_at, row.minutes, row.where, row.joining_link)
    told = moved or row.agenda != wanted.agenda or row.presenter_id != presenter
    row.agenda, row.presenter_id = wanted.agenda, presenter
    if not told:
        return False
    row.sequence += 1
    session.flush()
    if moved:
        changes.touch_set(session, entry.row.id, now)
    if moved and row.starts_at > now:
        set_mail.tell(session, "session_moved", entry.row, [row.id], now, mark=row.sequence)
    detail: history.Detail = {"moved": moved}
    history.record(session, actor.member_id, "change_session", "set_session", row.id, now, detail)
    return moved


def check_open(row: SetSession) -> None:
    """Raise Conflict for a session that was held, or is cancelled: it is neither moved nor cancelled any more."""
    if row.state == CANCELLED:
        raise Conflict("This session has been cancelled.")
    if row.state == HELD:
        raise Conflict("This session has been held: its attendance is recorded, and its time stays as it was.")


def _check_presenter(session: Session, set_id: int, presenter: int | None) -> None:
    if presenter is not None and not session.scalar(
        select(SetMembership.member_id).where(sitting_in(set_id), SetMembership.member_id == presenter)
    ):
        sentence = "Choose somebody who is in the set."
        raise Invalid(sentence, {"presenter": sentence})


def cancel(session: Session, actor: Actor, set_id: str, session_id: str, now: datetime) -> bool:
    """Cancel a session; calendars are told of one that is ahead. Returns whether they are.

    Raises Conflict when it is cancelled or held already.
    """
    entry = managed(session, actor, set_id)
    row = of_set(session, entry.row, session_id)
    check_open(row)
    _call_off(session, actor, row, now)
    ahead = row.starts_at > now
    if ahead:
        set_mail.tell(session, "session_cancelled", entry.row, [row.id], now)
    fill_rota(session, entry.row, now)
    return ahead


def cancel_all_ahead(session: Session, actor: Actor, row: LearningSet, now: datetime) -> list[int]:
    """Cancel what is still planned of a set that ends. Returns their ids: the caller tells of all of them at once."""
    ahead = session.scalars(
        select(SetSession)
        .where(SetSession.set_id == row.id, SetSession.state == PLANNED, SetSession.starts_at > now)
        .order_by(SetSession.starts_at)
    ).all()
    for one in ahead:
        _call_off(session, actor, one, now)
    return [one.id for one in ahead]


def _call_off(session: Session, actor: Actor, row: SetSession, now: datetime) -> None:
    row.state = CANCELLED
    row.sequence += 1
    session.flush()
    changes.touch_set(session, row.set_id, now)
    history.record(session, actor.member_id, "cancel_session", "set_session", row.id, now)
