"""The organisations that people of the demonstration work in: real ones of the registers, and invented ones for the
sectors that no register lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
_PLACELESS = 0.02  # of the weight of one whose place is known
_MOST_INVENTED = 400  # of one sector
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
        grouped: dict[str, tuple[list[Employer], list[float]]] = {}
        self._by_id: dict[int, Employer] = {}
        for employer in _employers(session, careers, rng):
            weight = min(_LARGEST, rng.paretovariate(1.1))
            members, weights = grouped.setdefault(employer.sector, ([], []))
            members.append(employer)
            weights.append(weight if employer.place_id else weight * _PLACELESS)
            self._by_id[employer.id] = employer
        self._careers = careers
        self._sectors = Weighted(sorted(grouped), [careers.shares.get(code, 0.0) for code in sorted(grouped)])
        self._by_sector = {code: Weighted(*grouped[code]) for code in sorted(grouped)}
        self._near: dict[str | None, list[Location]] = {}
        for location in locations(session):
            self._near.setdefault(location.region_code, []).append(location)
        names = {location.name for near in self._near.values() for location in near}
        self.elsewhere = tuple(sorted(name for name in names if not _SEVERAL.search(name)))

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
            "area": (employer.region.removeprefix("the "),),
            "elsewhere": self.elsewhere or (employer.town,),
        }

    def near(self, region_code: str | None) -> list[Location]:
        """Return the local authorities of a region."""
        return self._near.get(region_code, [])


def _employers(session: Session, careers: Careers, rng: Random) -> Iterator[Employer]:
    """Give the organisations that stand today. Sorted here: databases differ in how they order texts."""
    named = select(Place.code, Place.name).where(Place.kind.in_(("region", "nation")))
    regions = {row.code: row.name for row in session.execute(named)}
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.name,
            Organisation.sector,
            Organisation.place_id,
            Organisation.source,
            Organisation.source_code,
            Place.name.label("place"),
            Place.kind,
            Place.code,
            Place.region_code,
        )
        .outerjoin(Place, Place.id == Organisation.place_id)
        .where(Organisation.standing == "current")
    ).all()
    for row in sorted(rows, key=lambda row: (row.source or "", row.source_code or "", row.name)):
        region_code = row.code if row.kind in ("region", "nation") else row.region_code
        region = in_text(regions.get(region_code or "", "our region"))
        yield Employer(
            id=row.id,
            name=row.name,
            sector=row.sector,
            top=careers.tops[row.sector],
            kind=careers.kind(row.sector),
            place_id=row.place_id,
            town=town(row.place) or region if row.place else "our area",
            region_code=region_code,
            region=region,
            ahead={theme: rng.choice((1, 1, 2, 2, 2, 3, 3, 4)) for theme in theme_codes()},
        )


def locations(session: Session) -> list[Location]:
    """Return the areas of local authorities that stand today, sorted by code."""
    rows = session.execute(
        select(Place.id, Place.name, Place.region_code, Place.code).where(
            Place.kind == "authority", Place.valid_to.is_(None)
        )
    ).all()
    return [Location(row.id, town(row.name), row.region_code) for row in sorted(rows, key=lambda row: row.code)]


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
    places = [place for place in locations(session) if not _SEVERAL.search(place.name)]
    rows: list[dict[str, object]] = []
    for body in words["known"]:
        place_id = session.execute(select(Place.id).where(Place.code == body["place"])).scalar()
        rows += [_row(len(rows) + n, name, body["sector"], place_id, now) for n, name in enumerate(body["names"])]
    listed = set(session.scalars(select(Organisation.sector).distinct()))
    total = sum(careers.shares.values())
    taken: set[str] = set()
    for sector in sorted(set(words["names"]) - listed):
        count = max(3, round(members * careers.shares[sector] / total / _MEMBERS_EACH))
        for _ in range(min(count, _MOST_INVENTED)):
            place = places[int(rng.random() * len(places))] if places else None
            name = _name(rng, words, sector, place.name if place else "Calder Vale")
            if name not in taken:
                taken.add(name)
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
