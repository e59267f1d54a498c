"""The end of a set, and what its members say of it.

The answers count for everybody who answers for the set; they are told once three have answered. The words are read by
whoever wrote them and, only where they say so, by the set's facilitator and staff, without a name beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import sessions, set_mail
from haln.learn.set_access import Entry, Standing, admitting, enter, inside, sitting_in
from haln.learn.set_people import sitting_ids
from haln.models import LearningSet, Reflection, SetMembership, SetRequest, SetSession
from haln.people import changes, mailbox

LENGTH = 2_000
OPEN_DAYS = 90
ENOUGH = 3
"""So many answers hide who gave which."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a set's members said. `useful` is empty, and `changed` none, until enough have answered."""

    entry: Entry
    members: int
    answered: int
    useful: Mapping[int, int] = field(default_factory=dict)
    changed: int | None = None
    words: tuple[str, ...] = ()


def end(session: Session, actor: Actor, set_id: str, now: datetime) -> int:
    """End a set today: what is planned is cancelled, who asks to join is answered, its members asked for a reflection.

    One letter says it all, with the cancelled sessions in a calendar file. Returns how many sessions are cancelled.
    Raises NotPermitted, NotFound, Conflict when it has ended already.
    """
    row = admitting(session, actor, set_id, change=True).row
    cancelled = sessions.cancel_all_ahead(session, actor, row, now)
    row.ended_on, row.open_places = now.date(), 0
    row.version += 1
    session.flush()
    changes.touch(session, sitting_ids(session, row.id), now)
    set_mail.tell(session, "set_ended", row, cancelled, now, mark=row.version)  # it may have ended before
    _answer_requests(session, row, now)
    detail: history.Detail = {"sessions_cancelled": len(cancelled)}
    history.record(session, actor.member_id, "end_set", "learning_set", row.id, now, detail)
    return len(cancelled)


def _answer_requests(session: Session, row: LearningSet, now: datetime) -> None:
    """Close what people asked of a set that is no more, and tell them kindly."""
    for request in session.scalars(
        select(SetRequest).where(SetRequest.set_id == row.id, SetRequest.state == "open").order_by(SetRequest.id)
    ):
        request.state, request.closed_at = "declined", now
        mailbox.put_to_member(session, "set_request_declined", request.member_id, {"set_request_id": request.id}, now)


def ahead(session: Session, row: LearningSet, now: datetime) -> int:
    """How many sessions would be cancelled if the set ended now."""
    planned = select(func.count(SetSession.id)).where(
        SetSession.set_id == row.id, SetSession.state == sessions.PLANNED, SetSession.starts_at > now
    )
    return session.scalar(planned) or 0


def asked(entry: Entry, now: datetime) -> bool:
    """Whether the actor is asked for a reflection now: a member, from the end of the set on, for 90 days."""
    ended = entry.row.ended_on
    return entry.standing is Standing.MEMBER and ended is not None and now.date() <= ended + timedelta(days=OPEN_DAYS)


def own(session: Session, actor: Actor, set_id: str, now: datetime) -> tuple[Entry, Reflection | None]:
    """The set and the actor's own reflection, if they wrote one. Raises NotFound, Conflict when it is not asked for."""
    entry = inside(session, actor, set_id)
    if entry.standing is not Standing.MEMBER:
        raise NotFound("There is no such page, or it is not for you.")
    if not asked(entry, now):
        raise Conflict("A set's members are asked for a reflection when it ends, for 90 days.")
    return entry, session.get(Reflection, (entry.row.id, actor.member_id))


def reflect(
    session: Session, actor: Actor, set_id: str, useful: int, changed: bool, text: str, shared: bool, now: datetime
) -> None:
    """Say what the set was good for; saying it again replaces it. Raises Invalid, NotFound, Conflict."""
    enter(session, actor, set_id, lock=True)  # so that a double click is one reflection
    entry, row = own(session, actor, set_id, now)
    text, faults = text.replace("\r\n", "\n").strip(), {}
    if useful not in range(1, 6):
        faults["useful"] = "Choose one of the five."
    if len(text) > LENGTH:
        faults["text"] = "Write at most 2,000 characters."
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    if row is None:
        row = Reflection(set_id=entry.row.id, member_id=actor.member_id)
        session.add(row)
    row.useful, row.changed, row.text, row.shared, row.written_at = useful, changed, text, shared, now
    session.flush()
    history.record(session, actor.member_id, "reflect", "learning_set", entry.row.id, now)


def summary(session: Session, actor: Actor, set_id: str) -> Summary:
    """What the members of a set said, for whoever answers for it. Raises NotFound, also for the members themselves."""
    entry = enter(session, actor, set_id)
    if entry.standing is Standing.MEMBER:
        raise NotFound("There is no such page, or it is not for you.")
    rows = session.execute(
        select(Reflection.useful, Reflection.changed, Reflection.text, Reflection.shared).where(
            Reflection.set_id == entry.row.id
        )
    ).all()
    members = session.scalar(select(func.count()).select_from(SetMembership).where(sitting_in(entry.row.id))) or 0
    # In the order of the words themselves: never of who, when or how useful.
    words = tuple(sorted(row.text for row in rows if row.shared and row.text))
    if len(rows) < ENOUGH:
        return Summary(entry, members, len(rows), words=words)
    useful = Counter(row.useful for row in rows)
    return Summary(entry, members, len(rows), dict(useful), sum(row.changed for row in rows), words)
