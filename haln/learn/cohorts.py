"""Cohorts: open a call for applications, say what it is about, and change that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Permission, require
from haln.errors import Conflict, Invalid
from haln.learn.leading import led_cohort
from haln.learn.rule_lists import with_size, with_times
from haln.learn.rule_rows import rows_of, rules_of, standard
from haln.models import Cohort, CohortFacilitator, CohortSlot
from haln.people.tokens import public_id
from haln.taxonomy.vocabulary import Vocabulary

AVAILABILITY = ("halfdays", "dates", "none")
SMALLEST, LARGEST = 4, 30
"""People in a set: fewer than the first never run, more than the second are none."""

DRAFT = "draft"
"""The state of a cohort that only those who lead it see."""

MOST_APPLICANTS = 3_000
"""People in a cohort. Sets of more can be formed, and would keep everybody waiting."""

MOST_SETS = 200
MOST_SESSIONS = 60
PURPOSE_LENGTH = 5000
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
TOO_FAR = "Choose a year from 2000 to 2100."


@dataclass(frozen=True, slots=True)
class CohortFacts:
    """What a cohort is about, as its facilitators say it. See `haln.models.Cohort`."""

    title: str
    purpose: str = ""
    themes: tuple[str, ...] = ()
    where: str = ""
    closes_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    sessions: int = 6
    session_minutes: int = 90
    size_low: int = 6
    size_high: int = 8
    availability: str = "halfdays"


def create(
    session: Session, actor: Actor, facts: CohortFacts, own_sets: int, vocabulary: Vocabulary, now: datetime
) -> str:
    """Make a cohort, as a draft, led by the actor who can hold `own_sets` sets. Returns its public id.

    Raises NotPermitted, and Invalid with each field's own sentence.
    """
    require(actor, Permission.FORM_SETS)
    facts = _checked(facts, vocabulary)
    _check_ahead(facts, None, now)
    check_sets(own_sets, "own_sets")
    row = Cohort(
        public_id=public_id(),
        rules=rows_of(standard(facts.size_low, facts.size_high, facts.availability != "none")),
        state=DRAFT,
        made_by_id=actor.member_id,
        created_at=now,
        changed_at=now,
        **_columns(facts),
    )
    session.add(row)
    session.flush()
    session.add(CohortFacilitator(cohort_id=row.id, member_id=actor.member_id, sets=own_sets, slots=[]))
    history.record(session, actor.member_id, "open_cohort", "cohort", row.id, now)
    return row.public_id


def facts_of(row: Cohort) -> CohortFacts:
    """What a row says."""
    return CohortFacts(
        title=row.title,
        purpose=row.purpose,
        themes=tuple(row.themes),
        where=row.where,
        closes_on=row.closes_on,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        sessions=row.sessions,
        session_minutes=row.session_minutes,
        size_low=row.size_low,
        size_high=row.size_high,
        availability=row.availability,
    )


def change(
    session: Session,
    actor: Actor,
    cohort: str,
    version: int,
    facts: CohortFacts,
    vocabulary: Vocabulary,
    now: datetime,
) -> None:
    """Change what a cohort is about; its rules follow the size and whether times matter.

    Raises Invalid with each field's own sentence, and what `changeable` raises.
    """
    row = changeable(session, actor, cohort, version)
    facts = _checked(facts, vocabulary)
    _check_ahead(facts, facts_of(row), now)
    if facts.availability != row.availability and _has_slots(session, row.id):
        problem = "There are times to choose from already. Take them away first, under Times."
        raise Invalid(problem, {"availability": problem})
    rules = with_size(rules_of(row.rules), facts.size_low, facts.size_high)
    if (facts.availability == "none") != (row.availability == "none"):
        rules = with_times(rules, facts.availability != "none")
    before = _columns(facts_of(row))
    for name, value in _columns(facts).items():
        setattr(row, name, value)
    row.rules = rows_of(rules)
    changed(row, now)
    names = sorted(name for name, value in _columns(facts).items() if before[name] != value)
    history.record(session, actor.member_id, "change_cohort", "cohort", row.id, now, {"fields": names})


def changeable(session: Session, actor: Actor, cohort: str, version: int | None = None) -> Cohort:
    """A cohort that the actor leads and that may still be changed.

    Raises NotPermitted, NotFound, and Conflict when it is formed or cancelled, or was changed since `version`.
    """
    row = led_cohort(session, actor, cohort, version=version)
    if row.state == "formed":
        raise Conflict("The sets of this cohort are formed. It cannot be changed any more.")
    if row.state == "cancelled":
        raise Conflict("This cohort is cancelled. It cannot be changed any more.")
    return row


def changed(row: Cohort, now: datetime) -> None:
    """Note that a cohort was changed, so that a second facilitator is told."""
    row.version += 1
    row.changed_at = now


def check_sets(number: int, name: str) -> None:
    """Refuse a number of sets that nobody holds."""
    if not 0 <= number <= MOST_SETS:
        problem = "Say how many sets as a number from 0 to 200."
        raise Invalid(problem, {name: problem})


def _has_slots(session: Session, cohort_id: int) -> bool:
    return bool(session.scalar(select(func.count(CohortSlot.id)).where(CohortSlot.cohort_id == cohort_id)))


def _check_ahead(facts: CohortFacts, before: CohortFacts | None, now: datetime) -> None:
    """Refuse days that are over, but for those that were said `before`: a cohort that has begun keeps its start."""
    said = {
        "closes_on": "Choose a last day to apply from today on.",
        "starts_on": "Choose a day from today on for the sets to start.",
        "ends_on": "Choose a day from today on for the sets to end.",
    }
    problems = {
        name: sentence
        for name, sentence in said.items()
        if (day := getattr(facts, name)) is not None
        and day < now.date()
        and (before is None or day != getattr(before, name))
    }
    if problems:
        raise Invalid(next(iter(problems.values())), problems)


def _columns(facts: CohortFacts) -> dict[str, object]:
    names = CohortFacts.__slots__
    return {name: list(facts.themes) if name == "themes" else getattr(facts, name) for name in names}


def _checked(facts: CohortFacts, vocabulary: Vocabulary) -> CohortFacts:
    known = [theme.code for theme in vocabulary.themes]
    cleaned = CohortFacts(
        title=" ".join(facts.title.split()),
        purpose=facts.purpose.replace("\r\n", "\n").strip(),
        themes=tuple(code for code in known if code in facts.themes),
        where=" ".join(facts.where.split()),
        closes_on=facts.closes_on,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        sessions=facts.sessions,
        session_minutes=facts.session_minutes,
        size_low=facts.size_low,
        size_high=facts.size_high,
        availability=facts.availability,
    )
    problems = {**_texts(cleaned), **_dates(cleaned), **_numbers(cleaned)}
    if problems:
        raise Invalid(next(iter(problems.values())), problems)
    return cleaned


def _texts(facts: CohortFacts) -> dict[str, str]:
    problems = {}
    if not facts.title:
        problems["title"] = "Give the cohort a title."
    elif len(facts.title) > 160:
        problems["title"] = "Write the title in at most 160 characters."
    if len(facts.purpose) > PURPOSE_LENGTH:
        problems["purpose"] = "Write the purpose in at most 5,000 characters."
    if len(facts.where) > 200:
        problems["where"] = "Say where in at most 200 characters."
    if facts.availability not in AVAILABILITY:
        problems["availability"] = "Choose how people say when they can meet."
    return problems


def _dates(facts: CohortFacts) -> dict[str, str]:
    problems = {}
    days: Mapping[str, date | None] = {
        "closes_on": facts.closes_on,
        "starts_on": facts.starts_on,
        "ends_on": facts.ends_on,
    }
    for name, day in days.items():
        if day is not None and not EARLIEST <= day <= LATEST:
            problems[name] = TOO_FAR
    if problems:
        return problems
    if facts.closes_on and facts.starts_on and facts.starts_on <= facts.closes_on:
        problems["starts_on"] = "The first session must come after the last day to apply. Change one of the two."
    if facts.starts_on and facts.ends_on and facts.ends_on < facts.starts_on:
        problems["ends_on"] = "The sets end before they start. Change one of the two days."
    elif facts.closes_on and facts.ends_on and facts.ends_on <= facts.closes_on:
        problems["ends_on"] = "The sets end before the last day to apply. Change one of the two days."
    return problems


def _numbers(facts: CohortFacts) -> dict[str, str]:
    problems = {}
    if facts.size_low < SMALLEST:
        problems["size_low"] = "A set has at least 4 people, so that it still meets when one is away."
    elif facts.size_low > LARGEST:
        problems["size_low"] = "A set has at most 30 people."
    if facts.size_high > LARGEST:
        problems["size_high"] = "A set has at most 30 people."
    elif facts.size_high < facts.size_low:
        problems["size_high"] = "The largest size is smaller than the smallest. Change one of the two."
    if not 1 <= facts.sessions <= MOST_SESSIONS:
        problems["sessions"] = "Say how many sessions as a number from 1 to 60."
    if not 15 <= facts.session_minutes <= 600:
        problems["session_minutes"] = "A session takes from 15 to 600 minutes."
    return problems
