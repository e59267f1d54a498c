"""What a member wrote, kept and used of resources, as their own copy holds it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Executable, and_, case, exists, or_, select
from sqlalchemy.orm import Session

from haln.models import (
    Member,
    Resource,
    ResourceAuthor,
    ResourceBookmark,
    ResourceFeed,
    ResourcePicture,
    ResourceStep,
    ResourceUsed,
    ResourceVersion,
)
from haln.people.visibility import may_see

Document = dict[str, Any]
Named = Callable[[int | None], str | None]

TAKEN: Mapping[str, str] = {
    "resource.written_by_id": "resources",
    "resource_author.member_id": "resources",
    "resource_bookmark.member_id": "resource_bookmarks",
    "resource_feed.member_id": "resource_feed",
    "resource_step.by_id": "resource_steps",
    "resource_used.member_id": "resources_used_today",
    "resource_version.published_by_id": "resources_published",
}
"""The part of the copy in which each column of resources that points to a member is found."""


def parts(session: Session, member_id: int, named: Named) -> Mapping[str, list[Document]]:
    """All parts. `named` gives the name of somebody whom the member may see."""
    return {
        "resources": _resources(session, member_id, named),
        "resource_steps": _rows(
            session,
            select(_title_for(member_id), ResourceStep.step, ResourceStep.words, ResourceStep.at)
            .join(Resource, Resource.id == ResourceStep.resource_id)
            .outerjoin(ResourceVersion, _shown())
            .where(ResourceStep.by_id == member_id)
            .order_by(ResourceStep.id),
        ),
        "resources_published": _rows(
            session,
            select(
                ResourceVersion.content["title"].as_string().label("title"),
                ResourceVersion.number,
                ResourceVersion.published_at,
            )
            .where(ResourceVersion.published_by_id == member_id)
            .order_by(ResourceVersion.published_at, ResourceVersion.resource_id),
        ),
        "resource_bookmarks": _rows(
            session,
            select(_shown_title(), ResourceBookmark.added_at)
            .join(Resource, Resource.id == ResourceBookmark.resource_id)
            .outerjoin(ResourceVersion, _shown())
            .where(ResourceBookmark.member_id == member_id)
            .order_by(ResourceBookmark.added_at),
        ),
        "resources_used_today": _rows(
            session,
            select(_shown_title(), ResourceUsed.day)
            .join(Resource, Resource.id == ResourceUsed.resource_id)
            .outerjoin(ResourceVersion, _shown())
            .where(ResourceUsed.member_id == member_id)
            .order_by(ResourceUsed.day),
        ),
        "resource_feed": _rows(session, select(ResourceFeed.made_at).where(ResourceFeed.member_id == member_id)),
    }


def _shown() -> Any:
    return (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.shown)


def _shown_title() -> Any:
    """Its title as readers see it: none where it is not shown any more, for a draft is its authors' alone."""
    return ResourceVersion.content["title"].as_string().label("title")


def _title_for(member_id: int) -> Any:
    """Its title for somebody who did something with it: of the working copy for its authors, else as readers see it."""
    writes = exists().where(
        ResourceAuthor.resource_id == Resource.id,
        ResourceAuthor.member_id == member_id,
        ResourceAuthor.answer == "yes",
    )
    shown = ResourceVersion.content["title"].as_string()
    return case((writes, Resource.draft["title"].as_string()), else_=shown).label("title")


def others(session: Session, member_id: int) -> set[int]:
    """The people whom these parts name."""
    return set(session.scalars(select(Resource.written_by_id).where(Resource.id.in_(_mine(member_id)))))


def _mine(member_id: int) -> Any:
    return select(ResourceAuthor.resource_id).where(ResourceAuthor.member_id == member_id)


def _resources(session: Session, member_id: int, named: Named) -> list[Document]:
    """What they write, or are asked to be an author of. Words are for who began it and for who said yes.

    How far a draft is, is told besides to those whom it asks: while they may see who began it.
    """
    asks = and_(
        ResourceAuthor.answer.is_(None),
        exists(select(Member.id).where(Member.id == Resource.written_by_id, may_see(member_id))),
    )
    rows = session.execute(
        select(
            Resource,
            ResourceAuthor.answer,
            ResourceAuthor.asked_at,
            ResourceAuthor.answered_at,
            asks.label("asks"),
            or_(ResourceAuthor.answer == "yes", Resource.written_by_id == member_id).label("writes"),
        )
        .join(ResourceAuthor, ResourceAuthor.resource_id == Resource.id)
        .where(ResourceAuthor.member_id == member_id)
        .order_by(Resource.id)
    ).all()
    taken = [row[0].id for row in rows if row.answer == "yes"]
    versions: dict[int, list[Document]] = {}
    told: dict[int, list[Document]] = {}
    for one in session.scalars(
        select(ResourceVersion)
        .where(ResourceVersion.resource_id.in_(taken))
        .order_by(ResourceVersion.resource_id, ResourceVersion.number)
    ):
        published = {"number": one.number, "published_at": one.published_at, "content": one.content}
        versions.setdefault(one.resource_id, []).append(published)
    pictures = _pictures(session, [row[0].id for row in rows if row.writes])
    for step in session.scalars(
        select(ResourceStep).where(ResourceStep.resource_id.in_(taken)).order_by(ResourceStep.id)
    ):
        told.setdefault(step.resource_id, []).append({"step": step.step, "words": step.words, "at": step.at})
    return [
        {
            "begun_by": named(row[0].written_by_id),
            "kind": row[0].kind,
            "state": row[0].state if row.writes or row.asks else None,
            "begun_at": row[0].created_at if row.writes or row.asks else None,
            "changed_at": row[0].changed_at if row.writes or row.asks else None,
            "published_at": row[0].published_at if row.writes or row.asks else None,
            "your_answer_as_an_author": row.answer,
            "asked_at": row.asked_at,
            "answered_at": row.answered_at,
            "words": row[0].draft if row.writes else None,
            "versions": versions.get(row[0].id, []),
            "pictures": pictures.get(row[0].id, []),
            "what_happened": told.get(row[0].id, []),
        }
        for row in rows
    ]


def _pictures(session: Session, ids: list[int]) -> dict[int, list[Document]]:
    """The pictures of what they write, whole: as WebP in letters (base64)."""
    found: dict[int, list[Document]] = {}
    for one in session.scalars(
        select(ResourcePicture).where(ResourcePicture.resource_id.in_(ids)).order_by(ResourcePicture.id)
    ):
        told = {"key": one.public_id, "shows": one.alternative, "added_at": one.added_at}
        found.setdefault(one.resource_id, []).append({**told, "webp": b64encode(one.data).decode("ascii")})
    return found


def _rows(session: Session, statement: Executable) -> list[Document]:
    return [dict(row._mapping) for row in session.execute(statement)]
