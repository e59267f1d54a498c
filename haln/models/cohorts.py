"""Cohorts: calls for applications, who applies, and what they said for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class Cohort(Base):
    """A call for applications from which learning sets are formed.

    `state`: draft, open, closed, formed (its sets are confirmed), cancelled. `availability`: `halfdays` (a grid of
    half-days), `dates` (a poll of moments) or `none` (times do not matter). `version` grows with every change that two
    facilitators could make at once.
    """

    __tablename__ = "cohort"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    purpose: Mapped[str] = mapped_column(Text, default="")  # Markdown
    themes: Mapped[list[str]] = mapped_column(Document, default=list)
    where: Mapped[str] = mapped_column(String(200), default="")  # in words: "Online", "Leeds Civic Hall"
    closes_on: Mapped[date | None]  # the last day to apply
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    sessions: Mapped[int] = mapped_column(SmallInteger, default=6)
    session_minutes: Mapped[int] = mapped_column(SmallInteger, default=90)
    size_low: Mapped[int] = mapped_column(SmallInteger, default=6)
    size_high: Mapped[int] = mapped_column(SmallInteger, default=8)
    availability: Mapped[str] = mapped_column(String(10), default="halfdays")
    rules: Mapped[list[dict[str, Any]]] = mapped_column(Document, default=list)  # in priority order
    state: Mapped[str] = mapped_column(String(10), default="draft")
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"))  # whose sets are "not again"
    made_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        CheckConstraint("size_low >= 4 and size_high >= size_low", name="size"),
        Index("ix_cohort_state", "state", "closes_on"),
    )


class CohortFacilitator(Base):
    """Who leads a cohort, how many sets each can hold, and in which of its slots (none named: any)."""

    __tablename__ = "cohort_facilitator"

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, index=True)
    sets: Mapped[int] = mapped_column(SmallInteger, default=1)
    slots: Mapped[list[int]] = mapped_column(Document, default=list)  # ids of CohortSlot


class CohortSlot(Base):
    """A time that is asked about: a half-day of a day, or a moment of a poll."""

    __tablename__ = "cohort_slot"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    on_day: Mapped[date]
    half: Mapped[str | None] = mapped_column(String(10))  # morning, afternoon, evening; none: `starts_at`
    starts_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index("uq_cohort_slot_position", "cohort_id", "position", unique=True),
        CheckConstraint("(half is null) <> (starts_at is null)", name="time"),
    )


class Application(Base):
    """A member's application to a cohort.

    `state`: applied, withdrawn, placed (in a confirmed set), left_over (the cohort was formed without them).
    `priority`: how many cohorts in a row they had been left over from when they applied.
    """

    __tablename__ = "application"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="applied")
    live_issue: Mapped[str] = mapped_column(Text, default="")
    themes: Mapped[list[str]] = mapped_column(Document, default=list)
    access_needs: Mapped[str] = mapped_column(Text, default="")  # for the cohort's facilitators only
    facilitator_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))  # whom they would like
    # member, facilitator, import; of one that is withdrawn, who withdrew it: taken_out, others what a member wrote
    source: Mapped[str] = mapped_column(String(12), default="member")
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)
    applied_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (Index("uq_application_member", "cohort_id", "member_id", unique=True),)


class ApplicationSlot(Base):
    """A slot of the cohort that an applicant can make."""

    __tablename__ = "application_slot"

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("cohort_slot.id", ondelete="CASCADE"), primary_key=True, index=True)


class CohortPair(Base):
    """Two people of a cohort, `low_id` < `high_id`, and what is wanted of them: `apart`, `together`, `manager`.

    `by_id` is who said so: an applicant who would rather not sit with the other, or a facilitator. Confidential: only
    the cohort's facilitators ever see it.
    """

    __tablename__ = "cohort_pair"

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"), primary_key=True)
    low_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    high_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("low_id < high_id", name="order"),
        Index("ix_cohort_pair_low_id", "low_id"),
    )
