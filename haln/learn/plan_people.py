"""The people of a plan, as whoever leads the cohort may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from haln.learn import encoding
from haln.learn.applicants import present, shown
from haln.models import Application, Member, Organisation, Place
from haln.people.visibility import ACTIVE

FOUND = 20
"""People that a search for a name lists."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One person of a plan. Facts that are hidden are none, as facts that are missing are."""

    id: int
    public_id: str
    name: str
    role: str | None
    level: str | None
    job_title: str | None
    organisation: str | None
    sector: str | None
    place: str | None
    live_issue: str
    waiting: int


def _lines(viewer_id: int, cohort_id: int) -> Select[Any]:
    def seen(column: Any, show: Any) -> ColumnElement[Any]:
        return shown(column, show, viewer_id)

    return (
        select(
            Member.id,
            Member.public_id,
            Member.name,
            seen(Member.role, Member.show_role),
            seen(Member.level, Member.show_role),
            seen(Member.job_title, Member.show_role),
            seen(Organisation.name, Member.show_organisation),
            seen(Organisation.sector, Member.show_organisation),
            seen(Place.name, Member.show_place),
            Application.live_issue,
            Application.priority,
        )
        .select_from(Application)
        .join(Member, Member.id == Application.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
        .where(*present(cohort_id))
    )


def people(session: Session, viewer_id: int, cohort_id: int, ids: Iterable[int]) -> dict[int, Placed]:
    """Those of the given people who apply to the cohort still, by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = session.execute(_lines(viewer_id, cohort_id).where(Member.id.in_(wanted)))
    return {row[0]: Placed(*row) for row in rows}


def named(session: Session, viewer_id: int, cohort_id: int, text: str) -> list[Placed]:
    """Those who apply and have these words in their name, the first by name."""
    statement = _lines(viewer_id, cohort_id).order_by(Member.sort_name, Member.id).limit(FOUND)
    for word in text.casefold().split()[:4]:
        statement = statement.where(Member.sort_name.contains(word, autoescape=True))
    return [Placed(*row) for row in session.execute(statement)]


def one(session: Session, viewer_id: int, cohort_id: int, public_id: str) -> Placed | None:
    """The person with this public id, if they apply to the cohort still."""
    row = session.execute(_lines(viewer_id, cohort_id).where(Member.public_id == public_id)).first()
    return Placed(*row) if row else None


def leaders(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of facilitators by id: they lead in the open."""
    wanted = sorted({one for one in ids if one is not None})
    if not wanted:
        return {}
    rows = session.execute(select(Member.id, Member.name).where(Member.id.in_(wanted), Member.standing == ACTIVE))
    return {row.id: row.name for row in rows}


def applying(session: Session, cohort_id: int) -> set[int]:
    """The ids of all who apply."""
    return set(session.scalars(encoding.applicants(cohort_id)))
