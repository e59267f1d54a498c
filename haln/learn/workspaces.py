"""A set's workspace as those inside see it, and what of it others who answer for it see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import attendance, reflections, rota, sessions, set_members
from haln.learn.rota import Turn
from haln.learn.session_times import Span
from haln.learn.set_access import Entry, enter, inside
from haln.learn.set_people import Circle, Mate, Sight, circle
from haln.models import Attendance, LearningSet, Reflection, SetAction, SetNote, SetSession

LATEST_NOTES = 20


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session in a list. `present` of `expected` were there, once it is recorded."""

    public_id: str
    starts_at: datetime
    minutes: int
    state: str
    where: str
    presenter: Mate | None
    present: int | None = None
    expected: int | None = None
    past: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """Something somebody said they would do. `behind`: a session has gone by since it was agreed, and it is open.

    `here`, on a session's page: it was agreed at that session, and is not behind there.
    """

    public_id: str
    text: str
    owner: Mate
    mine: bool
    state: str
    outcome: str
    behind: bool
    created_at: datetime
    closed_at: datetime | None
    here: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A note of the set."""

    public_id: str
    text: str
    author: Mate
    mine: bool
    about: datetime | None  # when the session was that it is about
    created_at: datetime
    changed: bool


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything on a set's page. Who looks on from outside gets neither actions nor notes."""

    entry: Entry
    circle: Circle
    next: Meeting | None
    joining_link: str
    ahead: tuple[Meeting, ...]
    past: tuple[Meeting, ...]
    queue: tuple[Mate, ...]  # who presents next, in order, after those who are named for sessions ahead
    actions: tuple[Action, ...] = ()
    open_actions: int = 0
    notes: tuple[Note, ...] = ()
    note_count: int = 0
    requests: int = 0
    asked: bool = False
    reflected: bool = False


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Everything on a session's page."""

    entry: Entry
    circle: Circle
    row: SetSession
    meeting: Meeting
    lines: tuple[tuple[Mate, str], ...]  # who was there, once it is recorded
    actions: tuple[Action, ...]  # what came back from before, and what was agreed here
    notes: tuple[Note, ...]
    may_record: bool


def workspace(session: Session, actor: Actor, set_id: str, now: datetime) -> Workspace:
    """A set's page. Raises NotFound for who has nothing to do with it."""
    entry = enter(session, actor, set_id)
    people = circle(session, actor.member_id, entry.row)
    rows = session.scalars(
        select(SetSession).where(SetSession.set_id == entry.row.id).order_by(SetSession.starts_at, SetSession.id)
    ).all()
    counts = _counts(session, entry.row)
    meetings = [_meeting(row, people, counts, now) for row in rows]
    ahead = tuple(one for one in meetings if not one.past and one.state == sessions.PLANNED)
    following = next((one for one in meetings if not one.past and one.state != sessions.CANCELLED), None)
    link = next((row.joining_link for row in rows if following and row.public_id == following.public_id), "")
    count = _count(session, SetAction, SetAction.set_id == entry.row.id, SetAction.state == "open")
    notes = _count(session, SetNote, SetNote.set_id == entry.row.id)
    base = Workspace(
        entry=entry,
        circle=people,
        next=following,
        joining_link=(link or entry.row.joining_link) if entry.inside else "",
        ahead=ahead,
        past=tuple(reversed([one for one in meetings if one.past or one.state == sessions.CANCELLED])),
        queue=_queue(people, rows),
        open_actions=count,
        note_count=notes,
        requests=len(set_members.asking(session, actor, entry)),
    )
    return _with_words(session, actor, base, rows, now) if entry.inside else base


def _with_words(
    session: Session, actor: Actor, base: Workspace, rows: Sequence[SetSession], now: datetime
) -> Workspace:
    """The page of those inside: with actions, notes, and whether they are asked for a reflection."""
    asked = reflections.asked(base.entry, now)
    key = (base.entry.row.id, actor.member_id)
    return replace(
        base,
        actions=_actions(session, actor, base.entry.row, base.circle, rows, now),
        notes=_notes(session, actor, base.entry.row, base.circle, rows, None, LATEST_NOTES),
        asked=asked,
        reflected=asked and session.get(Reflection, key) is not None,
    )


def all_notes(session: Session, actor: Actor, set_id: str) -> tuple[Entry, tuple[Note, ...]]:
    """Every note of a set, the newest first. Raises NotFound for who is not inside."""
    entry = inside(session, actor, set_id)
    people = circle(session, actor.member_id, entry.row)
    rows = session.scalars(select(SetSession).where(SetSession.set_id == entry.row.id)).all()
    return entry, _notes(session, actor, entry.row, people, rows, None, None)


