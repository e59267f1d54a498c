"""Signed-in browsers: a row each, which ends when the person says so, not when a cookie does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from haln.access import Actor, Audience
from haln.errors import NotFound
from haln.models import ApiKey, Member, Moment, Notice, Organisation, SignInSession, StoppedAddress
from haln.people.reading import rows
from haln.people.tokens import fresh, hashed

ALIVE = ("active", "unverified")
"""Standings that may be signed in."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is signed in, as its owner sees it."""

    id: int
    created_at: datetime
    used_at: datetime
    browser: str
    current: bool


def start(session: Session, member_id: int, now: datetime, days: int, browser: str = "") -> str:
    """Sign a browser in. Returns the token, which exists nowhere else."""
    token = fresh()
    session.add(
        SignInSession(
            member_id=member_id,
            token_hash=hashed(token),
            created_at=now,
            used_at=now,
            expires_at=now + timedelta(days=days),
            browser=browser[:120],
        )
    )
    session.flush()
    return token


def _whose(kind: Any) -> Select[Any]:
    """Select who signs in by a token of a kind, unless it ended, is too old, or they have left."""
    return (
        select(
            Member.id,
            Member.public_id,
            Member.name,
            Member.audience,
            Member.standing,
            Member.language,
            Member.onboarding_step,
            Organisation.sector,
            kind.id.label("session_id"),
            exists(select(Notice.id).where(Notice.member_id == Member.id, Notice.seen_at.is_(None))).label("noticed"),
            StoppedAddress.reason.label("mail_stopped"),
        )
        .join(Member, Member.id == kind.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(StoppedAddress, StoppedAddress.address == Member.email)
        .where(
            kind.token_hash == bindparam("token_hash"),
            kind.ended_at.is_(None),
            kind.expires_at > bindparam("now", type_=Moment),
            or_(*(Member.standing == standing for standing in ALIVE)),  # a list would be written out on every request
        )
    )


_BY_SESSION, _BY_KEY = _whose(SignInSession), _whose(ApiKey)


def actor_for(session: Session, token: str, now: datetime) -> Actor | None:
    """Who this token signs in, or none: unknown, ended, too old, or the person has left."""
    return _actor(session, _BY_SESSION, token, now)


def actor_for_key(session: Session, token: str, now: datetime) -> Actor | None:
    """For whom a program with this key acts, or none. Their `session_id` is the number of the key."""
    return _actor(session, _BY_KEY, token, now)


def _actor(session: Session, whose: Select[Any], token: str, now: datetime) -> Actor | None:
    row = rows(session, whose, {"token_hash": hashed(token), "now": now}).first()
    if row is None:
        return None
    return Actor(
        member_id=row.id,
        public_id=row.public_id,
        name=row.name,
        audience=Audience(row.audience),
        verified=row.standing == "active",
        session_id=row.session_id,
        language=row.language,
        onboarded=row.onboarding_step > 3,
        sector=row.sector,
        noticed=bool(row.noticed),
        mail_stopped=row.mail_stopped or "",
    )


def rotate(session: Session, session_id: int) -> str:
    """Give a session a new token; the old one signs nobody in any more."""
    token = fresh()
    session.execute(update(SignInSession).where(SignInSession.id == session_id).values(token_hash=hashed(token)))
    return token


def open_sessions(session: Session, actor: Actor, now: datetime) -> list[OpenSession]:
    """The member's signed-in browsers, newest first."""
    rows = session.execute(
        select(SignInSession.id, SignInSession.created_at, SignInSession.used_at, SignInSession.browser)
        .where(
            SignInSession.member_id == actor.member_id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
        )
        .order_by(SignInSession.used_at.desc(), SignInSession.id.desc())
    )
    return [OpenSession(r.id, r.created_at, r.used_at, r.browser, r.id == actor.session_id) for r in rows]


def end(session: Session, actor: Actor, session_id: int, now: datetime) -> None:
    """End one of the member's own sessions. Raises NotFound for somebody else's."""
    ended = session.execute(
        update(SignInSession)
        .where(
            SignInSession.id == session_id,
            SignInSession.member_id == actor.member_id,
            SignInSession.ended_at.is_(None),
        )
        .values(ended_at=now)
        .returning(SignInSession.id)
    ).first()
    if ended is None:
        raise NotFound("That sign-in has already ended.")


def end_all(session: Session, member_id: int, now: datetime, keep: int | None = None) -> None:
    """End every session of a member, but for the one to `keep`."""
    statement = update(SignInSession).where(
        SignInSession.member_id == member_id, SignInSession.ended_at.is_(None), SignInSession.id != (keep or 0)
    )
    session.execute(statement.values(ended_at=now))


def forget_old(session: Session, before: datetime) -> None:
    """Delete sessions that ended or ran out before a moment."""
    session.execute(delete(SignInSession).where(SignInSession.expires_at < before))
