"""Correct when a learning set ran and who had a place in it when, without forgetting what was believed before.

A correction changes the days that it names and no other. Who has a place today is changed on the set's own page, with
the rules that it was formed by; nobody comes into a set, or goes out of one that runs, by a correction. Sessions stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.learn import set_bounds
from haln.learn.set_bounds import OWN, Bounds, Own
from haln.models import LearningSet, SetMembership, SetMembershipVersion
from haln.people import changes, correcting, seen, versions
from haln.people.correcting import EARLIEST, Days, Made

PLACE, DATES = "correct_place", "correct_set"
MOST = 25
_GONE = {"sits": False}


@dataclass(frozen=True, slots=True)
class Line:
    """A set in a list."""

    number: int
    name: str
    started_on: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Seat:
    """That somebody had a place from a day until before another (none: still). `name`: none where it is hidden."""

    name: str | None
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class Belief:
    """That it was said until a day that somebody had a place, or had none. `name`: none where it is hidden."""

    name: str | None
    sat: bool
    days: Days
    recorded_on: date
    replaced_on: date


@dataclass(frozen=True, slots=True)
class Change:
    """A correction that was made, and whose place it is about: none where it is hidden, or about the set itself."""

    made: Made
    name: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a set and of its places, by their first days; what was believed before; what was corrected."""

    line: Line
    seats: tuple[Seat, ...]
    believed: tuple[Belief, ...]
    made: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Dates:
    """When a set began and ended (none: it runs), and how that is known."""

    started_on: date | None
    ended_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    """From a day until before another (none: for ever), somebody had a place, or had none; how that is known.

    Without a first day they never had one.
    """

    from_on: date | None
    until_on: date | None
    sat: bool
    reason: str


def find(session: Session, typed: str) -> list[Line]:
    """The latest sets whose names hold what was typed."""
    columns = (LearningSet.id, LearningSet.name, LearningSet.started_on, LearningSet.ended_on)
    statement = select(*columns).order_by(LearningSet.started_on.desc().nulls_last(), LearningSet.id.desc()).limit(MOST)
    if typed.strip():
        statement = statement.where(LearningSet.name.icontains(typed.strip(), autoescape=True))
    return [Line(*row) for row in session.execute(statement)]


def record(session: Session, actor: Actor, number: int) -> Record:
    """What is known of a set. Raises NotFound."""
    row = _set(session, number)
    kept = SetMembershipVersion
    rows: dict[int, list[SetMembershipVersion]] = {}
    for one in session.scalars(select(kept).where(kept.set_id == number).order_by(kept.member_id, kept.id)):
        rows.setdefault(one.member_id, []).append(one)
    people = seen.people(session, actor.member_id, rows)
    seats = [
        Seat(people[member].name if member in people else None, days.from_on, days.until_on)
        for member, said in rows.items()
        for days in _spells(correcting.holding(said))
    ]
    seats.sort(key=lambda seat: (seat.from_on, seat.name or ""))
    believed = [
        Belief(people[member].name if member in people else None, was.sits, days, was.recorded_on, on_day)
        for member, said in rows.items()
        for was, days, on_day in correcting.believed(said, lambda one: one.sits)
    ]
    believed.sort(key=lambda one: (one.replaced_on, one.days.from_on, one.name or ""))
    made = tuple(
        Change(one, people[one.subject_id].name if one.action == PLACE and one.subject_id in people else None)
        for one in correcting.made(session, actor, {"learning_set": [number], "member": rows})
        if one.action == DATES or (one.action == PLACE and one.detail.get("set") == number)
    )
    return Record(Line(row.id, row.name, row.started_on, row.ended_on), tuple(seats), tuple(believed), made)


