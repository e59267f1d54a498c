"""People as one member sees them in a list: every fact through the gate, in one query however many they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from haln.models import Member, Organisation, Place
from haln.people import visibility
from haln.people.visibility import VIEWER, Who


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person in a list. Facts that are hidden are none, as facts that are missing are."""

    id: int
    public_id: str
    name: str
    role: str | None
    level: str | None
    job_title: str | None
    organisation: str | None
    sector: str | None
    place: str | None
    connected: bool


def lines(viewer_id: Who, tie: ColumnElement[bool] | None = None) -> Select[Any]:
    """Select the columns of `PersonLine`, in its order, of those members whom the viewer may see.

    `tie` says whether they are connected with the viewer, where the statement knows it beforehand; else it is asked.
    """
    tie = visibility.connected(viewer_id) if tie is None else tie

    def shown(column: Any, show: Any) -> Any:
        return visibility.fact(column, show, viewer_id, tie)

    return (
        select(
            Member.id,
            Member.public_id,
            Member.name,
            shown(Member.role, Member.show_role),
            shown(Member.level, Member.show_role),
            shown(Member.job_title, Member.show_role),
            shown(Organisation.name, Member.show_organisation),
            shown(Organisation.sector, Member.show_organisation),
            shown(Place.name, Member.show_place),
            tie,
        )
        .select_from(Member)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(visibility.may_see(viewer_id))
    )


@cache
def _people() -> Select[Any]:
    return lines(VIEWER).where(Member.id.in_(bindparam("ids", expanding=True)))


def people(session: Session, viewer_id: int, member_ids: Iterable[int]) -> dict[int, PersonLine]:
    """Those of the given members whom the viewer may see, by id."""
    ids = sorted(set(member_ids))
    if not ids:
        return {}
    rows = session.execute(_people(), {"viewer": viewer_id, "ids": ids})
    return {row[0]: PersonLine(*row) for row in rows}
