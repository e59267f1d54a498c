"""Coffee rounds as staff run them: open one, change its days, call it off, see how earlier ones went."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import coffee_mail, pairs
from haln.connect.coffee_opting import MODES, may_be_paired
from haln.errors import Conflict, Invalid, NotFound
from haln.models import CoffeeOptIn, CoffeeRound, Member
from haln.people.tokens import public_id

OPEN, MADE, CLOSED, CANCELLED = "open", "made", "closed", "cancelled"
ACROSS = ("none", "some", "strong")
LONGEST, AHEAD = 120, 366
LISTED = 60


@dataclass(frozen=True, slots=True)
class Facts:
    """What a round is: the day on which pairs are made, the day by which they should have met, what it prefers.

    `by_itself`: on their day the worker makes the pairs; else staff do, on that day or another.
    """

    pairs_on: date | None
    meet_by: date | None
    across: str = "some"
    colleagues: bool = True
    by_itself: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A round. `told`: what was written when pairs were made and when it was closed."""

    public_id: str
    facts: Facts
    state: str
    version: int
    made_at: datetime | None
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """How many have asked to be paired, and how many of them may not be now: hidden, away, not through their start."""

    ready: int
    not_now: int


def _checked(facts: Facts, today: date) -> None:
    wrong: dict[str, str] = {}
    if facts.pairs_on is None:
        wrong["pairs_on"] = "Enter the day on which pairs are made."
    elif facts.pairs_on < today:
        wrong["pairs_on"] = "Choose today or a later day."
    elif (facts.pairs_on - today).days > AHEAD:
        wrong["pairs_on"] = "Choose a day within a year."
    if facts.meet_by is None:
        wrong["meet_by"] = "Enter the day by which people should have met."
    elif facts.pairs_on is not None and facts.meet_by <= facts.pairs_on:
        wrong["meet_by"] = "Choose a day after the one on which pairs are made."
    elif facts.pairs_on is not None and (facts.meet_by - facts.pairs_on).days > LONGEST:
        wrong["meet_by"] = "Give people four months at most."
    if facts.across not in ACROSS:
        wrong["across"] = "Choose one of the list."
    if wrong:
        raise Invalid(next(iter(wrong.values())), wrong)


def open_round(session: Session, actor: Actor, facts: Facts, today: date, now: datetime) -> str:
    """Open a round; returns its public id. Raises Invalid, and Conflict while another one is open."""
    _checked(facts, today)
    pairs.hold(session)
    if session.scalar(select(CoffeeRound.id).where(CoffeeRound.state == OPEN)) is not None:
        raise Conflict("A round is open already. Make its pairs or call it off first.")
    row = CoffeeRound(
        public_id=public_id(),
        **asdict(facts),
        state=OPEN,
        seed=secrets.randbelow(2**31),
        opened_by_id=actor.member_id,
        opened_at=now,
        told={},
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # two at once
        raise Conflict("A round is open already. Make its pairs or call it off first.") from error
    history.record(session, actor.member_id, "open_coffee_round", "coffee_round", row.id, now, _detail(facts))
    return row.public_id


def _detail(facts: Facts) -> history.Detail:
    return {
        "pairs_on": str(facts.pairs_on),
        "meet_by": str(facts.meet_by),
        "across": facts.across,
        "colleagues": facts.colleagues,
        "by_itself": facts.by_itself,
    }


def changeable(session: Session, public_id: str, version: int) -> CoffeeRound:
    """A round that is open, held until the transaction ends. Raises NotFound, Conflict when it has moved on."""
    pairs.hold(session)
    statement = select(CoffeeRound).where(CoffeeRound.public_id == public_id)
    row = session.scalar(statement.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    if row.state != OPEN:
        raise Conflict("This round is no longer open.")
    if row.version != version:
        raise Conflict("Somebody else changed this meanwhile. Look at it as it is now, and try again.")
    return row


def change(
    session: Session, actor: Actor, public_id: str, version: int, facts: Facts, today: date, now: datetime
) -> None:
    """Change the days of an open round, or what it prefers. Raises Invalid, NotFound, Conflict."""
    row = changeable(session, public_id, version)
    if facts.pairs_on == row.pairs_on:
        today = min(today, row.pairs_on)  # the day may be over: it is only not chosen anew
    _checked(facts, today)
    if facts.pairs_on != row.pairs_on:
        row.announced_at = None  # those who take part are told of the new day
    for name, value in asdict(facts).items():
        setattr(row, name, value)
    row.version += 1
    history.record(session, actor.member_id, "change_coffee_round", "coffee_round", row.id, now, _detail(facts))


def cancel(session: Session, actor: Actor, public_id: str, version: int, now: datetime) -> None:
    """Call an open round off: nobody is paired, who asked stays asked, and who was told of its day is told that.

    Raises NotFound, Conflict.
    """
    row = changeable(session, public_id, version)
    row.state, row.version = CANCELLED, row.version + 1
    history.record(session, actor.member_id, "cancel_coffee_round", "coffee_round", row.id, now)
    coffee_mail.tell_off(session, row.id, now)


def _lines() -> Select[Any]:
    row = CoffeeRound
    return select(
        row.public_id,
        row.pairs_on,
        row.meet_by,
        row.across,
        row.colleagues,
        row.by_itself,
        row.state,
        row.version,
        row.made_at,
        row.told,
    )


def _line(row: Any) -> Line:
    facts = Facts(row.pairs_on, row.meet_by, row.across, row.colleagues, row.by_itself)
    return Line(row.public_id, facts, row.state, row.version, row.made_at, row.told)


def listing(session: Session) -> list[Line]:
    """The latest rounds, the newest first."""
    rows = session.execute(_lines().order_by(CoffeeRound.pairs_on.desc(), CoffeeRound.id.desc()).limit(LISTED))
    return [_line(row) for row in rows]


def one(session: Session, public_id: str) -> Line:
    """A round. Raises NotFound."""
    row = session.execute(_lines().where(CoffeeRound.public_id == public_id)).first()
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    return _line(row)


def open_one(session: Session) -> Line | None:
    """The round whose pairs are still to be made, if there is one."""
    row = session.execute(_lines().where(CoffeeRound.state == OPEN)).first()
    return None if row is None else _line(row)


def asking(session: Session, today: date) -> Asking:
    """How many ask to be paired now."""
    counted = select(func.count(CoffeeOptIn.member_id)).join(Member, Member.id == CoffeeOptIn.member_id)
    counted = counted.where(CoffeeOptIn.mode.in_(MODES))
    ready = session.scalar(counted.where(may_be_paired(today))) or 0
    return Asking(ready, (session.scalar(counted) or 0) - ready)
