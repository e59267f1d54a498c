"""The digest: what each member chose, what was made for them. And what is told to members in the page itself."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class DigestChoice(Base):
    """How often a member wants the digest (week, month, none), and the `parts` they want in it.

    No row: they have not been asked yet, or have not answered, and get none.
    """

    __tablename__ = "digest_choice"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    frequency: Mapped[str] = mapped_column(String(5))
    parts: Mapped[list[str]] = mapped_column(Document, default=list)
    chosen_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("frequency in ('week', 'month', 'none')", name="frequency"),
        Index("ix_digest_choice_frequency", "frequency", "member_id"),
    )


class Digest(Base):
    """One member's digest of the day on which it was due, never two. `mail_id`: its row in the outbox, while kept.

    `until`: it tells of what came up to this moment; `items`: how much it held. None: it was not wanted any more when
    it was to be put together. 0: nothing was new, so nothing was sent. `sent_at`: when it left; none: it has not.
    """

    __tablename__ = "digest"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    frequency: Mapped[str] = mapped_column(String(5))
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id", ondelete="SET NULL"), index=True)
    until: Mapped[datetime | None] = mapped_column(Moment)
    items: Mapped[int | None] = mapped_column(SmallInteger)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("frequency in ('week', 'month')", name="frequency"),)


class Notice(Base):
    """That something happened which concerns a member, for the page of notifications. `seen_at` none: not read yet.

    It holds no words and no names: what it is about (`about_id`; of what, `kind` says) is read anew whenever it is
    shown. Of one kind and one thing there is at most one that is not read.
    """

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    about_id: Mapped[int] = mapped_column(Identity)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index("ix_notice_member_id", "member_id", "at"),
        Index(
            "uq_notice_unread",
            "member_id",
            "kind",
            "about_id",
            unique=True,
            sqlite_where=text("seen_at IS NULL"),
            postgresql_where=text("seen_at IS NULL"),
        ),
    )
