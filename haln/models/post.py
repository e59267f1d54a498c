"""The outbox: every message is a row."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


def random_key() -> str:
    """A name for addresses: 64 bits of chance."""
    return secrets.token_hex(8)


class Mail(Base):
    """A message to send: what to say as data (`kind`, `values`), to whom, and how far it got.

    `public_id` names it in addresses: its number would tell how many messages that are not listed lie between two.

    `state`: waiting, leased, sent, failed, cancelled. `dedupe_key` makes writing the same message twice impossible.
    `returned`: what was heard of it afterwards: refused (when it was handed over), bounced, failed (this time, of no
    fault of the address), complained; and when.
    """

    __tablename__ = "mail"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=random_key)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    address: Mapped[str] = mapped_column(String(254))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(5), default="en")
    values: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    dedupe_key: Mapped[str | None] = mapped_column(String(160), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    leased_by: Mapped[str | None] = mapped_column(String(80))
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    message_id: Mapped[str | None] = mapped_column(String(120), index=True)
    last_error: Mapped[str | None] = mapped_column(Text)
    returned: Mapped[str | None] = mapped_column(String(10))
    returned_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("returned in ('refused', 'bounced', 'failed', 'complained')", name="returned"),
        Index("ix_mail_state_due_at", "state", "due_at"),
        Index("ix_mail_created_at", "created_at"),
    )
