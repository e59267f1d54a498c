"""A demonstration's coffee rounds: one every six weeks, with meetings, silence and those who come back no more.

Written after everything else of a demonstration, by a stream of chance of its own: nothing else changes by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.connect.coffee_meetings import CLOSE_DAYS, SILENT_ROUNDS, counted
from haln.connect.coffee_opting import EVERY, NEXT, PAUSED
from haln.connect.coffee_schedule import AHEAD_DAYS, Rule, days
from haln.connect.coffee_ties import MET, NO, NOT_YET
from haln.models import Block, CoffeeOptIn, CoffeePair, CoffeeRound, CoffeeSchedule, CoffeeSeat, Connection, Member
from haln.people import changes, versions
from haln.people.bulk import catch_up_keys, insert_rows, next_key
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted
from haln.people.visibility import ACTIVE

if TYPE_CHECKING:
    from haln.matching.coffee import Memory, Pairing, PairOf
    from haln.matching.people import Person

EVERY_DAYS, TO_MEET, LAST = 42, 28, 12
"""Days from round to round, days to meet, and how many days ago the last pairs were made."""
_FIRST, _LATEST = 0.05, 0.18
_STOPS, _ONCE, _SILENT, _MEETS = 0.06, 0.2, 0.14, 0.72

RULE = Rule(week=1, weekday=1, weeks_to_meet=TO_MEET // 7)
"""Since a few days rounds are opened by this rule; those before were by hand."""

Progress = Callable[[int, int], None]
TopSector = Callable[[str], str]


@dataclass(slots=True)
class _Guest:
    """Somebody who takes part: how, and how many rounds in a row they were silent in."""

    mode: str
    wish: str
    since: datetime
    quiet: bool
    silent: int = 0


@dataclass(slots=True)
class _Rows:
    rounds: list[dict[str, Any]] = field(default_factory=list)
    seats: list[dict[str, Any]] = field(default_factory=list)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    connections: list[dict[str, Any]] = field(default_factory=list)


def write(
    session: Session, top_sector: TopSector, wanted: Wanted, progress: Progress = lambda done, total: None
) -> int:
    """Write the rounds, the last of which is under way, and one that is open; returns how many there were."""
    return _Writer(session, top_sector, wanted).write(progress)


class _Writer:
    """One demonstration's coffee while it is written."""

    def __init__(self, session: Session, top_sector: TopSector, wanted: Wanted) -> None:
        from haln.connect import person_rows

        self._session, self._wanted = session, wanted
        self._rng = stream(wanted.seed, "coffee")
        self._rows, self._guests = _Rows(), dict[int, _Guest]()
        self._met: dict[PairOf, int] = {}
        self._number = changes.next_number(session)
        self._connection = next_key(session, Connection)
        self._tied = {
            (row.low_id, row.high_id) for row in session.execute(select(Connection.low_id, Connection.high_id))
        }
        blocks = session.execute(select(Block.blocker_id, Block.blocked_id))
        self._never = {(min(one, other), max(one, other)) for one, other in blocks}
        now = _at(wanted.until, 0)
        self._people: dict[int, Person] = {one.member: one for one in person_rows.people(session, now, top_sector)}
        self._members = list(
            session.execute(
                select(Member.id, Member.joined_at, Member.left_at, Member.standing, Member.email).order_by(Member.id)
            )
        )
        emails = {row.email: row.id for row in self._members}
        self._member, self._staff = emails.get(f"member@{DOMAIN}") or 0, emails.get(f"staff@{DOMAIN}")
        spared = {emails.get(f"{who}@{DOMAIN}") for who in ("newcomer", "staff", "facilitator")}
        self._pool = [row for row in self._members if row.id not in spared]
        self._left = {row.id: row.left_at for row in self._members if row.left_at is not None}

    def write(self, progress: Progress) -> int:
        """Write everything, in the order in which it happened."""
        held = self._days()
        first = next_key(self._session, CoffeeRound)
        for at, day in enumerate(held):
            self._invite(day, at / max(1, len(held) - 1))
            self._hold(first + at, day)
            progress(at + 1, len(held) + 1)
        self._open(first + len(held))
        for model, rows in (
            (Connection, self._rows.connections),
            (CoffeeRound, self._rows.rounds),
            (CoffeeSeat, self._rows.seats),
            (CoffeePair, self._rows.pairs),
        ):
            insert_rows(self._session, model, rows)
        insert_rows(self._session, CoffeeOptIn, self._opted())
        catch_up_keys(self._session, (Connection, CoffeeRound))
        changed = _at(self._wanted.until - timedelta(days=3), 9)
        kept = {"id": 1, **asdict(RULE), "going": True, "version": 1, "changed_at": changed}
        insert_rows(self._session, CoffeeSchedule, [kept])
        versions.keep_all(self._session, _at(self._wanted.until, 0), as_it_happened=True)
        progress(len(held) + 1, len(held) + 1)
        return len(held)

    def _days(self) -> list[date]:
        """The days on which pairs were made, the first of them ten weeks after the beginning."""
        months = round(self._wanted.months * 30.4375)
        last = self._last
        count = max(0, (months - LAST - 7 - 70) // EVERY_DAYS)
        return [last - timedelta(days=EVERY_DAYS * back) for back in reversed(range(count))]

    @property
    def _last(self) -> date:
        """The Tuesday on which the last pairs were made."""
        day = self._wanted.until - timedelta(days=LAST)
        return day - timedelta(days=(day.weekday() - 1) % 7)

    def _there(self, row: Any, day: date) -> bool:
        moment = _at(day, 9)
        stays = row.left_at > moment if row.left_at is not None else row.standing == ACTIVE
        person = self._people.get(row.id)
        return bool(row.joined_at < moment - timedelta(days=14) and stays and (person is None or person.suggestable))

    def _invite(self, day: date, progress: float) -> None:
        """Let people ask to take part until there are as many as there are by then; some stop."""
        rng, moment = self._rng, _at(day, 8)
        for number in list(self._guests):
            if rng.random() < _STOPS and number != self._member:
                del self._guests[number]
        there = [row.id for row in self._pool if self._there(row, day)]
        wanted = min(300, max(6, round(len(there) * (_FIRST + (_LATEST - _FIRST) * progress))))
        known = set(there)
        self._guests = {number: guest for number, guest in self._guests.items() if number in known}
        if self._member in known and self._member not in self._guests and progress > 0.6:
            self._guests[self._member] = _Guest(EVERY, "sector", moment - timedelta(days=2), quiet=False)
        rng.shuffle(there)
        for number in there:
            if sum(guest.mode != PAUSED for guest in self._guests.values()) >= wanted:
                break
            if number not in self._guests:
                mode = NEXT if rng.random() < _ONCE else EVERY
                wish = rng.choice(("", "", "", "sector", "sector", "place"))
                since = moment - timedelta(days=rng.randint(1, 20), seconds=rng.randrange(36000))
                self._guests[number] = _Guest(mode, wish, since, quiet=rng.random() < _SILENT)

    def _hold(self, number: int, day: date) -> None:
        from haln.matching.coffee import Choice, Memory, Wish, pair_up
        from haln.matching.people import Person

        asked = {member: guest for member, guest in sorted(self._guests.items()) if guest.mode != PAUSED}
        people = [self._people.get(member) or Person(member) for member in asked]
        wishes = {member: Wish(guest.wish) for member, guest in asked.items()}
        ago = {pair: number - then for pair, then in self._met.items()}
        memory: Memory = Memory(ago, self._tied, self._never, {})
        found = pair_up(people, wishes, memory, Choice(seed=number))
        self._met |= dict.fromkeys(found.pairs, number)
        closed = day + timedelta(days=TO_MEET + CLOSE_DAYS) < self._wanted.until
        spoke, said, met = self._talk(number, day, found)
        told: dict[str, Any] = {
            "people": len(people),
            "groups": len(found.groups),
            "trios": sum(len(group) == 3 for group in found.groups),
            "left": len(found.left),
            "new": found.new,
            "across": found.across,
            "again": found.again,
        }
        seated = [member for group in found.groups for member in group]
        if closed:
            told |= counted(len(found.pairs), met, said, len(seated))
            self._count_silence(set(seated) - spoke)
        for member in seated:
            if member in self._guests and self._guests[member].mode == NEXT:
                del self._guests[member]
        self._rows.seats += [
            {"round_id": number, "member_id": member, "group_number": at}
            for at, group in enumerate((found.left, *found.groups))
            for member in group
        ]
        self._round(number, day, "closed" if closed else "made", told)

    def _talk(self, number: int, day: date, found: Pairing) -> tuple[set[int], int, int]:
        """Let people say whether they met; returns who was not silent, how many said anything, how many pairs met."""
        rng, spoke, spoken, met = self._rng, set[int](), set[int](), 0
        for low, high in found.pairs:
            quiet = [member in self._guests and self._guests[member].quiet for member in (low, high)]
            happened = rng.random() < _MEETS and not all(quiet)
            row: dict[str, Any] = {"round_id": number, "low_id": low, "high_id": high, "connection_id": None}
            for side, member, silent in (("low", low, quiet[0]), ("high", high, quiet[1])):
                row |= self._answer(rng, side, member, day, happened=happened, silent=silent)
            said = {member: row[f"{side}_answer"] for side, member in (("low", low), ("high", high))}
            if MET in said.values():
                met += 1
                spoke |= {low, high}
                self._connect(row)
            spoken |= {member for member, word in said.items() if word}
            self._rows.pairs.append(row)
        return spoke | spoken, len(spoken), met

    def _answer(
        self, rng: Random, side: str, member: int, day: date, *, happened: bool, silent: bool
    ) -> dict[str, Any]:
        moment = _at(day + timedelta(days=rng.randint(4, TO_MEET + 8)), 9) + timedelta(seconds=rng.randrange(30000))
        says = rng.random() < (0.75 if happened else 0.45) and not silent
        word = MET if happened else rng.choice((NOT_YET, NO, NO))
        there = moment < min(_at(self._wanted.until, 0), self._left.get(member, moment + timedelta(days=1)))
        mine = says and there and not (member == self._member and day > self._wanted.until - timedelta(days=30))
        return {f"{side}_answer": word if mine else None, f"{side}_at": moment if mine else None}

    def _connect(self, row: dict[str, Any]) -> None:
        """Connect two who met and never were connected."""
        pair = (row["low_id"], row["high_id"])
        if pair in self._tied:
            return
        since = min(row[f"{side}_at"] for side in ("low", "high") if row[f"{side}_answer"] == MET)
        ends = [self._left[member] for member in pair if member in self._left]
        until = max(min(ends), since) if ends else None
        ended_by = next((member for member in pair if until is not None and self._left.get(member) == min(ends)), None)
        row["connection_id"] = self._connection
        self._rows.connections.append(
            {
                "id": self._connection,
                "low_id": pair[0],
                "high_id": pair[1],
                "evidence": MET,
                "intensity": 2 if self._rng.random() < 0.25 else 1,
                "since": since,
                "until": until,
                "ended_by_id": ended_by,
                "introduction_id": None,
                "change_number": self._number,
            }
        )
        self._connection += 1
        self._tied.add(pair)

    def _count_silence(self, silent: set[int]) -> None:
        for member, guest in self._guests.items():
            guest.silent = guest.silent + 1 if member in silent else 0
            if guest.mode == EVERY and guest.silent >= SILENT_ROUNDS and member != self._member:
                guest.mode = PAUSED

    def _round(self, number: int, day: date, state: str, told: dict[str, Any]) -> None:
        made, meet_by = state != "open", day + timedelta(days=TO_MEET)
        self._rows.rounds.append(
            {
                "id": number,
                "public_id": public_id(self._rng),
                "pairs_on": day,
                "meet_by": meet_by,
                "across": "some",
                "colleagues": True,
                "by_itself": not made,
                "state": state,
                "seed": number,
                "opened_by_id": self._staff,
                "opened_at": _at(day - timedelta(days=30), 9)
                if made
                else _at(self._wanted.until - timedelta(days=3), 9),
                "made_at": _at(day, 9) if made else None,
                "asked_at": _at(meet_by + timedelta(days=1), 6) if state == "closed" else None,
                "closed_at": _at(meet_by + timedelta(days=CLOSE_DAYS + 1), 6) if state == "closed" else None,
                "told": told,
                "version": 2 if made else 1,
            }
        )

    def _open(self, number: int) -> None:
        """The round to come, which the rule opened, for which some ask anew."""
        last = self._last
        ahead = days(RULE, self._wanted.until - timedelta(days=3) + timedelta(days=AHEAD_DAYS))
        day = next(one for one in ahead if (one.year, one.month) != (last.year, last.month))
        self._invite(self._wanted.until - timedelta(days=1), 1.4)
        self._round(number, day, "open", {})

    def _opted(self) -> list[dict[str, Any]]:
        return [
            {
                "member_id": member,
                "mode": guest.mode,
                "wish": guest.wish,
                "silent": guest.silent,
                "since": guest.since,
                "changed_at": guest.since,
            }
            for member, guest in sorted(self._guests.items())
            if member not in self._left
        ]


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)
