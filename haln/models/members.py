"""Members, their themes and texts, and what they let others see."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Identity, Moment


class Member(Base):
    """A person in the network.

    `standing`: `unverified` (joined, address not confirmed), `invited` (entered by staff, has not accepted yet),
    `active`, `left`, `erased` (an anonymous node that keeps history adding up).
    `show_*`: 0 nobody, 1 connections, 2 members, 3 everyone (`haln.people.visibility.Visibility`).
    """

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)  # random: what addresses (URLs) carry
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # casefolded; none once erased
    password_hash: Mapped[str | None] = mapped_column(String(200))
    audience: Mapped[str] = mapped_column(String(12), default="member")
    standing: Mapped[str] = mapped_column(String(12), default="unverified")
    demonstration: Mapped[bool] = mapped_column(default=False)  # an invented person
    external_ref: Mapped[str | None] = mapped_column(String(80), index=True)  # the code in a file it was loaded from

    name: Mapped[str] = mapped_column(String(120))
    sort_name: Mapped[str] = mapped_column(String(160))  # family name first, casefolded, for lists
    role: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[str | None] = mapped_column(String(20))
    job_title: Mapped[str | None] = mapped_column(String(120))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    biography: Mapped[str] = mapped_column(Text, default="")  # Markdown
    language: Mapped[str] = mapped_column(String(5), default="en")

    listed: Mapped[bool] = mapped_column(default=True)  # false: hidden from every surface
    show_name: Mapped[int] = mapped_column(SmallInteger, default=2)  # 2 or 3: 3 gives a page to people not signed in
    show_role: Mapped[int] = mapped_column(SmallInteger, default=2)
    show_organisation: Mapped[int] = mapped_column(SmallInteger, default=2)
    show_place: Mapped[int] = mapped_column(SmallInteger, default=2)
    show_biography: Mapped[int] = mapped_column(SmallInteger, default=2)
    show_themes: Mapped[int] = mapped_column(SmallInteger, default=2)
    show_connections: Mapped[int] = mapped_column(SmallInteger, default=2)
    show_email: Mapped[int] = mapped_column(SmallInteger, default=1)

    suggest_me: Mapped[bool] = mapped_column(default=True)  # false: opted out of being suggested
    paused_until: Mapped[date | None]  # not suggested before this day
    introduction_mail: Mapped[bool] = mapped_column(
        default=True
    )  # mail about introductions; the page always shows them
    event_mail: Mapped[bool] = mapped_column(default=True)  # reminders of events they have a place at
    pathway_mail: Mapped[bool] = mapped_column(default=True)  # that a pathway they finished has a new module
    resource_mail: Mapped[bool] = mapped_column(default=True)  # that they are named as an author; of staff, to review
    topic_mail: Mapped[bool] = mapped_column(default=True)  # what becomes of topics they back
    proposal_mail: Mapped[bool] = mapped_column(default=True)  # of staff: events that members propose
    # When they asked for the newsletter; none: they did not.
    news_since: Mapped[datetime | None] = mapped_column(Moment)

    onboarding_step: Mapped[int] = mapped_column(SmallInteger, default=1)  # 1, 2, 3 to do; 4 done
    joined_at: Mapped[datetime] = mapped_column(Moment, index=True)
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)  # "still right"
    active_at: Mapped[datetime | None] = mapped_column(Moment)  # last sign of life
    left_at: Mapped[datetime | None] = mapped_column(Moment)
    change_number: Mapped[int] = mapped_column(Identity, default=0, index=True)  # haln.people.changes

    __table_args__ = (
        # Not led by standing: nearly all are active, and SQLite without statistics would take it for a good way in.
        Index("ix_member_sort_name", "sort_name", "id"),
        CheckConstraint("show_name in (2, 3)", name="show_name"),
    )


class MemberTheme(Base):
    """One theme of a member: interest, offer ("can help with"), seek ("would like help with"), maturity 1-4."""

    __tablename__ = "member_theme"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    theme: Mapped[str] = mapped_column(String(40), primary_key=True)
    interest: Mapped[bool] = mapped_column(default=False)
    offer: Mapped[bool] = mapped_column(default=False)
    seek: Mapped[bool] = mapped_column(default=False)
    maturity: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (
        Index("ix_member_theme_theme", "theme"),
        CheckConstraint("maturity is null or maturity between 1 and 4", name="maturity"),
    )


class MemberText(Base):
    """A dated text by or about a member beside the biography: a paper, a case study, a tag list.

    It follows the biography's visibility.
    """

    __tablename__ = "member_text"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    written_on: Mapped[date | None]
    text: Mapped[str] = mapped_column(Text)


class Counter(Base):
    """A number that only grows. Its row lock makes the order of numbers the order of commits."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(Identity, default=0)
