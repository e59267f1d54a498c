"""Figures that were worked out and are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class KeptFigures(Base):
    """The figures of a day, as they were known on another. `known_on`: the last day on which they had changed.

    `rules` and `published_rules` are the fingerprints of what figures and rows to publish rest on; those of rows that
    have none to publish, or were made before it was written down, are empty. A row by other rules is never replaced.

    `figures` holds a list for each figure: its key, the version of its definition, its value, and the ends of its
    interval. `published` holds the rows of a file that may be given out, worked out with `threshold`. Both are empty
    while a worker has taken the row, until `leased_until`.
    """

    __tablename__ = "kept_figures"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    as_of: Mapped[date]
    known_on: Mapped[date]
    asked: Mapped[str] = mapped_column(String(80))
    threshold: Mapped[int]
    rules: Mapped[str] = mapped_column(String(32))
    published_rules: Mapped[str] = mapped_column(String(32))
    figures: Mapped[list[Any] | None] = mapped_column(Document)
    published: Mapped[list[Any] | None] = mapped_column(Document)
    made_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    leased_until: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("asked", "as_of", "known_on", "rules", "published_rules"),)
