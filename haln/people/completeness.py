"""What a profile still lacks to get better suggestions."""

from __future__ import annotations

from haln.people.profiles import Profile


def missing(profile: Profile) -> tuple[str, ...]:
    """What to add next, what helps most first: seek, offer, themes, organisation, role, biography, place."""
    themes = profile.themes
    lacking = {
        "seek": not any(theme.seek for theme in themes),
        "offer": not any(theme.offer for theme in themes),
        "themes": not any(theme.picked for theme in themes),
        "organisation": profile.organisation_id is None,
        "role": profile.role is None,
        "biography": len(profile.biography.split()) < 10,
        "place": profile.place_id is None,
    }
    if lacking["themes"]:
        lacking["seek"] = lacking["offer"] = False
    return tuple(what for what, lacks in lacking.items() if lacks)
