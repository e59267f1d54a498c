"""What an import would do, row by row. The preview shows this, and applying does exactly this.

A row creates a member, updates one, leaves one unchanged, or is refused with its reasons. What a member has confirmed
themselves is theirs: an import fills their empty fields and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import HalnError, Invalid
from haln.models import Member, MemberTheme, Organisation, OrganisationName, Place, PlaceName
from haln.people import organisation_search
from haln.people.imports.columns import REASON, Entry, entries
from haln.people.imports.tables import Table, write_csv
from haln.taxonomy.vocabulary import Vocabulary

FACTS = ("name", "job_title", "role", "level", "organisation_id", "place_id", "biography")
LABELS = {"organisation_id": "organisation", "place_id": "place", "job_title": "job title"}
BATCH = 500

Say = Callable[[HalnError], str]
"""Puts what the domain refuses into words of a language."""


class Outcome(StrEnum):
    """What happens to a row."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row of the plan. `values` are the columns of Member to set; `themes` the flags to add per theme."""

    entry: Entry
    outcome: Outcome
    reasons: tuple[Invalid, ...] = ()
    member_id: int | None = None
    values: dict[str, object] = field(default_factory=dict)
    themes: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[str, ...]:
        """The names of the facts that change, for the preview."""
        names = tuple(LABELS.get(name, name) for name in self.values)
        return (*names, "themes") if self.themes else names


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan, in the order of the file."""

    rows: tuple[PlannedRow, ...]

    def of(self, outcome: Outcome) -> tuple[PlannedRow, ...]:
        """The rows with one outcome."""
        return tuple(row for row in self.rows if row.outcome is outcome)

    def count(self, outcome: Outcome) -> int:
        """How many rows have one outcome."""
        return sum(row.outcome is outcome for row in self.rows)


@dataclass(slots=True)
class _Known:
    """What the database holds of the people and names in the file."""

    members: dict[str, Member]
    themes: dict[int, dict[str, MemberTheme]]
    organisations: dict[str, int | Invalid]
    places: dict[str, int]
    places_of: dict[int, int]
    """The place of each organisation that has one."""


def plan(session: Session, table: Table, vocabulary: Vocabulary, today: date) -> Plan:
    """Say what would happen, writing nothing. Raises Invalid when the columns cannot be understood."""
    found = entries(table, vocabulary, today)
    known = _known(session, found)
    first_line: dict[str, int] = {}
    rows = []
    for entry in found:
        first = first_line.setdefault(entry.email, entry.line)
        if entry.email and first != entry.line:
            reason = Invalid("The address is already in line %(line)s.", line=first)
            rows.append(_planned(replace(entry, problems=(*entry.problems, reason)), known))
        else:
            rows.append(_planned(entry, known))
    return Plan(tuple(rows))


def refused_file(table: Table, made: Plan, say: Say) -> bytes:
    """The refused rows as they were, with a column that says what to mend: mend it and send it again.

    `say` puts a reason into words.
    """
    return rows_to_mend(table, {row.entry.line: " ".join(map(say, row.reasons)) for row in made.of(Outcome.REFUSED)})


def rows_to_mend(table: Table, reasons: Mapping[int, str]) -> bytes:
    """The lines of a file for which there are reasons, with these in a column of their own."""
    columns = [name for name in table.columns if name and name != REASON]
    rows = [[row.cells[name] for name in columns] + [reasons[row.line]] for row in table.rows if row.line in reasons]
    return write_csv([*columns, REASON], rows)


def _known(session: Session, found: Sequence[Entry]) -> _Known:
    members = {}
    emails = sorted({entry.email for entry in found if entry.email})
    for start in range(0, len(emails), BATCH):
        for member in session.scalars(select(Member).where(Member.email.in_(emails[start : start + BATCH]))):
            members[str(member.email)] = member
    ids = [member.id for member in members.values()]
    themes: dict[int, dict[str, MemberTheme]] = {}
    for start in range(0, len(ids), BATCH):
        for theme in session.scalars(select(MemberTheme).where(MemberTheme.member_id.in_(ids[start : start + BATCH]))):
            themes.setdefault(theme.member_id, {})[theme.theme] = theme
    organisations = _organisations(session, {entry.organisation for entry in found if entry.organisation})
    return _Known(members, themes, organisations, _places(session), _places_of(session, organisations.values()))


def _organisations(session: Session, names: set[str]) -> dict[str, int | Invalid]:
    """Each written name → the organisation's id, or why there is none."""
    if not names:
        return {}
    current = Organisation.standing.in_(("current", "proposed"))
    rows = session.execute(select(Organisation.id, Organisation.name, Organisation.town).where(current))
    other: dict[int, list[str]] = {}
    for organisation_id, name in session.execute(select(OrganisationName.organisation_id, OrganisationName.name)):
        other.setdefault(organisation_id, []).append(name)
    searcher = organisation_search.Searcher(
        [organisation_search.Named(row.id, row.name, tuple(other.get(row.id, ())), row.town) for row in rows]
    )
    found: dict[str, int | Invalid] = {}
    for name in sorted(names):
        hits = searcher.search(name, 3)
        if hits and hits[0].sure:
            found[name] = hits[0].id
        elif hits:
            near = "”, “".join(hit.name for hit in hits)
            found[name] = Invalid(
                "No organisation is called “%(name)s”. Did you mean “%(near)s”?", name=name[:80], near=near
            )
        else:
            found[name] = Invalid(
                "No organisation is called “%(name)s”. Add it under Organisations first.", name=name[:80]
            )
    return found


