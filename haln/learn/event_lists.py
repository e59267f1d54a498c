"""Events as members find them: those to come, those that were, and one event's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.learn import event_access, event_registrations
from haln.learn.event_access import DECLINED, PLANNED, PROPOSED
from haln.learn.event_registrations import REGISTERED, WAITING, Overlap
from haln.models import Event, EventAttendance, EventRegistration, Member, Organisation, Place
from haln.network import suppress
from haln.people import seen
from haln.people.seen import PersonLine
from haln.people.visibility import ACTIVE

PAGE = 20
MOST_AHEAD = 200


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event in a list. `mine`: registered, waiting or none, of whoever looks."""

    public_id: str
    title: str
    standfirst: str
    starts_at: datetime
    ends_at: datetime
    where: str
    place: str | None
    online: bool
    capacity: int | None
    taken: int
    state: str
    themes: tuple[str, ...]
    mine: str | None
    organises: bool

    @property
    def full(self) -> bool:
        """Whether all places are taken."""
        return self.capacity is not None and self.taken >= self.capacity


@dataclass(frozen=True, slots=True)
class Listing:
    """The events to come by what the actor has to do with them.

    `asked`: proposals that staff have to answer. `proposals`: the actor's own that were not accepted, whatever their
    day, the newest first.
    """

    asked: tuple[EventLine, ...]
    mine: tuple[EventLine, ...]
    coming: tuple[EventLine, ...]
    proposals: tuple[EventLine, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    """One event as the actor may know it. `joining_link` and `line` are theirs alone; links are empty where not theirs.

    `sectors`: how many of each sector have a place, in fives, small numbers hidden (none); empty where even that would
    tell too much.
    """

    row: Event
    line: EventLine
    organiser: PersonLine | None
    turn: int
    says_hello: bool
    joining_link: str
    recording: str
    slides: str
    overlaps: tuple[Overlap, ...]
    manages: bool
    records: bool
    decides: bool
    came: int
    waiting: int
    sectors: Mapping[str, int | None]


def _taken() -> ColumnElement[int]:
    return (
        select(func.count())
        .where(EventRegistration.event_id == Event.id, EventRegistration.state == REGISTERED)
        .correlate(Event)
        .scalar_subquery()
    )


def _lines(actor: Actor) -> Any:
    own = and_(EventRegistration.event_id == Event.id, EventRegistration.member_id == actor.member_id)
    mine = (
        select(case((EventRegistration.state != "cancelled", EventRegistration.state)))
        .where(own)
        .correlate(Event)
        .scalar_subquery()
    )
    chosen = select(
        Event.public_id,
        Event.title,
        Event.standfirst,
        Event.starts_at,
        Event.ends_at,
        Event.where,
        Place.name.label("place"),
        (Event.joining_link != "").label("online"),
        Event.capacity,
        _taken().label("taken"),
        Event.state,
        Event.themes,
        mine.label("mine"),
        (Event.organiser_id == actor.member_id).label("organises"),
    )
    return chosen.outerjoin(Place, Place.id == Event.place_id).where(event_access.may_see(actor))


def _read(session: Session, statement: Any) -> tuple[EventLine, ...]:
    rows = session.execute(statement)
    return tuple(EventLine(*(*row[:11], tuple(row[11]), row[12], bool(row[13]))) for row in rows)


def coming(session: Session, actor: Actor, theme: str, now: datetime) -> Listing:
    """The events to come, of a theme where one is asked for, the next first. Two queries."""
    statement = (
        _lines(actor)
        .where(Event.ends_at > now, Event.state.in_(event_access.SEEN_BY_ALL))
        .order_by(Event.starts_at, Event.id)
        .limit(MOST_AHEAD)
    )
    found = _read(session, statement)
    rest = [one for one in found if one.state == PLANNED or one.mine]
    staff = actor.is_staff
    mine = tuple(one for one in rest if one.mine or one.organises)
    proposed = _proposed(session, actor, staff=staff)
    return Listing(
        asked=tuple(proposed) if staff else (),
        mine=mine,
        coming=tuple(one for one in rest if one not in mine and (not theme or theme in one.themes)),
        proposals=() if staff else tuple(proposed),
    )


def _proposed(session: Session, actor: Actor, *, staff: bool) -> tuple[EventLine, ...]:
    """What waits for staff, the next first; for others their own that wait, lapsed or were declined."""
    if staff:
        statement = _lines(actor).where(Event.state == PROPOSED).order_by(Event.starts_at.desc(), Event.id.desc())
        return _read(session, statement.limit(MOST_AHEAD))[::-1]
    own = _lines(actor).where(Event.organiser_id == actor.member_id, Event.state.in_((PROPOSED, DECLINED)))
    return _read(session, own.order_by(Event.made_at.desc(), Event.id.desc()).limit(PAGE))


def past(session: Session, actor: Actor, number: int, now: datetime) -> tuple[tuple[EventLine, ...], bool]:
    """A page of the events that took place, the last first; and whether there are earlier ones. One query."""
    statement = (
        _lines(actor)
        .where(Event.ends_at <= now, Event.state == PLANNED)
        .order_by(Event.starts_at.desc(), Event.id.desc())
        .offset((number - 1) * PAGE)
        .limit(PAGE + 1)
    )
    found = _read(session, statement)
    return found[:PAGE], len(found) > PAGE


def page(
    session: Session, actor: Actor, event_id: str, top_sector: Callable[[str], str], threshold: int, now: datetime
) -> EventPage:
    """One event. `top_sector` gives the sector above a kind of sector. Raises NotFound."""
    row = event_access.seen(session, actor, event_id)
    line = _read(session, _lines(actor).where(Event.id == row.id))[0]
    own = session.execute(
        select(EventRegistration.says_hello).where(
            EventRegistration.event_id == row.id, EventRegistration.member_id == actor.member_id
        )
    ).first()
    manages = event_access.manages(actor, row)
    inside = line.mine == REGISTERED or manages
    over = row.ends_at <= now
    links = over and (inside or row.links_for == "members")
    ahead = row.state == PLANNED and not over
    return EventPage(
        row=row,
        line=line,
        organiser=seen.people(session, actor.member_id, [row.organiser_id]).get(row.organiser_id),
        turn=event_registrations.place_in_line(session, row.id, actor.member_id, now) if line.mine == WAITING else 0,
        says_hello=bool(own and own.says_hello),
        joining_link=row.joining_link if inside and ahead else "",
        recording=row.recording_link if links else "",
        slides=row.slides_link if links else "",
        overlaps=tuple(event_registrations.overlaps(session, actor.member_id, row)) if ahead else (),
        manages=manages,
        records=event_access.records(actor, row),
        decides=actor.is_staff and row.state == PROPOSED,
        came=came(session, row.id),
        waiting=_waiting(session, row.id),
        sectors=balance(_sectors(session, row.id), top_sector, threshold),
    )


def _waiting(session: Session, event_id: int) -> int:
    return (
        session.scalar(
            select(func.count()).where(EventRegistration.event_id == event_id, EventRegistration.state == WAITING)
        )
        or 0
    )


def beside(session: Session, actor: Actor, event_id: str) -> list[Overlap]:
    """What else takes place while an event lasts, for whoever plans it: to know, never in the way.

    Events that everybody sees; of whoever organises it also what they have a place at, and sessions of their sets.
    Raises NotFound.
    """
    row = event_access.seen(session, actor, event_id)
    rows = session.execute(
        select(Event.title, Event.starts_at)
        .where(Event.id != row.id, Event.state == PLANNED, Event.starts_at < row.ends_at, Event.ends_at > row.starts_at)
        .order_by(Event.starts_at, Event.id)
    )
    found = [Overlap(one.title, one.starts_at) for one in rows]
    if row.organiser_id == actor.member_id:
        found += [one for one in event_registrations.overlaps(session, actor.member_id, row) if one not in found]
    return found


def came(session: Session, event_id: int) -> int:
    """How many members are recorded as having been at an event."""
    return session.scalar(select(func.count()).select_from(present(event_id).subquery())) or 0


def present(event_id: int) -> Select[int]:
    """Select the members of whom the last that was recorded is that they came; nobody came to what was cancelled."""
    last = (
        select(func.max(EventAttendance.id))
        .where(EventAttendance.event_id == event_id)
        .group_by(EventAttendance.member_id)
    )
    return (
        select(EventAttendance.member_id)
        .join(Event, Event.id == EventAttendance.event_id)
        .where(EventAttendance.id.in_(last), EventAttendance.came, Event.state == PLANNED)
    )


def _sectors(session: Session, event_id: int) -> list[str | None]:
    """The sector of each who has a place: everybody counts, also who is hidden from lists."""
    return list(
        session.scalars(
            select(Organisation.sector)
            .select_from(EventRegistration)
            .join(Member, Member.id == EventRegistration.member_id)
            .outerjoin(Organisation, Organisation.id == Member.organisation_id)
            .where(
                EventRegistration.event_id == event_id,
                EventRegistration.state == REGISTERED,
                Member.standing == ACTIVE,
            )
        )
    )


def balance(sectors: list[str | None], top_sector: Callable[[str], str], threshold: int) -> Mapping[str, int | None]:
    """How many are of each sector, the most first, as small numbers are shown; empty where nothing may be told.

    All of them together are known exactly: to whoever runs it, and to everybody when all places are taken. So what is
    hidden is to stay open beside that number, not beside its class.
    """
    counts = Counter(top_sector(one) if one else suppress.OTHER for one in sectors)
    whole, exact = suppress.bounds(len(sectors), threshold), len(sectors)
    if not whole.hidden:
        whole = suppress.Bounds(exact, exact, exact, exact)
    told = suppress.one_way(counts, whole, threshold)
    if told is None or all(cell.hidden for cell in told.values()):
        return {}
    order = sorted(told, key=lambda code: (-(told[code].shown or 0), code))
    return {code: told[code].shown for code in order}
