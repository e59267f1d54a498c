"""Places that a member may say they work in."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.models import Place, PlaceName

CHOOSABLE = ("authority", "region", "nation")


def names(session: Session) -> list[str]:
    """The names of today's places, in order, to offer while somebody types."""
    return list(
        session.scalars(
            select(Place.name)
            .where(Place.kind.in_(CHOOSABLE), Place.valid_to.is_(None))
            .group_by(Place.name)
            .order_by(Place.name)
        )
    )


def name(session: Session, place_id: int | None) -> str:
    """The name of a place; empty for none."""
    return "" if place_id is None else session.scalar(select(Place.name).where(Place.id == place_id)) or ""


def named(session: Session, text: str) -> int | None:
    """The place of this name or other name: today's before ended ones, the smaller before the larger."""
    wanted = " ".join(text.split()).lower()
    if not wanted:
        return None
    own = select(Place.id, Place.kind, Place.valid_to).where(func.lower(Place.name) == wanted)
    other = (
        select(Place.id, Place.kind, Place.valid_to)
        .join(PlaceName, PlaceName.place_id == Place.id)
        .where(func.lower(PlaceName.name) == wanted)
    )
    for statement in (own, other):
        found = [row for row in session.execute(statement) if row.kind in CHOOSABLE]
        if found:
            return min(found, key=lambda row: (row.valid_to is not None, CHOOSABLE.index(row.kind), row.id)).id  # type: ignore[no-any-return]  # a column of the row
    return None
