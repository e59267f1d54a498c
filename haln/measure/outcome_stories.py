"""Stories of what came of it, as they may be read: with names only where everybody in them agrees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member, Outcome, OutcomeAgreement
from haln.people import outcome_agreements, outcome_sources
from haln.people.outcomes import ANONYMOUS, NAMED
from haln.people.visibility import visible_ids

MOST = 60
"""A page holds no more stories."""

IN_REPORT = 20
"""A report holds no more."""


@dataclass(frozen=True, slots=True)
class Story:
    """What a reader sees of an outcome: `names` is empty unless all agreed, and the writer's comes first.

    `consent`: how it is told, which is without names as long as somebody has not agreed.
    """

    public_id: str
    kind: str
    happened_on: date
    came_of: str
    consent: str
    text: str
    names: tuple[str, ...]
    hidden_for: str


def stories(
    session: Session,
    viewer_id: int | None,
    start: date,
    until: date,
    *,
    known_on: date | None = None,
    most: int = MOST,
    hidden: bool = False,
    came_of: str = "",
) -> list[Story]:
    """The stories of what happened after one day until another, the latest first; with `hidden` those kept out, too.

    With `came_of` those alone that came of a connection, a set or an event.

    With `known_on` those only that were first told by the end of that day; who may read them is as it is today. Names
    go through the gate, as the one who looks sees people; none: as everybody does.
    """
    statement = select(Outcome).where(
        Outcome.consent.in_((ANONYMOUS, NAMED)),
        Outcome.told != "",
        Outcome.happened_on > start,
        Outcome.happened_on <= until,
    )
    if known_on is not None:
        statement = statement.where(Outcome.written_at < datetime.combine(known_on + timedelta(days=1), time(), UTC))
    if came_of:
        statement = statement.where(outcome_sources.is_of(came_of))
    if not hidden:
        statement = statement.where(Outcome.hidden_for == "")
    ordered = statement.order_by(Outcome.happened_on.desc(), Outcome.id.desc()).limit(most)
    rows = session.scalars(ordered).all()
    names = _names(session, viewer_id, [row for row in rows if row.consent == NAMED])
    return [_story(row, names.get(row.id, ())) for row in rows]


def _story(row: Outcome, names: tuple[str, ...]) -> Story:
    return Story(
        row.public_id,
        row.kind,
        row.happened_on,
        outcome_sources.came_of(row),
        NAMED if names else ANONYMOUS,
        row.signed if names else row.told,
        names,
        row.hidden_for,
    )


def _names(session: Session, viewer_id: int | None, rows: list[Outcome]) -> dict[int, tuple[str, ...]]:
    """Whom each story names, the writer first: of those stories with which everybody agrees whom the viewer may see."""
    agreed = outcome_agreements.agreed(session, [row.id for row in rows])
    people: dict[int, list[int]] = {row.id: [row.written_by_id] for row in rows if row.id in agreed}
    for outcome, member in session.execute(
        select(OutcomeAgreement.outcome_id, OutcomeAgreement.member_id)
        .where(OutcomeAgreement.outcome_id.in_(people))
        .order_by(OutcomeAgreement.member_id)
    ):
        people[outcome].append(member)
    seen = visible_ids(session, viewer_id, {one for some in people.values() for one in some})
    known = {
        row.id: row.name for row in session.execute(select(Member.id, Member.name).where(Member.id.in_(sorted(seen))))
    }
    return {
        outcome: tuple(known[one] for one in some)
        for outcome, some in people.items()
        if all(one in known for one in some)
    }
