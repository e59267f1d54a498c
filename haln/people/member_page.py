"""A member as others see them: every fact through the gate, and the people two members both know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Row,
    Select,
    bindparam,
    case,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from haln.errors import NotFound
from haln.models import Connection, Identity, Member, MemberText, Organisation, Place
from haln.people import reading, visibility
from haln.people.profiles import ThemeChoice, themes_of
from haln.people.visibility import VIEWER, Visibility

MUTUAL_SHOWN = 6
"""How many people in common a page names."""

TEXTS_SHOWN = 8
"""How many of a member's texts a page lists, the newest ones."""

Eyes = Callable[[InstrumentedAttribute[int]], ColumnElement[bool]]
"""Whether a fact guarded by this `show_` column is for the one who looks."""


@dataclass(frozen=True, slots=True)
class MutualConnection:
    """Somebody whom both know, and who lets both be told so."""

    public_id: str
    name: str
    organisation: str | None
    sector: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """A text by or about a member, beside the biography."""

    text: str
    written_on: date | None


@dataclass(frozen=True, slots=True)
class MemberPage:
    """What one viewer may know of one member. Facts that are hidden are none, as facts that are missing are."""

    member_id: int
    public_id: str
    name: str
    role: str | None
    level: str | None
    job_title: str | None
    organisation: str | None
    sector: str | None
    place: str | None
    biography: str | None
    email: str | None
    themes: tuple[ThemeChoice, ...]
    connected: bool
    mutual: tuple[MutualConnection, ...] = ()
    mutual_count: int = 0
    texts: tuple[Written, ...] = ()
    texts_count: int = 0


def seen_by(session: Session, viewer_id: int | None, public_id: str, now: datetime) -> MemberPage:
    """The page of a member for a viewer; `viewer_id` none: somebody not signed in.

    Raises NotFound, in the same words whether the member does not exist or may not be seen.
    """
    asked = {"viewer": viewer_id, "public_id": public_id}
    row = reading.rows(session, _seen(public=viewer_id is None), asked).first()
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    mutual, count = (
        mutual_connections(session, viewer_id, row.id, now)
        if viewer_id is not None and viewer_id != row.id and row.connections_shown
        else ((), 0)
    )
    return _page(session, row, mutual, count)


