"""What an issue says today: words as staff wrote them, and of what a block points to what is so now.

Three queries at most, however many blocks there are. What is cancelled, retired or taken down drops out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from haln.learn.event_access import PLANNED
from haln.learn.event_facts import whereabouts
from haln.models import Event, Pathway, PathwayModule, Place, Resource, ResourceVersion
from haln.post.newsletters.blocks import EVENT, PATHWAY, POINTING, RESOURCE, Block, live

_AHEAD = 100


@dataclass(frozen=True, slots=True)
class Piece:
    """A block as it is read. `path`: a page of ours; `gone`: what it points to is there no more, and it is left out."""

    id: str
    kind: str
    heading: str = ""
    text: str = ""
    title: str = ""
    lead: str = ""
    where: str = ""
    starts_at: datetime | None = None
    resource_kind: str = ""
    path: str = ""
    link: str = ""
    button: str = ""
    gone: bool = False


def pieces(session: Session, blocks: Sequence[Block], now: datetime) -> list[Piece]:
    """All blocks that are not taken out, in order, as they are today."""
    shown = live(blocks)
    known = _pointed_to(session, shown, now)
    return [_piece(one, known.get((one["kind"], one.get("about", "")))) for one in shown]


def _piece(block: Block, known: dict[str, Any] | None) -> Piece:
    kind, text = block["kind"], block.get("text", "")
    if kind in POINTING:
        return Piece(block["id"], kind, text=text, **(known or {"gone": True}))
    link = block.get("link", "")
    ours = link.startswith("/")
    return Piece(
        block["id"],
        kind,
        block.get("heading", ""),
        text,
        link="" if ours else link,
        path=link if ours else "",
        button=block.get("button", ""),
    )


def _pointed_to(session: Session, blocks: Sequence[Block], now: datetime) -> dict[tuple[str, str], dict[str, Any]]:
    asked = {kind: [one["about"] for one in blocks if one["kind"] == kind] for kind in POINTING}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    if asked[EVENT]:
        columns = (Event.public_id, Event.title, Event.standfirst, Event.starts_at, Event.where, Place.name)
        for row in session.execute(
            select(*columns)
            .outerjoin(Place, Place.id == Event.place_id)
            .where(Event.public_id.in_(asked[EVENT]), Event.state == PLANNED, Event.ends_at > now)
        ):
            path = f"/events/{row.public_id}"
            said = {"title": row.title, "lead": row.standfirst, "path": path, "starts_at": row.starts_at}
            found[EVENT, row.public_id] = {**said, "where": whereabouts(row.where, row.name)}
    if asked[RESOURCE]:
        for row in session.execute(_resources().where(Resource.public_id.in_(asked[RESOURCE]))):
            said = {"title": row.content["title"], "lead": row.content["standfirst"], "resource_kind": row.kind}
            found[RESOURCE, row.public_id] = {**said, "path": f"/resources/{row.public_id}"}
    if asked[PATHWAY]:
        for row in session.execute(_pathways().where(Pathway.public_id.in_(asked[PATHWAY]))):
            said = {"title": row.title, "lead": row.purpose, "path": f"/pathways/{row.public_id}"}
            found[PATHWAY, row.public_id] = said
    return found


def _resources() -> Any:
    """The resources that members can read, as they are shown."""
    return (
        select(Resource.public_id, Resource.kind, ResourceVersion.content, Resource.published_at)
        .join(
            ResourceVersion,
            (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.shown),
        )
        .where(Resource.shown.is_not(None))
    )


def _pathways() -> Any:
    """The pathways that members can walk."""
    there = exists().where(
        PathwayModule.pathway_id == Pathway.id, PathwayModule.shown_at.is_not(None), PathwayModule.retired_at.is_(None)
    )
    return select(Pathway.public_id, Pathway.title, Pathway.purpose).where(there)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a block may point to; `day` tells two events of one title apart."""

    key: str
    title: str
    day: datetime | None = None


def choices(session: Session, kind: str, now: datetime) -> list[Choice]:
    """What a block of a kind may point to: events to come, the newest resources, pathways."""
    if kind == EVENT:
        columns = (Event.public_id, Event.title, Event.starts_at)
        ahead = select(*columns).where(Event.state == PLANNED, Event.starts_at > now, Event.starts_at < now + _YEAR)
        return [Choice(*row) for row in session.execute(ahead.order_by(Event.starts_at, Event.id).limit(_AHEAD))]
    if kind == RESOURCE:
        newest = _resources().order_by(Resource.published_at.desc(), Resource.id.desc()).limit(_AHEAD)
        return [Choice(row.public_id, row.content["title"]) for row in session.execute(newest)]
    if kind == PATHWAY:
        return [Choice(row.public_id, row.title) for row in session.execute(_pathways().order_by(Pathway.position))]
    return []


_YEAR = timedelta(days=366)
