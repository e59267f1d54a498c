"""Who applies to a cohort and what they said, for those who lead it.

Whoever applied themselves was told that the cohort's facilitators see their name, their work and what they wrote. Of
somebody whom a facilitator entered, only what that facilitator may see anyway is shown. Who has left the network since
is counted and not named. What people need, and whom they would rather not sit with, is for the cohort's own
facilitators.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, null, or_, select
from sqlalchemy.orm import Session, aliased

from haln.access import Actor
from haln.errors import NotFound
from haln.learn.applications import Answers
from haln.learn.leading import entrusted, led_cohort
from haln.models import Application, ApplicationSlot, Cohort, CohortPair, Member, Organisation, Place
from haln.people import visibility
from haln.people.learning_traces import TAKEN_OUT

PAGE = 50
SORTS = ("name", "organisation", "times", "waiting", "applied")
ACTIVE = "active"

_LED_BY = aliased(Member)


@dataclass(frozen=True, slots=True)
class Applicant:
    """One person who applies. `pairs`: how many wishes of being apart or together they are in, as far as told."""

    application: str
    member_id: int
    public_id: str
    name: str
    role: str | None
    level: str | None
    job_title: str | None
    organisation: str | None
    sector: str | None
    place: str | None
    themes: tuple[str, ...]
    live_issue: str
    access_needs: str
    facilitator: str | None
    source: str
    state: str
    priority: int
    applied_at: datetime
    times: int
    pairs: int
    has_page: bool


@dataclass(frozen=True, slots=True)
class Applicants:
    """A page of those who apply. `total`: how many fit the search; `all`: how many apply; `left`: left since.

    `trusted`: the actor reads what was said in confidence.
    """

    rows: tuple[Applicant, ...]
    total: int
    all: int
    left: int
    page: int
    pages: int
    trusted: bool


_PLAIN = frozenset(Applicant.__slots__) - {"themes", "has_page", "pairs", "access_needs"}
"""What an applicant's row holds as it is shown."""


def present(cohort_id: int) -> tuple[ColumnElement[bool], ...]:
    """Who counts as applying to a cohort: those who have not withdrawn, and are in the network still."""
    return (Application.cohort_id == cohort_id, Application.state != "withdrawn", Member.standing == ACTIVE)


