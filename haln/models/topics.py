"""Topics: what members would like to work on, who backs what, what was said to it, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class Topic(Base):
    """An idea to work on. `state`: open, answered, planned (something comes of it), held (it took place), retired.

    Held and retired are final. `successor_id`: the topic in whose favour it was retired, where there is one. `words`:
    its title and text as the search compares them. `talked_at`: when it was last discussed.
    """

    __tablename__ = "topic"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    text: Mapped[str] = mapped_column(Text)  # Markdown
    words: Mapped[str] = mapped_column(Text)
    themes: Mapped[list[str]] = mapped_column(Document, default=list)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"), index=True)
    retired_why: Mapped[str] = mapped_column(Text, default="")
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    talked_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint("state in ('open', 'answered', 'planned', 'held', 'retired')", name="state"),
        CheckConstraint("successor_id is null or state = 'retired'", name="successor"),
        CheckConstraint("successor_id <> id", name="itself"),
    )


class TopicBacking(Base):
    """That a member backs a topic. Only they make, move or end one. `named`: others may be told that they do."""

    __tablename__ = "topic_backing"

    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    named: Mapped[bool] = mapped_column(default=False)
    backed_at: Mapped[datetime] = mapped_column(Moment)


class TopicComment(Base):
    """What somebody said to a topic. One that is withdrawn keeps its place and no words; a hidden one keeps them."""

    __tablename__ = "topic_comment"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)  # Markdown
    written_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    hidden_at: Mapped[datetime | None] = mapped_column(Moment)
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    hidden_why: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index("ix_topic_comment_topic_id", "topic_id", "id"),)


class TopicAnswer(Base):
    """What staff or facilitators said to a topic. The last number holds; the earlier ones stay to be read."""

    __tablename__ = "topic_answer"

    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)  # Markdown
    by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    answered_at: Mapped[datetime] = mapped_column(Moment)


class TopicResult(Base):
    """An event or a cohort that was made of a topic. `asked_at`: when its backers were asked to it."""

    __tablename__ = "topic_result"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"), unique=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("(event_id is null) <> (cohort_id is null)", name="one"),)
