"""What a profile still lacks to get better suggestions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from haln.models import Member, MemberTheme
from haln.people.profiles import Profile
from haln.people.reading import rows

BIOGRAPHY_WORDS = 10
"""Fewer words tell matching too little."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Which parts of a profile are there; in the order of what helps most."""

    seek: bool
    offer: bool
    themes: bool
    organisation: bool
    role: bool
    biography: bool
    place: bool


def missing(profile: Profile) -> tuple[str, ...]:
    """What to add next, what helps most first: seek, offer, themes, organisation, role, biography, place."""
    themes = profile.themes
    return lacking(
        Filled(
            seek=any(theme.seek for theme in themes),
            offer=any(theme.offer for theme in themes),
            themes=any(theme.picked for theme in themes),
            organisation=profile.organisation_id is not None,
            role=profile.role is not None,
            biography=_tells(profile.biography),
            place=profile.place_id is not None,
        )
    )


_PARTS = (
    select(
        func.count(MemberTheme.theme).filter(MemberTheme.seek),
        func.count(MemberTheme.theme).filter(MemberTheme.offer),
        func.count(MemberTheme.theme),
        Member.organisation_id,
        Member.role,
        Member.biography,
        Member.place_id,
    )
    .outerjoin(MemberTheme, MemberTheme.member_id == Member.id)
    .where(Member.id == bindparam("member"))
    .group_by(Member.id)
)


def missing_for(session: Session, member_id: int) -> tuple[str, ...]:
    """The same for a member, in one query."""
    row = rows(session, _PARTS, {"member": member_id}).one()
    seek, offer, themes, organisation_id, role, biography, place_id = row
    return lacking(
        Filled(
            seek=seek > 0,
            offer=offer > 0,
            themes=themes > 0,
            organisation=organisation_id is not None,
            role=role is not None,
            biography=_tells(biography),
            place=place_id is not None,
        )
    )


def lacking(filled: Filled) -> tuple[str, ...]:
    """The names of the parts that are not there; without themes, seek and offer go without saying."""
    parts = ("themes", "organisation", "role", "biography", "place")
    return tuple(part for part in (("seek", "offer", *parts) if filled.themes else parts) if not getattr(filled, part))


def _tells(biography: str) -> bool:
    return len(biography.split()) >= BIOGRAPHY_WORDS
