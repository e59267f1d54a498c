"""Coffee rounds by a rule: every month on its first Tuesday, say. The worker opens the next one as soon as it may.

A round is opened `AHEAD_DAYS` before its pairs are made at the latest, so that everybody hears of it in time. A month
in which there is a round already, whatever became of it, needs no other one.
"""

from __future__ import annotations

import secrets
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import pairs
from haln.connect.coffee_rounds import ACROSS, OPEN
from haln.errors import Conflict, Invalid
from haln.models import CoffeeRound, CoffeeSchedule
from haln.people.tokens import public_id

ONLY = 1
LAST = 5
WEEKS = (1, 2, 3, 4, LAST)
WEEKDAYS = range(5)
TO_MEET = (2, 3, 4, 6)
"""How many weeks people may be given to meet."""
AHEAD_DAYS = 7
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """Which day of each month, and what its rounds are like. `week`: 1 to 4, 5 the last; `weekday`: 0 for Monday."""

    week: int = 1
    weekday: int = 1
    weeks_to_meet: int = 3
    across: str = "some"
    colleagues: bool = True


@dataclass(frozen=True, slots=True)
class Schedule:
    """The rule, whether it goes on, and its version."""

    rule: Rule
    going: bool
    version: int


def day_of(rule: Rule, year: int, month: int) -> date:
    """The rule's day in a month."""
    first = date(year, month, 1)
    day = first + timedelta(days=(rule.weekday - first.weekday()) % 7 + 7 * (min(rule.week, 4) - 1))
    fifth = day + timedelta(days=7)
    return fifth if rule.week == LAST and fifth.day <= monthrange(year, month)[1] and fifth.month == month else day


def days(rule: Rule, today: date) -> Iterator[date]:
    """The rule's days from `today` on, without end."""
    year, month = today.year, today.month
    while True:
        day = day_of(rule, year, month)
        if day >= today:
            yield day
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def following(session: Session, rule: Rule, today: date, most: int = SHOWN) -> list[date]:
    """The next days on which the rule makes pairs, for which a round is still to be opened."""
    rounds = session.scalars(select(CoffeeRound.pairs_on).where(CoffeeRound.pairs_on >= today.replace(day=1)))
    had = {(one.year, one.month) for one in rounds}
    found = days(rule, today + timedelta(days=AHEAD_DAYS))
    return list(islice((day for day in found if (day.year, day.month) not in had), most))


def schedule(session: Session) -> Schedule | None:
    """The schedule; none where there never was one."""
    row = session.get(CoffeeSchedule, ONLY, populate_existing=True)
    return None if row is None else Schedule(_rule(row), row.going, row.version)


def _rule(row: CoffeeSchedule) -> Rule:
    return Rule(row.week, row.weekday, row.weeks_to_meet, row.across, row.colleagues)


def _checked(rule: Rule) -> None:
    wrong = {}
    for name, known in (("week", WEEKS), ("weekday", WEEKDAYS), ("weeks_to_meet", TO_MEET), ("across", ACROSS)):
        if getattr(rule, name) not in known:
            wrong[name] = "Choose one of the list."
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)


def keep(session: Session, actor: Actor, rule: Rule, version: int, now: datetime) -> None:
    """Let rounds be made by a rule from now on; one that is open already stays as it is. Raises Invalid, Conflict."""
    _checked(rule)
    row = _held(session, version)
    if row is None:
        row = CoffeeSchedule(id=ONLY, version=0)
        session.add(row)
    for name, value in asdict(rule).items():
        setattr(row, name, value)
    row.going, row.changed_at, row.version = True, now, row.version + 1
    session.flush()
    history.record(session, actor.member_id, "schedule_coffee", "coffee_schedule", ONLY, now, asdict(rule))


def stop(session: Session, actor: Actor, version: int, now: datetime) -> None:
    """Open no more rounds by the rule; one that is open stays. Raises Conflict."""
    row = _held(session, version)
    if row is not None and row.going:
        row.going, row.changed_at, row.version = False, now, row.version + 1
        session.flush()
        history.record(session, actor.member_id, "stop_coffee_schedule", "coffee_schedule", ONLY, now)


def _held(session: Session, version: int) -> CoffeeSchedule | None:
    pairs.hold(session)
    row = session.get(CoffeeSchedule, ONLY, populate_existing=True)
    if (row.version if row is not None else 0) != version:
        raise Conflict("Somebody else changed this meanwhile. Look at it as it is now, and try again.")
    return row


def open_next(session: Session, today: date, now: datetime) -> bool:
    """Open the round that the rule has next, where none is open; returns whether it did. Any number may try at once."""
    if not _wants_one(session):
        return False
    pairs.hold(session)
    row = session.get(CoffeeSchedule, ONLY, populate_existing=True)
    if row is None or not _wants_one(session):
        return False  # another worker, or staff, came first
    rule = _rule(row)
    (day,) = following(session, rule, today, 1)
    made = CoffeeRound(
        public_id=public_id(),
        pairs_on=day,
        meet_by=day + timedelta(weeks=rule.weeks_to_meet),
        across=rule.across,
        colleagues=rule.colleagues,
        by_itself=True,
        state=OPEN,
        seed=secrets.randbelow(2**31),
        opened_at=now,
        told={},
    )
    session.add(made)
    session.flush()
    history.record(session, None, "open_coffee_round", "coffee_round", made.id, now, {"pairs_on": str(day)})
    return True


def _wants_one(session: Session) -> bool:
    going = session.scalar(select(CoffeeSchedule.going).where(CoffeeSchedule.id == ONLY))
    return bool(going) and session.scalar(select(CoffeeRound.id).where(CoffeeRound.state == OPEN)) is None
