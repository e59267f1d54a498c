"""Organisations as staff look through them: a list with counts of members, and one with all its facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor, Permission, require
from haln.errors import Invalid
from haln.models import Member, Organisation, OrganisationName, Place
from haln.people.organisations import find, stored

STANDINGS = ("current", "proposed", "ended", "merged")
PAGE = 50

MOST_FOUND = 10_000
"""More than any register has: all that a text finds is there, page by page."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list. `through` is the other name by which a search found it."""

    id: int
    name: str
    through: str | None
    sector: str
    place: str | None
    standing: str
    members: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list: `next_after` is where the next one begins, none on the last."""

    rows: tuple[Listed, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything that is known of an organisation. `register` and `register_code` say where it came from."""

    id: int
    name: str
    sector: str
    place_id: int | None
    place: str | None
    town: str | None
    postcode: str | None
    standing: str
    register: str | None
    register_code: str | None
    merged_into: tuple[int, str] | None
    proposed_by: str | None
    valid_from: date | None
    valid_to: date | None
    corrected: tuple[str, ...]
    changed_at: datetime
    other_names: tuple[str, ...]
    members: int


def listing(session: Session, actor: Actor, text: str, standing: str, after: str | None) -> Listing:
    """A page of organisations of a standing (empty: current and proposed) in the order of their names.

    A text finds instead, best first. `after` is the `next_after` of the page before; Invalid otherwise.
    """
    require(actor, Permission.MANAGE_ORGANISATIONS)
    standings = (standing,) if standing in STANDINGS else ("current", "proposed")
    if text.strip():
        return _found(session, text, standings, _start(after))
    statement = _rows().where(Organisation.standing.in_(standings))
    if after is not None:
        name, organisation_id = _position(after)
        beyond = and_(Organisation.sort_name == name, Organisation.id > organisation_id)
        statement = statement.where(or_(Organisation.sort_name > name, beyond))
    rows = session.execute(statement.order_by(Organisation.sort_name, Organisation.id).limit(PAGE + 1)).all()
    page = rows[:PAGE]
    counts = _members(session, [row.id for row in page])
    listed = tuple(
        Listed(row.id, row.name, None, row.sector, row.place, row.standing, counts.get(row.id, 0)) for row in page
    )
    last = page[-1] if len(rows) > PAGE else None
    return Listing(listed, f"{last.id}.{last.sort_name}" if last else None)


def proposed_count(session: Session) -> int:
    """How many proposed organisations wait for staff."""
    return session.scalar(select(func.count(Organisation.id)).where(Organisation.standing == "proposed")) or 0


def detail(session: Session, actor: Actor, organisation_id: int) -> Detail:
    """One organisation with all its facts. Raises NotFound."""
    require(actor, Permission.MANAGE_ORGANISATIONS)
    row = stored(session, organisation_id)
    into = session.get(Organisation, row.merged_into_id) if row.merged_into_id else None
    names = select(OrganisationName.name).where(OrganisationName.organisation_id == row.id)
    place = session.get(Place, row.place_id) if row.place_id else None
    proposer = select(Member.name).where(Member.id == row.proposed_by_id)
    return Detail(
        id=row.id,
        name=row.name,
        sector=row.sector,
        place_id=row.place_id,
        place=place.name if place else None,
        town=row.town,
        postcode=row.postcode,
        standing=row.standing,
        register=row.source,
        register_code=row.source_code,
        merged_into=(into.id, into.name) if into else None,
        proposed_by=session.scalar(proposer) if row.proposed_by_id else None,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        corrected=tuple(row.corrected),
        changed_at=row.changed_at,
        other_names=tuple(session.scalars(names.order_by(OrganisationName.id))),
        members=_members(session, [row.id]).get(row.id, 0),
    )


def _rows() -> Select[int, str, str, str, str, str]:
    return select(
        Organisation.id,
        Organisation.name,
        Organisation.sort_name,
        Organisation.sector,
        Organisation.standing,
        Place.name.label("place"),
    ).outerjoin(Place, Place.id == Organisation.place_id)


def _found(session: Session, text: str, standings: Sequence[str], start: int) -> Listing:
    through: dict[int, str | None] = {one.id: one.through for one in find(session, text, MOST_FOUND).choices}
    if not {"current", "proposed"} & set(standings):
        # Ended and merged ones are not in the searcher: look for the text as it is written.
        like = text.strip().casefold()[:200].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        gone = select(Organisation.id).where(Organisation.sort_name.like(f"%{like}%", escape="\\"))
        ids = session.scalars(
            gone.where(Organisation.standing.in_(standings))
            .order_by(Organisation.sort_name, Organisation.id)
            .limit(MOST_FOUND)
        )
        through = dict.fromkeys(ids)
    of_standing = select(Organisation.id).where(Organisation.id.in_(through), Organisation.standing.in_(standings))
    there = set(session.scalars(of_standing))
    found = [key for key in through if key in there]
    page = found[start : start + PAGE]
    rows = {row.id: row for row in session.execute(_rows().where(Organisation.id.in_(page)))}
    counts = _members(session, page)
    listed = tuple(
        Listed(key, row.name, through[key], row.sector, row.place, row.standing, counts.get(key, 0))
        for key, row in ((key, rows[key]) for key in page)
    )
    return Listing(listed, str(start + PAGE) if len(found) > start + PAGE else None)


def _members(session: Session, ids: Sequence[int]) -> dict[int, int]:
    counted = (
        select(Member.organisation_id, func.count(Member.id).label("members"))
        .where(Member.organisation_id.in_(ids))
        .group_by(Member.organisation_id)
    )
    return {int(row.organisation_id): int(row.members) for row in session.execute(counted) if row.organisation_id}


def _start(after: str | None) -> int:
    """How many of those found stand on the pages before."""
    if after is None:
        return 0
    if not after.isascii() or not after.isdigit() or len(after) > 6:
        raise Invalid("This page of the list does not exist. Go back to its start.")
    return int(after)


def _position(after: str) -> tuple[str, int]:
    number, dot, name = after.partition(".")
    if not dot or not number.isascii() or not number.isdigit() or len(number) > 18 or len(name) > 300:
        raise Invalid("This page of the list does not exist. Go back to its start.")
    return name, int(number)
