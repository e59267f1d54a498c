"""Places out of the registers: nations and regions, care board areas, local authorities current and ended.

Imperfections of the source that are mended here:
- regions given for a few county councils are wrong (Derbyshire, Lincolnshire): a county takes the region of most of its
  current districts;
- ended authorities often have no region, and one (Forest Heath) the wrong county: they take both from their successor;
- authorities of Northern Ireland before 2015 have no ONS code and keep the register's own;
- successors that the register leaves out come from a file of our own;
- combined authorities go by their full name: "West Midlands" is the region; "City of Bristol" is Bristol;
- names in small letters in the lookup of names are written as names, and repeats dropped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from haln.people.register_rows import RegisterPlace, Row, day, rows, title_of, without_repeats
from haln.taxonomy.vocabulary import Vocabulary

AUTHORITIES = "uk_local_authorities.csv"
AUTHORITY_NAMES = "uk_local_authority_name_lookup.csv"
AUTHORITY_MERGERS = "authority_mergers.csv"
CARE_BOARDS = "nhs_integrated_care_boards_2023.csv"
CARE_BOARD_AREAS = "icb_to_local_authority.csv"

COMBINED = frozenset({"Combined authority", "Strategic Regional Authority"})

_AUTHORITY_COLUMNS = (
    "local-authority-code",
    "official-name",
    "nice-name",
    "gss-code",
    "start-date",
    "end-date",
    "replaced-by",
    "nation",
    "region",
    "local-authority-type-name",
    "county-la",
    "combined-authority",
    "current-authority",
)


@dataclass(frozen=True, slots=True)
class Authority:
    """A local authority as its register has it, put right.

    `own_code` is the register's; `code` the ONS code where there is one. `county` and `combined`, the authority of
    several, are own codes. `successors` are the own codes of those that stand today, followed through later mergers.
    """

    own_code: str
    code: str
    official_name: str
    place_name: str
    kind: str
    region_code: str
    county: str | None
    combined: str | None
    other_names: tuple[str, ...]
    successors: tuple[str, ...]
    current: bool
    row: Row


def read_authorities(folder: Path, vocabulary: Vocabulary) -> dict[str, Authority]:
    """Return the authorities, current and ended, by the register's own code."""
    by_code = _authority_rows(folder)
    names = defaultdict(list)
    for row in rows(folder, AUTHORITY_NAMES, ("la-name", "local-authority-code")):
        name = row["la-name"]
        names[row["local-authority-code"]].append(title_of(name) if name == name.lower() else name)
    ons_codes = {region.label: region.ons_code for region in vocabulary.regions}
    counties = _county_regions(by_code.values())
    authorities = {}
    for code, row in by_code.items():
        successors = _standing_successors(code, by_code)
        heir = by_code[successors[0]] if successors else row
        region = counties.get(code) or counties.get(successors[0] if successors else "")
        region = region or row["region"] or heir["region"] or row["nation"]
        place_name = _place_name(row, ons_codes)
        authorities[code] = Authority(
            own_code=code,
            code=row["gss-code"] or code,
            official_name=row["official-name"],
            place_name=place_name,
            kind=row["local-authority-type-name"],
            region_code=ons_codes.get(region, ons_codes["England"]),
            county=_county(row, heir, by_code),
            combined=_combined(row, by_code),
            other_names=without_repeats(place_name, [row["official-name"], row["nice-name"], *names[code]]),
            successors=successors,
            current=row["current-authority"] == "True",
            row=row,
        )
    return authorities


def _place_name(row: Row, regions: Mapping[str, str]) -> str:
    if row["local-authority-type-name"] in COMBINED:
        return row["official-name"]
    short = row["nice-name"].removeprefix("City of ").removesuffix(" Council")
    return row["nice-name"] if short in regions else short  # the City of London is not London


def _authority_rows(folder: Path) -> dict[str, Row]:
    by_code = {row["local-authority-code"]: row for row in rows(folder, AUTHORITIES, _AUTHORITY_COLUMNS)}
    for merger in rows(folder, AUTHORITY_MERGERS, ("local-authority-code", "replaced-by", "ended")):
        code = merger["local-authority-code"]
        if code in by_code:
            ended = {"end-date": merger["ended"], "replaced-by": merger["replaced-by"], "current-authority": "False"}
            by_code[code] = {**by_code[code], **ended}
    return by_code


