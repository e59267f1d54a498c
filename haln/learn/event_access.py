"""Who may see an event, change it, and see who comes: said once.

Everybody in the network sees what is planned, or was and is cancelled. A proposal that was not accepted (it waits, was
declined, or taken back) is seen by who made it and by staff. The organiser and staff change an event; names of those
who come are for facilitators who organise it, and for staff.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from haln.access import Actor, Audience
from haln.errors import Conflict, NotFound, NotPermitted
from haln.models import Event

PROPOSED, PLANNED, DECLINED, CANCELLED = "proposed", "planned", "declined", "cancelled"
WITHDRAWN = "withdrawn"
SEEN_BY_ALL = (PLANNED, CANCELLED)


def may_see(actor: Actor) -> ColumnElement[bool]:
    """Whether a row of Event is there for the actor."""
    if actor.is_staff:
        return true()
    return or_(Event.state.in_(SEEN_BY_ALL), Event.organiser_id == actor.member_id)


def manages(actor: Actor, row: Event) -> bool:
    """Whether the actor may change, cancel and add to an event."""
    return actor.is_staff or row.organiser_id == actor.member_id


def records(actor: Actor, row: Event) -> bool:
    """Whether the actor sees who comes, and records who came."""
    return actor.is_staff or (row.organiser_id == actor.member_id and actor.audience is Audience.FACILITATOR)


def seen(session: Session, actor: Actor, event_id: str, *, lock: bool = False) -> Event:
    """An event that the actor may see; with `lock` nobody else acts on it meanwhile. Raises NotFound.

    Its key is not held: rows that point to it may be written meanwhile.
    """
    statement = select(Event).where(Event.public_id == event_id, may_see(actor))
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = session.scalar(statement)
    if row is None:
        raise NotFound("There is no such event. It may have been taken back.")
    return row


def managed(session: Session, actor: Actor, event_id: str, *, lock: bool = False) -> Event:
    """An event that the actor may change. Raises NotFound, NotPermitted."""
    row = seen(session, actor, event_id, lock=lock)
    if not manages(actor, row):
        raise NotPermitted("This is for the organiser of the event, and for staff.")
    return row


def decided(session: Session, actor: Actor, event_id: str) -> Event:
    """An event that the actor may decide on, whatever became of it. Raises NotFound, NotPermitted."""
    row = seen(session, actor, event_id)
    if not actor.is_staff:
        raise NotPermitted("Staff decide on proposals.")
    return row


def check_proposed(row: Event) -> None:
    """Raise Conflict for a proposal that is answered, or taken back."""
    if row.state != PROPOSED:
        raise Conflict("This proposal has been answered already, or taken back.")


def recorded(session: Session, actor: Actor, event_id: str, *, lock: bool = False) -> Event:
    """An event of which the actor may see who comes. Raises NotFound, NotPermitted."""
    row = seen(session, actor, event_id, lock=lock)
    if not records(actor, row):
        raise NotPermitted("This is for facilitators who organise the event, and for staff.")
    return row
