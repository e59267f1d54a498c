"""What lies outside the days to which a set would be corrected: sessions that were held, and places of their own days.

A place that began or ended with its set goes along with it. Any other is a fact of its own: cut to the new days, it
would be lost, and no later correction of the set would bring it back. So is one of a day to which the set was corrected
only afterwards: it would be lost when that is taken back. Whose these are is in the record of what was corrected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Invalid
from haln.learn.sessions import HELD
from haln.models import AuditRecord, LearningSet, SetSession
from haln.people import seen
from haln.people.correcting import Days

Bounds = tuple[date | None, date | None]
OWN = ("own_first", "own_last")
"""Where the record of a correction says whose days are their own."""


@dataclass(frozen=True, slots=True)
class Own:
    """Whose place began, and whose ended, on a day of their own that is the set's only since the set was corrected."""

    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()

    def after(self, was: Bounds, now: Bounds, places: Mapping[int, Sequence[Days]]) -> Own:
        """The same once a set is corrected; `places` are as they were before that."""
        spells = {member: found for member, found in places.items() if found}
        return Own(
            frozenset(
                member
                for member, found in spells.items()
                if found[0].from_on == now[0] and (now[0] != was[0] or member in self.first)
            ),
            frozenset(
                member
                for member, found in spells.items()
                if found[-1].until_on == now[1] is not None and (now[1] != was[1] or member in self.last)
            ),
        )


def own(session: Session, number: int, action: str) -> Own:
    """What the last correction of a set's days left of it."""
    last = (
        select(AuditRecord.detail)
        .where(
            AuditRecord.action == action,
            AuditRecord.subject_kind == "learning_set",
            AuditRecord.subject_id == number,
        )
        .order_by(AuditRecord.id.desc())
        .limit(1)
    )
    detail = session.scalar(last) or {}
    first, end = (frozenset(map(int, detail.get(key) or ())) for key in OWN)
    return Own(first, end)


def check_sessions(session: Session, row: LearningSet, days: Bounds) -> None:
    """Raise Invalid, at its field, where a session was held before the new first day or after the new last one."""
    held = select(SetSession.starts_at).where(SetSession.set_id == row.id, SetSession.state == HELD)
    found = sorted(moment.astimezone(UTC).date() for moment in session.scalars(held))
    begins, ends = _narrowed(row, days)
    if begins and found and found[0] < begins:
        sentence = "A session was held on %(day)s, before that day."
        raise Invalid(sentence, {"started_on": sentence}, day=found[0])
    if ends and found and found[-1] > ends:
        sentence = "A session was held on %(day)s, after that day."
        raise Invalid(sentence, {"ended_on": sentence}, day=found[-1])


def check_places(
    session: Session,
    actor: Actor,
    row: LearningSet,
    days: Bounds,
    places: Mapping[int, Sequence[Days]],
    own: Own,
) -> None:
    """Raise Invalid, at its field, where a member's place (spells by their id) would lie outside the new days."""
    for member, spells in places.items():
        for number, one in enumerate(spells):
            first = number == 0 and member not in own.first
            last = number == len(spells) - 1 and member not in own.last
            field = _outside(row, days, one, first, last)
            if field:
                raise _lies_outside(session, actor, member, one, field)


def _narrowed(row: LearningSet, days: Bounds) -> Bounds:
    """The first and last day where they leave out days that the set had; what lay outside before may stay there."""
    begins, ends = days
    later = begins is not None and (row.started_on is None or begins > row.started_on)
    earlier = ends is not None and (row.ended_on is None or ends < row.ended_on)
    return begins if later else None, ends if earlier else None


def _outside(row: LearningSet, days: Bounds, spell: Days, first: bool, last: bool) -> str | None:
    """At which field to say that a spell would lie outside; none where it goes along or lies within."""
    begins, ends = _narrowed(row, days)
    begun = days[0] if first and spell.from_on == row.started_on and days[0] else spell.from_on
    over = days[1] if last and spell.until_on in (None, row.ended_on) else spell.until_on
    if begins and (begun < begins or (over or date.max) <= begins):
        return "started_on"
    if ends and ((over or date.max) > ends or begun >= ends):
        return "ended_on"
    return None


def _lies_outside(session: Session, actor: Actor, member: int, spell: Days, field: str) -> Invalid:
    people = seen.people(session, actor.member_id, [member])
    if member in people:
        sentence = "%(name)s had a place from %(day)s on, outside these days. If that is wrong, correct it first."
        if field == "ended_on" and spell.until_on:
            sentence = "%(name)s had a place until %(day)s, outside these days. If that is wrong, correct it first."
    else:
        sentence = "Somebody had a place from %(day)s on, outside these days. If that is wrong, correct it first."
        if field == "ended_on" and spell.until_on:
            sentence = "Somebody had a place until %(day)s, outside these days. If that is wrong, correct it first."
    day = spell.until_on if field == "ended_on" and spell.until_on else spell.from_on
    values = {"name": people[member].name} if member in people else {}
    return Invalid(sentence, {field: sentence}, day=day, **values)
