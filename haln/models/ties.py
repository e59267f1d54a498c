"""Ties between members: connections, other evidence, introductions, blocks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Identity, Moment


class Connection(Base):
    """An agreed tie between two members, `low_id` < `high_id`. It ends by a date, never by deletion."""

    __tablename__ = "connection"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    low_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    evidence: Mapped[str] = mapped_column(String(16))  # declared, introduced, met, co_attended, set_mates, collaborated
    intensity: Mapped[int] = mapped_column(
        SmallInteger, default=1
    )  # 1 awareness, 2 cooperation, 3 coordination, 4 integration
    since: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    introduction_id: Mapped[int | None] = mapped_column(ForeignKey("introduction.id"))
    change_number: Mapped[int] = mapped_column(Identity, default=0, index=True)

    __table_args__ = (
        CheckConstraint("low_id < high_id", name="order"),
        CheckConstraint("intensity between 1 and 4", name="intensity"),
        Index(
            "uq_connection_open_pair",
            "low_id",
            "high_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        Index("ix_connection_high_id", "high_id", "until"),
        Index("ix_connection_low_id", "low_id", "until"),
    )


class Introduction(Base):
    """An introduction: asked for by a member (`asked`), or offered to two by a third, the weaver (`woven`).

    `asker_id` is the member who asks; for a woven one the first of the two. `asker_answer` is `yes` from the start when
    asked. `state`: open, accepted, withdrawn, lapsed. It holds only what everybody in it may know: a "no" is an answer,
    never a state, so that a declined introduction is open to the one who asked until it lapses like any other.
    """

    __tablename__ = "introduction"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    asker_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    asked_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    weaver_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(String(16), default="introduced")  # declared: they know each other already
    source: Mapped[str] = mapped_column(String(16), default="member_page")  # suggestion, directory, member_page, weaver
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestion.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(10), default="open")
    asker_answer: Mapped[str | None] = mapped_column(String(3))  # yes, no
    asked_answer: Mapped[str | None] = mapped_column(String(3))
    first_yes_at: Mapped[datetime | None] = mapped_column(Moment)  # of a woven one; who asks has said yes by asking
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("asker_id <> asked_id", name="two_people"),
        Index("ix_introduction_state_expires_at", "state", "expires_at"),
        Index("ix_introduction_asker", "asker_id", "asked_id", "state"),
        Index("ix_introduction_asked", "asked_id", "asker_id", "state"),
    )


class Block(Base):
    """`blocker_id` wants nothing to do with `blocked_id`: neither ever sees the other anywhere."""

    __tablename__ = "block"

    blocker_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    blocked_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
