"""What the open registers say, put right."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from haln.errors import Misconfigured
from haln.people import registers
from haln.people.register_rows import RegisterOrganisation, RegisterPlace, title_of
from haln.people.registers import Registers
from haln.taxonomy import vocabulary

FOLDER = Path(__file__).resolve().parents[2] / "data" / "registers"


@pytest.fixture(scope="module")
def read() -> Registers:
    """The project's own registers."""
    return registers.read(FOLDER)


def organisation(read: Registers, name: str) -> RegisterOrganisation:
    (one,) = [one for one in read.organisations if one.name == name]
    return one


def place(read: Registers, code: str) -> RegisterPlace:
    (one,) = [one for one in read.places if one.code == code]
    return one


def test_every_register_is_read_whole(read: Registers) -> None:
    sources = Counter(one.source for one in read.organisations)
    assert sources["nhs-trusts"] == 241  # of 242: one is a Welsh board
    assert sources["nhs-care-boards"] == 42
    assert sources["nhs-boards-wales"] == 7
    assert sources["local-authorities"] == 396  # of 397 marked current: North of Tyne has ended
    assert sources["higher-education"] == 309  # of 310: one is an NHS trust
    assert sources["housing-providers"] == 1400  # of 1,619: 213 councils, one department, five registered twice
    assert sources["football-clubs"] == 309
    assert Counter(one.kind for one in read.places) == {"authority": 470, "icb": 42, "region": 9, "nation": 4}


def test_codes_are_unique_and_everything_they_point_to_is_there(read: Registers) -> None:
    places = {one.code for one in read.places}
    assert len(places) == len(read.places)
    for one in read.places:
        assert one.parent_code is None or one.parent_code in places
        assert one.successor_code is None or one.successor_code in places
        assert one.region_code in places
    keys = {(one.source, one.source_code) for one in read.organisations}
    assert len(keys) == len(read.organisations)
    sectors = {sector.code for sector in vocabulary.load().choosable_sectors}
    for one in read.organisations:
        assert one.place_code is None or one.place_code in places
        assert one.successor_code is None or (one.source, one.successor_code) in keys
        assert one.sector in sectors


def test_parents_stand_before_their_children(read: Registers) -> None:
    position = {one.code: number for number, one in enumerate(read.places)}
    assert all(position[one.parent_code] < position[one.code] for one in read.places if one.parent_code)


def test_everything_fits_the_tables(read: Registers) -> None:
    assert max(len(one.name) for one in read.organisations) <= 300
    assert max(len(name) for one in read.places for name in (one.name, *one.other_names)) <= 200
    assert max(len(one.source_code) for one in read.organisations) <= 40


def test_no_two_current_organisations_have_one_name(read: Registers) -> None:
    names = Counter(one.name.casefold() for one in read.organisations if one.valid_to is None)
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(
    ("name", "sector"),
    [
        ("Avon and Wiltshire Mental Health Partnership NHS Trust", "nhs-mental-health"),
        ("Mersey Care NHS Foundation Trust", "nhs-mental-health"),
        ("Leeds Community Healthcare NHS Trust", "nhs-community"),
        ("London Ambulance Service NHS Trust", "nhs-ambulance"),
        ("Leeds Teaching Hospitals NHS Trust", "nhs-acute"),
        ("Public Health Wales NHS Trust", "nhs-national"),
        ("Powys Teaching Health Board", "nhs-national"),
        ("NHS Devon Integrated Care Board", "nhs-icb"),
        ("Kent County Council", "council-county"),
        ("Bristol City Council", "council-unitary"),
        ("London Borough of Hackney", "council-london"),
        ("West Midlands Combined Authority", "council-combined"),
        ("University of Leeds", "education-university"),
        ("Gower College Swansea", "education-further"),
        ("The Institute of Cancer Research", "education-research"),
        ("Bolton at Home", "housing"),
        ("Everton FC", "sport-football-club"),
    ],
)
def test_the_sector_follows_what_an_organisation_is(read: Registers, name: str, sector: str) -> None:
    assert organisation(read, name).sector == sector


@pytest.mark.parametrize(
    ("name", "place_name"),
    [
        ("Barts Health NHS Trust", "Tower Hamlets"),  # by postcode
        ("Sheffield Children's NHS Foundation Trust", "Sheffield"),  # whose district carries a newer ONS code
        ("Wirral Community Health and Care NHS Foundation Trust", "Wirral"),  # whose district is absent
        ("FC Halifax Town", "Calderdale"),  # by town
        ("Arsenal FC", "London"),
        ("University of Bristol", "Bristol"),  # by name
        ("University of Northampton", "West Northamptonshire"),  # by the name of a place that has ended
        ("Mansfield Road (Nottingham) Baptist Housing Association", "Nottingham"),
        ("Aston University", "Birmingham"),  # by hand
        ("Barry Town AFC", "Wales"),  # its nation, where nothing else is known
    ],
)
def test_an_organisation_has_the_place_its_register_allows(read: Registers, name: str, place_name: str) -> None:
    code = organisation(read, name).place_code
    assert code is not None
    assert place(read, code).name == place_name


def test_a_family_name_is_no_place(read: Registers) -> None:
    assert organisation(read, "Hyde Housing Association").place_code is None


def test_a_trust_that_has_ended_says_into_which_and_lives_on_in_its_names(read: Registers) -> None:
    ended = organisation(read, "Weston Area Health NHS Trust")
    assert (ended.valid_to, ended.successor_code) == (date(2020, 4, 1), "RA7")
    heir = organisation(read, "University Hospitals Bristol and Weston NHS Foundation Trust")
    assert ended.name in heir.old_names