def session_page(session: Session, actor: Actor, set_id: str, session_id: str, now: datetime) -> SessionPage:
    """A session's page, for those inside. Raises NotFound."""
    entry = inside(session, actor, set_id)
    people = circle(session, actor.member_id, entry.row)
    row = sessions.of_set(session, entry.row, session_id)
    rows = session.scalars(select(SetSession).where(SetSession.set_id == entry.row.id)).all()
    states = attendance.recorded(session, row.id)
    known = [mate for mate in people.members if mate.id in states]
    former = [Mate(member, Sight.FORMER) for member in sorted(states.keys() - {mate.id for mate in known})]
    present = sum(state == attendance.PRESENT for state in states.values())
    counts = {row.id: (present, len(states))} if states else {}
    begun = row.starts_at - attendance.EARLY <= now
    return SessionPage(
        entry=entry,
        circle=people,
        row=row,
        meeting=_meeting(row, people, counts, now),
        lines=tuple((mate, states[mate.id]) for mate in [*known, *former]),
        actions=_actions(session, actor, entry.row, people, rows, now, row),
        notes=_notes(session, actor, entry.row, people, rows, row.id, None),
        may_record=entry.manages and entry.running and row.state != sessions.CANCELLED and begun,
    )


def _meeting(row: SetSession, people: Circle, counts: dict[int, tuple[int, int]], now: datetime) -> Meeting:
    present, expected = counts.get(row.id, (None, None))
    return Meeting(
        public_id=row.public_id,
        starts_at=row.starts_at,
        minutes=row.minutes,
        state=row.state,
        where=row.where,
        presenter=people.of(row.presenter_id),
        present=present,
        expected=expected,
        past=Span(row.starts_at, row.minutes).ends_at <= now,
    )


def _counts(session: Session, row: LearningSet) -> dict[int, tuple[int, int]]:
    """How many were there, of how many, by session."""
    present = func.count().filter(Attendance.state == attendance.PRESENT)
    found = session.execute(
        select(Attendance.session_id, present, func.count())
        .join(SetSession, SetSession.id == Attendance.session_id)
        .where(SetSession.set_id == row.id)
        .group_by(Attendance.session_id)
    )
    return {one[0]: (one[1], one[2]) for one in found}


def _queue(people: Circle, rows: Sequence[SetSession]) -> tuple[Mate, ...]:
    turns = [
        Turn(row.starts_at, row.presenter_id)
        for row in rows
        if row.presenter_id is not None and row.state != sessions.CANCELLED
    ]
    order = rota.order(((mate.id, mate.joined_on) for mate in people.members), turns)
    return tuple(people.known[member] for member in order)


def _count(session: Session, model: type, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def _actions(
    session: Session,
    actor: Actor,
    row: LearningSet,
    people: Circle,
    rows: Sequence[SetSession],
    now: datetime,
    at: SetSession | None = None,
) -> tuple[Action, ...]:
    """Open actions of a set, the oldest first; at a session those agreed before it, and all that were agreed there."""
    wanted = SetAction.state == "open"
    if at is not None:
        over = Span(at.starts_at, at.minutes).ends_at
        wanted = (wanted & (SetAction.created_at <= over)) | (SetAction.session_id == at.id)
    found = session.scalars(
        select(SetAction).where(SetAction.set_id == row.id, wanted).order_by(SetAction.created_at, SetAction.id)
    )
    held = [one.starts_at for one in rows if one.state != sessions.CANCELLED and one.starts_at <= now]
    agreed_at = {one.id: one.starts_at for one in rows}
    made = []
    for one in found:
        since = agreed_at.get(one.session_id or 0, one.created_at)
        here = at is not None and one.session_id == at.id
        made.append(
            Action(
                public_id=one.public_id,
                text=one.text,
                owner=people.of(one.owner_id) or Mate(one.owner_id, Sight.FORMER),
                mine=one.owner_id == actor.member_id,
                state=one.state,
                outcome=one.outcome,
                behind=one.state == "open" and not here and any(max(since, one.created_at) < begun for begun in held),
                created_at=one.created_at,
                closed_at=one.closed_at,
                here=here,
            )
        )
    return tuple(made)


def _notes(
    session: Session,
    actor: Actor,
    row: LearningSet,
    people: Circle,
    rows: Sequence[SetSession],
    session_id: int | None,
    most: int | None,
) -> tuple[Note, ...]:
    statement = select(SetNote).where(SetNote.set_id == row.id)
    if session_id is not None:
        statement = statement.where(SetNote.session_id == session_id)
    found = session.scalars(statement.order_by(SetNote.created_at.desc(), SetNote.id.desc()).limit(most))
    when = {one.id: one.starts_at for one in rows}
    return tuple(
        Note(
            public_id=one.public_id,
            text=one.text,
            author=people.of(one.author_id) or Mate(one.author_id, Sight.FORMER),
            mine=one.author_id == actor.member_id,
            about=when.get(one.session_id or 0),
            created_at=one.created_at,
            changed=one.changed_at > one.created_at,
        )
        for one in found
    )
