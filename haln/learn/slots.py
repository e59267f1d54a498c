"""The times that a cohort asks about: a grid of half-days, or a poll of days and hours.

A half-day is a day and a word; an hour of a poll is a moment, entered and shown in the network's own time zone, so that
2:00pm stays 2:00pm on either side of the day on which the clocks change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid
from haln.learn import session_times
from haln.learn.cohorts import DRAFT, LATEST, TOO_FAR, changeable, changed
from haln.learn.weekly_times import HALVES
from haln.models import ApplicationSlot, Cohort, CohortFacilitator, CohortSlot, Member
from haln.people.visibility import ACTIVE

MOST_SLOTS = 120
MOST_WEEKS = 26
MOST_TIMES = 12


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that is asked about: a half-day (`half`), or a moment (`starts_at`) of the day `on_day`."""

    id: int
    position: int
    on_day: date
    half: str | None
    starts_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Half-days to lay: which (`halves`) of which days (`weekdays`, Monday is 0) of how many weeks from `first` on."""

    first: date | None
    weeks: int
    weekdays: frozenset[int]
    halves: frozenset[str]


@dataclass(frozen=True, slots=True)
class Poll:
    """Hours to add: at these times of a day, and of the same day in the weeks after it, `weeks` in all."""

    day: date | None
    times: tuple[time, ...]
    weeks: int


def of_cohort(session: Session, cohort_id: int) -> tuple[Slot, ...]:
    """A cohort's times in their order."""
    columns = (CohortSlot.id, CohortSlot.position, CohortSlot.on_day, CohortSlot.half, CohortSlot.starts_at)
    rows = session.execute(
        select(*columns).where(CohortSlot.cohort_id == cohort_id).order_by(CohortSlot.position, CohortSlot.id)
    )
    return tuple(Slot(*row) for row in rows)


def answers(session: Session, cohort_id: int) -> dict[int, int]:
    """How many applications name each time."""
    rows = session.execute(
        select(ApplicationSlot.slot_id, func.count())
        .join(CohortSlot, CohortSlot.id == ApplicationSlot.slot_id)
        .where(CohortSlot.cohort_id == cohort_id)
        .group_by(ApplicationSlot.slot_id)
    )
    return {row[0]: row[1] for row in rows}


def add_grid(session: Session, actor: Actor, cohort: str, version: int, grid: Grid, today: date, now: datetime) -> int:
    """Add the half-days of a grid; those that are there stay, with their answers. Returns how many are new."""
    row = _asked(session, actor, cohort, version, "halfdays")
    wanted = [(day, half, None) for day, half in half_days(grid, today)]
    _check_within(row, wanted[0][0], grid.first, grid.weeks, ("first", "weeks"))
    return _add(session, actor, row, wanted, now)


def add_hours(
    session: Session, actor: Actor, cohort: str, version: int, poll: Poll, zone: ZoneInfo, today: date, now: datetime
) -> int:
    """Add hours to a poll; those that are there stay, with their answers. Returns how many are new."""
    row = _asked(session, actor, cohort, version, "dates")
    wanted = [(day, None, moment) for day, moment in hours(poll, zone, today)]
    _check_within(row, wanted[0][0], poll.day, poll.weeks, ("day", "poll_weeks"))
    return _add(session, actor, row, wanted, now)


def take_away(session: Session, actor: Actor, cohort: str, version: int, ids: Collection[int], now: datetime) -> int:
    """Take times away, and with them what people said of them. Returns how many answers that were.

    Raises Invalid for none, Conflict where a facilitator named no other time: none would mean that they always can.
    """
    row = changeable(session, actor, cohort, version)
    gone = session.scalars(select(CohortSlot).where(CohortSlot.cohort_id == row.id, CohortSlot.id.in_(ids))).all()
    if not gone:
        problem = "Choose the times to take away."
        raise Invalid(problem, {"slots": problem})
    lost = session.scalar(
        select(func.count()).select_from(ApplicationSlot).where(ApplicationSlot.slot_id.in_([one.id for one in gone]))
    )
    left = {one.id for one in gone}
    _take_from_leaders(session, row, left)
    for one in gone:
        session.delete(one)
    session.flush()
    _number(session, row.id)
    changed(row, now)
    history.record(session, actor.member_id, "take_away_times", "cohort", row.id, now, {"times": len(left)})
    return lost or 0


def _take_from_leaders(session: Session, row: Cohort, gone: set[int]) -> None:
    """Take times out of what the facilitators of a cohort named."""
    stranded = []
    leaders = session.execute(
        select(CohortFacilitator, Member.name, Member.standing)
        .join(Member, Member.id == CohortFacilitator.member_id)
        .where(CohortFacilitator.cohort_id == row.id)
        .order_by(Member.sort_name, Member.id)
    )
    for leader, name, standing in leaders.all():
        kept = [slot for slot in leader.slots if slot not in gone]
        if leader.slots and not kept and standing == ACTIVE:
            stranded.append(name)
        leader.slots = kept
    if stranded:
        raise Conflict(
            "These are all the times that %(names)s can lead at. Change that first, under Facilitators.",
            names=", ".join(stranded),
        )


