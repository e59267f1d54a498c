"""What a file of applicants would do to a cohort, row by row. The preview shows this; applying does exactly this.

A row adds somebody, adds to what is known of somebody, changes nothing, or is refused with its reasons. What an
applicant wrote themselves is theirs: a file fills what they left empty and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Invalid
from haln.learn import applicant_entries, slots
from haln.learn.applicant_entries import ApplicantEntry
from haln.learn.applications import check_room
from haln.learn.leading import among_leaders, entrusted
from haln.matching.pool import Pair
from haln.models import Application, ApplicationSlot, Cohort, CohortPair, Member
from haln.people import finding
from haln.people.imports.planning import Outcome, Say, rows_to_mend
from haln.people.imports.tables import Table
from haln.taxonomy.vocabulary import Vocabulary

BATCH = 500
CONFIDENTIAL = "Only the facilitators of the cohort note what people need, and whom to keep apart."
UNKNOWN = "No member has this address, or you may not see them. Ask them to join first."
_NOBODY = "Nobody whom you may see has the address “%(email)s” in the cell “%(cell)s”."


@dataclass(frozen=True, slots=True)
class PlannedApplicant:
    """One row of the plan. `values` are columns of Application to set, `slots` the times to set, none: as they are.

    `remarks`: what the file says that cannot be kept, though the row is taken.
    """

    entry: ApplicantEntry
    outcome: Outcome
    reasons: tuple[Invalid, ...] = ()
    member_id: int | None = None
    name: str = ""
    values: dict[str, object] = field(default_factory=dict)
    slots: tuple[int, ...] | None = None
    apart: tuple[Pair, ...] = ()
    managers: tuple[Pair, ...] = ()
    remarks: tuple[Invalid, ...] = ()

    @property
    def changes(self) -> tuple[str, ...]:
        """The names of what changes, for the preview."""
        names = [name.replace("_", " ") for name in self.values]
        parts = (("times", self.slots is not None), ("apart", self.apart), ("manager", self.managers))
        return (*names, *(name for name, is_there in parts if is_there))


@dataclass(frozen=True, slots=True)
class ApplicantPlan:
    """The whole plan, in the order of the file."""

    rows: tuple[PlannedApplicant, ...]

    def of(self, outcome: Outcome) -> tuple[PlannedApplicant, ...]:
        """The rows with one outcome."""
        return tuple(row for row in self.rows if row.outcome is outcome)

    def count(self, outcome: Outcome) -> int:
        """How many rows have one outcome."""
        return sum(row.outcome is outcome for row in self.rows)


@dataclass(slots=True)
class _Known:
    """What the database holds of the people in the file."""

    people: dict[str, int]
    names: dict[int, str]
    applications: dict[int, Application]
    slots: dict[int, set[int]]
    pairs: set[tuple[int, int, str]]
    leaders: frozenset[int]


def plan(
    session: Session, actor: Actor, cohort: Cohort, table: Table, vocabulary: Vocabulary, zone: ZoneInfo
) -> ApplicantPlan:
    """Say what would happen, writing nothing.

    Raises Invalid when the columns cannot be understood, Conflict when there would be more people than can be placed.
    """
    found = applicant_entries.entries(table, vocabulary, slots.of_cohort(session, cohort.id), zone)
    known = _known(session, actor, cohort.id, found)
    first_line: dict[str, int] = {}
    trusted = entrusted(session, actor, cohort.id)
    rows = []
    for one in found:
        told = not trusted and (one.apart or one.access_needs)
        entry = replace(one, problems=(*one.problems, Invalid(CONFIDENTIAL))) if told else one
        first = first_line.setdefault(entry.email, entry.line)
        if entry.email and first != entry.line:
            reason = Invalid("The address is already in line %(line)s.", line=first)
            rows.append(_planned(replace(entry, problems=(*entry.problems, reason)), known))
        else:
            rows.append(_planned(entry, known))
    made = ApplicantPlan(tuple(rows))
    check_room(session, cohort.id, made.count(Outcome.CREATE))
    return made


def refused_file(table: Table, made: ApplicantPlan, say: Say) -> bytes:
    """The refused rows as they were, with a column that says what to mend: mend it and send it again.

    `say` puts a reason into words.
    """
    return rows_to_mend(table, {row.entry.line: " ".join(map(say, row.reasons)) for row in made.of(Outcome.REFUSED)})


def _known(session: Session, actor: Actor, cohort_id: int, found: Sequence[ApplicantEntry]) -> _Known:
    addresses = {one for entry in found for one in (entry.email, entry.manager, *entry.apart) if one}
    people = finding.seen_ids(session, actor.member_id, addresses)
    ids = sorted({people[entry.email] for entry in found if entry.email in people})
    names: dict[int, str] = {}
    applications: dict[int, Application] = {}
    for part in _parts(ids):
        names.update(
            (row[0], row[1]) for row in session.execute(select(Member.id, Member.name).where(Member.id.in_(part)))
        )
        mine = select(Application).where(Application.cohort_id == cohort_id, Application.member_id.in_(part))
        applications.update((row.member_id, row) for row in session.scalars(mine))
    chosen: dict[int, set[int]] = {}
    for part in _parts(sorted(row.id for row in applications.values())):
        columns = select(ApplicationSlot.application_id, ApplicationSlot.slot_id)
        for application, slot in session.execute(columns.where(ApplicationSlot.application_id.in_(part))):
            chosen.setdefault(application, set()).add(slot)
    pairs = session.execute(
        select(CohortPair.low_id, CohortPair.high_id, CohortPair.kind).where(CohortPair.cohort_id == cohort_id)
    )
    leaders = among_leaders(session, cohort_id, set(people.values()))
    return _Known(people, names, applications, chosen, {(low, high, kind) for low, high, kind in pairs}, leaders)


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _planned(entry: ApplicantEntry, known: _Known) -> PlannedApplicant:
    problems = list(entry.problems)
    member_id = known.people.get(entry.email)
    if entry.email and member_id is None:
        problems.append(Invalid(UNKNOWN))
    missing = [one for one in entry.apart if one not in known.people]
    problems += [Invalid(_NOBODY, email=one[:60], cell="apart") for one in missing]
    there = known.applications.get(member_id) if member_id is not None else None
    if there is not None and there.state == "withdrawn" and there.source == "member":
        problems.append(Invalid("They have withdrawn from this cohort. Only they can apply again."))
    if there is None and member_id in known.leaders:
        problems.append(Invalid("They lead this cohort. Nobody sits in the sets of a cohort that they lead."))
    if problems or member_id is None:
        return PlannedApplicant(entry, Outcome.REFUSED, tuple(problems), member_id, known.names.get(member_id or 0, ""))
    return _compared(entry, member_id, there, known)


def _compared(entry: ApplicantEntry, member_id: int, there: Application | None, known: _Known) -> PlannedApplicant:
    """The row against the application that is there, if one is."""
    own = there is not None and there.source == "member"
    wanted: dict[str, object] = {
        "themes": list(entry.themes),
        "live_issue": entry.live_issue,
        "access_needs": entry.access_needs,
    }
    held = {name: getattr(there, name) if there is not None else None for name in wanted}
    values = {
        name: value for name, value in wanted.items() if value and held[name] != value and not (own and held[name])
    }
    chosen = known.slots.get(there.id, set()) if there is not None else set()
    times = entry.slots if entry.slots and set(entry.slots) != chosen and not (own and chosen) else None
    apart = _new_pairs(member_id, [known.people[one] for one in entry.apart], "apart", known)
    manager = known.people.get(entry.manager) if entry.manager else None
    managers = _new_pairs(member_id, [manager] if manager is not None else [], "manager", known)
    changed = bool(values or times is not None or apart or managers)
    gone = there is None or there.state == "withdrawn"  # taken out before: this brings them in again
    outcome = Outcome.CREATE if gone else Outcome.UPDATE if changed else Outcome.UNCHANGED
    remarks: tuple[Invalid, ...] = ()
    if entry.manager and manager is None:
        remarks = (Invalid(_NOBODY, email=entry.manager[:60], cell="manager_email"),)
    name = known.names.get(member_id, "")
    return PlannedApplicant(entry, outcome, (), member_id, name, values, times, apart, managers, remarks)


def _new_pairs(member_id: int, others: Sequence[int], kind: str, known: _Known) -> tuple[Pair, ...]:
    pairs = [(min(member_id, other), max(member_id, other)) for other in others if other != member_id]
    return tuple(pair for pair in pairs if (*pair, kind) not in known.pairs)
