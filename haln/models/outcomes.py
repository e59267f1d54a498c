"""What came of connections, learning sets and events: whether two who were introduced met, and what followed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Identity, Moment


class MeetingAnswer(Base):
    """What one of the two in an accepted introduction says of it, and when; theirs alone.

    `question` met: not_yet, met, useful; touch: yes, no; either may be put `aside`. The newest of a question holds;
    those of earlier days stay, so that an old report can be made again.
    """

    __tablename__ = "meeting_answer"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(String(8))
    answer: Mapped[str] = mapped_column(String(8))
    given_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        CheckConstraint(
            "(question = 'met' and answer in ('not_yet', 'met', 'useful', 'aside'))"
            " or (question = 'touch' and answer in ('yes', 'no', 'aside'))",
            name="answer",
        ),
        Index("ix_meeting_answer_introduction_id", "introduction_id", "member_id"),
    )


class Outcome(Base):
    """What came of one connection, learning set or event, as a member who has part in it tells.

    `text` is as written, for the writer alone. `consent`: count (nobody reads any of it), anonymous (`told` is read:
    the text without names, organisations and places), named (`signed` is read, with the names of those who are asked,
    once all of them agree; until then `told`). An outcome whose writer has left has no words and still counts.
    """

    __tablename__ = "outcome"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"), index=True)
    set_id: Mapped[int | None] = mapped_column(ForeignKey("learning_set.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"), index=True)
    kind: Mapped[str] = mapped_column(
        String(20)
    )  # funding, joint_project, changed_practice, confidence, senior_support
    amount: Mapped[int | None] = mapped_column(Integer)  # whole pounds, of funding
    happened_on: Mapped[date] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    told: Mapped[str] = mapped_column(Text, default="")
    signed: Mapped[str] = mapped_column(Text, default="")
    consent: Mapped[str] = mapped_column(String(10), default="count")
    hidden_for: Mapped[str] = mapped_column(String(12), default="")  # why staff keep it out of the report; else empty
    written_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        CheckConstraint(
            "case when connection_id is null then 0 else 1 end + case when set_id is null then 0 else 1 end"
            " + case when event_id is null then 0 else 1 end = 1",
            name="one_source",
        ),
        CheckConstraint("amount is null or (kind = 'funding' and amount > 0)", name="amount"),
        CheckConstraint("consent in ('count', 'anonymous', 'named')", name="consent"),
    )


class OutcomeAgreement(Base):
    """Somebody whom a story would name, and whether they agree to these words: yes, no, or nothing said so far."""

    __tablename__ = "outcome_agreement"

    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcome.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    answer: Mapped[str | None] = mapped_column(String(3))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
