"""The open registers: read them, and bring the database up to date with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln import history
from haln.models import Member
from haln.people import changes
from haln.people.gazetteer import Gazetteer
from haln.people.register_bodies import read_clubs, read_councils, read_housing_providers, read_universities
from haln.people.register_health import read_boards, read_trusts
from haln.people.register_loading import Counts, load_organisations, load_places
from haln.people.register_places import read_authorities, read_places
from haln.people.register_rows import RegisterOrganisation, RegisterPlace
from haln.taxonomy import vocabulary


@dataclass(frozen=True, slots=True)
class Registers:
    """All that the register files say, put right. Places stand parents first."""

    places: tuple[RegisterPlace, ...]
    organisations: tuple[RegisterOrganisation, ...]


ATTRIBUTION = "ATTRIBUTION.txt"


def folder_of(setting: str) -> Path:
    """The folder of the registers that a setting names; none: the one that comes with the program."""
    return Path(setting) if setting else Path(__file__).resolve().parents[2] / "data" / "registers"


def attribution(folder: Path) -> tuple[str, ...]:
    """The lines that the owners of the registers ask to be shown; empty when the folder has none."""
    file = folder / ATTRIBUTION
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return tuple(line.strip() for line in lines if line.strip())


def read(folder: Path) -> Registers:
    """Return what the register files of a folder say.

    Raises Misconfigured, naming file and line, for a file that cannot be taken as it is.
    """
    words = vocabulary.load()
    authorities = read_authorities(folder, words)
    gazetteer = Gazetteer(folder, words, authorities)
    trusts = read_trusts(folder, gazetteer)  # first: it teaches the gazetteer the towns of trusts
    organisations = [
        *trusts,
        *read_boards(folder, words),
        *read_councils(folder, authorities),
        *read_universities(folder, gazetteer, authorities, elsewhere=[trust.name for trust in trusts]),
        *read_housing_providers(folder, gazetteer),
        *read_clubs(folder, words, gazetteer),
    ]
    return Registers(tuple(read_places(folder, words, authorities)), tuple(organisations))


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading the registers did."""

    places: Counts
    organisations: Counts

    @property
    def anything(self) -> bool:
        """Whether a row was written."""
        return any(one.created or one.updated or one.ended for one in (self.places, self.organisations))


def load(
    session: Session, folder: Path, now: datetime, progress: Callable[[int, int], None] | None = None
) -> LoadReport:
    """Bring places and organisations up to date with the registers of a folder; the same again changes nothing.

    What staff corrected or merged stays. Members of organisations that changed are due for new suggestions.
    """
    tell = progress or (lambda done, total: None)
    found = read(folder)
    tell(1, 4)
    places = load_places(session, found.places)
    tell(2, 4)
    organisations, changed = load_organisations(session, found.organisations, now)
    tell(3, 4)
    if changed:
        at_work = select(Member.id, Member.organisation_id).where(Member.organisation_id.is_not(None))
        members = [member_id for member_id, organisation_id in session.execute(at_work) if organisation_id in changed]
        if members:
            changes.touch(session, members, now)
    report = LoadReport(places, organisations)
    if report.anything:
        detail = {"created": organisations.created, "updated": organisations.updated, "ended": organisations.ended}
        history.record(session, None, "load_registers", "organisation", None, now, {**detail})
    tell(4, 4)
    return report
