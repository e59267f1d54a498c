"""Places: nations, regions, integrated care boards, local authorities, with their codes and dates."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from haln.models.base import Base, Identity


class Place(Base):
    """A place with its ONS or ODS code. Ended places stay, so that old facts keep their place."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))  # nation, region, icb, authority
    region_code: Mapped[str | None] = mapped_column(String(20), index=True)  # the English region or the nation
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))

    __table_args__ = (Index("ix_place_kind_name", "kind", "name"),)


class PlaceName(Base):
    """Another name of a place: an old one, a short one, a spelling people use."""

    __tablename__ = "place_name"

    id: Mapped[int] = mapped_column(Identity, primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