def listing(
    session: Session, actor: Actor, cohort: str, *, text: str = "", sort: str = "name", page: int = 1
) -> tuple[Cohort, Applicants]:
    """A page of a led cohort's applicants. `sort` may begin with `-`; what is no order is by name."""
    row = led_cohort(session, actor, cohort)
    every, left = counts(session, row.id)
    conditions = [*present(row.id), *_searched(actor.member_id, text)]
    total = every
    if text.strip():
        total = session.scalar(_from(select(func.count(Application.id))).where(*conditions)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    # Who first, then what is shown of them: a database that sorts whole rows would work that out for everybody.
    wanted = _from(select(Application.id)).where(*conditions).order_by(*_order(actor.member_id, sort))
    ids = session.scalars(wanted.limit(PAGE).offset((page - 1) * PAGE)).all()
    shown_of = {one.id: one for one in session.execute(_rows(actor.member_id).where(Application.id.in_(ids)))}
    found = [shown_of[application] for application in ids]
    trusted = entrusted(session, actor, row.id)
    return row, Applicants(_applicants(session, row.id, found, trusted), total, every, left, page, pages, trusted)


def every(session: Session, actor: Actor, cohort: str) -> tuple[Cohort, tuple[Applicant, ...]]:
    """All of a led cohort's applicants, by name."""
    row = led_cohort(session, actor, cohort)
    statement = _rows(actor.member_id).where(*present(row.id)).order_by(Member.sort_name, Member.id)
    return row, _applicants(session, row.id, session.execute(statement).all(), entrusted(session, actor, row.id))


def one(session: Session, actor: Actor, cohort: str, application: str) -> tuple[Cohort, Applicant, frozenset[int]]:
    """One applicant of a led cohort, and the times they can make. Raises NotFound."""
    row = led_cohort(session, actor, cohort)
    statement = _rows(actor.member_id).where(*present(row.id), Application.public_id == application)
    found = session.execute(statement).all()
    if not found:
        raise NotFound("There is no such application, or it was taken back.")
    chosen = session.scalars(
        select(ApplicationSlot.slot_id)
        .join(Application, Application.id == ApplicationSlot.application_id)
        .where(Application.public_id == application)
    )
    return row, _applicants(session, row.id, found, entrusted(session, actor, row.id))[0], frozenset(chosen)


def counts(session: Session, cohort_id: int) -> tuple[int, int]:
    """How many apply, and how many who applied have left the network since."""
    here = case((Member.standing == ACTIVE, 1), else_=0)
    row = session.execute(
        select(func.coalesce(func.sum(here), 0), func.coalesce(func.sum(1 - here), 0))
        .select_from(Application)
        .join(Member, Member.id == Application.member_id)
        .where(Application.cohort_id == cohort_id, Application.state != "withdrawn")
    ).one()
    return int(row[0]), int(row[1])


def shown(column: Any, show: Any, viewer_id: int) -> ColumnElement[Any]:
    """A fact of an applicant, where they applied themselves or the viewer may know it anyway."""
    told = or_(Application.source == "member", visibility.shows(show, viewer_id))
    return case((told, column), else_=null())


def _from(statement: Select[Any]) -> Select[Any]:
    return (
        statement.select_from(Application)
        .join(Member, Member.id == Application.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
    )


def _times() -> Any:
    return (
        select(func.count())
        .select_from(ApplicationSlot)
        .where(ApplicationSlot.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )


def _rows(viewer_id: int) -> Select[Any]:
    return _from(
        select(
            Application.id,
            Application.public_id.label("application"),
            Member.id.label("member_id"),
            Member.public_id,
            Member.name,
            shown(Member.role, Member.show_role, viewer_id).label("role"),
            shown(Member.level, Member.show_role, viewer_id).label("level"),
            shown(Member.job_title, Member.show_role, viewer_id).label("job_title"),
            shown(Organisation.name, Member.show_organisation, viewer_id).label("organisation"),
            shown(Organisation.sector, Member.show_organisation, viewer_id).label("sector"),
            shown(Place.name, Member.show_place, viewer_id).label("place"),
            Application.themes,
            Application.live_issue,
            Application.access_needs,
            _LED_BY.name.label("facilitator"),
            Application.source,
            Application.state,
            Application.priority,
            Application.applied_at,
            _times().label("times"),
            visibility.may_see(viewer_id).label("has_page"),
        )
    ).outerjoin(_LED_BY, and_(_LED_BY.id == Application.facilitator_id, _LED_BY.standing == ACTIVE))


def _searched(viewer_id: int, text: str) -> list[ColumnElement[bool]]:
    organisation = shown(Organisation.name, Member.show_organisation, viewer_id)
    return [
        or_(
            Member.sort_name.contains(word, autoescape=True),
            func.lower(organisation).contains(word, autoescape=True),
            func.lower(Application.live_issue).contains(word, autoescape=True),
        )
        for word in text.casefold().split()[:5]
    ]


def _order(viewer_id: int, sort: str) -> list[Any]:
    column: Any = {
        "organisation": func.lower(shown(Organisation.name, Member.show_organisation, viewer_id)),
        "times": _times(),
        "waiting": Application.priority,
        "applied": Application.applied_at,
    }.get(sort.removeprefix("-"), Member.sort_name)
    first = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
    return [first, Member.sort_name, Member.id]


def _applicants(session: Session, cohort_id: int, rows: Any, trusted: bool) -> tuple[Applicant, ...]:
    ids = [row.member_id for row in rows]
    kinds = ("apart", "together") if trusted else ("together",)
    pairs: dict[int, int] = {}
    if ids:
        for side in (CohortPair.low_id, CohortPair.high_id):
            mine = CohortPair.cohort_id == cohort_id, CohortPair.kind.in_(kinds)
            near = (side.in_(ids),) if len(ids) <= PAGE else ()
            for member_id, count in session.execute(select(side, func.count()).where(*mine, *near).group_by(side)):
                pairs[member_id] = pairs.get(member_id, 0) + count
    return tuple(
        Applicant(
            **{name: row._mapping[name] for name in _PLAIN},
            access_needs=row.access_needs if trusted else "",
            themes=tuple(row.themes),
            has_page=bool(row.has_page),
            pairs=pairs.get(row.member_id, 0),
        )
        for row in rows
    )


def entered(session: Session, actor: Actor, cohort: str, member_id: int) -> Answers | None:
    """What a facilitator entered for somebody; none where there is nothing, or it is their own, or they withdrew."""
    row = led_cohort(session, actor, cohort)
    there = or_(Application.state != "withdrawn", Application.source == "facilitator")  # or whom others took out
    found = session.execute(
        select(Application, _LED_BY.public_id)
        .join(Member, Member.id == Application.member_id)
        .outerjoin(_LED_BY, _LED_BY.id == Application.facilitator_id)
        .where(Application.cohort_id == row.id, Application.member_id == member_id, Member.standing == ACTIVE)
        .where(there, Application.source.not_in(("member", TAKEN_OUT)))
    ).first()
    if found is None:
        return None
    own: Application = found.Application
    chosen = session.scalars(select(ApplicationSlot.slot_id).where(ApplicationSlot.application_id == own.id))
    return Answers(
        live_issue=own.live_issue,
        themes=tuple(own.themes),
        slots=frozenset(chosen),
        access_needs=own.access_needs if entrusted(session, actor, row.id) else "",
        facilitator=found.public_id or "",
    )
