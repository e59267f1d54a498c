"""Registers in the database: the difference only, and never over what staff have set."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.models import AuditRecord, Organisation, OrganisationName, Place, PlaceName, SuggestionRefresh
from haln.people import registers
from haln.people.register_loading import NAMES, Counts
from tests.builders import NOW, a_member, an_organisation

FOLDER = Path(__file__).resolve().parents[2] / "data" / "registers"
LATER = NOW + timedelta(days=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the registers, to be changed."""
    return shutil.copytree(FOLDER, tmp_path / "registers")


@pytest.fixture
def loaded(session: Session) -> Session:
    """A session on a database with the registers in it."""
    registers.load(session, FOLDER, NOW)
    return session


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def organisation(session: Session, code: str) -> Organisation:
    return session.scalars(select(Organisation).where(Organisation.source_code == code)).one()


def test_everything_is_there_after_the_first_load(session: Session) -> None:
    report = registers.load(session, FOLDER, NOW)
    assert report.places == Counts(525, 0, 0, 0)
    assert report.organisations == Counts(2704, 0, 0, 0)
    assert session.scalar(select(func.count()).select_from(Place)) == 525
    assert session.scalar(select(func.count()).select_from(Organisation)) == 2704
    bristol = organisation(session, "BST")
    place = session.get_one(Place, bristol.place_id)
    assert (bristol.name, bristol.sector, bristol.standing, place.name) == (
        "Bristol City Council",
        "council-unitary",
        "current",
        "Bristol",
    )
    above = session.get_one(Place, place.parent_id)
    assert above.name == "West of England Combined Authority"
    assert session.get_one(Place, above.parent_id).name == "South West"


def test_the_same_again_changes_nothing(loaded: Session) -> None:
    loaded.commit()
    report = registers.load(loaded, FOLDER, LATER)
    assert not report.anything
    assert report.organisations == Counts(0, 0, 2704, 0)
    assert report.places == Counts(0, 0, 525, 0)
    assert not loaded.new
    assert loaded.scalar(select(func.max(Organisation.changed_at))) == NOW
    assert loaded.scalar(select(func.count()).select_from(AuditRecord)) == 1


def test_names_and_successors_are_kept(loaded: Session) -> None:
    weston, heir = organisation(loaded, "RA3"), organisation(loaded, "RA7")
    assert (weston.standing, weston.valid_to, weston.merged_into_id) == ("ended", date(2020, 4, 1), heir.id)
    names = select(OrganisationName.name, OrganisationName.kind).where(OrganisationName.organisation_id == heir.id)
    assert ("Weston Area Health NHS Trust", "old") in [(row.name, row.kind) for row in loaded.execute(names)]
    ended = loaded.scalars(select(Place).where(Place.code == "E07000201")).one()
    assert loaded.get_one(Place, ended.successor_id).name == "West Suffolk"
    assert loaded.scalars(select(PlaceName.name).where(PlaceName.place_id == ended.id)).all() == [
        "Forest Heath District Council"
    ]


def test_a_change_in_a_register_is_taken_over(loaded: Session, folder: Path) -> None:
    change(folder, "nhs_trusts_england.csv", "R0A,Manchester University", "R0A,Great Manchester University")
    change(folder, "uk_local_authority_name_lookup.csv", "Bristol UA,BST", "Brizzle,BST")
    report = registers.load(loaded, folder, LATER)
    assert report.organisations == Counts(0, 2, 2702, 0)
    assert report.places == Counts(0, 1, 524, 0)
    trust = organisation(loaded, "R0A")
    assert (trust.name, trust.sort_name) == (
        "Great Manchester University NHS Foundation Trust",
        "great manchester university nhs foundation trust",
    )
    assert trust.changed_at == LATER
    names = loaded.scalars(
        select(OrganisationName.name).where(OrganisationName.organisation_id == organisation(loaded, "BST").id)
    ).all()
    assert "Brizzle" in names
    assert "Bristol UA" not in names


def test_what_staff_corrected_stays(loaded: Session, folder: Path) -> None:
    trust = organisation(loaded, "R0A")
    trust.name, trust.sort_name, trust.corrected = "Manchester Hospitals", "manchester hospitals", ["name", NAMES]
    loaded.add(OrganisationName(organisation_id=trust.id, name="MFT", kind="synonym"))
    loaded.flush()
    change(
        folder, "nhs_trusts_england.csv", "R0A,Manchester University NHS Foundation Trust,Manchester", "R0A,X,Salford"
    )
    registers.load(loaded, folder, LATER)
    assert (trust.name, trust.sort_name, trust.town) == ("Manchester Hospitals", "manchester hospitals", "Salford")
    names = loaded.scalars(select(OrganisationName.name).where(OrganisationName.organisation_id == trust.id)).all()
    assert "MFT" in names


def test_what_staff_merged_stays_merged(loaded: Session) -> None:
    trust, other = organisation(loaded, "R1K"), organisation(loaded, "R1H")
    trust.standing, trust.merged_into_id = "merged", other.id
    loaded.add(OrganisationName(organisation_id=other.id, name=trust.name, kind="merged"))
    loaded.flush()
    report = registers.load(loaded, FOLDER, LATER)
    assert not report.anything
    assert (trust.standing, trust.merged_into_id) == ("merged", other.id)
    assert loaded.scalars(select(OrganisationName).where(OrganisationName.kind == "merged")).one().name == trust.name


def test_what_a_register_no_longer_holds_has_ended(loaded: Session, folder: Path) -> None:
    change(
        folder, "nhs_trusts_england.csv", "R0A,Manchester University NHS Foundation Trust,Manchester,M13 9WL,QOP\n", ""
    )
    report = registers.load(loaded, folder, LATER)
    assert report.organisations.ended == 1
    trust = organisation(loaded, "R0A")
    assert (trust.standing, trust.valid_to) == ("ended", LATER.date())
    assert registers.load(loaded, FOLDER, LATER).organisations.updated == 1
    assert (trust.standing, trust.valid_to) == ("current", None)


def test_organisations_of_other_sources_are_left_alone(loaded: Session) -> None:
    proposed = an_organisation(loaded, "Southmead Community Hub", "voluntary-community")
    proposed.standing = "proposed"
    other = an_organisation(loaded, "Invented", "housing")
    other.source, other.source_code = "dataset", "1"
    loaded.flush()
    assert not registers.load(loaded, FOLDER, LATER).anything
    assert (proposed.standing, other.standing) == ("proposed", "current")


def test_members_of_an_organisation_that_changed_are_due_for_new_suggestions(loaded: Session, folder: Path) -> None:
    there = a_member(loaded, "Ada There", organisation_id=organisation(loaded, "R0A").id)
    a_member(loaded, "Ben Elsewhere", organisation_id=organisation(loaded, "R0B").id)
    loaded.commit()
    change(folder, "nhs_trusts_england.csv", "R0A,Manchester University", "R0A,Great Manchester University")
    registers.load(loaded, folder, LATER)
    assert loaded.scalars(select(SuggestionRefresh.member_id)).all() == [there.id]


def test_progress_is_told_to_the_end(session: Session) -> None:
    told: list[tuple[int, int]] = []
    registers.load(session, FOLDER, NOW, lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
