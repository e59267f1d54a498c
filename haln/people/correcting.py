"""What all corrections by hand share: which days they are of, how they are said, and the record of them.

A correction says what was so from one day until before another, and that alone: what else is known of those days, and
all that is known of the days after them, is said again, for a version holds for all days from its own on. So figures as
known before the correction stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Invalid, NotFound
from haln.models import AuditRecord, Connection, Member, MemberVersion
from haln.people import addresses, seen, visibility

EARLIEST = date(1990, 1, 1)
MOST_WORDS = 500
_WHEN = {"id", "from_on", "recorded_on"}
ACTIONS = ("correct_membership", "correct_connection", "correct_place", "correct_set")


class _Version(Protocol):
    from_on: Any
    recorded_on: Any


V = TypeVar("V", bound=_Version)
Test = Callable[[V], bool]


@dataclass(frozen=True, slots=True)
class Days:
    """From a day until before another; none: for ever."""

    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A correction that was made: when, by whom (none: somebody whom the viewer may not see), why, and what it says."""

    at: datetime
    by: str | None
    action: str
    subject_id: int | None
    reason: str
    detail: history.Detail


def check(days: Days, today: date) -> None:
    """Raise Invalid, at its field, for days that cannot be."""
    if days.from_on > today:
        raise Invalid("That day is still to come.", {"from_on": "That day is still to come."})
    if days.from_on < EARLIEST:
        raise Invalid("That day is too long ago.", {"from_on": "That day is too long ago."})
    if days.until_on and days.until_on <= days.from_on:
        raise Invalid("Give a later day than the first.", {"until_on": "Give a later day than the first."})
    if days.until_on and days.until_on > today:
        raise Invalid("That day is still to come.", {"until_on": "That day is still to come."})


def check_reason(reason: str) -> str:
    """The words without blanks around them. Raises Invalid for none, and for too many."""
    if not reason.strip():
        raise Invalid("Say how you know.", {"reason": "Say how you know."})
    if len(reason) > MOST_WORDS:
        raise Invalid("Say it in fewer words.", {"reason": "Say it in fewer words."})
    return reason.strip()


def person(session: Session, actor: Actor, address: str) -> Any:
    """Id, name and standing of whoever has this address, member or former member.

    Raises NotFound, too, where one of the two has blocked the other: somebody else has to correct it.
    """
    there = Member.email == addresses.folded(address), not_(visibility.blocked(actor.member_id, Member.id))
    row = session.execute(select(Member.id, Member.name, Member.standing).where(*there)).first()
    if row is None:
        raise NotFound("Nobody here has the address %(email)s.", email=address.strip()[:254])
    return row


def check_member(session: Session, who: Any, field: str, from_on: date) -> None:
    """Raise Invalid where somebody was never a member, at their field, or not yet on a day, at that of the day.

    `who` has an id and a name.
    """
    kept = MemberVersion
    rows = session.scalars(select(kept).where(kept.member_id == who.id).order_by(kept.id)).all()
    found = spells(holding(rows), lambda one: one.standing == visibility.ACTIVE)
    if not found:
        raise Invalid("This person was never a member.", {field: "This person was never a member."})
    if from_on < found[0].from_on:
        sentence = "%(name)s was not a member yet on that day. If they were, correct their own dates first."
        raise Invalid(sentence, {"from_on": sentence}, name=who.name)


def holding(rows: Sequence[V]) -> list[V]:
    """Those of the rows, in the order of their recording, that nothing recorded later overrides; by day."""
    found: list[V] = []
    earliest = date.max
    for row in reversed(rows):
        if row.from_on < earliest:
            found.append(row)
            earliest = row.from_on
    return found[::-1]


def again(holding: Sequence[V], days: Days, told: Mapping[str, Any], absent: Mapping[str, Any], today: date) -> list[V]:
    """All that held on the days with what is told of them, what held at their end, and what comes after: rows of today.

    `absent` is what was so before the first that is known.
    """
    before = [row for row in holding if row.from_on <= days.from_on] or [holding[0]]
    found = [_like(before[-1], days.from_on, today, told)]
    for row in holding:
        if days.from_on < row.from_on < (days.until_on or date.max):
            one = _like(row, row.from_on, today, told)
            if _facts(one) != _facts(found[-1]):
                found.append(one)
    if days.until_on is None:
        return found
    at_end = [row for row in holding if row.from_on <= days.until_on]
    found.append(_like(at_end[-1], days.until_on, today) if at_end else _like(holding[0], days.until_on, today, absent))
    return found + [_like(row, row.from_on, today) for row in holding if row.from_on > days.until_on]


