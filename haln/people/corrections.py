"""Correct when somebody was a member, without forgetting what was believed before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.models import Member, MemberVersion
from haln.people import changes, correcting
from haln.people.correcting import Days, Made
from haln.people.visibility import ACTIVE

AWAY = "left"
NOT_JOINED = ("invited", "unverified")
ACTION = "correct_membership"


@dataclass(frozen=True, slots=True)
class Known:
    """That somebody was a member, or was not, from a day until before another (none: still), as known since a day."""

    from_on: date
    until_on: date | None
    member: bool
    recorded_on: date
    replaced_on: date | None = None  # of what is believed no more: since when


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one person, the earliest first, and what was believed before, in the order of its recording."""

    member_id: int
    name: str
    known: tuple[Known, ...]
    believed: tuple[Known, ...]
    made: tuple[Made, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """From a day until before another (none: for ever), somebody was a member, or was not; and how that is known."""

    from_on: date
    until_on: date | None
    member: bool
    reason: str


def record(session: Session, actor: Actor, address: str) -> Record:
    """What is known of whoever has this address, member or former member. Raises NotFound."""
    found = correcting.person(session, actor, address)
    rows = _rows(session, found.id)
    holding = correcting.holding(rows)
    void = correcting.believed(rows, lambda one: one.standing == ACTIVE)
    made = correcting.made(session, actor, {"member": [found.id]})
    told = tuple(one for one in made if one.action == ACTION)
    return Record(found.id, found.name, _merged(holding), tuple(_void(*one) for one in void), told)


def correct(session: Session, actor: Actor, address: str, said: Correction, now: datetime) -> None:
    """Write a correction down.

    Raises Invalid for days that cannot be, NotFound, and Conflict for what is known already, for somebody who has yet
    to join, and for what contradicts how the member stands today: that is changed by joining or leaving.
    """
    today = now.astimezone(UTC).date()
    days = Days(said.from_on, said.until_on)
    correcting.check(days, today)
    reason = correcting.check_reason(said.reason)
    number = changes.next_number(session)  # holds everybody else's changes until this one is written
    found = correcting.person(session, actor, address)
    holding = correcting.holding(_rows(session, found.id))
    if not holding:
        raise NotFound("Nothing is known of this person yet.")
    if found.standing in NOT_JOINED and not _spells(holding):
        raise Conflict("This person has not joined yet: there is nothing to correct.")
    told = {"standing": ACTIVE if said.member else AWAY}
    again = correcting.again(holding, days, told, {"standing": AWAY}, today)
    after = correcting.holding([*holding, *again])
    if _told(_merged(holding)) == _told(_merged(after)):
        raise Conflict("That is what is known already.")
    if (again[-1].standing == ACTIVE) is not (found.standing == ACTIVE):
        raise Conflict("That is not how they stand today. Give the day until which it was so.")
    again[-1].standing = found.standing
    correcting.write(session, again)
    _set_row(session.get_one(Member, found.id), _spells(holding), _spells(after))
    session.flush()
    changes.touch(session, [found.id], now)
    detail: history.Detail = {
        "from_on": said.from_on.isoformat(),
        "until_on": said.until_on.isoformat() if said.until_on else None,
        "member": said.member,
        "change": number,
        "reason": reason,
    }
    history.record(session, actor.member_id, ACTION, "member", found.id, now, detail)


def _rows(session: Session, member_id: int) -> list[MemberVersion]:
    return list(
        session.scalars(select(MemberVersion).where(MemberVersion.member_id == member_id).order_by(MemberVersion.id))
    )


def _spells(holding: Sequence[MemberVersion]) -> list[Days]:
    return correcting.spells(holding, lambda one: one.standing == ACTIVE)


def _set_row(row: Member, before: Sequence[Days], after: Sequence[Days]) -> None:
    """Let a member's row say on which day they joined and left, where a correction moves either."""
    first = after[0].from_on if after else None
    if first is not None and (not before or before[0].from_on != first):
        row.joined_at = _moment(first)
    if row.standing != AWAY:
        return
    last = after[-1].until_on if after else None
    if last is None:  # never a member, as far as is known
        row.left_at = row.joined_at
    elif not before or before[-1].until_on != last:
        row.left_at = max(_moment(last), row.joined_at)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _spell(row: MemberVersion, until_on: date | None) -> Known:
    return Known(row.from_on, until_on, row.standing == ACTIVE, row.recorded_on)


def _void(row: MemberVersion, days: Days, replaced_on: date) -> Known:
    return Known(days.from_on, days.until_on, row.standing == ACTIVE, row.recorded_on, replaced_on)


def _merged(holding: Sequence[MemberVersion]) -> tuple[Known, ...]:
    """Spells of being a member or not; what changed meanwhile but that is left out."""
    changed = [
        row
        for number, row in enumerate(holding)
        if number == 0 or (row.standing == ACTIVE) is not (holding[number - 1].standing == ACTIVE)
    ]
    ends = [*(row.from_on for row in changed[1:]), None]
    return tuple(_spell(row, end) for row, end in zip(changed, ends, strict=True))


def _told(known: Sequence[Known]) -> list[tuple[date, bool]]:
    return [(one.from_on, one.member) for one in known]
