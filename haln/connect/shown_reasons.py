"""Stored reasons, asked again when they are shown: what is no longer true, or no longer to be known, is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, bindparam, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from haln.connect import shared_groups
from haln.connect.picks import Picks
from haln.connect.telling import telling
from haln.models import Connection, Member
from haln.people import reading, visibility
from haln.people.visibility import VIEWER, Visibility

TERMS = 2
"""Of fewer words that two have in common nothing is said: one is a coincidence."""

OFFER, SEEK, INTEREST = "offer", "seek", "interest"
_FLAGS = {"they_offer_you_seek": (OFFER, SEEK), "you_offer_they_seek": (SEEK, OFFER), "shared_theme": (INTEREST,) * 2}
_SHARED = {
    shared_groups.SET: "shared_group",
    shared_groups.EVENT: "shared_event",
    shared_groups.TOPIC: "shared_topic",
    shared_groups.MODULE: "shared_module",
}
_Link = aliased(Connection)  # the gate asks about Connection itself


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom both know."""

    public_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason that holds and may be told. `evidence` has codes of vocabularies and names, never ids."""

    kind: str
    evidence: Mapping[str, Any]
    people: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the viewer may know of the suggested member now; hidden facts are none."""

    id: int
    role: str | None
    organisation_id: int | None
    sector: str | None
    place_id: int | None
    place: str | None
    region: str | None
    themes_shown: bool
    text_shown: bool
    ties_shown: bool
    names: str = ""  # of their organisation, place and work, as far as they are shown


Stored = Mapping[str, Any]
_Marks = Mapping[tuple[int, str], Any]


def hold(
    session: Session,
    viewer_id: int,
    rows: Sequence[tuple[Facts, Iterable[Stored]]],
    picks: Picks,
    today: date,
    most: int | None = None,
) -> list[tuple[ShownReason, ...]]:
    """For each suggested member, the first `most` of the stored reasons that hold: at most three queries for all."""
    kinds = {reason["kind"] for _, reasons in rows for reason in reasons}
    between = _between(session, viewer_id, rows, today) if "mutual_connections" in kinds else {}
    groups = _groups(session, viewer_id, rows) if "shared_group" in kinds else {}
    found = []
    for facts, reasons in rows:
        held = []
        for reason in reasons:
            kind, evidence = reason["kind"], reason["evidence"]
            if kind == "mutual_connections":
                known = tuple(named for member in evidence["members"] for named in between.get((member, facts.id), ()))
                told = ShownReason(kind, {}, known) if known and facts.ties_shown else None
            elif kind == "shared_group":
                told = _together([group for group in evidence["groups"] if (group, facts.id) in groups], groups, facts)
            elif kind in _FLAGS or kind == "step_ahead":
                told = _themes(kind, evidence, facts, viewer_id, picks.marks)
            else:
                told = _plain(kind, evidence, facts)
            if told is not None:
                held.append(told)
                if len(held) == most:
                    break
        found.append(tuple(held))
    return found


def _together(both: Sequence[int], groups: shared_groups.Named, facts: Facts) -> ShownReason | None:
    """What two are or were in together: learning sets before events, these before topics, and these before modules."""
    if not both:
        return None
    kind, of = shared_groups.told_first(both)
    return ShownReason(_SHARED[kind], {"names": [groups[group, facts.id] for group in of]})


