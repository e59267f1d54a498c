"""Suggestions as they were listed, what members said to them, and the runs that made them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class Suggestion(Base):
    """`other_id` listed for `member_id`, from `listed_at` until `unlisted_at` (none: in the list now).

    Kept after it leaves the list, so that it can be explained later: signals, parts, reasons and the weights' version.
    """

    __tablename__ = "suggestion"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    rank: Mapped[int] = mapped_column(SmallInteger)
    score: Mapped[float] = mapped_column(Float)
    band: Mapped[str] = mapped_column(String(16))  # strong, good, worth_a_look
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    signals: Mapped[dict[str, Any]] = mapped_column(Document)
    weights_version: Mapped[str] = mapped_column(String(40))
    fingerprint: Mapped[str] = mapped_column(
        String(16), default=""
    )  # of all the above: tells what changed without reading it
    listed_at: Mapped[datetime] = mapped_column(Moment)
    refreshed_at: Mapped[datetime] = mapped_column(Moment)
    unlisted_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (
        Index(
            "uq_suggestion_current",
            "member_id",
            "other_id",
            unique=True,
            sqlite_where=text("unlisted_at IS NULL"),
            postgresql_where=text("unlisted_at IS NULL"),
        ),
        Index("ix_suggestion_list", "member_id", "unlisted_at", "rank"),
        Index("ix_suggestion_mirror", "other_id", "unlisted_at", "member_id", "listed_at"),
    )


class Dismissal(Base):
    """A member does not want this suggestion: not now (until a day), or never."""

    __tablename__ = "dismissal"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    until: Mapped[date | None]  # none: never suggest again
    created_at: Mapped[datetime] = mapped_column(Moment)


class SuggestionAnswer(Base):
    """What a member said to one of their list: `yes` by asking for an introduction, `no` by setting them aside.

    `listed`: how everybody in the list suited the member at that moment, the one it was said of first, as `names` of
    signals and a row of their values for each; who the others were is not kept. `ties`: how many the member had.
    """

    __tablename__ = "suggestion_answer"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    introduction_id: Mapped[int | None] = mapped_column(ForeignKey("introduction.id", ondelete="CASCADE"))
    said: Mapped[str] = mapped_column(String(3))
    answered_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ties: Mapped[int] = mapped_column(Integer)
    listed: Mapped[dict[str, Any]] = mapped_column(Document)

    __table_args__ = (
        Index("ix_suggestion_answer_member_id", "member_id", "answered_at"),
        Index("ix_suggestion_answer_introduction_id", "introduction_id"),
    )


class BlendModel(Base):
    """Weights learned from the network's own history, every version of them, in use or refused.

    Of people to meet and of what to join, told apart by `prior`, the weights of other networks that these were drawn
    to. `value`, `value_before`: mean nDCG@10 over what came in the last month, which none of the two had seen, of these
    weights and of those in use before them (`before`).
    """

    __tablename__ = "blend_model"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    version: Mapped[str] = mapped_column(String(40), unique=True)
    prior: Mapped[str] = mapped_column(String(40))
    before: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(Moment)
    accepted: Mapped[bool]
    value: Mapped[float] = mapped_column(Float)
    value_before: Mapped[float] = mapped_column(Float)
    lessons: Mapped[dict[str, Any]] = mapped_column(Document)  # how many, of which kind
    weights: Mapped[dict[str, Any]] = mapped_column(Document)


class SuggestionRefresh(Base):
    """A member whose suggestions are due to be made again. The row is the queue."""

    __tablename__ = "suggestion_refresh"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Moment, index=True)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)


class AlgorithmRun(Base):
    """One run of an algorithm over the network: what, on which data, with which weights and seed."""

    __tablename__ = "algorithm_run"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # suggestions
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    data_version: Mapped[str] = mapped_column(String(60))
    weights_version: Mapped[str] = mapped_column(String(40))
    seed: Mapped[int] = mapped_column(Identity, default=0)
    progress: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
