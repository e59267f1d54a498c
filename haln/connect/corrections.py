"""Correct when two people were connected, and what it rested on, without forgetting what was believed before.

A correction is of a pair: on its days they were connected, by some evidence, or were not; on all other days nothing
changes. It can end what is open today, for it may have ended long ago or never have been, but it connects nobody who is
not connected today: that is for the two to agree. Only what a correction itself ended can be opened again by another.
Nobody was connected before they were a member.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import pairs
from haln.connect.connections import EVIDENCE
from haln.errors import Conflict, Invalid, NotFound
from haln.models import AuditRecord, Block, Connection, ConnectionVersion
from haln.people import changes, correcting, mailbox, versions
from haln.people.correcting import Days, Made
from haln.people.visibility import ACTIVE

ACTION, LOOK = "correct_connection", "look_at_connection"
ENDED = "connection_ended"
"""The letter to both whose connection a correction ends."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of the two."""

    id: int
    name: str
    standing: str


@dataclass(frozen=True, slots=True)
class Known:
    """That two were connected, or were not, from a day until before another (none: still), as known since a day."""

    from_on: date
    until_on: date | None
    evidence: str | None  # none: they were not connected
    recorded_on: date
    replaced_on: date | None = None  # of what is believed no more: since when


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of two people, the earliest first; what was believed before; the corrections that were made."""

    one: Person
    other: Person
    known: tuple[Known, ...]
    believed: tuple[Known, ...]
    made: tuple[Made, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """From a day until before another, two were connected by some evidence (none: they were not); how that is known.

    Without a first day they never were, as far as is known.
    """

    from_on: date | None
    until_on: date | None
    evidence: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Line:
    """One of the pair's connections, with those of its versions that hold."""

    row: Connection
    holding: list[ConnectionVersion]


def look(session: Session, actor: Actor, address: str, other: str, now: datetime, *, preview: bool = False) -> Record:
    """What is known of the two, and write down, with both, who looked: neither of them need show their connections.

    `preview`: that it was tried what a correction would change. Raises Invalid, as `record` does.
    """
    found = record(session, actor, address, other)
    for one, with_whom in ((found.one, found.other), (found.other, found.one)):
        detail: history.Detail = {"other": with_whom.id, "preview": preview}
        history.record(session, actor.member_id, LOOK, "member", one.id, now, detail)
    return found


def record(session: Session, actor: Actor, address: str, other: str) -> Record:
    """What is known of the two people with these addresses.

    Raises Invalid, at its field, for an address of nobody, of somebody who has blocked the actor or whom they have
    blocked, and for one person.
    """
    pair = _pair(session, actor, address, other)
    found = _connections(session, pair)
    every = {one.id: _rows(session, one.id) for one in found}
    lines = [_Line(one, correcting.holding(every[one.id])) for one in found]
    void = [one for rows in every.values() for one in correcting.believed(rows, _evidence)]
    void.sort(key=lambda one: (one[2], one[1].from_on))
    believed = (Known(days.from_on, days.until_on, _evidence(row), row.recorded_on, day) for row, days, day in void)
    made = correcting.made(session, actor, {"connection": [one.id for one in found]})
    return Record(*pair, _known(lines), tuple(believed), made)