def correct_place(session: Session, actor: Actor, number: int, address: str, said: Place, now: datetime) -> None:
    """Write down when somebody had a place in a set, or had none.

    Raises Invalid for days that cannot be, NotFound, and Conflict for what is known already or contradicts today.
    """
    today = now.astimezone(UTC).date()
    reason = correcting.check_reason(said.reason)
    change = changes.next_number(session)  # holds everybody else's changes until this one is written
    row = _set(session, number, lock=True)
    who = _member(session, actor, address)
    member = int(who.id)
    versions.keep(session, [member], now)
    holding = correcting.holding(_rows(session, number, member))
    days = _days(row, holding, said)
    correcting.check(days, today)
    _check_within(row, days, said)
    if said.sat:
        correcting.check_member(session, who, "address", days.from_on)
    place = session.get(SetMembership, (number, member))
    if place is None:
        if not said.sat:
            raise Conflict("That is what is known already.")
        place = SetMembership(
            set_id=number, member_id=member, joined_on=days.from_on, left_on=days.until_on or row.ended_on
        )
        if place.left_on is None:
            raise _not_today()
        again = [
            _version(number, member, days.from_on, True, today),
            _version(number, member, place.left_on, False, today),
        ]
        session.add(place)
        session.flush()
        correcting.write(session, again)
    else:
        after = _said(session, holding, days, said.sat, today)
        if _spells(after) == _spells(holding):
            raise Conflict("That is what is known already.")
        if after[-1].sits is not holding[-1].sits:
            raise _not_today()
        _set_place(row, place, after)
    session.flush()
    changes.touch(session, [member], now)
    detail: history.Detail = {
        "from_on": days.from_on.isoformat() if said.from_on else None,
        "until_on": days.until_on.isoformat() if days.until_on else None,
        "sat": said.sat,
        "set": number,
        "change": change,
        "reason": reason,
    }
    history.record(session, actor.member_id, PLACE, "member", member, now, detail)


def correct_dates(session: Session, actor: Actor, number: int, said: Dates, now: datetime) -> None:
    """Write down when a set began and ended. Places that began or ended with it go along.

    Raises Invalid for days that cannot be, or outside which a held session or another place would lie, NotFound, and
    Conflict for what is known already.
    """
    today = now.astimezone(UTC).date()
    reason = correcting.check_reason(said.reason)
    change = changes.next_number(session)
    row = _set(session, number, lock=True)
    _check_dates(row, said, today)
    if (said.started_on, said.ended_on) == (row.started_on, row.ended_on):
        raise Conflict("That is what is known already.")
    places = session.scalars(select(SetMembership).where(SetMembership.set_id == number)).all()
    members = sorted(one.member_id for one in places)
    versions.keep(session, members, now)
    was = row.started_on, row.ended_on
    held = {member: correcting.holding(_rows(session, number, member)) for member in members}
    moved = said.started_on, said.ended_on
    set_bounds.check_sessions(session, row, moved)
    places_held = {member: _spells(rows) for member, rows in held.items()}
    own = set_bounds.own(session, number, DATES)
    set_bounds.check_places(session, actor, row, moved, places_held, own)
    afters = []
    for place in sorted(places, key=lambda one: one.member_id):
        holding = held[place.member_id]
        for days, sat in _moved(holding, was, said, own, place.member_id):
            holding = _said(session, holding, days, sat, today)
        afters.append((place, holding))
    row.started_on, row.ended_on = said.started_on, said.ended_on
    row.version += 1
    for place, after in afters:
        _set_place(row, place, after)
    session.flush()
    changes.touch(session, members, now)
    started, ended = (day.isoformat() if day else None for day in was)
    detail: history.Detail = {
        "started_on": said.started_on.isoformat() if said.started_on else None,
        "ended_on": said.ended_on.isoformat() if said.ended_on else None,
        "started_before": started,
        "ended_before": ended,
        **_own_told(own.after(was, moved, places_held)),
        "change": change,
        "reason": reason,
    }
    history.record(session, actor.member_id, DATES, "learning_set", number, now, detail)


def _own_told(own: Own) -> history.Detail:
    """Whose days are their own, for the record."""
    return {key: [str(member) for member in sorted(ids)] for key, ids in zip(OWN, (own.first, own.last), strict=True)}


def _moved(
    holding: Sequence[SetMembershipVersion], was: Bounds, said: Dates, own: Own, member: int
) -> Iterator[tuple[Days, bool]]:
    """What a place is corrected by where its set's days move."""
    spells = _spells(holding)
    if not spells:
        return
    first, last = spells[0].from_on, spells[-1].until_on
    (started, ended), begins, ends = was, said.started_on, said.ended_on
    if member in own.first:
        begins = None
    if member in own.last:
        ends = ended
    if begins is not None and started is not None:
        if begins < started == first:
            yield Days(begins, started), True
            first = begins
        elif started < begins and first < begins:
            yield Days(first, begins), False
            first = begins
    if ended == ends:
        return
    if ended is not None and last == ended and (ends is None or ended < ends):
        yield Days(max(ended, first), ends), True
    elif ends is not None and (last is None or ends < last):
        yield Days(max(ends, first), None), False


