"""What a profile still lacks to get better suggestions."""

from __future__ import annotations

from dataclasses import dataclass

from haln.people.profiles import Profile

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
            biography=tells(profile.biography),
            place=profile.place_id is not None,
        )
    )


def lacking(filled: Filled) -> tuple[str, ...]:
    """The names of the parts that are not there; without themes, seek and offer go without saying."""
    parts = ("themes", "organisation", "role", "biography", "place")
    return tuple(part for part in (("seek", "offer", *parts) if filled.themes else parts) if not getattr(filled, part))


def tells(biography: str) -> bool:
    """Whether a biography is long enough to go by."""
    return len(biography.split()) >= BIOGRAPHY_WORDS
