"""Letters about the sessions of a set: what they say, and the calendar file that goes with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn import session_calendars, set_mail
from haln.models import LearningSet, SetSession
from haln.post import unsubscribing
from haln.post.writing import Attachment, Draft, Order, Url, Writer

KINDS = set_mail.KINDS
STOPPABLE = frozenset(KINDS) - {"set_joined"}
"""Kinds that a member can do without; that they are in a set now, everybody is told."""

_STATES = {"session_cancelled": "cancelled", "set_ended": "cancelled", "set_reopened": "cancelled"}
_OF_THE_SET = ("set_joined", "set_ended", "set_reopened")
"""Kinds that say something without a session, too."""

FILE = "sessions.ics"


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter about a set says."""

    values: Mapping[str, object]
    attachments: tuple[Attachment, ...] = ()


def write(writer: Writer, order: Order) -> Draft | None:
    """About a learning set's sessions: to those in it."""
    person = writer.by_id(order.member_id)
    said = told(writer.session, order.kind, order.values, order.member_id, writer.url, writer.now)
    if person is None or said is None:
        return None
    topic = unsubscribing.INTRODUCTIONS if order.kind in STOPPABLE else ""
    return Draft(order.kind, person.email, said.values, topic, person.public_id, attachments=said.attachments)


def drafted(writer: Writer, order: Order, said: Told | None, *, stoppable: bool) -> Draft | None:
    """The draft of what is said to whoever leads a set, or was in it; none of what a reader wants no mail about."""
    person = writer.reader(order)
    if person is None or said is None or (stoppable and not person.introduction_mail):
        return None
    topic = unsubscribing.INTRODUCTIONS if stoppable else ""
    return Draft(order.kind, person.email, said.values, topic, person.public_id, attachments=said.attachments)


def told(
    session: Session,
    kind: str,
    about: Mapping[str, Any],
    member_id: int | None,
    url: Url,
    now: datetime,
) -> Told | None:
    """What to say to a member; none when they are no longer in the set, or there is nothing to say any more."""
    row = session.get(LearningSet, about["set_id"])
    if row is None or member_id is None or (row.ended_on is None) == (kind == "set_ended"):
        return None
    if not set_mail.reaches(session, row, member_id, wanted=kind in STOPPABLE):
        return None
    meetings = _meetings(session, kind, row, about["session_ids"], now)
    if not meetings and kind not in _OF_THE_SET:
        return None
    asked = member_id != row.facilitator_id
    return _about(row, meetings, url(_path(kind, row, meetings, member_id)), url, now, asked=asked)


def with_sessions(session: Session, row: LearningSet, ids: list[int], address: str, url: Url, now: datetime) -> Told:
    """What a letter says of a set and of those of its sessions that are still ahead, and their calendar file."""
    return _about(row, planned(session, row, ids, now), address, url, now)


def planned(session: Session, row: LearningSet, ids: list[int], now: datetime) -> list[SetSession]:
    """Those of these sessions of a set that are planned and still ahead."""
    return _meetings(session, "set_led", row, ids, now)


def _about(
    row: LearningSet, meetings: list[SetSession], address: str, url: Url, now: datetime, *, asked: bool = False
) -> Told:
    values = {"set_name": row.name, "meetings": [_said(one) for one in meetings], "asked": asked, "url": address}
    if not meetings:
        return Told(values)

    def page(set_id: str, session_id: str) -> str:
        return url(f"/sets/{set_id}/sessions/{session_id}")

    file = session_calendars.of_rows(row, meetings, page, now)
    return Told(values, (Attachment(FILE, file.decode("utf-8")),))


def _meetings(session: Session, kind: str, row: LearningSet, ids: list[int], now: datetime) -> list[SetSession]:
    """The sessions that the letter is about and that are still as it says: none of those that are over."""
    return list(
        session.scalars(
            select(SetSession)
            .where(
                SetSession.id.in_(ids),
                SetSession.set_id == row.id,
                SetSession.state == _STATES.get(kind, "planned"),
                SetSession.starts_at > now,
            )
            .order_by(SetSession.starts_at)
        )
    )


def _said(row: SetSession) -> dict[str, object]:
    return {"starts_at": row.starts_at, "where": row.where, "minutes": row.minutes}


def _path(kind: str, row: LearningSet, meetings: list[SetSession], member_id: int) -> str:
    if kind == "set_ended" and member_id != row.facilitator_id:
        return f"/sets/{row.public_id}/reflect"
    if len(meetings) == 1 and kind not in _OF_THE_SET:
        return f"/sets/{row.public_id}/sessions/{meetings[0].public_id}"
    return f"/sets/{row.public_id}"
