"""Rows meet arrays: who is in a coffee round, what stands between them, the dry run, and making the pairs.

The dry run and the making use the same inputs and seed: what is shown is what is made, unless the inputs change between
the two. Matching is imported on first use, as it brings libraries that take seconds to load.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import coffee_mail, coffee_rounds
from haln.connect.coffee_opting import MODES, NEXT, may_be_paired
from haln.connect.coffee_rounds import CLOSED, MADE
from haln.errors import Conflict, Invalid, NotFound
from haln.models import (
    AlgorithmRun,
    CoffeeOptIn,
    CoffeePair,
    CoffeeRound,
    CoffeeSeat,
    Member,
    Suggestion,
)
from haln.people import changes
from haln.people.seen import PersonLine
from haln.people.seen import people as people_seen

if TYPE_CHECKING:
    from haln.matching.coffee import Choice, Memory, Pairing, PairOf, Wish
    from haln.matching.people import Person

METHOD = "coffee-1"
_BANDS = {"strong": 1.0, "good": 0.6, "worth_a_look": 0.3}
NAMED = 20

TopSector = Callable[[str], str]
Reading = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Who is to be paired and what stands between them; `version` names these inputs."""

    people: tuple[Person, ...]
    wishes: dict[int, Wish]
    memory: Memory
    version: str
    change: int


@dataclass(frozen=True, slots=True)
class Worked:
    """Pairs that were worked out beforehand, and of what: they hold where `version` and `choice` are still those."""

    version: str
    choice: Choice
    found: Pairing


@dataclass(frozen=True, slots=True)
class Trial:
    """What a round with a preference would give."""

    across: str
    chosen: bool
    groups: int
    trios: int
    new: int
    across_sectors: int
    again: int


@dataclass(frozen=True, slots=True)
class DryRun:
    """What making the pairs now would give; `left`: who would be left, as far as the actor may see them."""

    people: int
    trials: tuple[Trial, ...]
    left: tuple[PersonLine, ...]
    left_count: int
    version: str


def read(session: Session, today: date, now: datetime, top_sector: TopSector) -> Inputs:
    """Read everybody who has asked and may be paired, and what stands between them."""
    from haln.connect import person_rows
    from haln.matching.coffee import Wish

    asked = session.execute(
        select(CoffeeOptIn.member_id, CoffeeOptIn.wish)
        .join(Member, Member.id == CoffeeOptIn.member_id)
        .where(CoffeeOptIn.mode.in_(MODES), may_be_paired(today))
        .order_by(CoffeeOptIn.member_id)
    ).all()
    ids = [row.member_id for row in asked]
    people, memory = tuple(person_rows.people(session, now, top_sector, ids)), _memory(session, ids, now)
    between = (sorted(memory.met.items()), sorted(memory.tied), sorted(memory.never), sorted(memory.liked.items()))
    said = repr(([tuple(row) for row in asked], people, between))
    return Inputs(
        people,
        {row.member_id: Wish(row.wish) for row in asked},
        memory,
        hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16],
        changes.latest_number(session),
    )


def _memory(session: Session, ids: list[int], now: datetime) -> Memory:
    """What stands between those who take part: earlier rounds, connections, what was set aside, suggestions."""
    from haln.connect import encoding
    from haln.matching.coffee import Memory

    there = frozenset(ids)
    never: set[PairOf] = set()
    for member, left_out in encoding.exclusions(session, now, ids).items():
        for other in (*left_out.excluded, *left_out.unseen):
            if other in there:
                never.add((min(member, other), max(member, other)))
    tied = {
        (min(tie.a, tie.b), max(tie.a, tie.b))
        for tie in encoding.ties(session, ids)
        if tie.a in there and tie.b in there
    }
    return Memory(_met(session, there), tied, never, _liked(session, there))


def _met(session: Session, there: frozenset[int]) -> dict[PairOf, int]:
    """How many rounds ago two were last put together."""
    rounds = session.scalars(
        select(CoffeeRound.id)
        .where(CoffeeRound.state.in_((MADE, CLOSED)))
        .order_by(CoffeeRound.made_at, CoffeeRound.id)
    ).all()
    ago = {number: len(rounds) - at for at, number in enumerate(rounds)}
    found: dict[PairOf, int] = {}
    rows = session.execute(select(CoffeePair.round_id, CoffeePair.low_id, CoffeePair.high_id))
    for row in rows:
        if row.low_id in there and row.high_id in there and row.round_id in ago:
            pair = (row.low_id, row.high_id)
            found[pair] = min(ago[row.round_id], found.get(pair, ago[row.round_id]))
    return found


def _liked(session: Session, there: frozenset[int]) -> dict[PairOf, float]:
    """How much the lists of suggestions speak for two, by the better of their two lists."""
    found: dict[PairOf, float] = {}
    rows = session.execute(
        select(Suggestion.member_id, Suggestion.other_id, Suggestion.band).where(Suggestion.unlisted_at.is_(None))
    )
    for row in rows:
        if row.member_id in there and row.other_id in there:
            pair = (min(row.member_id, row.other_id), max(row.member_id, row.other_id))
            found[pair] = max(found.get(pair, 0.0), _BANDS.get(row.band, 0.0))
    return found


def _pair(inputs: Inputs, choice: Choice) -> Pairing:
    from haln.matching.coffee import MOST, pair_up

    if len(inputs.people) > MOST:
        raise Invalid("At most %(most)s people can be paired in one round.", most=MOST)
    return pair_up(inputs.people, inputs.wishes, inputs.memory, choice)


