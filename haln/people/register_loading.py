"""Bring places and organisations in the database up to date with the registers: the difference only, in bulk.

What staff corrected (`Organisation.corrected`) is never overwritten, and what they merged stays merged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Organisation, OrganisationName, Place, PlaceName
from haln.people.organisation_words import sort_name
from haln.people.register_rows import RegisterOrganisation, RegisterPlace

NAMES = "names"
"""Stands in `Organisation.corrected` when staff changed the other names."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened to the rows of one kind; one that ended is not counted as updated too."""

    created: int
    updated: int
    unchanged: int
    ended: int


def load_places(session: Session, places: Collection[RegisterPlace]) -> Counts:
    """Add and change places. None is ever taken away: one that has ended carries the day."""
    held = {place.code: place for place in session.scalars(select(Place))}
    created = {one.code for one in places if one.code not in held}
    changed, ended = set(), set()
    for one in places:
        if one.code in created:
            held[one.code] = Place(code=one.code, name=one.name, kind=one.kind)
            session.add(held[one.code])
        elif one.valid_to and held[one.code].valid_to is None:
            ended.add(one.code)
    session.flush()
    for one in places:
        fields = {
            "name": one.name,
            "kind": one.kind,
            "region_code": one.region_code,
            "parent_id": held[one.parent_code].id if one.parent_code else None,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "successor_id": held[one.successor_code].id if one.successor_code else None,
        }
        if _overwrite(held[one.code], fields):
            changed.add(one.code)
    codes = {place.id: code for code, place in held.items()}
    changed |= {codes[place_id] for place_id in _load_place_names(session, {held[p.code].id: p for p in places})}
    session.flush()
    updated = changed - created - ended
    return Counts(len(created), len(updated), len(places) - len(created | updated | ended), len(ended))


def load_organisations(
    session: Session, organisations: Collection[RegisterOrganisation], now: datetime
) -> tuple[Counts, set[int]]:
    """Add, change and end organisations. Returns with the counts the ids of those that were there and changed.

    One that its register no longer holds has ended, today. Organisations of other sources are not looked at.
    """
    sources = {one.source for one in organisations}
    of_sources = select(Organisation).where(Organisation.source.in_(sources))
    held = {_key(row): row for row in session.scalars(of_sources)}
    stood = {row.id: row.standing for row in held.values()}
    places = {row.code: row.id for row in session.execute(select(Place.code, Place.id))}
    wanted = {(one.source, one.source_code): one for one in organisations}
    for key, one in wanted.items():
        if key not in held:
            held[key] = Organisation(source=one.source, source_code=one.source_code, corrected=[])
            _overwrite(held[key], {"created_at": now, "changed_at": now, **_fields(one, places, now)})
            session.add(held[key])
    session.flush()
    changed = set()
    for key, row in held.items():
        fields = {"standing": "ended", "valid_to": row.valid_to or now.date()}
        if key in wanted:
            heir = held.get((wanted[key].source, wanted[key].successor_code or ""))
            fields = {**_fields(wanted[key], places, now), "merged_into_id": _standing_for(heir)}
        if _correctable(row, fields):
            changed.add(row.id)
    changed |= _load_names(session, {held[key].id: one for key, one in wanted.items()}, held.values())
    changed &= stood.keys()
    for row in held.values():
        if row.id in changed:
            row.changed_at = now
    session.flush()
    ended = {row.id for row in held.values() if row.standing == "ended" != stood.get(row.id, "ended")}
    updated = changed - ended
    counts = Counts(len(held) - len(stood), len(updated), len(stood) - len(updated | ended), len(ended))
    return counts, changed


def _standing_for(heir: Organisation | None) -> int | None:
    """The id of a successor, or of the one it was merged into since."""
    if heir is None:
        return None
    return heir.merged_into_id if heir.standing == "merged" else heir.id


def _key(row: Organisation) -> tuple[str, str]:
    return row.source or "", row.source_code or ""


def _fields(one: RegisterOrganisation, places: Mapping[str, int], now: datetime) -> dict[str, object]:
    has_ended = one.valid_to is not None and one.valid_to <= now.date()
    return {
        "name": one.name,
        "sort_name": sort_name(one.name),
        "sector": one.sector,
        "place_id": places.get(one.place_code or ""),
        "town": one.town,
        "postcode": one.postcode,
        "standing": "ended" if has_ended else "current",
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
    }


def _correctable(row: Organisation, fields: Mapping[str, object]) -> bool:
    """Write what staff have not set themselves; whether anything changed."""
    if row.standing == "merged":
        return False
    corrected = {*row.corrected, *({"sort_name"} if "name" in row.corrected else ())}
    return _overwrite(row, {name: value for name, value in fields.items() if name not in corrected})


def _overwrite(row: object, fields: Mapping[str, object]) -> bool:
    different = {name: value for name, value in fields.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _load_place_names(session: Session, wanted: Mapping[int, RegisterPlace]) -> set[int]:
    held: dict[int, dict[str, PlaceName]] = defaultdict(dict)
    for row in session.scalars(select(PlaceName)):
        held[row.place_id][row.name] = row
    changed = set()
    for place_id, one in wanted.items():
        names = set(one.other_names)
        session.add_all(
            PlaceName(place_id=place_id, name=name) for name in one.other_names if name not in held[place_id]
        )
        gone = [row for name, row in held[place_id].items() if name not in names]
        for row in gone:
            session.delete(row)
        if gone or names - held[place_id].keys():
            changed.add(place_id)
    return changed


def _load_names(session: Session, wanted: Mapping[int, RegisterOrganisation], rows: Iterable[Organisation]) -> set[int]:
    """Make synonyms and old names those of the register; names of organisations merged into one stay."""
    own = {row.id for row in rows if row.standing == "merged" or NAMES in row.corrected}
    held: dict[int, dict[tuple[str, str], OrganisationName]] = defaultdict(dict)
    for name in session.scalars(select(OrganisationName).where(OrganisationName.kind != "merged")):
        held[name.organisation_id][(name.name, name.kind)] = name
    changed = set()
    for organisation_id, one in wanted.items():
        if organisation_id in own:
            continue
        names = dict.fromkeys([*((n, "synonym") for n in one.other_names), *((n, "old") for n in one.old_names)])
        new = [pair for pair in names if pair not in held[organisation_id]]
        gone = [row for pair, row in held[organisation_id].items() if pair not in names]
        session.add_all(OrganisationName(organisation_id=organisation_id, name=name, kind=kind) for name, kind in new)
        for row in gone:
            session.delete(row)
        if new or gone:
            changed.add(organisation_id)
    return changed