@cache
def _seen(public: bool) -> Select[Any]:
    """The facts for a viewer, or for nobody signed in. Made once: putting it together costs more than running it."""
    viewer = None if public else VIEWER
    tie = visibility.connected(viewer)

    def eyes(show: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        return visibility.shows(show, viewer, tie)

    return _facts(eyes, tie).where(Member.public_id == bindparam("public_id"), visibility.may_see(viewer))


def seen_as(session: Session, member_id: int, level: Visibility) -> MemberPage | None:
    """A member's own page as people of one kind see it: everyone, members, or connections. None: they see nothing."""

    def eyes(show: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        return show >= level

    row = session.execute(
        _facts(eyes, literal(level is Visibility.CONNECTIONS)).where(
            Member.id == member_id,
            Member.listed,
            or_(Member.show_name >= level, literal(level is not Visibility.EVERYONE)),
        )
    ).first()
    return None if row is None else _page(session, row, (), 0)


def mutual_connections(
    session: Session, viewer_id: int, member_id: int, now: datetime
) -> tuple[tuple[MutualConnection, ...], int]:
    """Who is connected with both and may be seen by both, the first few by name, and how many there are.

    Each must let the viewer know their connections, and must not be taking a break. Whether the member shows theirs is
    the caller's question.
    """
    both = _tied_with_both(session, viewer_id, member_id)
    if not both:
        return (), 0
    asked = {"viewer": viewer_id, "member": member_id, "ids": sorted(both), "today": now.date()}
    rows = reading.rows(session, _mutual(), asked).all()
    # Put in order here: asked to order, SQLite without statistics reads the list of all members by name.
    named = sorted(rows, key=lambda row: (row.sort_name, row.public_id))
    people = tuple(MutualConnection(row.public_id, row.name, row.organisation, row.sector) for row in named)
    return people[:MUTUAL_SHOWN], len(people)


_MEMBER = bindparam("member", type_=Identity)


@cache
def _mutual() -> Select[Any]:
    return (
        select(
            Member.public_id,
            Member.name,
            case((Member.show_organisation >= Visibility.CONNECTIONS, Organisation.name)).label("organisation"),
            case((Member.show_organisation >= Visibility.CONNECTIONS, Organisation.sector)).label("sector"),
            Member.sort_name,
        )
        .select_from(Member)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(
            Member.id.in_(bindparam("ids", expanding=True)),
            visibility.may_see(VIEWER),
            not_(visibility.blocked(_MEMBER, Member.id)),
            Member.show_connections >= Visibility.CONNECTIONS,  # the viewer is a connection of theirs
            or_(Member.paused_until.is_(None), Member.paused_until <= bindparam("today", type_=Date)),
        )
    )


_PAIR: BindParameter[Any] = bindparam("pair", expanding=True)
_TIES = union_all(
    select(Connection.low_id, Connection.high_id).where(Connection.low_id.in_(_PAIR), Connection.until.is_(None)),
    select(Connection.high_id, Connection.low_id).where(Connection.high_id.in_(_PAIR), Connection.until.is_(None)),
)


def _tied_with_both(session: Session, one: int, other: int) -> set[int]:
    """The ids of the people with whom both have an open connection."""
    tied: dict[int, set[int]] = {one: set(), other: set()}
    for end, far in reading.rows(session, _TIES, {"pair": [one, other]}):
        tied[end].add(far)
    return tied[one] & tied[other]


def _facts(eyes: Eyes, tie: ColumnElement[bool]) -> Select[Any]:
    def shown(column: InstrumentedAttribute[Any], show: InstrumentedAttribute[int]) -> ColumnElement[Any]:
        return case((eyes(show), column), else_=null()).label(column.key)

    texts = select(func.count(MemberText.id)).where(MemberText.member_id == Member.id).scalar_subquery()
    return (
        select(
            Member.id,
            Member.public_id,
            Member.name,
            shown(Member.role, Member.show_role),
            shown(Member.level, Member.show_role),
            shown(Member.job_title, Member.show_role),
            shown(Organisation.name, Member.show_organisation).label("organisation"),
            shown(Organisation.sector, Member.show_organisation),
            shown(Place.name, Member.show_place).label("place"),
            shown(Member.biography, Member.show_biography),
            shown(Member.email, Member.show_email),
            eyes(Member.show_themes).label("themes_shown"),
            case((eyes(Member.show_biography), texts), else_=0).label("texts_count"),
            eyes(Member.show_connections).label("connections_shown"),
            tie.label("connected"),
        )
        .select_from(Member)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(Place, Place.id == Member.place_id)
    )


def _page(session: Session, row: Row[Any], mutual: tuple[MutualConnection, ...], count: int) -> MemberPage:
    return MemberPage(
        member_id=row.id,
        public_id=row.public_id,
        name=row.name,
        role=row.role,
        level=row.level,
        job_title=row.job_title,
        organisation=row.organisation,
        sector=row.sector,
        place=row.place,
        biography=row.biography or None,
        email=row.email,
        themes=themes_of(session, row.id) if row.themes_shown else (),
        connected=bool(row.connected),
        mutual=mutual,
        mutual_count=count,
        texts=_newest_texts(session, row.id) if row.texts_count else (),
        texts_count=row.texts_count,
    )


def _newest_texts(session: Session, member_id: int) -> tuple[Written, ...]:
    rows = session.execute(
        select(MemberText.text, MemberText.written_on)
        .where(MemberText.member_id == member_id)
        .order_by(MemberText.written_on.desc().nulls_last(), MemberText.id.desc())
        .limit(TEXTS_SHOWN)
    )
    return tuple(Written(row.text, row.written_on) for row in rows)