def read_places(folder: Path, vocabulary: Vocabulary, authorities: Mapping[str, Authority]) -> list[RegisterPlace]:
    """Return nations, regions, care board areas and authorities: parents before children, successors anywhere."""
    nations = [
        RegisterPlace(region.ons_code, region.label, region.kind, region_code=region.ons_code)
        for region in vocabulary.regions
        if region.parent is None
    ]
    regions = [
        RegisterPlace(
            region.ons_code,
            region.label,
            region.kind,
            region_code=region.ons_code,
            parent_code=vocabulary.region(region.parent).ons_code,
        )
        for region in vocabulary.regions
        if region.parent is not None
    ]
    top_first = sorted(authorities.values(), key=lambda one: (bool(one.county), bool(one.combined), one.own_code))
    return [
        *nations,
        *regions,
        *_care_board_areas(folder, vocabulary, authorities),
        *(_authority_place(authority, authorities) for authority in top_first),
    ]


def _care_board_areas(
    folder: Path, vocabulary: Vocabulary, authorities: Mapping[str, Authority]
) -> Iterable[RegisterPlace]:
    regions: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows(folder, CARE_BOARD_AREAS, ("icb_ods_code", "local_authority_code")):
        if row["local_authority_code"] in authorities:
            regions[row["icb_ods_code"]][authorities[row["local_authority_code"]].region_code] += 1
    england = vocabulary.region("england").ons_code
    for row in rows(folder, CARE_BOARDS, ("ods_code", "gss_code", "name")):
        region = _most(regions[row["ods_code"]]) or england
        area = row["name"].removeprefix("NHS ").removesuffix(" Integrated Care Board")
        yield RegisterPlace(
            code=row["gss_code"],
            name=f"{area} (care board area)",
            kind="icb",
            region_code=region,
            parent_code=region,
            other_names=(row["name"], f"{area} ICB", row["ods_code"]),
        )


def _authority_place(authority: Authority, authorities: Mapping[str, Authority]) -> RegisterPlace:
    only = authorities[authority.successors[0]].code if len(authority.successors) == 1 else None
    above = authority.county or authority.combined
    return RegisterPlace(
        code=authority.code,
        name=authority.place_name,
        kind="authority",
        region_code=authority.region_code,
        parent_code=authorities[above].code if above else authority.region_code,
        other_names=authority.other_names,
        valid_from=day(authority.row["start-date"]),
        valid_to=day(authority.row["end-date"]),
        successor_code=None if authority.current else only,
    )


def _standing_successors(code: str, by_code: Mapping[str, Row]) -> tuple[str, ...]:
    """Follow "replaced by" to the authorities that stand today; a circle in the source ends the walk."""
    found: dict[str, None] = {}
    waiting, seen = [code], set()
    while waiting:
        one = waiting.pop(0)
        if one in seen or one not in by_code:
            continue
        seen.add(one)
        later = [heir.strip() for heir in by_code[one]["replaced-by"].split(",") if heir.strip()]
        if not later and one != code:
            found[one] = None
        waiting += later
    return tuple(found)


def _county_regions(authorities: Iterable[Row]) -> dict[str, str]:
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in authorities:
        if row["county-la"] and row["region"] and row["current-authority"] == "True":
            votes[row["county-la"]][row["region"]] += 1
    return {county: _most(count) for county, count in votes.items()}


def _county(row: Row, heir: Row, by_code: Mapping[str, Row]) -> str | None:
    county = heir["county-la"] or row["county-la"]
    return county if county in by_code else None


def _combined(row: Row, by_code: Mapping[str, Row]) -> str | None:
    combined = row["combined-authority"]
    return combined if combined in by_code and combined != row["local-authority-code"] else None


def _most(count: Counter[str]) -> str:
    return min(count, key=lambda value: (-count[value], value)) if count else ""