def _like(row: V, from_on: date, today: date, told: Mapping[str, Any] | None = None) -> V:
    model: Any = type(row)
    made: V = model(**_facts(row) | {"from_on": from_on, "recorded_on": today} | dict(told or {}))
    return made


def _facts(row: Any) -> dict[str, Any]:
    """What a version says, whenever that is so and since whenever it is known."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in _WHEN}


def write(session: Session, rows: Iterable[V]) -> None:
    """Add versions in this order: it is that of their numbers, and what is numbered later overrides."""
    for row in rows:  # one after the other: rows that are flushed together may be numbered in any order
        session.add(row)
        session.flush()


def spells(holding: Sequence[V], is_so: Test[V]) -> list[Days]:
    """The days on which it is so, by what holds; spells without a day between are one."""
    found: list[Days] = []
    ends = [*(row.from_on for row in holding[1:]), None]
    for row, end in zip(holding, ends, strict=True):
        if is_so(row):
            joins = bool(found) and found[-1].until_on == row.from_on
            found[-1:] = [Days(found[-1].from_on, end)] if joins else [*found[-1:], Days(row.from_on, end)]
    return found


def believed(rows: Sequence[V], state: Callable[[V], Any]) -> list[tuple[V, Days, date]]:
    """What was said of past days until something else was, in the order of its replacing, with the day of that.

    `rows` in the order of their recording. The days are those on which
    the state is another since.
    """
    starts = [0, *(n for n in range(1, len(rows)) if not _goes_on(rows[n - 1], rows[n])), len(rows)]
    found: list[tuple[V, Days, date]] = []
    for start, end in pairwise(starts[1:]):
        before, after, on_day = holding(rows[:start]), holding(rows[:end]), rows[start].recorded_on
        days = sorted({row.from_on for row in (*before, *after) if before[0].from_on <= row.from_on < on_day})
        for day, until_on in zip(days, _ends(days, before, after), strict=True):
            was, now = _on(before, day), _on(after, day)
            if state(was) == state(now):
                continue
            last = found[-1] if found else None
            if last and last[2] == on_day and last[1].until_on == day and state(last[0]) == state(was):
                found[-1] = (last[0], Days(last[1].from_on, until_on), on_day)
            else:
                found.append((was, Days(day, until_on), on_day))
    return found


def _goes_on(row: _Version, later: _Version) -> bool:
    """Whether two rows were written down together."""
    return bool(row.recorded_on == later.recorded_on and row.from_on < later.from_on)


def _ends(days: Sequence[date], before: Sequence[V], after: Sequence[V]) -> list[date | None]:
    """The first day after each on which something else is said (none: never)."""
    every = sorted({row.from_on for row in (*before, *after)})
    return [next((one for one in every if one > day), None) for day in days]


def _on(holding: Sequence[V], day: date) -> V:
    return [row for row in holding if row.from_on <= day][-1]


def made(session: Session, actor: Actor, about: Mapping[str, Iterable[int]]) -> tuple[Made, ...]:
    """The corrections of these subjects (ids by their kind), the latest first."""
    whose = [
        and_(AuditRecord.subject_kind == kind, AuditRecord.subject_id.in_(sorted(ids))) for kind, ids in about.items()
    ]
    rows = _records(session, or_(*whose))
    people = seen.people(session, actor.member_id, {row.actor_id for row in rows if row.actor_id})
    names = {number: line.name for number, line in people.items()} | {actor.member_id: actor.name}
    return tuple(
        Made(
            row.at,
            names.get(row.actor_id or 0),
            row.action,
            row.subject_id,
            str(row.detail.get("reason", "")),
            row.detail,
        )
        for row in rows
    )


def _records(session: Session, whose: ColumnElement[bool]) -> Sequence[AuditRecord]:
    return session.scalars(
        select(AuditRecord).where(AuditRecord.action.in_(ACTIONS), whose).order_by(AuditRecord.id.desc())
    ).all()


def forget(session: Session, member_id: int) -> None:
    """Take the reasons, which are words about somebody, out of the record of what was corrected of them."""
    theirs = select(Connection.id).where(or_(Connection.low_id == member_id, Connection.high_id == member_id))
    whose = or_(
        and_(AuditRecord.subject_kind == "member", AuditRecord.subject_id == member_id),
        and_(AuditRecord.subject_kind == "connection", AuditRecord.subject_id.in_(theirs)),
    )
    for row in _records(session, whose):
        row.detail = {**row.detail, "reason": ""}
