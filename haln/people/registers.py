"""The open registers: read them, and bring the database up to date with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from haln.people.gazetteer import Gazetteer
from haln.people.register_bodies import read_clubs, read_councils, read_housing_providers, read_universities
from haln.people.register_health import read_boards, read_trusts
from haln.people.register_places import read_authorities, read_places
from haln.people.register_rows import RegisterOrganisation, RegisterPlace
from haln.taxonomy import vocabulary


@dataclass(frozen=True, slots=True)
class Registers:
    """All that the register files say, put right. Places stand parents first."""

    places: tuple[RegisterPlace, ...]
    organisations: tuple[RegisterOrganisation, ...]


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
