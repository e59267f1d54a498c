"""Events to come that were announced since: in the reader's place, or about their themes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from haln.learn.event_access import PLANNED
from haln.learn.event_facts import whereabouts
from haln.models import AuditRecord, Event, EventRegistration, Place
from haln.people import place_tree
from haln.people.place_tree import PlaceTree
from haln.post.digest_parts.base import Found, Reader, Why
from haln.post.shared import Shared

MOST = 5
AHEAD = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Coming:
    """An event that everybody may see, and since when: planned, or its proposal accepted."""

    id: int
    public_id: str
    title: str
    standfirst: str
    starts_at: datetime
    where: str
    place_id: int | None
    place: str | None
    themes: frozenset[str]
    organiser_id: int
    announced_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """An event in a digest, and why it is there."""

    event: Coming
    why: Why


def read(session: Session, reader: Reader, shared: Shared) -> Found | None:
    """Up to five events, the next first, without those that the reader holds, comes to or has declined."""
    coming = shared.once("events", reader.now, lambda: _coming(session, reader.now))
    tree = shared.once("places", reader.now, lambda: place_tree.read(session)) if coming else PlaceTree({})
    fit = [Item(one, why) for one in coming if _is_new(one, reader) and (why := _why(one, reader, tree)) is not None]
    if not fit:
        return None
    known = _known(session, reader.id, [one.event.id for one in fit])
    found = tuple(one for one in fit if one.event.id not in known)[:MOST]
    return Found(found, len(found)) if found else None


def _is_new(one: Coming, reader: Reader) -> bool:
    return reader.is_new(one.announced_at) and one.starts_at > reader.now and one.organiser_id != reader.id


def _why(one: Coming, reader: Reader, tree: PlaceTree) -> Why | None:
    return reader.why(one.themes, _place(one, reader, tree))


def _place(one: Coming, reader: Reader, tree: PlaceTree) -> str:
    """The larger of an event's place and the reader's, where one holds the other: both are in it."""
    if one.place_id is None or reader.place_id is None:
        return ""
    if tree.holds(reader.place_id, one.place_id):
        return reader.place or ""
    return one.place or "" if tree.holds(one.place_id, reader.place_id) else ""


def _coming(session: Session, now: datetime) -> list[Coming]:
    accepted = (
        select(func.max(AuditRecord.at))
        .where(
            AuditRecord.subject_kind == "event",
            AuditRecord.subject_id == Event.id,
            AuditRecord.action == "accept_event",
        )
        .correlate(Event)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Event.id,
            Event.public_id,
            Event.title,
            Event.standfirst,
            Event.starts_at,
            Event.where,
            Event.place_id,
            Place.name.label("place"),
            Event.themes,
            Event.organiser_id,
            Event.made_at,
            accepted.label("accepted_at"),
        )
        .outerjoin(Place, Place.id == Event.place_id)
        .where(Event.state == PLANNED, Event.starts_at > now, Event.starts_at <= now + AHEAD)
        .order_by(Event.starts_at, Event.id)
    )
    return [
        Coming(
            *row[:5],
            whereabouts(row.where, row.place),
            row.place_id,
            row.place,
            frozenset(row.themes),
            row.organiser_id,
            row.accepted_at or row.made_at,
        )
        for row in rows
    ]


def _known(session: Session, member_id: int, events: list[int]) -> set[int]:
    """Those that the member has a place at, waits for, or has given back."""
    return set(
        session.scalars(
            select(EventRegistration.event_id).where(
                and_(EventRegistration.member_id == member_id, EventRegistration.event_id.in_(events))
            )
        )
    )
