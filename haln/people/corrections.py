"""Correct when somebody was a member, without forgetting what was believed before.

A correction says what was so from one day until before another. What is known of the days after it is said again, for a
version holds for all days from its own on; so figures as known before the correction stay as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.models import Member, MemberVersion
from haln.people import addresses, changes
from haln.people.visibility import ACTIVE

EARLIEST = date(1990, 1, 1)
AWAY = "left"
MOST_WORDS = 500

_SAID = ("standing", "audience", "role", "organisation_id", "sector", "place_id", "region")


@dataclass(frozen=True, slots=True)
class Known:
    """That somebody was a member, or was not, from a day until before another (none: still), as known since a day."""

    from_on: date
    until_on: date | None
    member: bool
    recorded_on: date


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one person, the earliest first, and what was believed before, in the order of its recording."""

    member_id: int
    name: str
    known: tuple[Known, ...]
    believed: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """From a day until before another (none: for ever), somebody was a member, or was not; and how that is known."""

    from_on: date
    until_on: date | None
    member: bool
    reason: str


def record(session: Session, address: str) -> Record:
    """What is known of whoever has this address, member or former member. Raises NotFound."""
    found = _person(session, address)
    rows = _rows(session, found.id)
    holding = _holding(rows)
    void = [row for row in rows if row not in holding]
    return Record(found.id, found.name, _merged(holding), tuple(_spell(row, None) for row in void))


def correct(session: Session, actor: Actor, address: str, said: Correction, now: datetime) -> None:
    """Write a correction down.

    Raises Invalid for days that cannot be, NotFound, and Conflict for what is known already or contradicts how the
    member stands today: that is changed by joining or leaving, not by a correction.
    """
    today = now.astimezone(UTC).date()
    _check(said, today)
    number = changes.next_number(session)  # holds everybody else's changes until this one is written
    found = _person(session, address)
    holding = _holding(_rows(session, found.id))
    if not holding:
        raise NotFound("Nothing is known of this person yet.")
    again = _said_again(holding, said, today)
    if _told(_merged(holding)) == _told(_merged(_holding([*_rows(session, found.id), *again]))):
        raise Conflict("That is what is known already.")
    if (again[-1].standing == ACTIVE) is not (found.standing == ACTIVE):
        raise Conflict("That is not how they stand today. Give the day until which it was so.")
    again[-1].standing = found.standing
    session.add_all(again)
    session.flush()
    changes.touch(session, [found.id], now)
    detail: history.Detail = {
        "from_on": said.from_on.isoformat(),
        "until_on": said.until_on.isoformat() if said.until_on else None,
        "member": said.member,
        "change": number,
        "reason": said.reason.strip(),
    }
    history.record(session, actor.member_id, "correct_membership", "member", found.id, now, detail)


def _check(said: Correction, today: date) -> None:
    if said.from_on > today:
        raise Invalid("That day is still to come.", {"from_on": "That day is still to come."})
    if said.from_on < EARLIEST:
        raise Invalid("That day is too long ago.", {"from_on": "That day is too long ago."})
    if said.until_on and said.until_on <= said.from_on:
        raise Invalid("Give a later day than the first.", {"until_on": "Give a later day than the first."})
    if said.until_on and said.until_on > today:
        raise Invalid("That day is still to come.", {"until_on": "That day is still to come."})
    if not said.reason.strip():
        raise Invalid("Say how you know.", {"reason": "Say how you know."})
    if len(said.reason) > MOST_WORDS:
        raise Invalid("Say it in fewer words.", {"reason": "Say it in fewer words."})


def _person(session: Session, address: str) -> Any:
    row = session.execute(
        select(Member.id, Member.name, Member.standing).where(Member.email == addresses.folded(address))
    ).first()
    if row is None:
        raise NotFound("Nobody here has the address %(email)s.", email=address.strip()[:254])
    return row


def _rows(session: Session, member_id: int) -> list[MemberVersion]:
    return list(
        session.scalars(select(MemberVersion).where(MemberVersion.member_id == member_id).order_by(MemberVersion.id))
    )


def _holding(rows: Sequence[MemberVersion]) -> list[MemberVersion]:
    """Those of the rows, in the order of their recording, that nothing recorded later overrides; by day."""
    found: list[MemberVersion] = []
    earliest = date.max
    for row in reversed(rows):
        if row.from_on < earliest:
            found.append(row)
            earliest = row.from_on
    return found[::-1]


def _said_again(holding: Sequence[MemberVersion], said: Correction, today: date) -> list[MemberVersion]:
    """The correction, what held at its end, and what comes after it, as rows recorded today."""

    def like(row: MemberVersion, from_on: date, **told: Any) -> MemberVersion:
        values = {name: getattr(row, name) for name in _SAID} | told
        return MemberVersion(member_id=row.member_id, from_on=from_on, recorded_on=today, **values)

    before = [row for row in holding if row.from_on <= said.from_on] or [holding[0]]
    found = [like(before[-1], said.from_on, standing=ACTIVE if said.member else AWAY)]
    if said.until_on is None:
        return found
    at_end = [row for row in holding if row.from_on <= said.until_on]
    # Before the first that is known of them, they were not there.
    found.append(like(at_end[-1], said.until_on) if at_end else like(holding[0], said.until_on, standing=AWAY))
    return found + [like(row, row.from_on) for row in holding if row.from_on > said.until_on]


def _spell(row: MemberVersion, until_on: date | None) -> Known:
    return Known(row.from_on, until_on, row.standing == ACTIVE, row.recorded_on)


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
