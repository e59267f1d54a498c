"""A small country for demonstrations: places and organisations of a few sectors, without reading the registers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.models import Base, Organisation, Place
from haln.people.demonstration.writing import Wanted, Written, write
from haln.taxonomy import vocabulary
from tests.builders import NOW

UNTIL = date(2026, 6, 15)
REGIONS = {"E12000002": "North West", "E12000003": "Yorkshire and The Humber", "W92000004": "Wales"}
TOWNS = ("Bolton", "Leeds", "Gwynedd", "Salford", "Hull", "Powys")
BODIES = {
    "nhs-acute": "Hospitals NHS Trust",
    "nhs-icb": "Care Board",
    "council-unitary": "Council",
    "education-university": "University",
    "housing": "Homes",
}


def a_country(session: Session) -> None:
    """Write three regions, six towns and an organisation of each sector in each."""
    for code, name in REGIONS.items():
        session.add(Place(code=code, name=name, kind="region" if code[0] == "E" else "nation", region_code=code))
    for number, town in enumerate(TOWNS):
        place = Place(code=f"A{number}", name=town, kind="authority", region_code=list(REGIONS)[number % 3])
        session.add(place)
        session.flush()
        for sector, suffix in BODIES.items():
            name = f"{town} {suffix}"
            session.add(
                Organisation(
                    name=name,
                    sort_name=name.casefold(),
                    sector=sector,
                    place_id=place.id,
                    source="test",
                    source_code=f"{sector}-{number}",
                    standing="current",
                    corrected=[],
                    created_at=NOW,
                    changed_at=NOW,
                )
            )
    session.flush()


@contextmanager
def an_empty_network(url: str = "sqlite://") -> Iterator[Session]:
    """A database with the country and nobody in it."""
    engine = create_engine(url)
    prepare_engine(engine)
    may_write.set(True)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        a_country(session)
        yield session
    engine.dispose()


def a_demonstration(session: Session, members: int = 300, months: int = 24, seed: int = 7) -> Written:
    """Fill it."""
    return write(session, vocabulary.load(), Wanted(members, months, seed, UNTIL), "a hash", NOW)
