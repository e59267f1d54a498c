"""Resources: case studies, blogs, tools and recordings; how they are written, reviewed, read and used."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class Resource(Base):
    """A resource. `draft` is the working copy that its authors change; readers see the version `shown`, if any.

    `state`, of the working copy: draft, review (staff have it), changes (staff asked for them), declined, settled (it
    is what readers see). `version` counts its changes. `published_at`: when readers saw the first version.
    """

    __tablename__ = "resource"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(12))  # case_study, blog, tool, recording
    written_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="draft", index=True)
    draft: Mapped[dict[str, Any]] = mapped_column(Document)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    shown: Mapped[int | None] = mapped_column(SmallInteger)
    published_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("kind in ('case_study', 'blog', 'tool', 'recording')", name="kind"),
        CheckConstraint("state in ('draft', 'review', 'changes', 'declined', 'settled')", name="state"),
        CheckConstraint("shown is null or published_at is not null", name="shown"),
    )


class ResourceVersion(Base):
    """A text as staff let it be published. Never changed, but for the name of somebody who was erased."""

    __tablename__ = "resource_version"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(Document)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    published_at: Mapped[datetime] = mapped_column(Moment)


class ResourcePicture(Base):
    """A picture of a resource, made anew when it came, in two sizes (WebP). Which text has it is said by the text."""

    __tablename__ = "resource_picture"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    alternative: Mapped[str] = mapped_column(String(300))
    width: Mapped[int] = mapped_column(SmallInteger)
    height: Mapped[int] = mapped_column(SmallInteger)
    small_width: Mapped[int] = mapped_column(SmallInteger)
    small_height: Mapped[int] = mapped_column(SmallInteger)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    small: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(Moment)


class ResourceMark(Base):
    """A code by which the version that readers see is found: of a theme, sector, region, or its year."""

    __tablename__ = "resource_mark"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    facet: Mapped[str] = mapped_column(String(8), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)

    __table_args__ = (Index("ix_resource_mark_facet", "facet", "code"),)


class ResourceAuthor(Base):
    """Somebody who wrote a resource, and whether they agree to be named and to take part: yes, no, nothing so far.

    `taken_out_at`: the others ask them no more. That they were asked stays: their name may stand in the words.
    """

    __tablename__ = "resource_author"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    answer: Mapped[str | None] = mapped_column(String(3))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    taken_out_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("answer in ('yes', 'no')", name="answer"),)


class ResourceStep(Base):
    """What happened to a working copy: sent, taken_back, changes, declined, published, taken_down; with its words."""

    __tablename__ = "resource_step"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    step: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(Moment)


class ResourceRelated(Base):
    """Another resource whose text is near, the nearest first; made when either is published."""

    __tablename__ = "resource_related"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)


class ResourceBookmark(Base):
    """A resource that a member wants to find again. Nobody else sees that."""

    __tablename__ = "resource_bookmark"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_at: Mapped[datetime] = mapped_column(Moment)


class ResourceUse(Base):
    """How many members said on a day that they used a resource. Who they were is not kept."""

    __tablename__ = "resource_use"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class ResourceUsed(Base):
    """That a member was counted today, so that they are counted once; the next day it goes."""

    __tablename__ = "resource_used"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)


class ResourceFeed(Base):
    """A member's private address of the feed of resources; only the hash of its secret is kept."""

    __tablename__ = "resource_feed"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
