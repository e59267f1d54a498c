"""Who wrote a resource: one or more members, each asked for themselves whether they agree to be named.

Who agrees takes part: reads the working copy, changes it, sends it. Who says no, or nothing, is not named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.errors import Conflict, Invalid, NotFound
from haln.models import Member, Resource, ResourceAuthor
from haln.people import mailbox, throttles
from haln.people.visibility import ACTIVE, Who, may_see

YES, NO = "yes", "no"
MOST = 8
A_DAY = 20
ONE_A_DAY = 3
"""So often may one member be asked about one resource in a day, whoever takes them out in between."""


class Sight(StrEnum):
    """How much of an author may be said."""

    HERE = "here"
    UNSEEN = "unseen"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class Author:
    """An author as one reader may see them; the name is empty unless here."""

    member_id: int
    sight: Sight
    name: str = ""
    public_id: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """An author as the other authors see them: whether they agree is theirs to know, for they write together."""

    author: Author
    answer: str
    owner: bool


def of(session: Session, viewer_id: int | None, resource_ids: Collection[int]) -> dict[int, list[Author]]:
    """The authors who agree to be named, of each resource, as somebody may see them: who began it first.

    `viewer_id` none: somebody not signed in.
    """
    ids = sorted(set(resource_ids))
    if not ids:
        return {}
    rows = session.execute(
        select(
            ResourceAuthor.resource_id,
            Member.id,
            Member.public_id,
            Member.name,
            Member.standing,
            may_see(viewer_id).label("there"),
        )
        .join(Member, Member.id == ResourceAuthor.member_id)
        .join(Resource, Resource.id == ResourceAuthor.resource_id)
        .where(ResourceAuthor.resource_id.in_(ids), ResourceAuthor.answer == YES)
        .order_by(ResourceAuthor.resource_id, Resource.written_by_id != Member.id, ResourceAuthor.asked_at, Member.id)
    ).all()
    found: dict[int, list[Author]] = defaultdict(list)
    for row in rows:
        found[row.resource_id].append(seen_as(row))
    return dict(found)


def seen_as(row: Any) -> Author:
    """Somebody from a row with id, public_id, name, standing, and whether they are `there` for the reader."""
    if row.there:
        return Author(row.id, Sight.HERE, row.name, row.public_id)
    return Author(row.id, Sight.UNSEEN if row.standing == ACTIVE else Sight.FORMER)


def asked(session: Session, actor: Actor, resource: Resource) -> list[Asked]:
    """Everybody who was asked, and what they said."""
    rows = session.execute(
        select(
            Member.id,
            Member.public_id,
            Member.name,
            Member.standing,
            may_see(actor.member_id).label("there"),
            ResourceAuthor.answer,
        )
        .join(Member, Member.id == ResourceAuthor.member_id)
        .where(ResourceAuthor.resource_id == resource.id, ResourceAuthor.taken_out_at.is_(None))
        .order_by(Member.id != resource.written_by_id, ResourceAuthor.asked_at, Member.id)
    ).all()
    return [Asked(seen_as(row), row.answer or "", row.id == resource.written_by_id) for row in rows]


def add(session: Session, actor: Actor, resource: Resource, other: str, now: datetime) -> None:
    """Ask another member whether they agree to be an author. The caller has seen that the actor takes part.

    Raises NotFound for somebody unseen, Conflict, Invalid, TooMany.
    """
    person = session.execute(
        select(Member.id).where(Member.public_id == other, Member.id != actor.member_id, may_see(actor.member_id))
    ).first()
    if person is None:
        raise NotFound("There is no such member, or they cannot be asked.")
    row = session.get(ResourceAuthor, (resource.id, person.id))
    if row is not None and row.taken_out_at is None:
        raise Conflict("They have been asked already.")
    there = (ResourceAuthor.resource_id == resource.id, ResourceAuthor.taken_out_at.is_(None))
    many = select(func.count()).select_from(ResourceAuthor).where(*there)
    if (session.scalar(many) or 0) >= MOST:
        raise Invalid("A resource has at most eight authors.")
    throttles.take(session, throttles.key("authors-of", str(actor.member_id)), A_DAY, throttles.DAY, now)
    throttles.take(session, throttles.key("author", f"{resource.id}:{person.id}"), ONE_A_DAY, throttles.DAY, now)
    if row is None:
        row = ResourceAuthor(resource_id=resource.id, member_id=person.id)
        session.add(row)
    row.answer = row.answered_at = row.taken_out_at = None
    row.asked_at = now
    session.flush()
    history.record(session, actor.member_id, "ask_resource_author", "resource", resource.id, now)
    values = {"resource_id": resource.id, "inviter_id": actor.member_id}
    mailbox.put_to_member(session, "resource_author_asked", person.id, values, now, dedupe_key=_key(row))


def _key(row: ResourceAuthor) -> str:
    """The key of the letter that asks somebody: who was taken out and is asked again gets another."""
    return f"resource_author_asked:{row.resource_id}:{row.member_id}:{row.asked_at:%Y%m%d%H%M%S%f}"


def take_out(session: Session, actor: Actor, resource: Resource, other: str, now: datetime) -> None:
    """Take somebody out who does not take part; who does can only go themselves. Raises Conflict, NotFound."""
    row = session.scalars(
        select(ResourceAuthor)
        .join(Member, Member.id == ResourceAuthor.member_id)
        .where(
            ResourceAuthor.resource_id == resource.id,
            ResourceAuthor.taken_out_at.is_(None),
            Member.public_id == other,
            may_see(actor.member_id),
        )
    ).first()
    if row is None:
        raise NotFound("They are no author of it.")
    if row.answer == YES:
        raise Conflict("They have agreed: only they can take their name away.")
    # The row stays, as a no: when they are erased, their name is looked for in the words.
    row.answer, row.taken_out_at = NO, now
    session.flush()
    mailbox.cancel(session, [_key(row)])
    history.record(session, actor.member_id, "take_out_resource_author", "resource", resource.id, now)


def answer(session: Session, actor: Actor, resource_id: str, given: str, now: datetime) -> None:
    """Say whether one agrees to be an author; one may change one's mind at any time.

    Raises NotFound for a resource that does not ask the actor, Conflict for the last author of a working copy.
    """
    found = session.execute(
        select(Resource, ResourceAuthor)
        .join(ResourceAuthor, ResourceAuthor.resource_id == Resource.id)
        .where(
            Resource.public_id == resource_id,
            ResourceAuthor.member_id == actor.member_id,
            # A no may always be said; a yes opens the draft, and needs that whoever began it lets themselves be seen.
            or_(
                and_(ResourceAuthor.answer.is_not(None), literal(given == NO)),
                ResourceAuthor.answer == YES,
                _may_see_who_began(actor.member_id),
            ),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None or given not in (YES, NO):
        raise NotFound("There is no such page, or it is not for you.")
    resource, row = found
    if given == NO and resource.published_at is None and not _others(session, resource.id, actor.member_id):
        raise Conflict("Nobody else takes part in this draft. Delete it instead.")
    row.answer, row.answered_at = given, now
    session.flush()
    history.record(session, actor.member_id, "answer_resource_author", "resource", resource.id, now, {"answer": given})


def _others(session: Session, resource_id: int, member_id: int) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    ResourceAuthor.resource_id == resource_id,
                    ResourceAuthor.member_id != member_id,
                    ResourceAuthor.answer == YES,
                )
            )
        )
    )


def asks(member_id: Who) -> ColumnElement[bool]:
    """Whether the rows of Resource and ResourceAuthor ask this member, and whoever began it may be seen by them."""
    return and_(ResourceAuthor.answer.is_(None), _may_see_who_began(member_id))


def _may_see_who_began(member_id: Who) -> ColumnElement[bool]:
    return exists(select(Member.id).where(Member.id == Resource.written_by_id, may_see(member_id)).correlate(Resource))


def takes_part(member_id: int) -> ColumnElement[bool]:
    """Whether the row of Resource has this member among those who agreed."""
    return exists(
        select(ResourceAuthor.member_id).where(
            ResourceAuthor.resource_id == Resource.id,
            ResourceAuthor.member_id == member_id,
            ResourceAuthor.answer == YES,
        )
    )


def writes(session: Session, resource_id: int, member_id: int) -> bool:
    """Whether a member is among those who agreed."""
    return bool(session.scalar(select(exists().where(Resource.id == resource_id, takes_part(member_id)))))


def told(session: Session, resource_id: int) -> list[int]:
    """The authors who are told what becomes of it: those who agreed and are here."""
    return list(
        session.scalars(
            select(ResourceAuthor.member_id)
            .join(Member, Member.id == ResourceAuthor.member_id)
            .where(ResourceAuthor.resource_id == resource_id, ResourceAuthor.answer == YES, Member.standing == ACTIVE)
            .order_by(ResourceAuthor.member_id)
        )
    )
