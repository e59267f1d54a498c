"""What a member leaves behind in resources: what was published keeps its words, and its author no name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

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
from haln.people import masking, resource_index
from haln.people.visibility import ACTIVE

_AS_IT_STANDS = {"synchronize_session": False}
ERASED = "erased"

ERASING: Mapping[str, str] = {
    "resource.written_by_id": "kept where others take part or it was published, without the name; else deleted",
    "resource_author.member_id": "kept where they agreed: a node without a name; else deleted",
    "resource_bookmark.member_id": "deleted",
    "resource_feed.member_id": "deleted",
    "resource_step.by_id": "kept: a node without a name; what was said to them alone is emptied",
    "resource_used.member_id": "deleted: the count stays",
    "resource_version.published_by_id": "kept: a node without a name",
}
"""What erasing does with each column of resources that points to a member."""


def withdraw(session: Session, member_id: int) -> None:
    """End what a member takes part in: their feed, what they were asked, and what nobody else would answer for.

    That they said no to being named stays until they are erased: their name may stand in the words.
    """
    _run(session, delete(ResourceFeed).where(ResourceFeed.member_id == member_id))
    asked = (ResourceAuthor.member_id == member_id, ResourceAuthor.answer.is_(None))
    _run(session, delete(ResourceAuthor).where(*asked))
    alone = _alone(session, member_id, Member.standing == ACTIVE)
    sent = (Resource.id.in_(alone), Resource.state == "review")
    _run(session, update(Resource).where(*sent).values(state="draft", version=Resource.version + 1))


def erase(session: Session, member_id: int, name: str) -> None:
    """Delete what was never published and nobody else writes; take the name out of the rest. After `withdraw`."""
    for model in (ResourceBookmark, ResourceUsed):
        _run(session, delete(model).where(model.member_id == member_id))
    alone = _alone(session, member_id, Member.standing != ERASED)
    _run(session, delete(Resource).where(Resource.id.in_(alone), Resource.published_at.is_(None)))
    _run(session, update(ResourceStep).where(ResourceStep.resource_id.in_(alone)).values(words=""))
    _back_to_published(session, alone)
    named = select(ResourceAuthor.resource_id).where(ResourceAuthor.member_id == member_id)
    wrote = list(
        session.scalars(select(Resource.id).where(or_(Resource.id.in_(named), Resource.written_by_id == member_id)))
    )
    for row in session.execute(select(Resource.id, Resource.draft).where(Resource.id.in_(wrote))).all():
        _run(session, update(Resource).where(Resource.id == row.id).values(draft=_without(row.draft, name)))
    versions = select(ResourceVersion.resource_id, ResourceVersion.number, ResourceVersion.content)
    for version in session.execute(versions.where(ResourceVersion.resource_id.in_(wrote))).all():
        this = (ResourceVersion.resource_id == version.resource_id, ResourceVersion.number == version.number)
        _run(session, update(ResourceVersion).where(*this).values(content=_without(version.content, name)))
    for picture in session.execute(
        select(ResourcePicture.id, ResourcePicture.alternative).where(ResourcePicture.resource_id.in_(wrote))
    ).all():
        told = {"alternative": masking.without(picture.alternative, name)}
        _run(session, update(ResourcePicture).where(ResourcePicture.id == picture.id).values(**told))
    refused = (ResourceAuthor.member_id == member_id, ResourceAuthor.answer == "no")
    _run(session, delete(ResourceAuthor).where(*refused))
    resource_index.store(session, wrote)
    resource_index.purge(session)


def _back_to_published(session: Session, ids: Sequence[int]) -> None:
    """Let nothing stay of working copies but the text that was published: the one that is shown, else the last."""
    rows = session.execute(
        select(Resource.id, Resource.shown, ResourceVersion.content)
        .join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
        .where(Resource.id.in_(ids), or_(Resource.shown.is_(None), Resource.shown == ResourceVersion.number))
        .order_by(ResourceVersion.number)
    ).all()
    for row in rows:
        kept = {"draft": row.content, "state": "draft" if row.shown is None else "settled"}
        _run(session, update(Resource).where(Resource.id == row.id).values(**kept, version=Resource.version + 1))
    _delete_pictures(session, ids)


def _delete_pictures(session: Session, ids: Sequence[int]) -> None:
    """Delete the pictures of these resources that no text names any more."""
    texts = [*session.scalars(select(Resource.draft).where(Resource.id.in_(ids)))]
    texts += session.scalars(select(ResourceVersion.content).where(ResourceVersion.resource_id.in_(ids)))
    said = "\n".join(part for text in texts for part in (text.get("lead", ""), *text["parts"].values()))
    pictures = session.execute(
        select(ResourcePicture.id, ResourcePicture.public_id).where(ResourcePicture.resource_id.in_(ids))
    )
    gone = [one.id for one in pictures.all() if one.public_id not in said]
    _run(session, delete(ResourcePicture).where(ResourcePicture.id.in_(gone)))


def _alone(session: Session, member_id: int, here: ColumnElement[bool]) -> list[int]:
    """The resources in which nobody else takes part who is `here`, said of the row of Member."""
    mine, other = aliased(ResourceAuthor), aliased(ResourceAuthor)
    others = exists(
        select(Member.id)
        .join(other, other.member_id == Member.id)
        .where(other.resource_id == Resource.id, other.member_id != member_id, other.answer == "yes", here)
    )
    taken = exists().where(mine.resource_id == Resource.id, mine.member_id == member_id, mine.answer == "yes")
    return list(session.scalars(select(Resource.id).where(taken, ~others)))


def _without(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A text with a gap where the whole name stands. Who is only named by a part of it wrote so themselves."""
    cleaned = {key: masking.without(content[key], name) for key in ("title", "standfirst")}
    return {
        **content,
        **cleaned,
        "parts": {key: masking.without(text, name) for key, text in content["parts"].items()},
    }


def _run(session: Session, statement: Any) -> None:
    session.execute(statement, execution_options=_AS_IT_STANDS)