def _choice(row: CoffeeRound) -> Choice:
    from haln.matching.coffee import Across, Choice

    return Choice(Across(row.across), row.colleagues, row.seed)


def dry_run(
    session: Session, actor: Actor, public_id: str, today: date, now: datetime, top_sector: TopSector
) -> DryRun:
    """Work out what making the pairs now would give, and what other preferences would. Nothing is written.

    Raises NotFound, and Conflict where the round is no longer open.
    """
    from haln.matching.coffee import Across

    row = session.scalar(select(CoffeeRound).where(CoffeeRound.public_id == public_id))
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    if row.state != coffee_rounds.OPEN:
        raise Conflict("This round is no longer open.")
    inputs, choice = read(session, today, now, top_sector), _choice(row)
    found = {across: _pair(inputs, replace(choice, across=across)) for across in Across}
    left = found[choice.across].left
    seen = people_seen(session, actor.member_id, left[:NAMED])
    return DryRun(
        len(inputs.people),
        tuple(_trial(across, one, chosen=across is choice.across) for across, one in found.items()),
        tuple(seen[member] for member in left[:NAMED] if member in seen),
        len(left),
        inputs.version,
    )


def _trial(across: str, found: Pairing, *, chosen: bool) -> Trial:
    trios = sum(len(group) == 3 for group in found.groups)
    return Trial(str(across), chosen, len(found.groups), trios, found.new, found.across, found.again)


def work_out(
    session: Session, public_id: str, today: date, now: datetime, top_sector: TopSector, reading: Reading
) -> Worked | None:
    """Work the pairs out before they are made, which takes seconds; none where the round is not open.

    Commits; within `reading()` nobody else is kept from writing meanwhile. Raises Invalid for too many people.
    """
    session.commit()
    with reading():
        row = session.scalar(
            select(CoffeeRound).where(CoffeeRound.public_id == public_id, CoffeeRound.state == coffee_rounds.OPEN)
        )
        inputs, choice = read(session, today, now, top_sector), _choice(row) if row is not None else None
        session.commit()
    return Worked(inputs.version, choice, _pair(inputs, choice)) if choice is not None else None


def make(
    session: Session,
    actor: Actor | None,
    public_id: str,
    version: int,
    today: date,
    now: datetime,
    top_sector: TopSector,
    worked: Worked | None = None,
) -> int:
    """Make the pairs of an open round and write to them; returns how many groups. The caller commits: all or nothing.

    Without an actor it is made by itself.

    Who asked for the next round only has had it. `worked` is used where it is of the same inputs. Raises NotFound,
    Conflict when the round has moved on or fewer than two people can be paired.
    """
    row = coffee_rounds.changeable(session, public_id, version)
    if row.meet_by <= today:
        raise Conflict("The day by which people should have met is over. Change it first.")
    inputs, choice = read(session, today, now, top_sector), _choice(row)
    same = worked is not None and (worked.version, worked.choice) == (inputs.version, choice)
    found = worked.found if worked is not None and same else _pair(inputs, choice)
    if not found.groups:
        raise Conflict("There are not two people yet who can be paired.")
    _write(session, row, found)
    told = _trial(row.across, found, chosen=True)
    row.told = {
        "people": len(inputs.people),
        "groups": told.groups,
        "trios": told.trios,
        "left": len(found.left),
        "new": told.new,
        "across": told.across_sectors,
        "again": told.again,
        "inputs": inputs.version,
        "method": METHOD,
    }
    row.state, row.made_at, row.version = MADE, now, row.version + 1
    session.add(
        AlgorithmRun(
            kind="coffee",
            started_at=now,
            finished_at=now,
            data_version=f"{inputs.change}:{inputs.version}",
            weights_version=METHOD,
            seed=row.seed,
            progress={"round": row.id},
        )
    )
    detail: history.Detail = {**row.told, "seed": row.seed, "change": inputs.change}
    by = actor.member_id if actor is not None else None
    history.record(session, by, "make_coffee_pairs", "coffee_round", row.id, now, detail)
    coffee_mail.tell_paired(session, row.id, [member for group in found.groups for member in group], found.left, now)
    return told.groups


def _write(session: Session, row: CoffeeRound, found: Pairing) -> None:
    seats: list[dict[str, Any]] = [
        {"round_id": row.id, "member_id": member, "group_number": number}
        for number, group in enumerate(found.groups, start=1)
        for member in group
    ]
    seated = [seat["member_id"] for seat in seats]
    seats += [{"round_id": row.id, "member_id": member, "group_number": 0} for member in found.left]
    asked = select(CoffeeOptIn.member_id, CoffeeOptIn.wish).where(CoffeeOptIn.mode == NEXT)
    once = {one.member_id: one.wish for one in session.execute(asked)}
    for seat in seats:
        seat["once"] = once.get(seat["member_id"]) if seat["group_number"] else None
    session.execute(insert(CoffeeSeat), seats)
    session.execute(
        insert(CoffeePair), [{"round_id": row.id, "low_id": low, "high_id": high} for low, high in found.pairs]
    )
    for start in range(0, len(seated), 500):
        session.execute(
            delete(CoffeeOptIn).where(CoffeeOptIn.mode == NEXT, CoffeeOptIn.member_id.in_(seated[start : start + 500])),
            execution_options={"synchronize_session": "fetch"},
        )
