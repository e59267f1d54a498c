"""Write a demonstration's learning into the database, after its people and sets (`haln.people.demonstration`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from haln.learn.demonstration.calls import Call, Calls
from haln.learn.demonstration.folk import Folk, Person
from haln.learn.demonstration.ledger import Ledger
from haln.learn.demonstration.meetings import Meetings
from haln.learn.demonstration.past import Group, PastCohort, Term, at, left_over
from haln.models import (
    Application,
    Block,
    Cohort,
    LearningSet,
    Member,
    MemberTheme,
    SetMembership,
    SetRequest,
    SetSession,
)
from haln.people import versions
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.gatherings import HALF_YEAR
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted
from haln.people.visibility import ACTIVE
from haln.taxonomy.vocabulary import Vocabulary

MOST_SETS = 40
"""Sets of a half-year whose life is written out; a larger network has more, of which only the people are told."""
CLOSED, ASKED, OPEN = 60, 48, 36
_LEADERS = 12
_FULL = 8

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Written:
    """How much was written."""

    cohorts: int
    applications: int
    sessions: int


def write(
    session: Session,
    vocabulary: Vocabulary,
    wanted: Wanted,
    progress: Progress = lambda _done, _total: None,
    zone: tzinfo = UTC,
) -> Written:
    """Write the cohorts of each half-year, the life of their sets, and what stands today; sessions at hours of `zone`.

    The same people, seed and day always give the same rows. Does nothing where nobody can lead.
    """
    made = _Writer(session, vocabulary, wanted, zone)
    return made.write(progress) if made.leaders else Written(0, 0, 0)


class _Writer:
    """One demonstration's learning while it is written."""

    def __init__(self, session: Session, vocabulary: Vocabulary, wanted: Wanted, zone: tzinfo) -> None:
        self._session, self._wanted, self._zone = session, wanted, zone
        self._rng = stream(wanted.seed, "learning")
        self._ledger = Ledger(session)
        self._folk = Folk(session, vocabulary, wanted.seed)
        self._people: dict[int, Person] = {}
        self.leaders = _leaders(session)
        self._member = _signed_in(session, "member")

    def write(self, progress: Progress) -> Written:
        """Write everything, in the order in which it happened."""
        terms = _terms(self._session, self._wanted.until)
        everyone = {member for groups in terms for group in groups for member in group.members}
        eligible = _eligible(self._session, self._wanted.until)
        self._rng.shuffle(eligible)
        chosen = [one for one in eligible if one != self._member][: CLOSED + ASKED + OPEN + 2]
        self._people = self._folk.read(everyone | set(chosen) | {self._member, *self.leaders} - {0})
        steps = len(terms) + 2
        waiting: set[int] = set()
        previous: int | None = None
        if terms:
            self._seat_the_member(terms[-1])
        for number, groups in enumerate(terms):
            previous = self._past(groups, terms[number + 1 :], previous, waiting)
            progress(number + 1, steps)
        self._today(chosen, previous, waiting, terms[-1] if terms else [])
        progress(steps - 1, steps)
        self._ledger.write()
        self._update(terms)
        versions.keep_all(self._session, at(self._wanted.until, 0), as_it_happened=True)
        progress(steps, steps)
        ledger = self._ledger
        return Written(ledger.count(Cohort), ledger.count(Application), ledger.count(SetSession))

    def _past(
        self, groups: Sequence[Group], later: Sequence[Sequence[Group]], previous: int | None, waiting: set[int]
    ) -> int:
        over = left_over(self._rng, groups, later[0], self._people) if later else []
        cohort = PastCohort(self._ledger, self._rng, self._people, self.leaders, waiting)
        key = cohort.write(Term(groups, over), previous)
        meetings = Meetings(self._ledger, self._rng, self._people, self._wanted.until, self._zone)
        for number, group in enumerate(groups):
            meetings.write(group, troubled=number % 5 == 3)
        return key

    def _seat_the_member(self, groups: Sequence[Group]) -> None:
        """Give who signs in first a place in a set that runs, where there is one without a colleague of theirs."""
        member = self._people.get(self._member)
        if member is None or any(self._member in group.members for group in groups):
            return
        for group in groups:
            homes = {self._people[one].organisation for one in group.members}
            if group.ended_on is None and len(group.members) < _FULL and member.organisation not in homes:
                group.members.append(self._member)
                row = {"set_id": group.id, "member_id": self._member, "joined_on": group.started_on}
                self._session.add(SetMembership(**row))
                return

    def _today(self, chosen: list[int], previous: int | None, waiting: set[int], running: Sequence[Group]) -> None:
        """Share those who apply today out over the three cohorts."""
        total = len(chosen)
        closed, asked = min(CLOSED, total * 2 // 5), min(ASKED, total * 2 // 5)
        calls = Calls(self._ledger, self._rng, self._people, self.leaders, self._wanted.until, previous)
        member = [self._member] if self._member in self._people else []
        first = chosen[:closed] + member
        if first:
            call = Call("Learning sets on places and people", ("local-partnership", "listening"), "closed", -3)
            calls.open_or_closed(call, first, waiting)
        second = member + self._unblocked(chosen[closed : closed + asked])
        if len(second) >= 4:
            call = Call("Learning sets on work and money", ("quality-work", "local-purchasing"), "closed", -12)
            calls.asked(call, second, self._member)
        third = chosen[closed + asked : closed + asked + OPEN]
        if third:
            call = Call("Learning sets for a warmer, greener place", ("environment", "housing", "food"), "open", 21)
            calls.open_or_closed(call, third, set())
        self._places(running, chosen[-2:])

    def _unblocked(self, members: list[int]) -> list[int]:
        """Those of whom nobody has blocked another: a plan that is published keeps such pairs apart."""
        pairs = self._session.execute(select(Block.blocker_id, Block.blocked_id)).all()
        barred = {self._member}
        parted = {(row[0], row[1]) for row in pairs} | {(row[1], row[0]) for row in pairs}
        kept: list[int] = []
        for one in members:
            if not any((one, other) in parted for other in (*kept, *barred)):
                kept.append(one)
        return kept

    def _places(self, running: Sequence[Group], asking: Sequence[int]) -> None:
        """Open places in small sets that run; some people ask for one of those that the facilitator leads."""
        for group in running:
            if group.ended_on is None and len(group.members) - len(group.left) < _FULL:
                group.values["open_places"] = min(2, _FULL - len(group.members) + len(group.left))
        led = [group for group in running if group.values.get("open_places") and group.facilitator == self.leaders[0]]
        for group, member in zip(led, asking, strict=False):
            note = self._people[member].says(self._rng).sentence("sets", "request")
            when = at(self._wanted.until - timedelta(days=2), 11)
            self._ledger.add(
                SetRequest,
                public_id=public_id(self._rng),
                set_id=group.id,
                member_id=member,
                note=note,
                state="open",
                created_at=when,
            )

    def _update(self, terms: Sequence[Sequence[Group]]) -> None:
        rows: list[dict[str, Any]] = [
            {"id": group.id, "facilitator_id": group.facilitator, "where": "Online", "open_places": 0, **group.values}
            for groups in terms
            for group in groups
        ]
        if rows:
            self._session.execute(update(LearningSet), rows)
        self._session.flush()


def _signed_in(session: Session, mailbox: str) -> int:
    return session.scalar(select(Member.id).where(Member.email == f"{mailbox}@{DOMAIN}")) or 0


def _leaders(session: Session) -> list[int]:
    """Who leads: the facilitator with a sign-in first, then others."""
    rows = session.scalars(
        select(Member.id).where(Member.audience == "facilitator", Member.standing == ACTIVE).order_by(Member.id)
    ).all()
    first = _signed_in(session, "facilitator")
    return [one for one in (first, *(row for row in rows if row != first)) if one][:_LEADERS]


def _terms(session: Session, until: date) -> list[list[Group]]:
    """The sets by half-year, the oldest first; of each at most `MOST_SETS`."""
    found: dict[int, list[Group]] = {}
    rows = session.execute(
        select(LearningSet.id, LearningSet.themes, LearningSet.started_on, LearningSet.ended_on)
        .where(LearningSet.public_id.is_not(None))
        .order_by(LearningSet.started_on, LearningSet.id)
    )
    for row in rows:
        term = found.setdefault(int((until - row.started_on).days / HALF_YEAR), [])
        if len(term) < MOST_SETS:
            term.append(Group(row.id, row.themes[0], row.started_on, row.ended_on, [], {}))
    groups = {group.id: group for term in found.values() for group in term}
    ids = sorted(groups)
    for start in range(0, len(ids), 500):
        sat = select(SetMembership.set_id, SetMembership.member_id, SetMembership.left_on)
        part = SetMembership.set_id.in_(ids[start : start + 500])
        for one in session.execute(sat.where(part).order_by(SetMembership.set_id, SetMembership.member_id)):
            groups[one.set_id].members.append(one.member_id)
            if one.left_on is not None:
                groups[one.set_id].left[one.member_id] = one.left_on
    return [found[number] for number in sorted(found, reverse=True)]


def _eligible(session: Session, until: date) -> list[int]:
    """Members who might apply today, and sit in no set."""
    sits = exists(
        select(SetMembership.set_id)
        .join(LearningSet, LearningSet.id == SetMembership.set_id)
        .where(SetMembership.member_id == Member.id, SetMembership.left_on.is_(None), LearningSet.ended_on.is_(None))
    )
    rated = exists(select(MemberTheme.theme).where(MemberTheme.member_id == Member.id))
    long_enough = datetime.combine(until - timedelta(days=40), time(8), UTC)
    return list(
        session.scalars(
            select(Member.id)
            .where(
                Member.standing == ACTIVE,
                Member.audience == "member",
                Member.listed,
                Member.onboarding_step >= 4,
                Member.organisation_id.is_not(None),
                Member.joined_at < long_enough,
                rated,
                ~sits,
            )
            .order_by(Member.id)
        )
    )
