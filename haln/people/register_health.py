"""NHS organisations out of the registers: trusts, integrated care boards, Welsh health boards.

Imperfections of the sources that are mended here:
- the Powys board stands among the trusts too: it is taken from the Welsh file, its name there becomes another name;
- trusts that have ended carry no date: a file of our own says when, and into which trust, whose old names they are;
- names are evened out ("National Health Service Trust", "For Children", "&"), and so are towns ("Newcastle upon Tyne").

The sector follows the name where it tells (ambulance, community, mental health, partnership) and a short list of codes
where it does not; all others run hospitals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from haln.people.gazetteer import Gazetteer
from haln.people.register_places import CARE_BOARDS
from haln.people.register_rows import RegisterOrganisation, Row, day, rows, title_of, without_repeats
from haln.taxonomy.vocabulary import Vocabulary

TRUSTS = "nhs_trusts_england.csv"
MERGERS = "nhs_trust_mergers.csv"
WELSH_BOARDS = "nhs_health_boards_wales.csv"

# What these trusts mainly do, where the name does not say. R1A and RTQ: community and mental health together.
_MENTAL_HEALTH = frozenset(
    """
    R1A RAT RDY RHA RKL RLY RMY RNK RNU RP1 RPG RT1 RT2 RTQ RTV RV3 RV5 RV9 RW1 RW4 RW5
    RWK RWX RX3 RX4 RXE RXM
    """.split()  # noqa: SIM905  thirty quoted words on thirty lines read worse
)
_COMMUNITY = frozenset({"R1C", "R1E", "R1G", "R1J", "RYK"})
_NATIONAL = frozenset({"RYT"})  # Public Health Wales


def read_trusts(folder: Path, gazetteer: Gazetteer) -> list[RegisterOrganisation]:
    """Return the trusts of England, and the two of Wales that the file holds."""
    trusts = list(rows(folder, TRUSTS, ("ods_code", "name", "town", "postcode", "icb_ods_code")))
    mergers = {row["ods_code"]: row for row in rows(folder, MERGERS, ("ods_code", "successor_ods_code", "ended"))}
    boards = {row["ods_code"] for row in rows(folder, WELSH_BOARDS, ("ods_code",))}
    care_boards = {row["ods_code"]: row["gss_code"] for row in rows(folder, CARE_BOARDS, ("ods_code", "gss_code"))}
    gazetteer.learn_towns((row["town"], row["postcode"]) for row in trusts)
    names = {row["ods_code"]: _trust_name(row["name"]) for row in trusts}
    old_names: dict[str, list[str]] = defaultdict(list)
    for code in mergers:
        if code in names:
            old_names[_last_successor(code, mergers)].append(names[code])
    found = []
    for row in trusts:
        code, name = row["ods_code"], names[row["ods_code"]]
        if code in boards:
            continue
        ended = mergers.get(code)
        town = title_of(row["town"]).replace("St. ", "St ") or None
        place = gazetteer.by_postcode(row["postcode"]) or gazetteer.by_town(row["town"])
        found.append(
            RegisterOrganisation(
                source="nhs-trusts",
                source_code=code,
                name=name,
                sector=_trust_sector(code, name),
                other_names=without_repeats(name, [row["name"], code]),
                old_names=without_repeats(name, old_names[code]),
                town=town,
                postcode=row["postcode"] or None,
                place_code=place or care_boards.get(row["icb_ods_code"]),
                valid_to=day(ended["ended"]) if ended else None,
                successor_code=ended["successor_ods_code"] if ended else None,
            )
        )
    return found


def read_boards(folder: Path, vocabulary: Vocabulary) -> Iterator[RegisterOrganisation]:
    """Give the integrated care boards of England and the health boards of Wales."""
    for row in rows(folder, CARE_BOARDS, ("ods_code", "gss_code", "name")):
        area = row["name"].removeprefix("NHS ").removesuffix(" Integrated Care Board")
        yield RegisterOrganisation(
            source="nhs-care-boards",
            source_code=row["ods_code"],
            name=row["name"],
            sector="nhs-icb",
            other_names=(f"NHS {area} ICB", f"{area} ICB", f"{area} Integrated Care System", row["ods_code"]),
            place_code=row["gss_code"],
        )
    among_trusts = {
        row["ods_code"]: row for row in rows(folder, TRUSTS, ("ods_code", "name", "town", "postcode", "icb_ods_code"))
    }
    for row in rows(folder, WELSH_BOARDS, ("ods_code", "gss_code", "name")):
        twin = among_trusts.get(row["ods_code"])
        yield RegisterOrganisation(
            source="nhs-boards-wales",
            source_code=row["ods_code"],
            name=row["name"],
            sector="nhs-national",
            other_names=without_repeats(row["name"], [*([twin["name"]] if twin else []), row["ods_code"]]),
            town=twin["town"] if twin else None,
            postcode=twin["postcode"] if twin else None,
            place_code=vocabulary.region("wales").ons_code,
        )


def _last_successor(code: str, mergers: dict[str, Row]) -> str:
    seen = {code}
    while code in mergers and mergers[code]["successor_ods_code"] not in seen:
        code = mergers[code]["successor_ods_code"]
        seen.add(code)
    return code


def _trust_name(name: str) -> str:
    even = name.replace("National Health Service Trust", "NHS Trust").replace(" For ", " for ")
    return even.replace(" & ", " and ")


def _trust_sector(code: str, name: str) -> str:
    if code in _NATIONAL:
        return "nhs-national"
    if "Ambulance" in name:
        return "nhs-ambulance"
    if "Community" in name or code in _COMMUNITY:
        return "nhs-community"
    if "Mental Health" in name or "Partnership" in name or code in _MENTAL_HEALTH:
        return "nhs-mental-health"
    return "nhs-acute"
