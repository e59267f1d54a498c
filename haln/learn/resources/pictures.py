"""Pictures of a resource: one that leads it, and others in its words; read by whoever may read the words they are in.

A text names its pictures: `lead`, and `![what it shows](picture:key)` in its parts. So a version keeps those that it
was published with, whatever becomes of the draft.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.learn.resources import authors, contents, drafts, picture_marks
from haln.learn.resources.picture_files import Prepared
from haln.learn.resources.searching import open_to_all
from haln.learn.resources.shown_pictures import Shown, named, of
from haln.models import Resource, ResourceAuthor, ResourcePicture, ResourceVersion
from haln.people import throttles
from haln.people.markdown import pictures_in
from haln.people.tokens import public_id

LEAD = "lead"
MOST = 12
A_DAY = 60
ALTERNATIVE = 300
_AS_IT_STANDS = {"synchronize_session": False}
_NOT_HERE = "There is no such page, or it is not for you."


@dataclass(frozen=True, slots=True)
class Own:
    """A picture as the authors see it. `place`: lead, the part of the draft in which it stands, or nothing."""

    shown: Shown
    place: str
    markdown: str


def markdown(key: str, alternative: str) -> str:
    """How a picture is written in a text."""
    words = re.sub(r"([\\\[\]])", r"\\\1", alternative)
    return f"![{words}](picture:{key})"


def own(session: Session, actor: Actor, resource: str) -> tuple[Resource, list[Own]]:
    """A resource that the actor takes part in, with its pictures and where the draft has them. Raises NotFound."""
    row = drafts.own(session, actor, resource)
    keys = _keys(session, row)
    shown = of(session, keys)
    found = []
    for key in keys:
        one = shown[key]
        found.append(Own(one, _place(row.draft, key), markdown(key, one.alternative)))
    return row, found


def _keys(session: Session, row: Resource) -> list[str]:
    """The draft's pictures, as they were put in: those that it names, and those that no version names instead."""
    rows = select(ResourcePicture.public_id).where(ResourcePicture.resource_id == row.id).order_by(ResourcePicture.id)
    old = _of_versions(session, row.id) - named(row.draft)
    return [key for key in session.scalars(rows) if key not in old]


def _of_versions(session: Session, resource_id: int) -> set[str]:
    versions = session.scalars(select(ResourceVersion.content).where(ResourceVersion.resource_id == resource_id))
    return set[str]().union(*(named(one) for one in versions))


def _place(draft: Mapping[str, Any], key: str) -> str:
    if draft.get("lead") == key:
        return LEAD
    return next((name for name, text in draft["parts"].items() if key in pictures_in(text)), "")


def may_add(
    session: Session, actor: Actor, resource: str, content: bytes, alternative: str, place: str, now: datetime
) -> None:
    """Refuse at once what would be refused, and count the try; the caller commits, and prepares the file after it.

    Preparing takes seconds, within which nothing may be held. Raises what `add` raises, and TooMany.
    """
    row = drafts.own(session, actor, resource)
    alternative, faults = " ".join(alternative.split()), dict[str, str]()
    if not 1 <= len(alternative) <= ALTERNATIVE:
        faults["alternative"] = "Say what the picture shows, in at most 300 characters: some readers do not see it."
    if place not in (LEAD, *contents.PARTS[row.kind]):
        faults["place"] = "Choose where the picture stands."
    if not content:
        faults["file"] = "Choose a file first."
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    _takes_another(session, row)
    throttles.take(session, throttles.key("pictures-of", str(actor.member_id)), A_DAY, throttles.DAY, now)


def _takes_another(session: Session, row: Resource) -> None:
    if row.state == drafts.REVIEW:
        raise Conflict("Staff are reading it. Take it back first, then change it.")
    if len(_keys(session, row)) >= MOST:
        raise Conflict("A resource has at most twelve pictures. Take one away first.")


def add(
    session: Session, actor: Actor, resource: str, made: Prepared, alternative: str, place: str, now: datetime
) -> str:
    """Put a picture, which `may_add` let through, into a draft: before it, or at the end of a part. Returns its key.

    Raises Invalid where a part is full; Conflict while staff read it and for very many; NotFound.
    """
    row = drafts.own(session, actor, resource, lock=True)
    _takes_another(session, row)
    alternative = " ".join(alternative.split())
    key = public_id()
    session.add(
        ResourcePicture(
            public_id=key,
            resource_id=row.id,
            alternative=alternative,
            width=made.size.width,
            height=made.size.height,
            small_width=made.small_size.width,
            small_height=made.small_size.height,
            data=made.data,
            small=made.small,
            added_at=now,
        )
    )
    _rewrite(row, _with(row.draft, key, alternative, place), now)
    session.flush()
    detail: history.Detail = {"version": row.version}
    history.record(session, actor.member_id, "add_resource_picture", "resource", row.id, now, detail)
    return key