def correct(session: Session, actor: Actor, address: str, other: str, said: Correction, now: datetime) -> None:
    """Write a correction down.

    Raises Invalid for days, evidence and people that cannot be, and Conflict for what is known already or would
    connect two who are not connected today.
    """
    today = now.astimezone(UTC).date()
    reason = correcting.check_reason(said.reason)
    if said.evidence is not None and said.evidence not in EVIDENCE:
        raise Invalid("Choose what your connection rests on.", {"evidence": "Choose one of the list."})
    number = pairs.hold(session)
    pair = _pair(session, actor, address, other)
    versions.keep(session, [one.id for one in pair], now)  # nothing is put beside what was not yet kept
    lines = [_Line(one, correcting.holding(_rows(session, one.id))) for one in _connections(session, pair)]
    days = _days(lines, said)
    correcting.check(days, today)
    if said.evidence is not None:
        for field, one in zip(("address", "other"), pair, strict=True):
            correcting.check_member(session, one, field, days.from_on)
    was = _known(lines)
    chosen, opened = _chosen(lines), any(line.row.until is None for line in lines)
    if said.evidence is not None and chosen is None:
        lines = [_made(session, pair, days, said.evidence, actor, number, today)]
        chosen = lines[0]
    else:
        lines = [_said(session, line, days, said.evidence if line is chosen else None, today) for line in lines]
    if _told(was) == _told(_known(lines)):
        raise Conflict("That is what is known already.")
    for line in lines:
        _set_row(session, line, pair, actor, number)
    session.flush()
    changes.touch(session, [one.id for one in pair], now)
    subject = (chosen or lines[0]).row
    detail: history.Detail = {
        "from_on": days.from_on.isoformat() if said.from_on else None,
        "until_on": days.until_on.isoformat() if days.until_on else None,
        "evidence": said.evidence,
        "ended": opened and subject.until is not None,
        "change": number,
        "reason": reason,
    }
    history.record(session, actor.member_id, ACTION, "connection", subject.id, now, detail)
    if detail["ended"]:
        _tell(session, subject, number, now)


def _tell(session: Session, row: Connection, number: int, now: datetime) -> None:
    """Write to both that they are connected no more."""
    for member in (row.low_id, row.high_id):
        key = f"{ENDED}:{row.id}:{number}:{member}"
        mailbox.put_to_member(session, ENDED, member, {"connection_id": row.id}, now, dedupe_key=key)


def _pair(session: Session, actor: Actor, address: str, other: str) -> tuple[Person, Person]:
    """The two. Raises NotFound or Invalid, at the field of whoever it is about."""
    found = []
    for field, one in (("address", address), ("other", other)):
        try:
            found.append(Person(*correcting.person(session, actor, one)))
        except NotFound as error:
            sentence = "Nobody here has this address."
            raise Invalid(sentence, {field: sentence}) from error
    if found[0].id == found[1].id:
        raise Invalid("Give two different people.", {"other": "Give two different people."})
    return found[0], found[1]


def _connections(session: Session, pair: tuple[Person, Person]) -> Sequence[Connection]:
    low, high = sorted(one.id for one in pair)
    return session.scalars(
        select(Connection).where(Connection.low_id == low, Connection.high_id == high).order_by(Connection.id)
    ).all()


def _rows(session: Session, connection_id: int) -> list[ConnectionVersion]:
    kept = ConnectionVersion
    return list(session.scalars(select(kept).where(kept.connection_id == connection_id).order_by(kept.id)))


def _days(lines: Sequence[_Line], said: Correction) -> Days:
    """The days that are meant. Raises Invalid where a first one is needed."""
    if said.from_on is not None:
        return Days(said.from_on, said.until_on)
    if said.evidence is not None:
        raise Invalid("Give the first day.", {"from_on": "Give the first day."})
    firsts = [row.from_on for line in lines for row in line.holding[:1]]
    if not firsts:
        raise Conflict("That is what is known already.")
    return Days(min(firsts))


def _chosen(lines: Sequence[_Line]) -> _Line | None:
    """The connection that a correction is written to: the open one, else the last one."""
    return max(lines, key=lambda line: (line.row.until is None, line.row.id), default=None)


def _made(
    session: Session,
    pair: tuple[Person, Person],
    days: Days,
    evidence: str,
    actor: Actor,
    number: int,
    today: date,
) -> _Line:
    """A connection that is missing, and that has ended."""
    if days.until_on is None:
        raise _not_today()
    low, high = sorted(one.id for one in pair)
    facts = {"evidence": evidence, "intensity": 1, "change_number": number, "ended_by_id": actor.member_id}
    row = Connection(low_id=low, high_id=high, since=_moment(days.from_on), until=_moment(days.until_on), **facts)
    session.add(row)
    session.flush()
    told = {"connection_id": row.id, "recorded_on": today, "evidence": evidence, "intensity": 1}
    spells = [
        ConnectionVersion(from_on=days.from_on, holds=True, **told),
        ConnectionVersion(from_on=days.until_on, holds=False, **told),
    ]
    correcting.write(session, spells)
    return _Line(row, spells)


