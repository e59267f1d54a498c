"""Three people to say hello to at an event: of those who come and agreed to it, who has most to say to whom.

Only who has a place and agreed is named, to who has a place and agreed; through the gate, and never to somebody whom
the two's history keeps apart (connected, asked, set aside, blocked) or who does not want to be suggested now. Whoever
is on the member's list of suggestions comes first, with the list's reasons; of the others, the reasons are the same
kinds, from what both let all members know. Every reason is asked again when it is shown.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session, aliased

from haln.connect import picks, shown_reasons
from haln.connect.picks import Picks
from haln.connect.shown_reasons import Facts, ShownReason
from haln.connect.suggestions import available, facts_of
from haln.models import Event, EventRegistration, Member, Organisation, Place, Suggestion
from haln.people import visibility
from haln.people.seen import PersonLine, lines
from haln.people.visibility import Visibility

SHOWN = 3
REASONS = 2
_LINE = 10
_WEIGHTS = {
    "they_offer_you_seek": 6,
    "you_offer_they_seek": 6,
    "step_ahead": 4,
    "same_place_other_sector": 3,
    "shared_theme": 2,
    "same_role_other_organisation": 2,
}
"""How much each kind of reason counts for who is not on the list, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Somebody to say hello to, and why."""

    person: PersonLine
    reasons: tuple[ShownReason, ...]


@dataclass(frozen=True, slots=True)
class _Own:
    """What the viewer lets be compared."""

    role: str | None
    organisation_id: int | None
    place_id: int | None
    sector: str | None


def agreed(session: Session, viewer_id: int, event_id: int) -> bool:
    """Whether the viewer has a place at the event and agreed to be named to others who come."""
    return (
        session.scalar(
            select(EventRegistration.member_id)
            .join(Event, Event.id == EventRegistration.event_id)
            .where(
                EventRegistration.event_id == event_id,
                EventRegistration.member_id == viewer_id,
                EventRegistration.state == "registered",
                EventRegistration.says_hello,
                Event.state == "planned",
            )
        )
        is not None
    )


def three(session: Session, viewer_id: int, event_id: int, today: date) -> tuple[Hello, ...]:
    """At most three people for the viewer, best first; nobody where they have not agreed themselves.

    The same rows give the same answer. At most six queries, however many come.
    """
    if not agreed(session, viewer_id, event_id):
        return ()
    found = session.execute(_candidates(viewer_id, event_id, today)).all()
    if not found:
        return ()
    people = [PersonLine(*row[:_LINE]) for row in found]
    picked = picks.read(session, viewer_id, (one.id for one in people))
    own = _own(session, viewer_id)
    facts = [facts_of(row, line) for row, line in zip(found, people, strict=True)]
    stored = [row.reasons or _built(own, fact, viewer_id, picked) for row, fact in zip(found, facts, strict=True)]
    held = shown_reasons.hold(session, viewer_id, list(zip(facts, stored, strict=True)), picked, today)
    order = sorted(
        (number for number in range(len(people)) if held[number]),
        key=lambda number: (
            found[number].rank is None,
            found[number].rank or 0,
            -_worth(held[number]),
            zlib.crc32(f"{event_id}:{viewer_id}:{people[number].id}".encode()),
        ),
    )
    return tuple(Hello(people[number], held[number][:REASONS]) for number in order[:SHOWN])


def _candidates(viewer_id: int, event_id: int, today: date) -> Any:
    theirs = aliased(Suggestion)
    columns = {
        "known_role": (Member.show_role, Member.role),
        "organisation_id": (Member.show_organisation, Member.organisation_id),
        "place_id": (Member.show_place, Member.place_id),
        "region": (Member.show_place, Place.region_code),
    }
    return (
        lines(viewer_id)
        .add_columns(
            theirs.rank.label("rank"),
            theirs.reasons.label("reasons"),
            *(_shown(column, show).label(name) for name, (show, column) in columns.items()),
            visibility.at_least(Member.show_themes, Visibility.MEMBERS).label("themes_shown"),
            visibility.at_least(Member.show_biography, Visibility.MEMBERS).label("text_shown"),
            visibility.at_least(Member.show_connections, Visibility.MEMBERS).label("ties_shown"),
        )
        .join(EventRegistration, EventRegistration.member_id == Member.id)
        .outerjoin(
            theirs,
            and_(theirs.other_id == Member.id, theirs.member_id == viewer_id, theirs.unlisted_at.is_(None)),
        )
        .where(
            EventRegistration.event_id == event_id,
            EventRegistration.state == "registered",
            EventRegistration.says_hello,
            Member.id != viewer_id,
            available(viewer_id, today),
        )
        .order_by(Member.id)
    )


def _shown(column: Any, show: Any) -> Any:
    return case((visibility.at_least(show, Visibility.MEMBERS), column))


def _own(session: Session, viewer_id: int) -> _Own:
    row = session.execute(
        select(Member.role, Member.organisation_id, Member.place_id, Organisation.sector)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.id == viewer_id)
    ).one()
    return _Own(row.role, row.organisation_id, row.place_id, row.sector)


def _built(own: _Own, facts: Facts, viewer_id: int, picked: Picks) -> list[dict[str, Any]]:
    """Reasons as the engine stores them, from what both let be known; what does not hold is left out when shown."""
    marks = picked.marks
    themes = sorted(theme for member, theme in marks if member == facts.id and (viewer_id, theme) in marks)
    pairs = [(theme, marks[facts.id, theme], marks[viewer_id, theme]) for theme in themes if theme]
    ahead = [(t, a.maturity, b.maturity) for t, a, b in pairs if (a.maturity or 0) > (b.maturity or 0) > 0]
    found: dict[str, dict[str, Any]] = {
        "they_offer_you_seek": {"themes": [theme for theme, a, b in pairs if a.offer and b.seek]},
        "you_offer_they_seek": {"themes": [theme for theme, a, b in pairs if a.seek and b.offer]},
        "step_ahead": {
            "themes": [one[0] for one in ahead],
            "theirs": [one[1] for one in ahead],
            "yours": [one[2] for one in ahead],
        },
        "shared_theme": {"themes": [theme for theme, a, b in pairs if a.interest and b.interest]},
    }
    reasons = {kind: evidence for kind, evidence in found.items() if evidence["themes"]}
    if own.place_id is not None and own.sector != facts.sector:
        reasons["same_place_other_sector"] = {"place": own.place_id}
    if own.role is not None and own.organisation_id != facts.organisation_id:
        reasons["same_role_other_organisation"] = {"role": own.role}
    return [{"kind": kind, "evidence": reasons[kind]} for kind in _WEIGHTS if kind in reasons]


def _worth(reasons: Sequence[ShownReason]) -> int:
    return sum(_WEIGHTS.get(one.kind, 1) for one in reasons)
