"""The cohorts of past half-years: who applied, the plan that was confirmed, and the sets that came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from haln.learn.demonstration.folk import Person
from haln.learn.demonstration.ledger import Ledger
from haln.learn.rule_rows import rows_of, standard
from haln.models import Application, ApplicationSlot, Cohort, CohortFacilitator, CohortPlan, CohortSlot, Seat
from haln.people.demonstration.chance import public_id
from haln.people.demonstration.words import theme_bank

HALVES = ("morning", "afternoon")
WEEK = 5
LEFT_OVER = 0.06
_APPLY, _ASK, _CONFIRM = timedelta(days=30), timedelta(days=24), timedelta(days=10)
_OPEN = timedelta(days=75)


@dataclass(slots=True)
class Group:
    """A set of the demonstration; `slot`: the place among its cohort's slots at which all of it can meet."""

    id: int
    theme: str
    started_on: date
    ended_on: date | None
    members: list[int]
    left: dict[int, date]
    slot: int = 0
    facilitator: int | None = None
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Term:
    """One half-year's sets, and who is left over from them."""

    groups: Sequence[Group]
    left_over: Sequence[int]

    @property
    def start(self) -> date:
        """When the first set begins."""
        return min(group.started_on for group in self.groups)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day."""
    return datetime.combine(day, time(hour, minute), UTC)


def season(day: date) -> str:
    """The season that a cohort is called by."""
    return ("Winter", "Spring", "Summer", "Autumn")[day.month % 12 // 3]


def purpose(rng: Random, writer: Person, themes: Sequence[str]) -> str:
    """What a cohort on some themes is for."""
    told = writer.says(rng)
    about = [theme_bank(themes[place % len(themes)]) for place in range(3)]
    told.banks = {**told.banks, "1": about[0], "2": about[1], "o": about[2]}
    return told.sentence("sets", "cohort_purpose")


def left_over(rng: Random, groups: Sequence[Group], later: Sequence[Group], joined: Mapping[int, Person]) -> list[int]:
    """Some of the next half-year's people who had applied for this one in vain."""
    start = min(group.started_on for group in groups) - _APPLY
    sitting = {member for group in groups for member in group.members}
    able = [
        member
        for group in later
        for member in sorted(group.members)
        if member not in sitting and joined[member].joined_at.date() < start - timedelta(days=7)
    ]
    placed = len(sitting)
    rng.shuffle(able)
    return sorted(able[: max(1, round(placed * LEFT_OVER))])