def _said(session: Session, line: _Line, days: Days, evidence: str | None, today: date) -> _Line:
    """One of the pair's connections as it is with the correction."""
    told = {"holds": False} if evidence is None else {"holds": True, "evidence": evidence}
    again = correcting.again(line.holding, days, told, {"holds": False}, today)
    after = correcting.holding([*line.holding, *again])
    if _told(_known([line])) == _told(_known([_Line(line.row, after)])):
        return line
    correcting.write(session, again)
    return _Line(line.row, after)


def _set_row(session: Session, line: _Line, pair: tuple[Person, Person], actor: Actor, number: int) -> None:
    """Let a connection's row say what its versions say of its beginning, of its end and of today."""
    row, last = line.row, line.holding[-1]
    spells = correcting.spells(line.holding, lambda one: one.holds)
    if last.holds and row.until is not None and not _may_open(session, row, pair):
        raise _not_today()
    first = spells[0].from_on if spells else _day(row.since)
    end = None if last.holds else (spells[-1].until_on if spells else first)
    if first != _day(row.since):
        row.since = _moment(first)
    if end is None:
        row.until = row.ended_by_id = None
    elif row.until is None or _day(row.until) != end:
        row.ended_by_id = row.ended_by_id if row.until is not None else actor.member_id
        row.until = max(_moment(end), row.since)
    row.evidence, row.change_number = last.evidence, number


def _not_today() -> Conflict:
    return Conflict(
        "They are not connected today, and that is for the two to agree. Give the day until which they were."
    )


def _may_open(session: Session, row: Connection, pair: tuple[Person, Person]) -> bool:
    """Whether a correction ended it that was open, and neither of the two has gone or wants no more of the other."""
    ids = [one.id for one in pair]
    if row.ended_by_id is None or row.ended_by_id in ids or any(one.standing != ACTIVE for one in pair):
        return False
    records = session.scalars(
        select(AuditRecord).where(
            AuditRecord.action == ACTION,
            AuditRecord.subject_kind == "connection",
            AuditRecord.subject_id == row.id,
        )
    )
    both = Block.blocker_id.in_(ids), Block.blocked_id.in_(ids)
    return any(one.detail.get("ended") for one in records) and not session.scalar(select(exists().where(*both)))


def _known(lines: Sequence[_Line]) -> tuple[Known, ...]:
    """Spells of the pair: where two connections say so at once, the later one is told."""
    days = sorted({row.from_on for line in lines for row in line.holding})
    found: list[tuple[date, str | None, date]] = []
    for day in days:
        told = [row for line in lines for row in line.holding if row.from_on <= day]
        now = {row.connection_id: row for row in sorted(told, key=lambda row: row.from_on)}
        tied = [row for row in now.values() if row.holds]
        row = max(tied or now.values(), key=lambda row: (row.from_on, row.connection_id))
        evidence = row.evidence if tied else None
        if not found or found[-1][1] != evidence:
            found.append((day, evidence, row.recorded_on))
    ends = [*(day for day, *_ in found[1:]), None][: len(found)]
    return tuple(Known(day, end, by, said) for (day, by, said), end in zip(found, ends, strict=True))


def _evidence(row: ConnectionVersion) -> str | None:
    return row.evidence if row.holds else None


def _told(known: Sequence[Known]) -> list[tuple[date, str | None]]:
    """What is said of the pair; that they were not connected before they first were, needs no saying."""
    told = [(one.from_on, one.evidence) for one in known]
    return told[1:] if told and told[0][1] is None else told


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
