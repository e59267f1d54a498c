"""Notes that a set keeps for itself. Whoever wrote one changes or removes it; the others read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import sessions
from haln.learn.set_access import inside
from haln.models import SetNote
from haln.people.tokens import public_id

LENGTH = 20_000
MOST = 1_000


def checked(text: str) -> str:
    """The text without blank ends. Raises Invalid for none, or too much."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        sentence = "Write something first."
        raise Invalid(sentence, {"text": sentence})
    if len(text) > LENGTH:
        sentence = "A note has at most 20,000 characters; this one has %(count)s. Make it two notes."
        raise Invalid(sentence, {"text": sentence}, count=f"{len(text):,}")
    return text


def write(session: Session, actor: Actor, set_id: str, text: str, session_id: str, now: datetime) -> str:
    """Write a note, about a session or (with an empty `session_id`) the set. Returns its public id."""
    entry = inside(session, actor, set_id, change=True)
    meeting = sessions.of_set(session, entry.row, session_id) if session_id else None
    text = checked(text)
    if (session.scalar(select(func.count(SetNote.id)).where(SetNote.set_id == entry.row.id)) or 0) >= MOST:
        raise Invalid("This set has 1,000 notes, which is as many as it can have. Remove one first.")
    row = SetNote(
        public_id=public_id(),
        set_id=entry.row.id,
        session_id=meeting.id if meeting else None,
        author_id=actor.member_id,
        text=text,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    history.record(session, actor.member_id, "write_note", "set_note", row.id, now)
    return row.public_id


def own(session: Session, actor: Actor, set_id: str, note_id: str) -> SetNote:
    """A note that the actor wrote, in a set they are still in. Raises NotFound."""
    entry = inside(session, actor, set_id)
    found = session.scalar(
        select(SetNote).where(
            SetNote.public_id == note_id, SetNote.set_id == entry.row.id, SetNote.author_id == actor.member_id
        )
    )
    if found is None:
        raise NotFound("There is no such note, or it is not yours to change.")
    return found


def change(session: Session, actor: Actor, set_id: str, note_id: str, text: str, seen: str, now: datetime) -> None:
    """Change an own note. `seen` is the mark of the version that the actor saw; Conflict when it is no longer that."""
    inside(session, actor, set_id, change=True)
    row = own(session, actor, set_id, note_id)
    text = checked(text)
    if mark(row) != seen:
        raise Conflict("You have changed this note in another window since you opened it here. Copy what you wrote.")
    row.text, row.changed_at = text, now
    session.flush()
    history.record(session, actor.member_id, "change_note", "set_note", row.id, now)


def remove(session: Session, actor: Actor, set_id: str, note_id: str, now: datetime) -> None:
    """Remove an own note; Conflict once the set has ended."""
    inside(session, actor, set_id, change=True)
    row = own(session, actor, set_id, note_id)
    session.delete(row)
    session.flush()
    history.record(session, actor.member_id, "remove_note", "set_note", row.id, now)


def mark(row: SetNote) -> str:
    """Which version of a note this is."""
    return row.changed_at.isoformat()
