"""Why somebody is suggested: what was used, how much it counted, and when; in words' worth, never in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect import picks, shared_groups, shown_reasons
from haln.connect.shown_reasons import Facts, ShownReason
from haln.connect.suggestions import LINE, columns, facts_of
from haln.errors import NotFound
from haln.matching.blend import GRAPH, TEXT
from haln.models import Member, Suggestion
from haln.people.seen import PersonLine

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "themes": ("they_offer", "you_offer", "shared_theme", "step_ahead"),
    "people": tuple(name for name in GRAPH if name != "degree_elsewhere"),
    "connections": ("degree_elsewhere",),
    "texts": TEXT,
    "work": ("same_sector", "same_role", "same_role_elsewhere", "same_level", "same_organisation"),
    "place": ("same_place", "same_region", "place_other_sector"),
    "bridge": ("first_link",),
    "groups": ("shared_group",),
    "activity": ("lively", "newcomer"),
    "turn": ("turn",),
}
"""What the page speaks of, and the signals of matching that it stands for.

Not of the groups of those whom somebody is tied to: what these are in may be hidden since.
"""

_MUCH, _SOME = 0.3, 0.1


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one member was suggested to another. `counted`: family of signals → much, some, little or against."""

    person: PersonLine
    band: str
    reasons: tuple[ShownReason, ...]
    counted: Mapping[str, str]
    listed_at: datetime
    refreshed_at: datetime
    weights_version: str
    listed: bool


def why(session: Session, actor: Actor, other: str, now: datetime) -> Explanation:
    """The newest suggestion of a member to the actor, explained. Raises NotFound without one or for somebody unseen."""
    row = session.execute(
        columns(actor.member_id)
        .add_columns(
            Suggestion.signals,
            Suggestion.listed_at,
            Suggestion.refreshed_at,
            Suggestion.unlisted_at,
            Suggestion.weights_version,
        )
        .where(Member.public_id == other)
        .order_by(Suggestion.listed_at.desc(), Suggestion.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    line = PersonLine(*row[:LINE])
    facts = facts_of(row, line)
    picked = picks.read(session, actor.member_id, (facts.id,))
    reasons = shown_reasons.hold(session, actor.member_id, [(facts, row.reasons)], picked, now.date())[0]
    together = shared_groups.is_any_told(session, actor.member_id, facts.id)
    return Explanation(
        person=line,
        band=row.band,
        reasons=reasons,
        counted=_counted(row.signals.get("parts", {}), facts, together),
        listed_at=row.listed_at,
        refreshed_at=row.refreshed_at,
        weights_version=row.weights_version,
        listed=row.unlisted_at is None,
    )


def _counted(parts: Mapping[str, float], facts: Facts, together: bool) -> dict[str, str]:
    """How much each family counted, the most first; families that rest on facts hidden since are left out.

    `together`: whether there is still a group of both of which they may be told.
    """
    hidden = {
        "themes": not facts.themes_shown,
        "people": not facts.ties_shown,
        "connections": not facts.ties_shown,
        "texts": not facts.text_shown,
        "work": facts.role is None and facts.sector is None,
        "place": facts.place_id is None,
        "bridge": facts.sector is None or facts.region is None,
        "groups": not together,
    }
    sums = {family: sum(parts.get(name, 0.0) for name in names) for family, names in FAMILIES.items()}
    whole = sum(value for value in sums.values() if value > 0) or 1.0
    order = sorted((family for family in sums if sums[family] and not hidden.get(family)), key=lambda f: -sums[f])
    return {family: _words(sums[family] / whole) for family in order}


def _words(share: float) -> str:
    if share < 0:
        return "against"
    return "much" if share >= _MUCH else "some" if share >= _SOME else "little"
