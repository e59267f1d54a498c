"""What two or three who meet over coffee share, as both sides may know it.

A reason rests on what both of the two let members see: it is told to both, so it may give away neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, null, select
from sqlalchemy.orm import Session

from haln.connect.shown_reasons import ShownReason
from haln.models import Member, MemberTheme, Organisation, Place
from haln.people.visibility import Visibility, at_least

MOST = 3


@dataclass(slots=True)
class _Open:
    """What a member lets all members see."""

    role: str | None
    organisation: int | None
    sector: str | None
    place_id: int | None
    place: str | None
    themes: dict[str, Any] = field(default_factory=dict)


def reasons(session: Session, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], tuple[ShownReason, ...]]:
    """What each (reader, other) shares, the best first, at most `MOST` each: two queries for all."""
    asked = list(pairs)
    known = _read(session, sorted({member for pair in asked for member in pair}))
    return {
        (me, other): tuple(_between(known[me], known[other])[:MOST]) if me in known and other in known else ()
        for me, other in asked
    }


def _read(session: Session, ids: Sequence[int]) -> dict[int, _Open]:
    if not ids:
        return {}

    def open_to_members(column: Any, show: Any) -> Any:
        return case((at_least(show, Visibility.MEMBERS), column), else_=null())

    rows = session.execute(
        select(
            Member.id,
            open_to_members(Member.role, Member.show_role),
            open_to_members(Member.organisation_id, Member.show_organisation),
            open_to_members(Organisation.sector, Member.show_organisation),
            open_to_members(Member.place_id, Member.show_place),
            open_to_members(Place.name, Member.show_place),
        )
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(Member.id.in_(ids))
    )
    found = {row[0]: _Open(*row[1:]) for row in rows}
    themes = session.execute(
        select(MemberTheme.member_id, MemberTheme.theme, MemberTheme.interest, MemberTheme.offer, MemberTheme.seek)
        .join(Member, Member.id == MemberTheme.member_id)
        .where(MemberTheme.member_id.in_(ids), at_least(Member.show_themes, Visibility.MEMBERS))
        .order_by(MemberTheme.theme)
    )
    for row in themes:
        found[row.member_id].themes[row.theme] = row
    return found


def _between(me: _Open, other: _Open) -> list[ShownReason]:
    both = [(me.themes[theme], other.themes[theme]) for theme in me.themes if theme in other.themes]
    kinds = {
        "they_offer_you_seek": [mine.theme for mine, theirs in both if mine.seek and theirs.offer],
        "you_offer_they_seek": [mine.theme for mine, theirs in both if mine.offer and theirs.seek],
        "shared_theme": [mine.theme for mine, theirs in both if mine.interest and theirs.interest],
    }
    found = [ShownReason(kind, {"themes": themes}) for kind, themes in kinds.items() if themes]
    if me.place_id is not None and me.place_id == other.place_id:
        apart = me.sector is not None and other.sector is not None and me.sector != other.sector
        told = {"place": other.place, "sector": other.sector}
        found.append(ShownReason("same_place_other_sector" if apart else "same_place", told))
    colleagues = me.organisation is not None and me.organisation == other.organisation
    if me.role is not None and me.role == other.role and not colleagues:
        found.append(ShownReason("same_role_other_organisation", {"role": other.role}))
    return found
