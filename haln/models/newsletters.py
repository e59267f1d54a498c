"""The newsletter: its issues; and the addresses that no mail goes to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment

_MAYBE = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A document, or nothing: not a document that says nothing."""


class Newsletter(Base):
    """An issue. `state`: draft, scheduled, sending, sent, stopped (while it left), removed (a draft, taken away).

    `blocks` are what it says, in order: each with its `id` and `kind`; one that was taken out is marked `removed`.
    `version` counts the changes of words and segment. `sectors` … `languages`: whom it is for, by codes; none in a list
    means all. `reached`: up to which member's number letters are ordered. `figures`: how its letters fared, written
    down before they are forgotten.
    """

    __tablename__ = "newsletter"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    subject: Mapped[str] = mapped_column(String(160))
    blocks: Mapped[list[dict[str, Any]]] = mapped_column(Document, default=list)
    sectors: Mapped[list[str]] = mapped_column(Document, default=list)
    regions: Mapped[list[str]] = mapped_column(Document, default=list)
    themes: Mapped[list[str]] = mapped_column(Document, default=list)
    languages: Mapped[list[str]] = mapped_column(Document, default=list)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    send_at: Mapped[datetime | None] = mapped_column(Moment)
    began_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    reached: Mapped[int] = mapped_column(Identity, default=0)
    figures: Mapped[dict[str, Any] | None] = mapped_column(_MAYBE)

    __table_args__ = (
        CheckConstraint("state in ('draft', 'scheduled', 'sending', 'sent', 'stopped', 'removed')", name="state"),
        CheckConstraint("state != 'scheduled' or send_at is not null", name="send_at"),
        Index("ix_newsletter_state_send_at", "state", "send_at"),
    )


class StoppedAddress(Base):
    """An address that mail came back from for good (`bounced`), or whose owner complained of it (`complained`).

    `code`: what the mail system said, as RFC 3463 numbers it.
    """

    __tablename__ = "stopped_address"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)  # casefolded
    reason: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(12), default="")
    since: Mapped[datetime] = mapped_column(Moment, index=True)

    __table_args__ = (CheckConstraint("reason in ('bounced', 'complained')", name="reason"),)
