"""Letters about learning pathways: that one has a new module, and the letter of having finished it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Pathway, PathwayFinish, PathwayModule, PathwayProgress
from haln.post import unsubscribing
from haln.post.writing import Draft, Order, Url, Writer

ADDED, FINISHED = "pathway_module_added", "pathway_letter"
KINDS = (ADDED, FINISHED)
STOPPABLE = frozenset({ADDED})
"""Kinds that a member can do without; the letter they asked for themselves."""


def write(writer: Writer, order: Order) -> Draft | None:
    """About a learning pathway: to who finished it."""
    person = writer.reader(order)
    said = told(writer.session, order.kind, order.values, order.member_id, writer.url)
    if person is None or said is None:
        return None
    if order.kind not in STOPPABLE:
        return Draft(order.kind, person.email, {**said, "name": person.name})
    if not person.pathway_mail:
        return None
    return Draft(order.kind, person.email, said, unsubscribing.PATHWAYS, person.public_id)


def told(
    session: Session, kind: str, about: Mapping[str, Any], member_id: int | None, url: Url
) -> dict[str, object] | None:
    """What to say to a member; none when it is not so any more."""
    return _added(session, about, member_id, url) if kind == ADDED else _finished(session, about, member_id, url)


def _added(session: Session, about: Mapping[str, Any], member_id: int | None, url: Url) -> dict[str, object] | None:
    row = session.execute(
        select(PathwayModule.public_id, PathwayModule.title, Pathway.title.label("pathway"))
        .join(Pathway, Pathway.id == PathwayModule.pathway_id)
        .where(PathwayModule.id == about["module_id"], PathwayModule.retired_at.is_(None))
    ).first()
    if row is None or session.get(PathwayFinish, (about["module_id"], member_id)) is not None:
        return None
    return {"pathway": row.pathway, "module": row.title, "url": url(f"/pathways/modules/{row.public_id}")}


def _finished(session: Session, about: Mapping[str, Any], member_id: int | None, url: Url) -> dict[str, object] | None:
    row = session.execute(
        select(Pathway.public_id, Pathway.title, PathwayProgress.finished_at, PathwayProgress.needed)
        .join(PathwayProgress, PathwayProgress.pathway_id == Pathway.id)
        .where(Pathway.id == about["pathway_id"], PathwayProgress.member_id == member_id)
    ).first()
    if row is None or row.finished_at is None:
        return None
    values = {"pathway": row.title, "finished_at": row.finished_at, "modules": _modules(session, row.needed, member_id)}
    return {**values, "url": url(f"/pathways/{row.public_id}/letter")}


def _modules(session: Session, needed: Sequence[int], member_id: int | None) -> list[str]:
    """What made up the whole on the day that the letter states; what came later has no place in it."""
    return list(
        session.scalars(
            select(PathwayModule.title)
            .join(PathwayFinish, PathwayFinish.module_id == PathwayModule.id)
            .where(PathwayModule.id.in_(needed), PathwayFinish.member_id == member_id)
            .order_by(PathwayFinish.finished_at, PathwayModule.position, PathwayModule.id)
        )
    )
