"""Letters about resources: to staff that one waits, to authors what staff say, to members who are named as authors.

Each is asked anew when it leaves: of what was taken back, answered or withdrawn meanwhile nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.resources import authors
from haln.models import Member, Resource, ResourceAuthor, ResourceStep
from haln.people.visibility import may_see
from haln.post import unsubscribing
from haln.post.writing import Draft, Order, Writer

KINDS = ("resource_sent", "resource_answered", "resource_author_asked")
STOPPABLE = frozenset({"resource_sent", "resource_author_asked"})


def write(writer: Writer, order: Order) -> Draft | None:
    """About a resource: to staff, its authors, or who is asked to be one."""
    person = writer.reader(order)
    said = told(writer.session, order.kind, order.values, order.member_id, writer.url)
    if person is None or said is None:
        return None
    stoppable = order.kind in STOPPABLE
    if stoppable and not person.resource_mail:
        return None
    topic = unsubscribing.RESOURCES if stoppable else ""
    return Draft(order.kind, person.email, said, topic, person.public_id)


def told(
    session: Session, kind: str, about: Mapping[str, Any], member_id: int | None, url: Callable[[str], str]
) -> dict[str, object] | None:
    """What to say to a member; none when there is nothing to say any more."""
    if kind == "resource_answered" and about.get("step") == "deleted":
        return {"title": about["title"], "step": "deleted", "said": "", "url": "", "by_author": True}
    if member_id is None:
        return None
    row = session.execute(
        select(
            Resource.id,
            Resource.public_id,
            Resource.draft,
            Resource.state,
            Resource.version,
            Resource.shown,
            ResourceAuthor.answer,
            ResourceAuthor.asked_at,
            authors.asks(member_id).label("asks"),
        )
        .outerjoin(
            ResourceAuthor, (ResourceAuthor.resource_id == Resource.id) & (ResourceAuthor.member_id == member_id)
        )
        .where(Resource.id == about["resource_id"])
    ).first()
    if row is None:
        return None
    said = {"title": row.draft["title"] or ""}
    if kind == "resource_sent":
        reviewer = session.scalar(select(Member.audience).where(Member.id == member_id)) == "staff"
        waits = row.state == "review" and row.version == about["version"]
        return {**said, "url": url(f"/resources/reviews/{row.public_id}")} if waits and reviewer else None
    if kind == "resource_author_asked":
        asker = session.scalar(select(Member.name).where(Member.id == about["inviter_id"], may_see(member_id)))
        if row.asked_at is None or not row.asks or asker is None:
            return None
        return {**said, "other_name": asker, "url": url(f"/resources/{row.public_id}/preview")}
    step = session.get(ResourceStep, about["step_id"])
    if step is None or row.answer != "yes":
        return None
    path = f"/resources/{row.public_id}" if step.step == "published" else f"/resources/{row.public_id}/edit"
    if step.step == "published" and row.shown is None:
        return None
    return {**said, "step": step.step, "said": step.words, "url": url(path), "by_author": _by_author(session, step)}


def _by_author(session: Session, step: ResourceStep) -> bool:
    """Whether it was one of its authors who took it down, not staff."""
    row = session.get(ResourceAuthor, (step.resource_id, step.by_id))
    writes = row is not None and row.answer == "yes"
    return writes or session.scalar(select(Member.audience).where(Member.id == step.by_id)) != "staff"