def _plain(kind: str, evidence: Stored, facts: Facts) -> ShownReason | None:
    """Reasons that rest on where somebody works and lives: they hold while that is as it was, and shown."""
    terms = telling(evidence.get("terms", ()), facts.names)
    same_place = facts.place_id is not None and facts.place_id == evidence.get("place")
    regions = evidence.get("regions") or [None, None]
    sectors = evidence.get("sectors") or [None, None]
    holds = {
        "same_place": same_place,
        "same_place_other_sector": same_place and facts.sector is not None,
        "same_sector": facts.sector is not None,
        "same_role_other_organisation": facts.role is not None
        and facts.role == evidence.get("role")
        and facts.organisation_id is not None,
        "same_region": facts.region is not None and facts.region == evidence.get("region"),
        "active_nearby": facts.region is not None and facts.region == evidence.get("region"),
        "first_link": facts.sector is not None and facts.region is not None and facts.region == regions[1],
        "similar_text": facts.text_shown and len(terms) >= TERMS,
        "newcomer": True,
        "active": True,
    }
    if not holds.get(kind, False):
        return None
    told: dict[str, dict[str, Any]] = {
        "same_place": {"place": facts.place},
        "same_place_other_sector": {"place": facts.place, "sector": facts.sector},
        "same_sector": {"sector": facts.sector},
        "same_role_other_organisation": {"role": facts.role},
        "same_region": {"region": facts.region},
        "active_nearby": {"region": facts.region},
        "first_link": {"sectors": sectors, "regions": regions},
        "similar_text": {"terms": terms},
    }
    return ShownReason(kind, told.get(kind, {}))


def _themes(kind: str, evidence: Stored, facts: Facts, viewer_id: int, marks: _Marks) -> ShownReason | None:
    if not facts.themes_shown:
        return None
    held = []
    for rank, theme in enumerate(evidence["themes"]):
        theirs, mine = marks.get((facts.id, theme)), marks.get((viewer_id, theme))
        if theirs is None or mine is None:
            continue
        if kind == "step_ahead":
            if theirs.maturity == evidence["theirs"][rank] and mine.maturity == evidence["yours"][rank]:
                held.append((theme, theirs.maturity))
        elif getattr(theirs, _FLAGS[kind][0]) and getattr(mine, _FLAGS[kind][1]):
            held.append((theme, 0))
    if not held:
        return None
    told: dict[str, Any] = {"themes": [theme for theme, _ in held]}
    if kind == "step_ahead":
        told["theirs"] = [maturity for _, maturity in held]
    return ShownReason(kind, told)


def _between(
    session: Session, viewer_id: int, rows: Sequence[tuple[Facts, Iterable[Stored]]], today: date
) -> dict[tuple[int, int], tuple[Named]]:
    """By (member between, suggested member): who is tied with both today, lets it be told, and is there to be met."""
    middles: set[int] = set()
    for _, reasons in rows:
        for reason in reasons:
            if reason["kind"] == "mutual_connections":
                middles.update(reason["evidence"]["members"])
    asked = {
        "viewer": viewer_id,
        "today": today,
        "middles": reading.padded(middles),
        "others": reading.padded(facts.id for facts, _ in rows),
    }
    found = reading.rows(session, _middles(), asked)
    return {(row.middle, row.other): (Named(row.public_id, row.name),) for row in found}


@cache
def _middles() -> Select[Any]:
    """Made once, for every viewer."""
    middles: Any = bindparam("middles", expanding=True)
    others: Any = bindparam("others", expanding=True)
    ties = union_all(
        *(
            select(middle.label("middle"), other.label("other")).where(
                middle.in_(middles), other.in_(others), _Link.until.is_(None)
            )
            for middle, other in ((_Link.low_id, _Link.high_id), (_Link.high_id, _Link.low_id))
        )
    ).subquery()
    return (
        select(ties.c.middle, ties.c.other, Member.public_id, Member.name)
        .join(Member, Member.id == ties.c.middle)
        .where(
            visibility.may_see(VIEWER),
            visibility.connected(VIEWER),
            visibility.at_least(Member.show_connections, Visibility.MEMBERS),
            Member.suggest_me,
            or_(Member.paused_until.is_(None), Member.paused_until <= bindparam("today", type_=Date)),
        )
    )


def _groups(session: Session, viewer_id: int, rows: Sequence[tuple[Facts, Iterable[Stored]]]) -> shared_groups.Named:
    """Of the groups that reasons name, those in which the viewer and a suggested member are together now."""
    named = {
        group
        for _, reasons in rows
        for reason in reasons
        if reason["kind"] == "shared_group"
        for group in reason["evidence"]["groups"]
    }
    return shared_groups.in_common(session, viewer_id, named, [facts.id for facts, _ in rows])