class PastCohort:
    """Writes one cohort that is over."""

    def __init__(
        self, ledger: Ledger, rng: Random, folk: Mapping[int, Person], leaders: Sequence[int], waiting: set[int]
    ) -> None:
        self._ledger, self._rng, self._folk = ledger, rng, folk
        self._leaders, self._waiting = leaders, waiting

    def write(self, term: Term, previous: int | None) -> int:
        """Write it. Returns its key."""
        start = term.start
        sizes = [len(group.members) for group in term.groups]
        low, high = max(4, min(sizes)), max(8, *sizes)
        cohort = self._cohort(term, low, high, previous)
        slots = self._slots(cohort, start)
        for number, group in enumerate(term.groups):
            group.slot = int(self._rng.random() * len(slots))
            group.facilitator = self._leaders[number % len(self._leaders)] if self._leaders else None
        for leader in self._leaders:
            held = sum(group.facilitator == leader for group in term.groups)
            if held:
                self._ledger.add(CohortFacilitator, cohort_id=cohort, member_id=leader, sets=held, slots=[])
        plan = self._plan(term, cohort, low, high)
        for number, group in enumerate(term.groups):
            group.values = {"cohort_id": cohort, "plan_id": plan, "set_number": number}
            for member in group.members:
                self._applied(cohort, member, "placed", slots, start, group.slot)
                self._seat(plan, member, number, start)
        for member in term.left_over:
            self._applied(cohort, member, "left_over", slots, start, None)
        return cohort

    def _cohort(self, term: Term, low: int, high: int, previous: int | None) -> int:
        themes = sorted({group.theme for group in term.groups})
        writer = self._folk[term.groups[0].members[0]]
        opened = at(term.start - _OPEN, 9)
        return self._ledger.add(
            Cohort,
            public_id=public_id(self._rng),
            title=f"{season(term.start)} learning sets {term.start.year}",
            purpose=purpose(self._rng, writer, themes),
            themes=themes[:6],
            where="Online",
            closes_on=term.start - _APPLY,
            starts_on=term.start,
            ends_on=term.start + timedelta(days=275),
            sessions=6,
            session_minutes=90,
            size_low=low,
            size_high=high,
            availability="halfdays",
            rules=rows_of(standard(low, high, True)),
            state="formed",
            previous_id=previous,
            made_by_id=self._leaders[0],
            created_at=opened,
            changed_at=at(term.start - _CONFIRM, 16),
        )

    def _slots(self, cohort: int, start: date) -> list[int]:
        monday = start - timedelta(days=start.weekday())
        return [
            self._ledger.add(
                CohortSlot,
                cohort_id=cohort,
                position=position,
                on_day=monday + timedelta(days=position // 2),
                half=HALVES[position % 2],
                starts_at=None,
            )
            for position in range(WEEK * 2)
        ]

    def _plan(self, term: Term, cohort: int, low: int, high: int) -> int:
        sets = [
            {"members": sorted(group.members), "facilitator": group.facilitator, "locked": False}
            for group in term.groups
        ]
        return self._ledger.add(
            CohortPlan,
            public_id=public_id(self._rng),
            cohort_id=cohort,
            number=1,
            state="confirmed",
            task="form",
            seed=1,
            rules=rows_of(standard(low, high, True)),
            sets=sets,
            left_over=sorted(term.left_over),
            locked=[],
            progress={},
            made_by_id=self._leaders[0],
            created_at=at(term.start - _ASK, 9),
            changed_at=at(term.start - _CONFIRM, 16),
            published_at=at(term.start - _ASK, 15),
            answer_by=at(term.start - _CONFIRM, 12),
            confirmed_at=at(term.start - _CONFIRM, 16),
        )

    def _applied(
        self, cohort: int, member: int, state: str, slots: Sequence[int], start: date, common: int | None
    ) -> None:
        rng, person = self._rng, self._folk[member]
        opened = max(at(start - _OPEN, 9), person.joined_at)
        applied_at = opened + (max(opened, at(start - _APPLY, 17)) - opened) * rng.random()
        key = apply(
            self._ledger, rng, person, cohort, state=state, applied_at=applied_at, waiting=int(member in self._waiting)
        )
        if not person.silent:
            chosen = {int(rng.random() * len(slots)) for _ in range(3)} | ({common} if common is not None else set())
            for number in sorted(chosen):
                self._ledger.add(ApplicationSlot, application_id=key, slot_id=slots[number])
        if state == "left_over":
            self._waiting.add(member)
        else:
            self._waiting.discard(member)

    def _seat(self, plan: int, member: int, number: int, start: date) -> None:
        asked = at(start - _ASK, 15)
        self._ledger.add(
            Seat,
            public_id=public_id(self._rng),
            plan_id=plan,
            member_id=member,
            set_number=number,
            round=1,
            state="accepted",
            asked_at=asked,
            answered_at=asked + timedelta(hours=2 + 240 * self._rng.random()),
        )


def apply(
    ledger: Ledger, rng: Random, person: Person, cohort: int, *, state: str, applied_at: datetime, waiting: int
) -> int:
    """Write an application in somebody's own words. Returns its key."""
    told = person.says(rng)
    needs = told.sentence("sets", "access_needs") if rng.random() < 0.04 else ""
    return ledger.add(
        Application,
        public_id=public_id(rng),
        cohort_id=cohort,
        member_id=person.id,
        state=state,
        live_issue="" if person.silent else told.sentence("sets", "live_issue"),
        themes=[] if person.silent else list(person.themes[:3]),
        access_needs="" if person.silent or state != "applied" else needs,
        source="member" if rng.random() > 0.08 else "facilitator",
        priority=waiting,
        applied_at=applied_at,
        changed_at=applied_at,
    )
