"""Single-use links that we mail: to join, to choose a new password, to confirm a new address.

They are made when their message leaves (`haln.post.letters`), so that nowhere in the database stands a link that works.
Mail gateways open every link: looking changes nothing, only `use` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from haln.errors import Gone
from haln.models import AccountToken, Member
from haln.people.tokens import fresh, hashed


class Purpose(StrEnum):
    """What a link is for."""

    JOIN = "join"
    RESET = "reset"
    CHANGE = "change"


LIFETIME = {Purpose.JOIN: timedelta(days=14), Purpose.RESET: timedelta(hours=2), Purpose.CHANGE: timedelta(days=2)}


@dataclass(frozen=True, slots=True)
class Link:
    """What a good link says: the address it was sent to, and whose account it is about, if anybody's."""

    email: str
    member_id: int | None


def mint(session: Session, purpose: Purpose, email: str, member_id: int | None, now: datetime) -> str:
    """Make a link's token for one address. Earlier ones stay good until one of them is used."""
    token = fresh()
    session.add(
        AccountToken(
            purpose=purpose,
            token_hash=hashed(token),
            member_id=member_id,
            email=email,
            created_at=now,
            expires_at=now + LIFETIME[purpose],
        )
    )
    return token


def _good(purpose: Purpose, token: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        AccountToken.token_hash == hashed(token),
        AccountToken.purpose == purpose,
        AccountToken.used_at.is_(None),
        AccountToken.expires_at > now,
    )


def look(session: Session, purpose: Purpose, token: str, now: datetime) -> Link:
    """What the link says, without using it. Raises Gone."""
    row = session.execute(
        select(AccountToken.email, AccountToken.member_id).where(_good(purpose, token, now))
    ).one_or_none()
    return _checked(session, purpose, *(row or (None, None)))


def use(session: Session, purpose: Purpose, token: str, now: datetime) -> Link:
    """Use the link up; of two who try at once, one does. Raises Gone."""
    row = session.execute(
        update(AccountToken)
        .where(_good(purpose, token, now))
        .values(used_at=now)
        .returning(AccountToken.email, AccountToken.member_id),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    return _checked(session, purpose, *(row or (None, None)))


def _checked(session: Session, purpose: Purpose, email: str | None, member_id: int | None) -> Link:
    """A link for an account is dead once the account's address is another one than it was sent to."""
    if email is None:
        raise gone()
    if purpose is Purpose.RESET:
        address = session.scalar(select(Member.email).where(Member.id == member_id, Member.standing == "active"))
        if address != email:
            raise gone()
    return Link(email, member_id)


def gone() -> Gone:
    """The error of a link that was good once."""
    return Gone("This link has been used, or is too old. Ask for a new one.")


def forget(session: Session, email: str | None, member_id: int | None = None) -> None:
    """Delete all links that were sent to an address or are about a member's account."""
    ours = [AccountToken.email == email] if email else []
    if member_id is not None:
        ours.append(AccountToken.member_id == member_id)
    if ours:
        session.execute(delete(AccountToken).where(or_(*ours)), execution_options={"synchronize_session": False})


def forget_old(session: Session, before: datetime) -> None:
    """Delete links that ran out before a moment."""
    session.execute(
        delete(AccountToken).where(AccountToken.expires_at < before), execution_options={"synchronize_session": False}
    )
