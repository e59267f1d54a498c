"""Keep what was so from which day on, and when that was written down.

Whatever changes a member, a connection or a place in a set says so through `changes.touch`, a session or who was at it
through `changes.touch_set`. Before the transaction is committed, the rows of those members and sets are put beside the
newest of their versions, and what differs is added: this is the only place where versions are written, but for what is
corrected by hand (`haln.people.correcting`), and none is ever changed but for an erased person's.

Days are days of UTC. A version holds from its day on, of whatever was recorded before it; of a session, alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, case, event, func, insert, literal, or_, select, true, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from haln.models import (
    Attendance,
    AttendanceVersion,
    Connection,
    ConnectionVersion,
    LearningSet,
    Member,
    MemberVersion,
    Organisation,
    Place,
    SessionVersion,
    SetMembership,
    SetMembershipVersion,
    SetSession,
)

AT_ONCE = 500
_GONE = ("left", "erased")
_NOTED = "members_to_keep"
_NOTED_SETS = "sets_to_keep"
_AS_IT_STANDS = {"synchronize_session": False}
_EMPLOYERS = aliased(Place)  # the place of a member's organisation

Values = dict[str, Any]


class day_of(GenericFunction[date]):  # noqa: N801  # named as functions of SQL are
    """The day of UTC of a moment."""

    type = Date()
    inherit_cache = True


@compiles(day_of, "sqlite")
def _day_in_sqlite(element: day_of, compiler: SQLCompiler, **given: Any) -> str:
    return f"date({compiler.process(element.clauses, **given)})"


@compiles(day_of, "postgresql")
def _day_in_postgres(element: day_of, compiler: SQLCompiler, **given: Any) -> str:
    return f"cast(timezone('UTC', {compiler.process(element.clauses, **given)}) as date)"


def note(session: Session, member_ids: Iterable[int], now: datetime) -> None:
    """Let versions of these members, their connections and places be kept when the transaction is committed."""
    noted: dict[int, datetime] = session.info.setdefault(_NOTED, {})
    noted.update(dict.fromkeys(member_ids, now))


def note_set(session: Session, set_id: int, now: datetime) -> None:
    """Let versions of a set's sessions, and of who was at them, be kept when the transaction is committed."""
    noted: dict[int, datetime] = session.info.setdefault(_NOTED_SETS, {})
    noted[set_id] = now


@event.listens_for(Session, "before_commit")
def _keep_noted(session: Session) -> None:
    noted: dict[int, datetime] = session.info.pop(_NOTED, {})
    if noted:
        keep(session, noted, max(noted.values()))
    sets: dict[int, datetime] = session.info.pop(_NOTED_SETS, {})
    if sets:
        _keep_sessions(session, sets, max(sets.values()))


@event.listens_for(Session, "after_rollback")
def _forget_noted(session: Session) -> None:
    session.info.pop(_NOTED, None)
    session.info.pop(_NOTED_SETS, None)


def keep(session: Session, member_ids: Iterable[int], now: datetime) -> None:
    """Add versions of all that differs from the newest kept of these members, their connections and their places."""
    session.flush()
    ids = sorted(set(member_ids))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        theirs = or_(Connection.low_id.in_(some), Connection.high_id.in_(some))
        today = _day(now)
        _keep(session, _members(today), Member.id.in_(some), today)
        _keep(session, _connections(today), theirs, today)
        _keep(session, _places(today), SetMembership.member_id.in_(some), today)


def _keep_sessions(session: Session, set_ids: Iterable[int], now: datetime) -> None:
    session.flush()
    some, today = SetSession.set_id.in_(sorted(set_ids)), _day(now)
    _keep(session, _sessions(today), some, today)
    _keep(session, _attendance(), some, today)


def keep_all(session: Session, now: datetime, *, as_it_happened: bool = False) -> None:
    """Add versions of everything that differs from the newest kept: after rows were written in bulk.

    `as_it_happened`: as if each thing had been written down on its day, for a network that is told as it grew.
    """
    session.flush()
    today = _day(now)
    for kept in _all_kept(today):
        _keep(session, kept, true(), today, as_it_happened)


def anonymise(session: Session, member_id: int) -> None:
    """Take out of a member's versions what could tell who they were; sector and region stay, to be counted."""
    session.execute(
        update(MemberVersion)
        .where(MemberVersion.member_id == member_id)
        .values(role=None, organisation_id=None, place_id=None, audience="member"),
        execution_options=_AS_IT_STANDS,
    )


def behind(session: Session) -> dict[str, int]:
    """How many of what is kept in versions differ from the newest kept of them, by table; 0 in a sound store."""
    return {
        kept.model.__tablename__: session.scalar(
            kept.source.with_only_columns(func.count()).where(or_(kept.model.id.is_(None), kept.differs))
        )
        or 0
        for kept in _all_kept(_day(datetime.now(UTC)))
    }


