"""The themes that a member and some others have picked, and what else the member's own profile holds: one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, select
from sqlalchemy.orm import Session

from haln.models import Member, MemberTheme
from haln.people import completeness, reading
from haln.people.completeness import Filled
from haln.people.visibility import VIEWER


@dataclass(frozen=True, slots=True)
class Picks:
    """By (member, theme): marks .interest .offer .seek, and .maturity. `missing`: what the viewer could still add."""

    marks: Mapping[tuple[int, str], Any]
    missing: tuple[str, ...]


@cache
def _picked() -> Select[Any]:
    """Made once, for every viewer. Of the profile, only the viewer's own is read."""

    def own(column: Any) -> Any:
        return case((Member.id == VIEWER, column))

    return (
        select(
            Member.id.label("member_id"),
            MemberTheme.theme,
            MemberTheme.interest,
            MemberTheme.offer,
            MemberTheme.seek,
            MemberTheme.maturity,
            own(Member.organisation_id).label("organisation_id"),
            own(Member.role).label("role"),
            own(Member.place_id).label("place_id"),
            own(Member.biography).label("biography"),
        )
        .outerjoin(MemberTheme, MemberTheme.member_id == Member.id)
        .where(Member.id.in_(bindparam("ids", expanding=True)))
    )


def read(session: Session, viewer_id: int, others: Iterable[int]) -> Picks:
    """The picks of the viewer and the others, as the rows have them: whether they may be told is for the caller."""
    asked = {"viewer": viewer_id, "ids": reading.padded({viewer_id, *others})}
    found = reading.rows(session, _picked(), asked).all()
    return Picks(
        marks={(row.member_id, row.theme): row for row in found},
        missing=_missing([row for row in found if row.member_id == viewer_id]),
    )


def _missing(own: Sequence[Any]) -> tuple[str, ...]:
    return completeness.lacking(
        Filled(
            seek=any(row.seek for row in own),
            offer=any(row.offer for row in own),
            themes=any(row.theme is not None for row in own),
            organisation=own[0].organisation_id is not None,
            role=own[0].role is not None,
            biography=completeness.tells(own[0].biography),
            place=own[0].place_id is not None,
        )
    )
