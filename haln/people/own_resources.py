"""What a member wrote, kept and used of resources, as their own copy holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from haln.models import (
    Resource,
    ResourceAuthor,
    ResourceBookmark,
    ResourceFeed,
    ResourceStep,
    ResourceUsed,
    ResourceVersion,
)

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
    title = Resource.draft["title"].as_string().label("title")
    return {
        "resources": _resources(session, member_id, named),
        "resource_steps": _rows(
            session,
            select(title, ResourceStep.step, ResourceStep.words, ResourceStep.at)
            .join(Resource, Resource.id == ResourceStep.resource_id)
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


def others(session: Session, member_id: int) -> set[int]:
    """The people whom these parts name."""
    return set(session.scalars(select(Resource.written_by_id).where(Resource.id.in_(_mine(member_id)))))


def _mine(member_id: int) -> Any:
    return select(ResourceAuthor.resource_id).where(ResourceAuthor.member_id == member_id)


def _resources(session: Session, member_id: int, named: Named) -> list[Document]:
    """What they write, or are asked to be an author of. Who said no has none of its words."""
    rows = session.execute(
        select(Resource, ResourceAuthor.answer, ResourceAuthor.asked_at, ResourceAuthor.answered_at)
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
    for step in session.scalars(
        select(ResourceStep).where(ResourceStep.resource_id.in_(taken)).order_by(ResourceStep.id)
    ):
        told.setdefault(step.resource_id, []).append({"step": step.step, "words": step.words, "at": step.at})
    return [
        {
            "begun_by": named(row[0].written_by_id),
            "kind": row[0].kind,
            "state": row[0].state,
            "begun_at": row[0].created_at,
            "changed_at": row[0].changed_at,
            "published_at": row[0].published_at,
            "your_answer_as_an_author": row.answer,
            "asked_at": row.asked_at,
            "answered_at": row.answered_at,
            "words": None if row.answer == "no" else row[0].draft,
            "versions": versions.get(row[0].id, []),
            "what_happened": told.get(row[0].id, []),
        }
        for row in rows
    ]


def _rows(session: Session, statement: Executable) -> list[Document]:
    return [dict(row._mapping) for row in session.execute(statement)]