def _places(session: Session) -> dict[str, int]:
    """Every name of a current place, casefolded; where two share a name the smaller area wins."""
    order = {"nation": 0, "region": 1, "icb": 2, "authority": 3}
    current = Place.valid_to.is_(None)
    named = [*session.execute(select(PlaceName.name, Place.id, Place.kind).join(Place).where(current))]
    named += session.execute(select(Place.name, Place.id, Place.kind).where(current))
    named.sort(key=lambda row: (order.get(row.kind, 9), -row.id))
    return {row.name.casefold(): row.id for row in named}


def _places_of(session: Session, organisations: Iterable[int | Invalid]) -> dict[int, int]:
    wanted = {one for one in organisations if isinstance(one, int)}
    placed = select(Organisation.id, Organisation.place_id).where(Organisation.place_id.is_not(None))
    return {row.id: row.place_id for row in session.execute(placed) if row.id in wanted} if wanted else {}


def _planned(entry: Entry, known: _Known) -> PlannedRow:
    problems = list(entry.problems)
    wanted: dict[str, object] = {
        name: value for name in ("name", "job_title", "role", "level", "biography") if (value := getattr(entry, name))
    }
    if entry.organisation:
        organisation = known.organisations[entry.organisation]
        if isinstance(organisation, Invalid):
            problems.append(organisation)
        else:
            wanted["organisation_id"] = organisation
    if entry.place:
        place = known.places.get(entry.place.casefold())
        if place is None:
            problems.append(Invalid("“%(text)s” is not a place that is known here.", text=entry.place[:80]))
        else:
            wanted["place_id"] = place
    member = known.members.get(entry.email)
    if member is not None and member.standing in ("left", "erased"):
        problems.append(Invalid("This person has left the network. Only they can come back, by joining again."))
    if problems:
        return PlannedRow(entry, Outcome.REFUSED, tuple(problems))
    if member is None:
        _fill_place(wanted, None, wanted, known)
        return PlannedRow(entry, Outcome.CREATE, values=wanted, themes=dict(entry.themes))
    return _compared(entry, member, wanted, known)


def _fill_place(values: dict[str, object], member: Member | None, wanted: Mapping[str, object], known: _Known) -> None:
    """Take the organisation's place where none is said, as the profile's form does (`haln.people.profiles`).

    Only with the organisation that the row names, and never in the place of one that somebody has.
    """
    organisation = values.get("organisation_id", member.organisation_id if member else None)
    if organisation is None or organisation != wanted.get("organisation_id") or (member and member.place_id):
        return
    place = known.places_of.get(cast(int, organisation))
    if place is not None:
        values.setdefault("place_id", place)


def _compared(entry: Entry, member: Member, wanted: dict[str, object], known: _Known) -> PlannedRow:
    """The row against the member who is there: what their own confirmation protects stays."""
    own, themes = member.confirmed_at is not None, known.themes.get(member.id, {})
    values = {
        name: value
        for name, value in wanted.items()
        if getattr(member, name) != value and not (own and getattr(member, name))
    }
    _fill_place(values, member, wanted, known)
    added: dict[str, frozenset[str]] = {}
    for theme, flags in entry.themes.items():
        held = themes.get(theme)
        new = frozenset(flag for flag in flags if held is None or not getattr(held, flag))
        if new and not (own and themes):
            added[theme] = new
    outcome = Outcome.UPDATE if values or added else Outcome.UNCHANGED
    return PlannedRow(entry, outcome, member_id=member.id, values=values, themes=added)
