"""Councils, universities and colleges, housing providers and football clubs out of the registers.

Imperfections of the sources that are mended here:
- councils that have ended are no organisations of their own: their names are old names of those that came after;
- housing: rows of councils go to the council as another name, the department's row is left out, a provider registered
  twice under one name is taken once, and "Limited", "Ltd" and a trailing "(The)" stay only in another name;
- higher education: a synonym that is another institution's name, or that two institutions share ("University of
  London"), does not say which is meant and is dropped; an NHS trust among them is left to its own register; a comment
  "closed in" or "merged with … in" ends an institution with that year;
- football: a club with years in its name has ended unless the second is missing; "London (Highbury)" is London;
  the name of a town alone is no name of its club.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from haln.people.gazetteer import Gazetteer
from haln.people.register_places import Authority
from haln.people.register_rows import RegisterOrganisation, Row, day, rows, without_repeats
from haln.taxonomy.vocabulary import Vocabulary

UNIVERSITIES = "uk_higher_education_institutions.csv"
SEATS = "higher_education_places.csv"
HOUSING = "housing_providers_england_2022.csv"
CLUBS = "uk_football_clubs.csv"

COUNCIL_SECTORS: Mapping[str, str] = {
    "County": "council-county",
    "Unitary authority": "council-unitary",
    "Non-metropolitan district": "council-district",
    "Metropolitan district": "council-metropolitan",
    "London borough": "council-london",
    "City corporation": "council-london",
    "Strategic Regional Authority": "council-london",
    "Combined authority": "council-combined",
    "Scottish unitary authority": "council-scotland",
    "Welsh unitary authority": "council-wales",
    "NI district": "council-northern-ireland",
}

_FURTHER = re.compile(r"College Group|Gower College|Askham Bryan|TEC Partnership|Grŵp")
_RESEARCH = frozenset({"The Institute of Cancer Research", "The Institute of Ismaili Studies"})
_ENDED = re.compile(r"^(?:Closed|Merged with (?P<into>.+)) in (?P<year>\d{4})")
_COMPANY_ENDING = re.compile(r",?\s+(limited|ltd\.?)$", re.IGNORECASE)
_CLUB_YEARS = re.compile(r"\s*\((\d{4})-(\d{4})?\)$")


def read_councils(folder: Path, authorities: Mapping[str, Authority]) -> Iterator[RegisterOrganisation]:
    """Give the councils and combined authorities that stand today."""
    old_names: dict[str, list[str]] = defaultdict(list)
    for authority in authorities.values():
        if not authority.current:
            for successor in authority.successors:
                old_names[successor].append(authority.official_name)
    by_name = {
        name.casefold(): authority.own_code
        for authority in sorted(authorities.values(), key=lambda one: one.current)
        for name in (authority.official_name, *authority.other_names)
    }
    as_landlords: dict[str, list[str]] = defaultdict(list)
    for row in _housing_rows(folder):
        code = by_name.get(row["name"].casefold())
        if row["designation"] == "Local authority" and code:
            as_landlords[code].append(row["name"])
    for authority in authorities.values():
        if not authority.current:
            continue
        own = [authority.place_name, *authority.other_names, *as_landlords[authority.own_code]]
        yield RegisterOrganisation(
            source="local-authorities",
            source_code=authority.own_code,
            name=authority.official_name,
            sector=COUNCIL_SECTORS[authority.kind],
            other_names=without_repeats(authority.official_name, own),
            old_names=without_repeats(authority.official_name, old_names[authority.own_code]),
            place_code=authority.code,
            valid_from=day(authority.row["start-date"]),
        )


def read_universities(
    folder: Path, gazetteer: Gazetteer, authorities: Mapping[str, Authority], elsewhere: Iterable[str] = ()
) -> Iterator[RegisterOrganisation]:
    """Give higher education institutions, without those whose name is in `elsewhere`."""
    columns = ("ukprn", "name", "synonyms", "exact_synonyms", "comment")
    institutions = list(rows(folder, UNIVERSITIES, columns))
    codes = {row["name"].casefold(): row["ukprn"] for row in institutions}
    taken = set(codes)
    shared = Counter(name.casefold() for row in institutions for name in set(_synonyms(row)))
    seats = {
        row["ukprn"]: row["local_authority_code"] for row in rows(folder, SEATS, ("ukprn", "local_authority_code"))
    }
    left_out = {name.casefold() for name in elsewhere}
    for row in institutions:
        if row["name"].casefold() in left_out:
            continue
        name = row["name"].replace(" | ", ", ")
        clear = [other for other in _synonyms(row) if other.casefold() not in taken and shared[other.casefold()] == 1]
        seat = seats.get(row["ukprn"], "")
        ended = _ENDED.match(row["comment"])
        into = (ended["into"] or row["comment"].partition(" to become the ")[2]) if ended else ""
        yield RegisterOrganisation(
            source="higher-education",
            source_code=row["ukprn"],
            name=name,
            sector=_education_sector(name),
            other_names=without_repeats(name, clear),
            place_code=authorities[seat].code if seat in authorities else gazetteer.by_name(name),
            # Only the year is known: the whole of it counts.
            valid_to=date(int(ended["year"]), 12, 31) if ended else None,
            successor_code=codes.get(into.casefold()),
        )


def read_housing_providers(folder: Path, gazetteer: Gazetteer) -> Iterator[RegisterOrganisation]:
    """Give registered providers of social housing that are not councils."""
    seen: set[str] = set()
    for row in _housing_rows(folder):
        name = _provider_name(row["name"])
        if row["designation"] == "Local authority" or not row["designation"] or name.casefold() in seen:
            continue
        seen.add(name.casefold())
        yield RegisterOrganisation(
            source="housing-providers",
            source_code=row["rp_code"],
            name=name,
            sector="housing",
            other_names=without_repeats(name, [row["name"]]),
            postcode=row["postcode"] or None,
            place_code=_provider_place(row["postcode"], name, gazetteer),
        )


def read_clubs(folder: Path, vocabulary: Vocabulary, gazetteer: Gazetteer) -> Iterator[RegisterOrganisation]:
    """Give football clubs; the register has no codes, so nation and name are the code."""
    for row in rows(folder, CLUBS, ("nation", "name", "town", "aliases")):
        years = _CLUB_YEARS.search(row["name"])
        name = _CLUB_YEARS.sub("", row["name"])
        town = re.sub(r"\s*\(.*", "", row["town"])
        aliases = [
            alias for alias in row["aliases"].split("|") if alias and alias != town and not gazetteer.by_town(alias)
        ]
        nation = next(region.ons_code for region in vocabulary.regions if region.label == row["nation"])
        yield RegisterOrganisation(
            source="football-clubs",
            source_code=re.sub(r"\W+", "-", f"{row['nation']} {row['name']}".casefold()).strip("-")[:40],
            name=name,
            sector="sport-football-club",
            other_names=without_repeats(name, aliases),
            town=town or None,
            place_code=gazetteer.by_town(town) or gazetteer.by_name(name, careful=True) or nation,
            valid_from=date(int(years[1]), 1, 1) if years else None,
            valid_to=date(int(years[2]), 12, 31) if years and years[2] else None,
        )


def _housing_rows(folder: Path) -> Iterator[Row]:
    return rows(folder, HOUSING, ("rp_code", "name", "designation", "postcode"))


def _provider_name(name: str) -> str:
    if name.endswith(" (The)"):
        name = f"The {name.removesuffix(' (The)')}"
    name = name.removesuffix(" (Incorporated)")
    return _COMPANY_ENDING.sub("", name).removeprefix("'").replace("Johnnie' ", "Johnnie ")


def _provider_place(postcode: str, name: str, gazetteer: Gazetteer) -> str | None:
    return (gazetteer.by_postcode(postcode) if postcode else None) or gazetteer.by_name(name, careful=True)


def _synonyms(row: Row) -> list[str]:
    both = [*row["exact_synonyms"].split("|"), *row["synonyms"].split("|")]
    return [name.strip() for name in both if name.strip()]


def _education_sector(name: str) -> str:
    if name in _RESEARCH:
        return "education-research"
    return "education-further" if _FURTHER.search(name) else "education-university"