def _with(draft: Mapping[str, Any], key: str, alternative: str, place: str) -> dict[str, Any]:
    if place == LEAD:
        return {**draft, "lead": key}
    text = "\n\n".join(part for part in (draft["parts"].get(place, ""), markdown(key, alternative)) if part)
    if len(text) > contents.PART:
        sentence = "There is no room left in this part: it has at most 40,000 characters."
        raise Invalid(sentence, {"place": sentence})
    return {**draft, "parts": {**draft["parts"], place: text}}


def remove(session: Session, actor: Actor, resource: str, key: str, now: datetime) -> None:
    """Take a picture out of a draft. A version that was published with it keeps it. Raises NotFound, Conflict."""
    row = drafts.own(session, actor, resource, lock=True)
    if row.state == drafts.REVIEW:
        raise Conflict("Staff are reading it. Take it back first, then change it.")
    if key not in _keys(session, row):
        raise NotFound(_NOT_HERE)
    parts = {name: picture_marks.without(text, key) for name, text in row.draft["parts"].items()}
    lead = "" if row.draft.get("lead") == key else row.draft.get("lead", "")
    _rewrite(row, {**row.draft, "lead": lead, "parts": parts}, now)
    session.flush()
    prune(session, row.id, {key})
    history.record(session, actor.member_id, "remove_resource_picture", "resource", row.id, now)


def _rewrite(row: Resource, draft: dict[str, Any], now: datetime) -> None:
    row.draft = draft
    row.state = row.state if row.state in (drafts.CHANGES, drafts.DECLINED) else drafts.DRAFT
    row.changed_at, row.version = now, row.version + 1


def prune(session: Session, resource_id: int, keys: Collection[str]) -> None:
    """Delete those of the pictures that neither the draft nor any version names."""
    used = set(named(session.scalars(select(Resource.draft).where(Resource.id == resource_id)).one()))
    gone = sorted(set(keys) - used - _of_versions(session, resource_id))
    mine = (ResourcePicture.resource_id == resource_id, ResourcePicture.public_id.in_(gone))
    session.execute(delete(ResourcePicture).where(*mine), execution_options=_AS_IT_STANDS)


def served(session: Session, viewer_id: int | None, key: str, *, small: bool, reviews: bool, public: bool) -> bytes:
    """A picture, for somebody who may read a text that names it; `viewer_id` none: somebody not signed in.

    `reviews`: they read what is with staff, and every version; `public`: the network publishes to all. Raises NotFound.
    """
    found = session.execute(
        select(ResourcePicture.id, Resource.id, Resource.draft, Resource.shown, Resource.state, Resource.sent_at)
        .join(Resource, Resource.id == ResourcePicture.resource_id)
        .where(ResourcePicture.public_id == key)
    ).first()
    if found is None or not _may_see(session, viewer_id, key, found, reviews=reviews, public=public):
        raise NotFound(_NOT_HERE)
    column = ResourcePicture.small if small else ResourcePicture.data
    return session.execute(select(column).where(ResourcePicture.id == found[0])).scalar_one()


def _may_see(session: Session, viewer_id: int | None, key: str, row: Any, *, reviews: bool, public: bool) -> bool:
    _, resource_id, draft, shown, state, sent_at = row
    versions = {
        number: key in named(content)
        for number, content in session.execute(
            select(ResourceVersion.number, ResourceVersion.content).where(ResourceVersion.resource_id == resource_id)
        )
    }
    if versions.get(shown, False):
        readers = select(Resource.id).where(Resource.id == resource_id, open_to_all())
        if viewer_id is not None or (public and session.scalar(readers) is not None):
            return True
    if viewer_id is None:
        return False
    if reviews and sent_at is not None and (any(versions.values()) or (state == drafts.REVIEW and key in named(draft))):
        return True
    takes_part = select(Resource.id).where(Resource.id == resource_id, authors.takes_part(viewer_id))
    asked = select(ResourceAuthor.resource_id).where(
        ResourceAuthor.resource_id == resource_id,
        ResourceAuthor.member_id == viewer_id,
        authors.asks(viewer_id),
    )
    if session.scalar(takes_part) is not None:
        return True
    return (
        key in named(draft)
        and session.scalar(asked.join(Resource, Resource.id == ResourceAuthor.resource_id)) is not None
    )