def _check_dates(row: LearningSet, said: Dates, today: date) -> None:
    """Raise Invalid, at its field, for days of a set that cannot be."""
    started, ended = said.started_on, said.ended_on
    if started is None and row.started_on is not None:
        raise Invalid("Give the first day.", {"started_on": "Give the first day."})
    for field, day in (("started_on", started), ("ended_on", ended)):
        stays = field == "started_on" and day == row.started_on  # a set may be about to begin; none is about to end
        if day is not None and day > today and not stays:
            raise Invalid("That day is still to come.", {field: "That day is still to come."})
        if day is not None and day < EARLIEST:
            raise Invalid("That day is too long ago.", {field: "That day is too long ago."})
    if started is not None and ended is not None and ended <= started:
        raise Invalid("Give a later day than the first.", {"ended_on": "Give a later day than the first."})
    if row.public_id is not None and ended is not None and row.ended_on is None:
        sentence = "This set runs. End it on its own page: its people are told there."
        raise Invalid(sentence, {"ended_on": sentence})
    if row.public_id is not None and ended is None and row.ended_on is not None:
        sentence = "Give the day on which it ended. A set is opened again on its own page."
        raise Invalid(sentence, {"ended_on": sentence})


def _check_within(row: LearningSet, days: Days, said: Place) -> None:
    """Raise Invalid, at its field, for a place on days on which there was no set."""
    if said.sat and row.started_on is not None and days.from_on < row.started_on:
        sentence = "The set began on a later day. Correct that first."
        raise Invalid(sentence, {"from_on": sentence})
    if not said.sat or row.ended_on is None:
        return
    sentence = "The set had ended by then. Correct that first."
    if days.from_on >= row.ended_on:
        raise Invalid(sentence, {"from_on": sentence})
    if (days.until_on or date.max) > row.ended_on:
        raise Invalid(sentence, {"until_on": sentence})


def _days(row: LearningSet, holding: Sequence[SetMembershipVersion], said: Place) -> Days:
    """The days that are meant: what has no end lasts as long as the set. Raises Invalid where a first one is needed."""
    if said.from_on is None:
        if said.sat:
            raise Invalid("Give the first day.", {"from_on": "Give the first day."})
        if not holding:
            raise Conflict("That is what is known already.")
        return Days(holding[0].from_on)
    if said.sat and said.until_on is None and row.ended_on is not None and said.from_on < row.ended_on:
        return Days(said.from_on, row.ended_on)
    return Days(said.from_on, said.until_on)


def _set(session: Session, number: int, *, lock: bool = False) -> LearningSet:
    statement = select(LearningSet).where(LearningSet.id == number)
    row = session.scalar(statement.with_for_update(key_share=True) if lock else statement)
    if row is None:
        raise NotFound("There is no such set.")
    return row


def _member(session: Session, actor: Actor, address: str) -> Any:
    try:
        return correcting.person(session, actor, address)
    except NotFound as error:
        sentence = "Nobody here has this address."
        raise Invalid(sentence, {"address": sentence}) from error


def _rows(session: Session, number: int, member: int) -> list[SetMembershipVersion]:
    kept = SetMembershipVersion
    statement = select(kept).where(kept.set_id == number, kept.member_id == member).order_by(kept.id)
    return list(session.scalars(statement))


def _version(number: int, member: int, from_on: date, sits: bool, today: date) -> SetMembershipVersion:
    return SetMembershipVersion(set_id=number, member_id=member, from_on=from_on, recorded_on=today, sits=sits)


def _said(
    session: Session, holding: Sequence[SetMembershipVersion], days: Days, sat: bool, today: date
) -> list[SetMembershipVersion]:
    """What holds of a place once a correction is written."""
    again = correcting.again(holding, days, {"sits": sat}, _GONE, today)
    after = correcting.holding([*holding, *again])
    if _spells(after) != _spells(holding):
        correcting.write(session, again)
    return after


def _spells(holding: Sequence[SetMembershipVersion]) -> list[Days]:
    return correcting.spells(holding, lambda one: one.sits)


def _set_place(row: LearningSet, place: SetMembership, holding: Sequence[SetMembershipVersion]) -> None:
    """Let a place's row say what its versions say of its first and last day."""
    spells = _spells(holding)
    if not spells:
        place.joined_on = place.joined_on or holding[0].from_on
        place.left_on = place.joined_on
        return
    first, last = spells[0].from_on, spells[-1].until_on
    if place.joined_on is not None or first != row.started_on:
        place.joined_on = first
    if place.left_on is not None or last != row.ended_on:
        place.left_on = last


def _not_today() -> Conflict:
    return Conflict("Who has a place today is changed on the set's own page. Give the day until which it was so.")
