"""Past issues as members read them: those for all, and those for a segment that the reader is in today.

Words and their order are frozen as they left; what a block points to is shown as it is today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from haln.access import Actor
from haln.errors import NotFound
from haln.models import Member, Newsletter
from haln.post.newsletters import audience, contents
from haln.post.newsletters.contents import Piece
from haln.post.newsletters.letters import LEAVING
from haln.taxonomy.vocabulary import Vocabulary

PAGE = 20
_MOST = 500
_HEAD = (Newsletter.public_id, Newsletter.subject, Newsletter.began_at, Newsletter.changed_at)


@dataclass(frozen=True, slots=True)
class Past:
    """An issue in the list."""

    public_id: str
    subject: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """An issue to read; what is gone of it is left out."""

    subject: str
    sent_at: datetime
    pieces: list[Piece]


def listed(session: Session, actor: Actor, vocabulary: Vocabulary, page: int = 0) -> list[Past]:
    """The issues that a member may read, the newest first, at most one more than a page. Two queries."""
    rows = session.scalars(
        select(Newsletter)
        .options(load_only(*_HEAD, *(getattr(Newsletter, facet) for facet in audience.FACETS)))
        .where(Newsletter.state.in_(LEAVING))
        .order_by(Newsletter.began_at.desc(), Newsletter.id.desc())
        .limit(_MOST)
    ).all()
    theirs = audience.is_for(session, actor.member_id, [audience.of(row) for row in rows], vocabulary)
    mine = [row for row, is_mine in zip(rows, theirs, strict=True) if is_mine]
    return [Past(row.public_id, row.subject, row.began_at or row.changed_at) for row in mine[page * PAGE :][: PAGE + 1]]


def one(session: Session, actor: Actor, key: str, vocabulary: Vocabulary, now: datetime) -> Reading:
    """An issue that a member may read. Raises NotFound, in the same words for all."""
    row = session.scalar(select(Newsletter).where(Newsletter.public_id == key, Newsletter.state.in_(LEAVING)))
    if row is None or not audience.is_for(session, actor.member_id, [audience.of(row)], vocabulary)[0]:
        raise NotFound("There is no such page, or it is not for you.")
    pieces = [one for one in contents.pieces(session, row.blocks, now) if not one.gone]
    return Reading(row.subject, row.began_at or row.changed_at, pieces)


def wants(session: Session, actor: Actor) -> datetime | None:
    """Since when the actor wants the newsletter by mail; none: they do not."""
    return session.scalar(select(Member.news_since).where(Member.id == actor.member_id))
