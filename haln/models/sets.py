"""Learning sets that meet: their people, sessions, attendance, actions, notes and reflections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class LearningSet(Base):
    """A learning set: of a confirmed plan, of a time before there were plans, or a group of a loaded network.

    It runs from `started_on` until `ended_on`. `open_places`: how many members may still ask to join (0: none).
    """

    __tablename__ = "learning_set"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str | None] = mapped_column(String(16), unique=True)  # none: it has no page
    name: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text, default="")
    themes: Mapped[list[str]] = mapped_column(Document, default=list)
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    external_ref: Mapped[str | None] = mapped_column(String(80), index=True)
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"), index=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("cohort_plan.id"))
    set_number: Mapped[int | None] = mapped_column(SmallInteger)  # within its plan
    facilitator_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    where: Mapped[str] = mapped_column(String(200), default="")
    joining_link: Mapped[str] = mapped_column(String(500), default="")
    open_places: Mapped[int] = mapped_column(SmallInteger, default=0)
    version: Mapped[int] = mapped_column(default=1)


class SetMembership(Base):
    """Who sat in a learning set, from when until when (none: they still do, or nobody knows)."""

    __tablename__ = "set_membership"

    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]


class SetSession(Base):
    """A meeting of a set. `state`: planned, held, cancelled. `sequence` grows when its calendar entry changes."""

    __tablename__ = "set_session"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime] = mapped_column(Moment, index=True)
    minutes: Mapped[int] = mapped_column(SmallInteger, default=90)
    where: Mapped[str] = mapped_column(String(200), default="")
    joining_link: Mapped[str] = mapped_column(String(500), default="")
    agenda: Mapped[str] = mapped_column(Text, default="")
    presenter_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    state: Mapped[str] = mapped_column(String(10), default="planned")
    sequence: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("minutes between 15 and 600", name="minutes"),
        Index("ix_set_session_set_id", "set_id", "starts_at"),
    )


class Attendance(Base):
    """Whether a member was at a session: present, apologies, absent."""

    __tablename__ = "attendance"

    session_id: Mapped[int] = mapped_column(ForeignKey("set_session.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(String(10))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))


class SetAction(Base):
    """What somebody said they would do. It comes back at the next session until it is done or dropped."""

    __tablename__ = "set_action"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("set_session.id", ondelete="SET NULL"))  # where agreed
    owner_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="open")  # open, done, dropped
    outcome: Mapped[str] = mapped_column(Text, default="")
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class SetNote(Base):
    """A note that the set keeps for itself."""

    __tablename__ = "set_note"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("set_session.id", ondelete="SET NULL"))
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)  # Markdown
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class Reflection(Base):
    """What one member says of a set when it ends. `shared`: staff may read the words, too; the answers always count."""

    __tablename__ = "reflection"

    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    useful: Mapped[int] = mapped_column(SmallInteger)  # 1 not at all to 5 very
    changed: Mapped[bool] = mapped_column(default=False)  # they do something differently at work
    text: Mapped[str] = mapped_column(Text, default="")
    shared: Mapped[bool] = mapped_column(default=False)
    written_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("useful between 1 and 5", name="useful"),)


class SetRequest(Base):
    """A member asks to join a running set with an open place. `state`: open, accepted, declined, withdrawn."""

    __tablename__ = "set_request"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    created_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)


class SetSuggestion(Base):
    """A cohort to apply to, or a running set to ask to join, listed for a member with reasons as data."""

    __tablename__ = "set_suggestion"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"), index=True)
    set_id: Mapped[int | None] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"), index=True)
    rank: Mapped[int] = mapped_column(SmallInteger)
    score: Mapped[float] = mapped_column(Float)
    band: Mapped[str] = mapped_column(String(16))  # strong, good, worth_a_look
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    fingerprint: Mapped[str] = mapped_column(String(16), default="")  # of all the above but its key and whose it is
    refreshed_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("(cohort_id is null) <> (set_id is null)", name="one_thing"),
        Index("ix_set_suggestion_list", "member_id", "rank"),
    )
