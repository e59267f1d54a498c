"""Learning Pathways: what they are made of, as it was worded when, and how far each member has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class Pathway(Base):
    """A programme of modules. `code` names one that comes with the product, so that it is not brought in twice."""

    __tablename__ = "pathway"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(160))
    purpose: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    made_at: Mapped[datetime] = mapped_column(Moment)


class PathwayModule(Base):
    """A part of a pathway. It is there for members from `shown_at` until it is retired; nothing is ever deleted."""

    __tablename__ = "pathway_module"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    pathway_id: Mapped[int] = mapped_column(ForeignKey("pathway.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str] = mapped_column(String(160))
    purpose: Mapped[str] = mapped_column(Text, default="")
    theme: Mapped[str | None] = mapped_column(String(40))
    shown_at: Mapped[datetime | None] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)


class PathwayStep(Base):
    """One thing to do in a module: `read`, `watch`, `reflect`, `try`, `check`. Its words are those of its `version`."""

    __tablename__ = "pathway_step"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("pathway_module.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(8))
    version: Mapped[int] = mapped_column(default=1)
    added_at: Mapped[datetime] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (CheckConstraint("kind in ('read', 'watch', 'reflect', 'try', 'check')", name="kind"),)


class PathwayStepVersion(Base):
    """A step as it was worded from a moment on; older ones stay, for those who did them.

    `answers` of a check: each with its `text`, whether it is `right`, and the `feedback` to it.
    """

    __tablename__ = "pathway_step_version"

    step_id: Mapped[int] = mapped_column(ForeignKey("pathway_step.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(160))
    text: Mapped[str] = mapped_column(Text, default="")  # Markdown
    link: Mapped[str] = mapped_column(String(500), default="")
    answers: Mapped[list[dict[str, Any]]] = mapped_column(Document, default=list)
    worded_at: Mapped[datetime] = mapped_column(Moment)


class PathwayProgress(Base):
    """What a member has to do with a pathway: when they began it, with a step done or written, and finished it.

    Who only put its modules in order, or said whether they may be found, has not begun.

    `modules`: their own order, ids of modules. `needed`: the modules there were when they finished. `found`: those who
    come after may be told that they finished a module.
    """

    __tablename__ = "pathway_progress"

    pathway_id: Mapped[int] = mapped_column(ForeignKey("pathway.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    modules: Mapped[list[int]] = mapped_column(Document, default=list)
    needed: Mapped[list[int]] = mapped_column(Document, default=list)
    found: Mapped[bool] = mapped_column(default=False)


class PathwayFinish(Base):
    """That a member had done all `steps` (ids) that a module had then. Steps that come later do not take it back."""

    __tablename__ = "pathway_finish"

    module_id: Mapped[int] = mapped_column(ForeignKey("pathway_module.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    finished_at: Mapped[datetime] = mapped_column(Moment)
    steps: Mapped[list[int]] = mapped_column(Document, default=list)


class PathwayDone(Base):
    """That a member did a step, in the words of its `version` of that day."""

    __tablename__ = "pathway_done"

    step_id: Mapped[int] = mapped_column(ForeignKey("pathway_step.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    version: Mapped[int]
    done_at: Mapped[datetime] = mapped_column(Moment)


class PathwayReflection(Base):
    """What a member wrote for themselves at a step. Nobody else ever reads it."""

    __tablename__ = "pathway_reflection"

    step_id: Mapped[int] = mapped_column(ForeignKey("pathway_step.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True, index=True)
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(Moment)
