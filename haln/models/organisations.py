"""Anchor organisations, real ones from the registers and those that members proposed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Document, Identity, Moment


class Organisation(Base):
    """An anchor organisation."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    sort_name: Mapped[str] = mapped_column(String(300), index=True)  # casefolded, without a leading "the"
    sector: Mapped[str] = mapped_column(String(40), index=True)  # a code of taxonomy/sectors.toml, second level
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    town: Mapped[str | None] = mapped_column(String(120))
    postcode: Mapped[str | None] = mapped_column(String(12))
    source: Mapped[str | None] = mapped_column(String(40))  # the register it came from; none when proposed
    source_code: Mapped[str | None] = mapped_column(String(40))
    standing: Mapped[str] = mapped_column(String(12), default="current", index=True)  # current, ended, proposed, merged
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    proposed_by_id: Mapped[int | None] = mapped_column(Identity)  # a member; no foreign key, for it would make a circle
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    corrected: Mapped[list[str]] = mapped_column(
        Document, default=list
    )  # fields staff set: a register never overwrites them
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment, index=True)

    __table_args__ = (
        UniqueConstraint("source", "source_code"),
        Index("ix_organisation_standing_sort_name", "standing", "sort_name", "id"),
    )


class OrganisationName(Base):
    """Another name of an organisation: synonym, old name, or the name of one merged into it."""

    __tablename__ = "organisation_name"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(12), default="synonym")  # synonym, old, merged
