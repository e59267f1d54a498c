"""Keys with which programs act for a member of staff: made by them, shown once, ended when they say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Permission, require
from haln.errors import Invalid, NotFound
from haln.models import ApiKey
from haln.people import signing_in
from haln.people.throttles import Limits
from haln.people.tokens import fresh, hashed

NAME_LENGTH = 80
DAYS = (30, 90, 365)
"""For so many days a key may be made."""

AT_ONCE = 10
BEGINS = "haln_"
"""How every key begins, so that people and programs that look for lost secrets know it."""

_SHOWN = len(BEGINS) + 6


@dataclass(frozen=True, slots=True)
class Key:
    """A key that works, as its owner sees it."""

    id: int
    name: str
    begins: str
    created_at: datetime
    expires_at: datetime


def make(session: Session, actor: Actor, own_password: str, name: str, days: int, now: datetime, limits: Limits) -> str:
    """Make a key for a program, for the actor who shows by their password that it is they. It exists nowhere else.

    Raises Invalid for a name or a time that cannot be, a wrong password, or too many keys; TooMany, NotPermitted.
    """
    require(actor, Permission.SEE_MEASURES)
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise _wrong("name", "Say in 1 to 80 characters what the key is for.")
    if days not in DAYS:
        raise _wrong("days", "Choose one of the list.")
    if len(current(session, actor, now)) >= AT_ONCE:
        raise _wrong("name", "You have ten keys that work. End one first.")
    if not signing_in.check_own_password(session, actor.member_id, own_password, now, limits):
        raise _wrong("own_password", "That is not your password.")
    token = BEGINS + fresh()
    session.add(
        ApiKey(
            member_id=actor.member_id,
            name=name,
            begins=token[:_SHOWN],
            token_hash=hashed(token),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    history.record(session, actor.member_id, "make_api_key", "member", actor.member_id, now, {"name": name})
    session.flush()
    return token


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})


def current(session: Session, actor: Actor, now: datetime) -> list[Key]:
    """The actor's keys that work, the newest first."""
    found = session.execute(
        select(ApiKey.id, ApiKey.name, ApiKey.begins, ApiKey.created_at, ApiKey.expires_at)
        .where(ApiKey.member_id == actor.member_id, ApiKey.ended_at.is_(None), ApiKey.expires_at > now)
        .order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
    )
    return [Key(*row) for row in found]


def end(session: Session, actor: Actor, key_id: int, now: datetime) -> None:
    """End one of the actor's own keys. Raises NotFound for somebody else's."""
    ended = session.execute(
        update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.member_id == actor.member_id, ApiKey.ended_at.is_(None))
        .values(ended_at=now)
        .returning(ApiKey.name)
    ).first()
    if ended is None:
        raise NotFound("That key has already ended.")
    history.record(session, actor.member_id, "end_api_key", "member", actor.member_id, now, {"name": ended.name})


def end_all(session: Session, member_id: int, now: datetime) -> None:
    """End every key of a member."""
    session.execute(update(ApiKey).where(ApiKey.member_id == member_id, ApiKey.ended_at.is_(None)).values(ended_at=now))
