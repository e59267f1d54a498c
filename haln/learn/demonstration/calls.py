"""What stands today: a cohort that takes applications, one that is ready to be formed, one whose people are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from haln.learn.demonstration.folk import Person
from haln.learn.demonstration.ledger import Ledger
from haln.learn.demonstration.past import HALVES, apply, at, purpose, season
from haln.learn.plan_reporting import without_report
from haln.learn.rule_rows import rows_of, standard
from haln.models import ApplicationSlot, Cohort, CohortFacilitator, CohortPair, CohortPlan, CohortSlot, Seat
from haln.people.demonstration.chance import public_id

LOW, HIGH = 6, 8
WEEKS, WEEKDAYS = 2, (1, 2, 3)
FREE = 0.45
_APART = 0.05
_AWAY = 45  # days from today until the sets begin


@dataclass(frozen=True, slots=True)
class Call:
    """What a cohort of today is called and how it stands."""

    title: str
    themes: tuple[str, ...]
    state: str
    closes_in: int  # days from today; below 0: it has closed


class Calls:
    """Writes the cohorts of today. `leaders`: who may lead; the first leads every one of them."""

    def __init__(
        self,
        ledger: Ledger,
        rng: Random,
        folk: Mapping[int, Person],
        leaders: Sequence[int],
        until: date,
        previous: int | None,
    ) -> None:
        self._ledger, self._rng, self._folk = ledger, rng, folk
        self._leaders, self._until, self._previous = leaders, until, previous

    def open_or_closed(self, call: Call, applicants: Sequence[int], waiting: set[int]) -> int:
        """Write a cohort with applicants who can each make some of the times. Returns its key."""
        cohort, slots = self._cohort(call, len(applicants))
        for member in applicants:
            free = {number for number in range(len(slots)) if self._rng.random() < FREE}
            free |= {int(self._rng.random() * len(slots))}
            self._applied(cohort, member, [slots[number] for number in sorted(free)], int(member in waiting))
        self._pairs(cohort, applicants)
        return cohort

    def asked(self, call: Call, applicants: Sequence[int], first_asked: int) -> int:
        """Write a cohort whose plan is published, every must of its rules kept. Returns its key.

        `first_asked` has not answered yet; of the others most have.
        """
        sets, rest = divided(applicants, self._folk)
        cohort, slots = self._cohort(call, len(applicants), min(map(len, sets)))
        for members in sets:
            common = int(self._rng.random() * len(slots))
            for member in members:
                self._available(cohort, member, slots, common)
        for member in rest:
            self._available(cohort, member, slots, 0)
        plan = self._plan(cohort, sets, rest, min(map(len, sets)))
        for number, members in enumerate(sets):
            for member in members:
                chance = 1.0 if member == first_asked else self._rng.random()
                self._seat(
                    plan, member, number, "accepted" if chance < 0.66 else "declined" if chance < 0.7 else "asked"
                )
        return cohort

    def _available(self, cohort: int, member: int, slots: Sequence[int], common: int) -> None:
        free = {number for number in range(len(slots)) if self._rng.random() < FREE / 2} | {common}
        self._applied(cohort, member, [slots[number] for number in sorted(free)], 0)

    def _cohort(self, call: Call, people: int, low: int = LOW) -> tuple[int, list[int]]:
        starts = self._until + timedelta(days=_AWAY - (self._until + timedelta(days=_AWAY)).weekday())
        writer = self._folk[min(self._folk)]
        cohort = self._ledger.add(
            Cohort,
            public_id=public_id(self._rng),
            title=f"{call.title}: {season(starts).lower()} {starts.year}",
            purpose=purpose(self._rng, writer, call.themes),
            themes=list(call.themes),
            where="Online",
            closes_on=self._until + timedelta(days=call.closes_in),
            starts_on=starts,
            ends_on=starts + timedelta(days=275),
            sessions=6,
            session_minutes=90,
            size_low=low,
            size_high=HIGH,
            availability="halfdays",
            rules=rows_of(standard(low, HIGH, True)),
            state=call.state,
            previous_id=self._previous,
            made_by_id=self._leaders[0],
            created_at=at(self._until - timedelta(days=40), 9),
            changed_at=at(self._until - timedelta(days=1), 9),
        )
        needed = people // LOW + 1
        for number, leader in enumerate(self._leaders):
            share = max(2, -(-needed // len(self._leaders)))
            if number * share < needed:
                self._ledger.add(CohortFacilitator, cohort_id=cohort, member_id=leader, sets=share, slots=[])
        return cohort, self._slots(cohort, starts)

    def _slots(self, cohort: int, starts: date) -> list[int]:
        monday = starts - timedelta(days=starts.weekday())
        days = [monday + timedelta(days=7 * week + day) for week in range(WEEKS) for day in WEEKDAYS]
        times = [(day, half) for day in days for half in HALVES]
        return [
            self._ledger.add(CohortSlot, cohort_id=cohort, position=position, on_day=day, half=half, starts_at=None)
            for position, (day, half) in enumerate(times)
        ]

    def _applied(self, cohort: int, member: int, slots: Sequence[int], waiting: int) -> None:
        applied_at = at(self._until - timedelta(days=39), 9) + timedelta(days=30 * self._rng.random())
        person = self._folk[member]
        key = apply(self._ledger, self._rng, person, cohort, state="applied", applied_at=applied_at, waiting=waiting)
        for slot in slots:
            self._ledger.add(ApplicationSlot, application_id=key, slot_id=slot)

    def _pairs(self, cohort: int, applicants: Sequence[int]) -> None:
        """A few who would rather not sit together, and colleagues of whom one manages the other."""
        seen: set[tuple[int, int]] = set()
        for member in applicants:
            other = applicants[int(self._rng.random() * len(applicants))]
            pair = (min(member, other), max(member, other))
            if self._rng.random() < _APART and member != other and pair not in seen:
                seen.add(pair)
                self._pair(cohort, pair, "apart", member)
        at_work: dict[int, int] = {}
        for member in applicants:
            home = self._folk[member].organisation
            if home is not None and home in at_work:
                self._pair(
                    cohort, (min(at_work[home], member), max(at_work[home], member)), "manager", self._leaders[0]
                )
            elif home is not None:
                at_work[home] = member

    def _pair(self, cohort: int, pair: tuple[int, int], kind: str, by: int) -> None:
        low, high = pair
        when = at(self._until - timedelta(days=8), 10)
        self._ledger.add(CohortPair, cohort_id=cohort, low_id=low, high_id=high, kind=kind, by_id=by, created_at=when)

    def _plan(self, cohort: int, sets: Sequence[Sequence[int]], rest: Sequence[int], low: int) -> int:
        share = max(2, -(-len(sets) // len(self._leaders)))
        rows = [
            {"members": sorted(members), "facilitator": self._leaders[number // share], "locked": False}
            for number, members in enumerate(sets)
        ]
        return self._ledger.add(
            CohortPlan,
            public_id=public_id(self._rng),
            cohort_id=cohort,
            number=1,
            state="published",
            task="form",
            seed=1,
            rules=rows_of(standard(low, HIGH, True)),
            sets=rows,
            left_over=sorted(rest),
            locked=[],
            progress=without_report({}),
            made_by_id=self._leaders[0],
            created_at=at(self._until - timedelta(days=6), 9),
            changed_at=at(self._until - timedelta(days=4), 15),
            published_at=at(self._until - timedelta(days=4), 15),
            answer_by=at(self._until + timedelta(days=8), 17),
            confirmed_at=None,
        )

    def _seat(self, plan: int, member: int, number: int, state: str) -> None:
        asked = at(self._until - timedelta(days=4), 15)
        self._ledger.add(
            Seat,
            public_id=public_id(self._rng),
            plan_id=plan,
            member_id=member,
            set_number=number,
            round=1,
            state=state,
            asked_at=asked,
            answered_at=None if state == "asked" else asked + timedelta(hours=1 + 60 * self._rng.random()),
        )


def divided(applicants: Sequence[int], folk: Mapping[int, Person]) -> tuple[list[list[int]], list[int]]:
    """Sets of six to eight, nobody with somebody of their own organisation, and who found no place."""
    sets: list[list[int]] = [[] for _ in range(max(1, len(applicants) // (LOW + 1)))]
    homes: list[set[int | None]] = [set() for _ in sets]
    rest = []
    for member in applicants:
        home = folk[member].organisation
        free = [number for number in range(len(sets)) if len(sets[number]) < HIGH and home not in homes[number]]
        if not free:
            rest.append(member)
            continue
        number = min(free, key=lambda one: (len(sets[one]), one))
        sets[number].append(member)
        homes[number].add(home)
    return sets, rest
