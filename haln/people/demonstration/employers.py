"""The organisations that people of the demonstration work in: real ones of the registers, and invented ones for the
sectors that no register lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from haln.models import Organisation, Place
from haln.people.demonstration.careers import Careers
from haln.people.demonstration.chance import Weighted, stream
from haln.people.demonstration.words import table, theme_codes
from haln.people.organisation_words import sort_name

SOURCE = "demonstration"
_MEMBERS_EACH = 9  # members to one invented organisation, about
_LARGEST = 40.0  # how much more often the most popular organisation is chosen than the least
_TURNED = re.compile(r"^(.*), (?:City|County|Borough|Kingston) (?:of|upon)(?: .*)?$")
_SEVERAL = re.compile(r",| and | with |Region|Authority|^the ")
_OFFICIAL = re.compile(
    r"^NHS | Integrated Care Board$| ICB$| \(.*\)$|(?<=\w) City$|( Mayoral)? Combined (County )?Authority$"
)


@dataclass(frozen=True, slots=True)
class Employer:
    """An organisation, with what its people write about it."""

    id: int
    name: str
    sector: str
    top: str
    kind: str
    place_id: int | None
    town: str
    region_code: str | None
    region: str
    ahead: Mapping[str, int]  # how far it is with each theme, 1 to 4


@dataclass(frozen=True, slots=True)
class Location:
    """A local authority's area."""

    id: int
    name: str
    region_code: str | None


class Employers:
    """All organisations, by sector, some chosen more often than others."""

    def __init__(self, session: Session, careers: Careers, seed: int) -> None:
        rng = stream(seed, "employers")
        regions = dict(
            session.execute(select(Place.code, Place.name).where(Place.kind.in_(("region", "nation")))).tuples().all()
        )
        rows = session.execute(
            select(Organisation, Place.name, Place.kind, Place.code, Place.region_code)
            .outerjoin(Place, Place.id == Organisation.place_id)
            .where(Organisation.standing == "current")
            .order_by(Organisation.source, Organisation.source_code, Organisation.name, Organisation.id)
        )
        grouped: dict[str, tuple[list[Employer], list[float]]] = {}
        for organisation, place, kind, code, region_code in rows:
            region = code if kind in ("region", "nation") else region_code
            members, weights = grouped.setdefault(organisation.sector, ([], []))
            members.append(
                Employer(
                    id=organisation.id,
                    name=organisation.name,
                    sector=organisation.sector,
                    top=careers.tops[organisation.sector],
                    kind=careers.kind(organisation.sector),
                    place_id=organisation.place_id,
                    town=(town(place) or in_text(regions.get(region or "", "the area"))) if place else "our area",
                    region_code=region,
                    region=in_text(regions.get(region or "", "our region")),
                    ahead={theme: rng.choice((1, 1, 2, 2, 2, 3, 3, 4)) for theme in theme_codes()},
                )
            )
            weight = min(_LARGEST, rng.paretovariate(1.1))
            weights.append(weight if place else weight * 0.02)
        self._sectors = Weighted(sorted(grouped), [careers.shares.get(code, 0.0) for code in sorted(grouped)])
        self._by_id = {employer.id: employer for members, _ in grouped.values() for employer in members}
        self._careers = careers
        self._by_sector = {code: Weighted(*grouped[code]) for code in sorted(grouped)}
        self._near: dict[str | None, list[Location]] = {}
        for location in locations(session):
            self._near.setdefault(location.region_code, []).append(location)
        names = {location.name for near in self._near.values() for location in near}
        self.elsewhere = tuple(sorted(name for name in names if name and not _SEVERAL.search(name)))

    def pick(self, rng: Random, sector: str | None = None) -> Employer:
        """Choose an organisation, of a sector if one is named and there is one of it."""
        if sector not in self._by_sector:
            sector = self._sectors.pick(rng)
        return self._by_sector[sector].pick(rng)

    def facts(self, organisation_id: int) -> dict[str, tuple[str, ...]]:
        """Return what people of an organisation say of it, for the grammar."""
        employer = self._by_id[organisation_id]
        return {
            **self._careers.facts[employer.top],
            "kind": (employer.kind,),
            "org": (employer.name,),
            "town": (employer.town,),
            "region": (employer.region,),
            "elsewhere": self.elsewhere or (employer.town,),
        }

    def near(self, region_code: str | None) -> list[Location]:
        """Return the local authorities of a region."""
        return self._near.get(region_code, [])


def locations(session: Session) -> list[Location]:
    """Return the areas of local authorities that stand today, sorted by code."""
    rows = session.execute(
        select(Place.id, Place.name, Place.region_code)
        .where(Place.kind == "authority", Place.valid_to.is_(None))
        .order_by(Place.code)
    )
    return [Location(row.id, town(row.name), row.region_code) for row in rows]


def town(place: str) -> str:
    """Return a place's name as people say it: Bristol, City of → Bristol. Empty for an area of many names."""
    turned = _TURNED.match(place)
    plain = _OFFICIAL.sub("", turned[1] if turned else place)
    if plain != place and plain.count(",") + plain.count(" and ") > 1:
        return ""
    return f"the {plain[4:]}" if plain.startswith("The ") else plain


def in_text(region: str) -> str:
    """Return a region's name as it stands in a sentence: the North West, but Wales."""
    return (
        f"the {region}"
        if region.startswith(("North", "South", "East ", "West ")) and "Ireland" not in region
        else region
    )


def invent(session: Session, careers: Careers, members: int, seed: int, now: datetime) -> int:
    """Write the organisations of sectors without a register. Returns how many."""
    rng = stream(seed, "organisations")
    words = table("organisations")
    places = locations(session)
    rows: list[dict[str, object]] = []
    for body in words["known"]:
        place_id = session.execute(select(Place.id).where(Place.code == body["place"])).scalar()
        rows += [_row(len(rows) + i, name, body["sector"], place_id, now) for i, name in enumerate(body["names"])]
    listed = set(session.scalars(select(Organisation.sector).distinct()))
    total = sum(careers.shares.values())
    for sector in sorted(set(careers.shares) - listed - {"nhs-national"}):
        count = max(3, round(members * careers.shares[sector] / total / _MEMBERS_EACH))
        for _ in range(min(count, 400)):
            place = places[int(rng.random() * len(places))] if places else None
            name = _name(rng, words, sector, place.name if place else "Calder Vale")
            rows.append(_row(len(rows), name, sector, place.id if place else None, now))
    if rows:
        session.execute(insert(Organisation.__table__), rows)  # type: ignore[arg-type]  # a Table is an insert target
    return len(rows)


def _name(rng: Random, words: Mapping[str, Mapping[str, list[str]]], sector: str, place: str) -> str:
    pattern = rng.choice(words["names"][sector])
    for slot, choices in words["parts"].items():
        while f"{{{slot}}}" in pattern:
            pattern = pattern.replace(f"{{{slot}}}", rng.choice(choices), 1)
    return pattern.replace("{place}", place)


def _row(number: int, name: str, sector: str, place_id: int | None, now: datetime) -> dict[str, object]:
    return {
        "name": name,
        "sort_name": sort_name(name),
        "sector": sector,
        "place_id": place_id,
        "source": SOURCE,
        "source_code": f"d{number + 1:05}",
        "standing": "current",
        "corrected": [],
        "created_at": now,
        "changed_at": now,
    }


def any_there(session: Session) -> bool:
    """Whether there are organisations at all."""
    return bool(session.execute(select(func.count(Organisation.id))).scalar())
