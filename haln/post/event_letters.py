"""Letters about events: what they say, the calendar file that goes with them, and whom to say hello to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from haln.connect import hellos
from haln.learn import calendar_files, event_calendars, event_mail
from haln.learn.event_access import CANCELLED, DECLINED, PLANNED
from haln.learn.event_facts import whereabouts
from haln.learn.event_registrations import REGISTERED
from haln.models import Event
from haln.people import places
from haln.post import unsubscribing
from haln.post.set_letters import Told
from haln.post.writing import Attachment, Draft, Order, Writer

KINDS = event_mail.KINDS
REMINDER = event_mail.REMINDER
FILE = "event.ics"


def write(writer: Writer, order: Order) -> Draft | None:
    """About an event: to those who have a place or wait for one, or who proposed it."""
    person = writer.reader(order)
    said = told(writer.session, order.kind, order.values, order.member_id, writer.url, writer.now)
    if person is None or said is None:
        return None
    stoppable = order.kind == REMINDER
    if stoppable and not person.event_mail:
        return None
    topic = unsubscribing.EVENTS if stoppable else ""
    own = secrets(said.values)
    return Draft(order.kind, person.email, said.values, topic, person.public_id, own, said.attachments)


def told(
    session: Session,
    kind: str,
    about: Mapping[str, Any],
    member_id: int | None,
    url: Callable[[str], str],
    now: datetime,
) -> Told | None:
    """What to say to a member; none when it no longer concerns them, or there is nothing to say any more."""
    row = session.get(Event, about["event_id"], populate_existing=True)
    if row is None or member_id is None:
        return None
    if kind == "event_answered":
        return _answered(session, row, member_id, url)
    state = event_mail.state_of(session, row.id, member_id)
    if state in (None, "cancelled") or row.starts_at <= now:
        return None
    if row.state != (CANCELLED if kind == "event_cancelled" else PLANNED):
        return None
    inside = state == REGISTERED
    if not inside and kind in ("event_placed", REMINDER):
        return None
    page = url(f"/events/{row.public_id}")
    values = {**_said(session, row), "url": page, "online": inside and bool(row.joining_link)}
    if kind == REMINDER:
        values["hellos"] = hellos.three(session, member_id, row.id, now.date())
    file = calendar_files.written(
        [event_calendars.entry(row, places.name(session, row.place_id), page, inside=inside)], now
    )
    attachments = (Attachment(FILE, file.decode("utf-8")),) if inside or kind == "event_cancelled" else ()
    return Told(values, attachments)


def _said(session: Session, row: Event) -> dict[str, object]:
    where = whereabouts(row.where, places.name(session, row.place_id))
    return {"title": row.title, "standfirst": row.standfirst, "starts_at": row.starts_at, "where": where}


def _answered(session: Session, row: Event, member_id: int, url: Callable[[str], str]) -> Told | None:
    if row.organiser_id != member_id or row.state not in (PLANNED, DECLINED):
        return None
    page = url(f"/events/{row.public_id}")
    return Told({**_said(session, row), "accepted": row.state == PLANNED, "answer": row.answer, "url": page})


def secrets(values: Mapping[str, object]) -> tuple[str, ...]:
    """What of a letter nobody but its reader may see: the names of people, and words of staff."""
    people: Any = values.get("hellos", ())
    names = [one.person.name for one in people]
    names += [known.name for one in people for reason in one.reasons for known in reason.people]
    found = (str(values.get("answer", "")), *names)
    return tuple(sorted({one for one in found if one}, key=lambda one: (-len(one), one)))