def test_a_council_that_has_ended_lives_on_in_the_names_of_those_after_it(read: Registers) -> None:
    # Taunton Deane went into Somerset West and Taunton in 2019, and that into Somerset in 2023.
    assert "Taunton Deane Borough Council" in organisation(read, "Somerset Council").old_names
    assert "Cumbria County Council" in organisation(read, "Cumberland Council").old_names
    assert "Cumbria County Council" in organisation(read, "Westmorland and Furness Council").old_names
    assert "Omagh District Council" in organisation(read, "Fermanagh and Omagh District Council").old_names
    assert not [one for one in read.organisations if one.name == "Taunton Deane Borough Council"]


def test_a_county_has_the_region_of_its_districts(read: Registers) -> None:
    assert place(read, "E10000007").region_code == "E12000004"  # Derbyshire: the file says West Midlands
    assert place(read, "E10000019").region_code == "E12000004"  # Lincolnshire: the file says Yorkshire


def test_an_authority_of_several_holds_its_districts_and_counties(read: Registers) -> None:
    assert place(read, "E08000003").parent_code == "E47000001"  # Manchester, in Greater Manchester
    assert place(read, "E07000138").parent_code == "E10000019"  # Lincoln, in Lincolnshire
    assert place(read, "E10000019").parent_code == "E47000017"  # which is in Greater Lincolnshire, with another region
    assert place(read, "E10000019").region_code != place(read, "E47000017").region_code


def test_an_ended_district_follows_its_successor(read: Registers) -> None:
    forest_heath = place(read, "E07000201")
    assert forest_heath.successor_code == "E07000245"
    assert forest_heath.parent_code == "E10000029"  # Suffolk: the file says Surrey
    assert forest_heath.valid_to == date(2019, 3, 31)


def test_a_care_board_area_has_the_region_of_most_of_its_councils(read: Registers) -> None:
    area = next(one for one in read.places if one.name == "North East and North Cumbria (care board area)")
    assert (area.kind, area.region_code) == ("icb", "E12000001")


def test_a_synonym_that_means_somebody_else_is_dropped(read: Registers) -> None:
    assert "University of London" not in organisation(read, "London Business School").other_names
    assert "Leeds Conservatoire" not in organisation(read, "University of Bradford").other_names
    assert "LBS" in organisation(read, "London Business School").other_names


def test_company_endings_stay_only_in_another_name(read: Registers) -> None:
    assert organisation(read, "Bolton at Home").other_names == ("Bolton at Home Limited",)


def test_apostrophes_are_straight_and_spaces_single(read: Registers) -> None:
    names = [name for one in read.organisations for name in (one.name, *one.other_names, *one.old_names)]
    assert not [name for name in names if "’" in name or "  " in name or name != name.strip()]


def test_a_club_with_years_in_its_name_has_ended(read: Registers) -> None:
    (club,) = [one for one in read.organisations if one.name == "Wigan Borough FC"]
    assert (club.valid_from, club.valid_to) == (date(1920, 1, 1), date(1931, 12, 31))
    assert organisation(read, "Salisbury FC").valid_to is None  # "(2015-)"


@pytest.mark.parametrize(
    ("written", "titled"),
    [
        ("newcastle upon tyne", "Newcastle upon Tyne"),
        ("Newcastle Upon Tyne", "Newcastle upon Tyne"),
        ("Sutton-In-Ashfield", "Sutton-in-Ashfield"),
        ("the city of brighton and hove", "The City of Brighton and Hove"),
        ("McCarthy", "McCarthy"),
    ],
)
def test_names_are_written_as_english_names_are(written: str, titled: str) -> None:
    assert title_of(written) == titled


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda text: text.replace("ods_code", "code", 1), "line 1: column “ods_code” must be there once"),
        (lambda text: text.replace("town", "name", 1), "line 1: column “name” must be there once"),
        (lambda text: text.replace("\nR0A,", "\nR0A,,", 1), "line 3: 6 values instead of 5"),
        (lambda text: text.replace("Brecon", '"Brecon', 1), "',' expected after"),
        (lambda text: text.replace("Brecon", "B" * 3000, 1), "line 2: a value is too long"),
    ],
)
def test_a_spoilt_file_is_refused_by_file_and_line(tmp_path: Path, spoil: object, sentence: str) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "registers")
    file = folder / "nhs_trusts_england.csv"
    file.write_text(spoil(file.read_text(encoding="utf-8")), encoding="utf-8")  # type: ignore[operator]
    with pytest.raises(Misconfigured, match=r"nhs_trusts_england\.csv") as refusal:
        registers.read(folder)
    assert sentence in refusal.value.text


def test_a_byte_order_mark_empty_lines_and_line_ends_of_windows_do_no_harm(tmp_path: Path, read: Registers) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "registers")
    for file in folder.glob("*.csv"):
        text = file.read_text(encoding="utf-8").replace("\n", "\r\n")
        file.write_bytes(("\ufeff" + text + "\r\n\r\n").encode())
    assert registers.read(folder) == read


def test_a_missing_or_wrongly_encoded_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="is missing in"):
        registers.read(tmp_path)
    folder = shutil.copytree(FOLDER, tmp_path / "registers")
    (folder / "uk_football_clubs.csv").write_bytes("nation,name,town,aliases\nWales,Cwmbrân,,\n".encode("latin-1"))
    with pytest.raises(Misconfigured, match="not UTF-8"):
        registers.read(folder)
