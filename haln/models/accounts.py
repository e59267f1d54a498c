"""Signing in: sessions, single-use tokens, invitations, throttles."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Identity, Moment


class SignInSession(Base):
    """One signed-in browser. Only the hash of its token is kept; a row that ended signs nobody in."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    browser: Mapped[str] = mapped_column(String(120), default="")


class ApiKey(Base):
    """What a program signs in with for a member of staff. Only its hash is kept, and how it begins."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    begins: Mapped[str] = mapped_column(String(12))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class AccountToken(Base):
    """A single-use link: verify an address, reset a password, accept an invitation, stop a kind of mail."""

    __tablename__ = "account_token"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))  # verify, reset, invite, change, unsubscribe
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    email: Mapped[str | None] = mapped_column(String(254))  # the address it was sent to: dead once the address changes
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Invitation(Base):
    """Somebody asked to join, by whom and when."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)


class Throttle(Base):
    """How often something was tried in a window of time, for one key (an account or an address)."""

    __tablename__ = "throttle"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(Moment, index=True)
    count: Mapped[int] = mapped_column(default=0)