def half_days(grid: Grid, today: date) -> list[tuple[date, str]]:
    """The half-days of a grid in their order. Raises Invalid with each field's own sentence."""
    problems = {}
    if grid.first is None or grid.first < today:
        problems["first"] = "Choose the first day, from today on."
    elif grid.first > LATEST:
        problems["first"] = TOO_FAR
    if not 1 <= grid.weeks <= MOST_WEEKS:
        problems["weeks"] = "Say for how many weeks as a number from 1 to 26."
    if not grid.weekdays <= set(range(7)) or not grid.weekdays:
        problems["weekdays"] = "Choose at least one day of the week."
    if not grid.halves <= set(HALVES) or not grid.halves:
        problems["halves"] = "Choose mornings, afternoons or evenings."
    if problems or grid.first is None:
        raise Invalid(next(iter(problems.values())), problems)
    days = (grid.first + timedelta(days=number) for number in range(grid.weeks * 7))
    halves = [half for half in HALVES if half in grid.halves]
    return [(day, half) for day in days if day.weekday() in grid.weekdays for half in halves]


def hours(poll: Poll, zone: ZoneInfo, today: date) -> list[tuple[date, datetime]]:
    """The moments of a poll in their order. Raises Invalid with each field's own sentence."""
    problems = {}
    if poll.day is None or poll.day < today:
        problems["day"] = "Choose a day from today on."
    elif poll.day > LATEST:
        problems["day"] = TOO_FAR
    if not 1 <= poll.weeks <= MOST_WEEKS:
        problems["poll_weeks"] = "Say for how many weeks as a number from 1 to 26."
    if not 1 <= len(poll.times) <= MOST_TIMES:
        problems["times"] = "Write one to twelve times of day, like 10:00, 14:00."
    if problems or poll.day is None:
        raise Invalid(next(iter(problems.values())), problems)
    found = []
    for week in range(poll.weeks):
        day = poll.day + timedelta(weeks=week)
        found += [(day, moment(day, clock, zone)) for clock in sorted(set(poll.times))]
    return found


def moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in a zone show this time; of an hour that comes twice, the first.

    Raises Invalid for an hour that is left out when the clocks go forward.
    """
    found = session_times.on_the_clock(day, clock.replace(second=0, microsecond=0, fold=0), zone)
    if found is None:
        problem = "The clocks go forward that night, and leave this hour out. Choose another time."
        raise Invalid(problem, {"times": problem})
    return found


def _asked(session: Session, actor: Actor, cohort: str, version: int, kind: str) -> Cohort:
    row = changeable(session, actor, cohort, version)
    if row.availability != kind:
        raise Conflict("This cohort asks for times in another way. Change that first.")
    return row


def _check_within(row: Cohort, earliest: date, first: date | None, weeks: int, fields: tuple[str, str]) -> None:
    """Refuse times at which no set can meet: while people may still apply, or in weeks after the sets have ended."""
    problems = {}
    applying = row.closes_on if row.state in (DRAFT, "open") else None
    if applying is not None and earliest <= applying:
        problems[fields[0]] = "Choose a day after the last day to apply: the sets are formed after it."
    elif row.ends_on is not None and earliest > row.ends_on:
        problems[fields[0]] = "Choose a day before the sets end."
    elif row.ends_on is not None and first is not None and first + timedelta(weeks=weeks - 1) > row.ends_on:
        problems[fields[1]] = "The sets end before the last of these weeks. Choose fewer weeks."
    if problems:
        raise Invalid(next(iter(problems.values())), problems)


_New = tuple[date, str | None, datetime | None]


def _add(session: Session, actor: Actor, row: Cohort, wanted: Sequence[_New], now: datetime) -> int:
    there = of_cohort(session, row.id)
    known = {(one.on_day, one.half, one.starts_at) for one in there}
    new = [one for one in wanted if one not in known]
    if not new:
        raise Conflict("All of these times are there already.")
    if len(there) + len(new) > MOST_SLOTS:
        raise Conflict(
            "People would have %(count)s times to look through; at most %(most)s can be asked about.",
            count=len(there) + len(new),
            most=MOST_SLOTS,
        )
    begin = max((one.position for one in there), default=-1) + 1
    session.add_all(
        CohortSlot(cohort_id=row.id, position=begin + number, on_day=day, half=half, starts_at=starts_at)
        for number, (day, half, starts_at) in enumerate(new)
    )
    session.flush()
    _number(session, row.id)
    changed(row, now)
    history.record(session, actor.member_id, "add_times", "cohort", row.id, now, {"times": len(new)})
    return len(new)


def _number(session: Session, cohort_id: int) -> None:
    """Number a cohort's times from 0 in the order in which they come."""
    rows = of_cohort(session, cohort_id)
    wanted = [one.id for one in sorted(rows, key=in_order)]
    if [one.id for one in rows] == wanted and [one.position for one in rows] == list(range(len(rows))):
        return
    # No two may have one number, not even for a moment: first all of them out of the way.
    session.execute(
        update(CohortSlot).where(CohortSlot.cohort_id == cohort_id).values(position=CohortSlot.position + 10_000),
        execution_options={"synchronize_session": False},
    )
    session.execute(update(CohortSlot), [{"id": slot, "position": number} for number, slot in enumerate(wanted)])


def in_order(slot: Slot) -> tuple[date, int, datetime]:
    """When a time comes, for sorting."""
    half = HALVES.index(slot.half) if slot.half in HALVES else len(HALVES)
    return slot.on_day, half, slot.starts_at or datetime.min.replace(tzinfo=UTC)


def known(slots: Iterable[Slot], ids: Iterable[int]) -> list[int]:
    """Those of the ids that are times of a cohort, in their order. Raises Invalid when one is none, or no more."""
    wanted = set(ids)
    found = [one.id for one in slots if one.id in wanted]
    if len(found) != len(wanted):
        problem = "The times to choose from have changed since. Look at them again."
        raise Invalid(problem, {"slots": problem})
    return found
