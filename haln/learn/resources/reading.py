"""A published resource as its reader sees it, and what a reader does with it: keep it, say that they used it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, NotFound
from haln.learn.resources import authors, contents, searching
from haln.learn.resources.authors import Author
from haln.learn.resources.contents import Content
from haln.learn.resources.searching import Row, open_to_all
from haln.models import (
    Resource,
    ResourceBookmark,
    ResourceRelated,
    ResourceUse,
    ResourceUsed,
    ResourceVersion,
)

MOST_BOOKMARKS = 500
_AS_IT_STANDS = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader sees. `mine`: they take part in writing it. `uses` is for rounding, never shown as it is."""

    id: int
    public_id: str
    kind: str
    content: Content
    authors: tuple[Author, ...]
    published_at: datetime
    changed_at: datetime
    related: tuple[Row, ...]
    uses: int
    used_today: bool
    bookmarked: bool
    mine: bool


def one(session: Session, viewer_id: int | None, resource: str, now: datetime) -> Reading:
    """A resource that is shown; `viewer_id` none: for everyone to read. Raises NotFound, in the same words for all."""
    statement = (
        select(
            Resource.id,
            Resource.public_id,
            Resource.kind,
            Resource.published_at,
            ResourceVersion.content,
            ResourceVersion.published_at.label("changed_at"),
            select(func.coalesce(func.sum(ResourceUse.count), 0))
            .where(ResourceUse.resource_id == Resource.id)
            .scalar_subquery()
            .label("uses"),
            _has(ResourceUsed, viewer_id, ResourceUsed.day == now.date()).label("used_today"),
            _has(ResourceBookmark, viewer_id).label("bookmarked"),
            case((authors.takes_part(viewer_id or 0), True), else_=False).label("mine"),
        )
        .join(
            ResourceVersion,
            (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.shown),
        )
        .where(Resource.public_id == resource)
    )
    if viewer_id is None:
        statement = statement.where(open_to_all())
    row = session.execute(statement).first()
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    near = session.scalars(
        select(ResourceRelated.other_id).where(ResourceRelated.resource_id == row.id).order_by(ResourceRelated.rank)
    ).all()
    return Reading(
        row.id,
        row.public_id,
        row.kind,
        contents.read(row.content),
        tuple(authors.of(session, viewer_id, [row.id]).get(row.id, ())),
        row.published_at,
        row.changed_at,
        tuple(searching.listed(session, viewer_id, near)),
        int(row.uses),
        bool(row.used_today),
        bool(row.bookmarked),
        bool(row.mine),
    )


def _has(
    model: type[ResourceUsed] | type[ResourceBookmark], viewer_id: int | None, *more: ColumnElement[bool]
) -> ColumnElement[bool]:
    return exists().where(model.resource_id == Resource.id, model.member_id == (viewer_id or 0), *more)


def _shown(session: Session, resource: str) -> int:
    found = session.scalar(select(Resource.id).where(Resource.public_id == resource, Resource.shown.is_not(None)))
    if found is None:
        raise NotFound("There is no such page, or it is not for you.")
    return found


def bookmark(session: Session, actor: Actor, resource: str, keep: bool, now: datetime) -> None:
    """Keep a resource among one's bookmarks, or no longer. Twice is once. Raises NotFound, Conflict for very many."""
    resource_id = _shown(session, resource)
    mine = ResourceBookmark.member_id == actor.member_id
    if not keep:
        gone = delete(ResourceBookmark).where(mine, ResourceBookmark.resource_id == resource_id)
        session.execute(gone, execution_options=_AS_IT_STANDS)
        return
    if (session.scalar(select(func.count()).select_from(ResourceBookmark).where(mine)) or 0) >= MOST_BOOKMARKS:
        raise Conflict("You have 500 bookmarks. Take one away first.")
    insert = _insert(session)
    session.execute(
        insert(ResourceBookmark)
        .values(member_id=actor.member_id, resource_id=resource_id, added_at=now)
        .on_conflict_do_nothing()
    )


def use(session: Session, actor: Actor, resource: str, now: datetime) -> None:
    """Count that the actor used a resource: once a day. Who it was is forgotten the next day. Raises NotFound."""
    resource_id, today = _shown(session, resource), now.date()
    forget_used(session, today)
    insert = _insert(session)
    mark = (
        insert(ResourceUsed)
        .values(member_id=actor.member_id, resource_id=resource_id, day=today)
        .on_conflict_do_nothing()
        .returning(ResourceUsed.member_id)
    )
    if session.execute(mark).first() is None:
        return
    counted = insert(ResourceUse).values(resource_id=resource_id, day=today, count=1)
    session.execute(
        counted.on_conflict_do_update(
            index_elements=[ResourceUse.resource_id, ResourceUse.day], set_={"count": ResourceUse.count + 1}
        )
    )


def forget_used(session: Session, today: date) -> None:
    """Forget who used what on days that are over."""
    session.execute(delete(ResourceUsed).where(ResourceUsed.day < today), execution_options=_AS_IT_STANDS)


def _insert(session: Session) -> Any:
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