class _Kept:
    """One kind of version: its source beside the newest version, and what a version says of a row.

    `begun` is a row as it began, `stands` as it stands now; `keys` are the columns that say whose version it is.
    `known` is the day since which it is known, where that is told as it happened: the day from which it is so, if none.
    """

    def __init__(
        self,
        model: Any,
        keys: tuple[str, ...],
        source: Select[Any],
        begun: Values,
        stands: Values,
        known: ColumnElement[Any] | None = None,
    ) -> None:
        self.model, self.begun, self.stands, self.known = model, begun, stands, known
        self.keys = [stands[name] for name in keys]  # in whose order versions are numbered, on any database
        other = aliased(model)
        whose = [getattr(other, name) == stands[name] for name in keys]
        newest = select(func.max(other.id)).where(*whose).correlate(stands[keys[0]].class_).scalar_subquery()
        self.source = source.outerjoin(model, model.id == newest)
        # From which day on is said by what says more than that it is so: a session is moved.
        told = [name for name in stands if name not in keys and (name != "from_on" or known is not None)]
        self.differs = or_(*(getattr(model, name).is_distinct_from(stands[name]) for name in told))


def _all_kept(today: date) -> tuple[_Kept, ...]:
    return _members(today), _connections(today), _places(today), _sessions(today), _attendance()


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


def _keep(session: Session, kept: _Kept, some: ColumnElement[bool], today: date, as_it_happened: bool = False) -> None:
    """Add first versions of what has none, as it began; then of what differs from the newest, as it stands.

    Something that has begun and ended since gets both.
    """
    none, differs = kept.model.id.is_(None), and_(kept.model.id.is_not(None), kept.differs)
    for values, which in ((kept.begun, none), (kept.stands, differs)):
        known = values["from_on"] if kept.known is None else kept.known
        written = values | {"recorded_on": known if as_it_happened else literal(today, Date)}
        chosen = kept.source.with_only_columns(*written.values()).where(some, which).order_by(*kept.keys)
        session.execute(insert(kept.model).from_select(list(written), chosen, include_defaults=False))


def _members(today: date) -> _Kept:
    source = (
        select(Member.id)
        .select_from(Member)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .outerjoin(_EMPLOYERS, _EMPLOYERS.id == Organisation.place_id)
    )
    gone = Member.standing.in_(_GONE)
    stands: Values = {
        "member_id": Member.id,
        "from_on": case((and_(gone, Member.left_at.is_not(None)), day_of(Member.left_at)), else_=literal(today, Date)),
        "standing": Member.standing,
        "audience": Member.audience,
        "role": Member.role,
        "organisation_id": Member.organisation_id,
        "sector": Organisation.sector,
        "place_id": Member.place_id,
        "region": func.coalesce(Place.region_code, _EMPLOYERS.region_code),
    }
    begun = stands | {
        "from_on": day_of(Member.joined_at),
        "standing": case((and_(gone, Member.left_at.is_not(None)), "active"), else_=Member.standing),
    }
    return _Kept(MemberVersion, ("member_id",), source, begun, stands)


def _connections(today: date) -> _Kept:
    ended = Connection.until.is_not(None)
    stands: Values = {
        "connection_id": Connection.id,
        "from_on": case((ended, day_of(Connection.until)), else_=literal(today, Date)),
        "holds": Connection.until.is_(None),
        "evidence": Connection.evidence,
        "intensity": Connection.intensity,
    }
    return _Kept(
        ConnectionVersion,
        ("connection_id",),
        select(Connection.id).select_from(Connection),
        stands | {"from_on": day_of(Connection.since), "holds": true()},
        stands,
    )


def _places(today: date) -> _Kept:
    source = (
        select(SetMembership.set_id)
        .select_from(SetMembership)
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
    )
    day = literal(today, Date)
    ended = func.coalesce(SetMembership.left_on, LearningSet.ended_on)
    joined = func.coalesce(SetMembership.joined_on, LearningSet.started_on, day)
    stands: Values = {
        "set_id": SetMembership.set_id,
        "member_id": SetMembership.member_id,
        "from_on": func.coalesce(ended, joined),
        "sits": ended.is_(None),
    }
    return _Kept(
        SetMembershipVersion, ("set_id", "member_id"), source, stands | {"from_on": joined, "sits": true()}, stands
    )


def _sessions(today: date) -> _Kept:
    on_day = day_of(SetSession.starts_at)
    held = select(func.min(day_of(Attendance.recorded_at))).where(Attendance.session_id == SetSession.id)
    stands: Values = {
        "session_id": SetSession.id,
        "set_id": SetSession.set_id,
        "from_on": on_day,
        "state": SetSession.state,
    }
    known = func.coalesce(
        held.correlate(SetSession).scalar_subquery(), case((on_day > today, literal(today, Date)), else_=on_day)
    )
    source = select(SetSession.id).select_from(SetSession)
    return _Kept(SessionVersion, ("session_id",), source, stands, stands, known)


def _attendance() -> _Kept:
    source = (
        select(Attendance.session_id).select_from(Attendance).join(SetSession, SetSession.id == Attendance.session_id)
    )
    stands: Values = {
        "session_id": Attendance.session_id,
        "member_id": Attendance.member_id,
        "state": Attendance.state,
    }
    keys = ("session_id", "member_id")
    return _Kept(AttendanceVersion, keys, source, stands, stands, day_of(Attendance.recorded_at))
