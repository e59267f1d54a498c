"""Resources published since: about the reader's themes, or from where they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from haln.models import Resource, ResourceAuthor, ResourceMark, ResourceVersion
from haln.post.digest_parts.base import Found, Reader, Why
from haln.post.digest_times import LONGEST
from haln.post.shared import Shared

MOST = 3


@dataclass(frozen=True, slots=True)
class Published:
    """A resource as readers see it. `authors`: numbers of those who wrote it, who need no news of it."""

    public_id: str
    kind: str
    title: str
    standfirst: str
    themes: frozenset[str]
    regions: frozenset[str]
    authors: frozenset[int]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """A resource in a digest, and why it is there: `place` is the code of a region."""

    resource: Published
    why: Why


def read(session: Session, reader: Reader, shared: Shared) -> Found | None:
    """Up to three resources, the newest first. Who wrote them stands on their pages, behind the gate."""
    published = shared.once("resources", reader.now, lambda: _published(session, reader.now))
    new = [one for one in published if reader.is_new(one.published_at) and reader.id not in one.authors]
    found = tuple(Item(one, why) for one in new if (why := _why(one, reader)) is not None)[:MOST]
    return Found(found, len(found)) if found else None


def _why(one: Published, reader: Reader) -> Why | None:
    return reader.why(one.themes, min(one.regions & reader.regions, default=""))


def _published(session: Session, now: datetime) -> list[Published]:
    rows = session.execute(
        select(Resource.id, Resource.public_id, Resource.kind, Resource.published_at, ResourceVersion.content)
        .join(
            ResourceVersion,
            and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.shown),
        )
        .where(Resource.published_at > now - LONGEST)
        .order_by(Resource.published_at.desc(), Resource.id.desc())
    ).all()
    ids = [row.id for row in rows]
    marks: dict[tuple[int, str], set[str]] = defaultdict(set)
    mark = select(ResourceMark.resource_id, ResourceMark.facet, ResourceMark.code)
    for resource_id, facet, code in session.execute(mark.where(ResourceMark.resource_id.in_(ids))):
        marks[resource_id, facet].add(code)
    authors: dict[int, set[int]] = defaultdict(set)
    author = select(ResourceAuthor.resource_id, ResourceAuthor.member_id)
    for resource_id, member_id in session.execute(author.where(ResourceAuthor.resource_id.in_(ids))):
        authors[resource_id].add(member_id)
    return [
        Published(
            public_id=row.public_id,
            kind=row.kind,
            title=row.content["title"],
            standfirst=row.content.get("standfirst") or "",
            themes=frozenset(marks[row.id, "theme"]),
            regions=frozenset(marks[row.id, "region"]),
            authors=frozenset(authors[row.id]),
            published_at=row.published_at,
        )
        for row in rows
    ]
