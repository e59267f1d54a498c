"""Events and webinars: who has a place or waits for one, who came, and the private calendar of each member."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class Event(Base):
    """A meeting for the whole network. `state`: proposed (by a member), planned, declined, cancelled.

    A proposal that was taken back before anybody accepted it is withdrawn: it never was an event.

    `place_id`: the place it is in or for, as profiles have one; none where that is everywhere, or online. `where` is
    free text beside it.

    `capacity` none: everybody has a place. `sequence` grows with every change. `others_came`: how many people of the
    meeting tool's file are no members; they are counted and nothing else of them is kept.
    """

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    standfirst: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")  # Markdown
    starts_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    where: Mapped[str] = mapped_column(String(200), default="")
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    joining_link: Mapped[str] = mapped_column(String(500), default="")
    capacity: Mapped[int | None]
    themes: Mapped[list[str]] = mapped_column(Document, default=list)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="planned")
    answer: Mapped[str] = mapped_column(Text, default="")  # what staff said to a proposal
    sequence: Mapped[int] = mapped_column(default=0)
    recording_link: Mapped[str] = mapped_column(String(500), default="")
    slides_link: Mapped[str] = mapped_column(String(500), default="")
    links_for: Mapped[str] = mapped_column(String(10), default="members")  # members, registered
    others_came: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("state in ('proposed', 'planned', 'declined', 'cancelled', 'withdrawn')", name="state"),
        CheckConstraint("links_for in ('members', 'registered')", name="links_for"),
        CheckConstraint("capacity is null or capacity > 0", name="capacity"),
        CheckConstraint("ends_at > starts_at", name="order"),
    )


class EventRegistration(Base):
    """A member and an event. `state`: registered, waiting, cancelled. `asked_at`: since when they want a place.

    `says_hello`: they agreed that others who agreed are told of them, with what the two share.
    """

    __tablename__ = "event_registration"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    says_hello: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("state in ('registered', 'waiting', 'cancelled')", name="state"),
        Index("ix_event_registration_member_id", "member_id", "state"),
        Index("ix_event_registration_event_id", "event_id", "state"),
    )


class EventAttendance(Base):
    """Whether a member was at an event, as it is known since a day. The last row of the two holds; none is changed."""

    __tablename__ = "event_attendance"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    came: Mapped[bool]
    recorded_on: Mapped[date]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))

    __table_args__ = (Index("ix_event_attendance_event_id", "event_id", "member_id", "id"),)


class CalendarFeed(Base):
    """The address at which a calendar program fetches what one member is registered for; only its hash is kept."""

    __tablename__ = "calendar_feed"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
