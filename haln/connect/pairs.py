"""Two members: whether one may approach the other, and what stands between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from haln.errors import NotFound
from haln.models import Connection, Member, Suggestion
from haln.people import changes, visibility


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whom a member may approach."""

    id: int
    public_id: str
    name: str


def hold(session: Session) -> int:
    """Let nobody else change who stands how to whom until this transaction ends. Returns the change's number.

    What is decided about a pair is read first and written then; the counter's row lock keeps two such decisions apart.
    """
    return changes.next_number(session)


def party(session: Session, viewer_id: int, public_id: str) -> Party:
    """Find another member whom the viewer may see.

    Raises NotFound, in the same words whether the member does not exist, hides, or has blocked the viewer.
    """
    row = session.execute(
        select(Member.id, Member.public_id, Member.name).where(
            Member.public_id == public_id, Member.id != viewer_id, visibility.may_see(viewer_id)
        )
    ).first()
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    return Party(row.id, row.public_id, row.name)


def connection_id(session: Session, one: int, other: int) -> int | None:
    """The open connection between two members, if there is one."""
    return session.scalar(
        select(Connection.id).where(
            Connection.low_id == min(one, other), Connection.high_id == max(one, other), Connection.until.is_(None)
        )
    )


def unlist(session: Session, one: int, other: int, now: datetime) -> None:
    """Take two members out of each other's suggestions."""
    session.execute(
        update(Suggestion)
        .where(
            Suggestion.unlisted_at.is_(None),
            or_(
                and_(Suggestion.member_id == one, Suggestion.other_id == other),
                and_(Suggestion.member_id == other, Suggestion.other_id == one),
            ),
        )
        .values(unlisted_at=now),
        execution_options={"synchronize_session": False},
    )
