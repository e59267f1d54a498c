"""What readers see of a resource: the version that is shown, how it is found, and what is near it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from haln.learn.resources import contents
from haln.learn.resources.contents import Content
from haln.matching import related
from haln.models import Counter, Resource, ResourceMark, ResourceRelated, ResourceVersion
from haln.people import resource_index

NEAR = 4
_COUNTER = "resources"
_AS_IT_STANDS = {"synchronize_session": False}


def show(session: Session, row: Resource, content: Content, by_id: int | None, now: datetime) -> int:
    """Let readers see a text from now on, as a new version. Returns its number."""
    last = session.scalar(select(func.max(ResourceVersion.number)).where(ResourceVersion.resource_id == row.id)) or 0
    session.add(
        ResourceVersion(
            resource_id=row.id,
            number=last + 1,
            content=content.document(),
            published_by_id=by_id,
            published_at=now,
        )
    )
    row.shown = last + 1
    row.published_at = row.published_at or now
    session.flush()
    _mark(session, row, content)
    resource_index.store(session, [row.id])
    relate(session)
    return last + 1


def hide(session: Session, row: Resource) -> None:
    """Let readers see no version any more. All versions are kept."""
    row.shown = None
    session.flush()
    session.execute(delete(ResourceMark).where(ResourceMark.resource_id == row.id), execution_options=_AS_IT_STANDS)
    resource_index.forget(session, [row.id])
    relate(session)


def _mark(session: Session, row: Resource, content: Content) -> None:
    session.execute(delete(ResourceMark).where(ResourceMark.resource_id == row.id), execution_options=_AS_IT_STANDS)
    day = (row.published_at or row.changed_at).date()
    session.add_all(
        ResourceMark(resource_id=row.id, facet=facet, code=code) for facet, code in sorted(content.marks(day))
    )
    session.flush()


def one_at_a_time(session: Session) -> None:
    """Let two who publish or take down at once do so one after the other: what is near all holds what both have done.

    Taken before any resource is locked: who waits here holds no resource that the other needs.
    """
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(Counter).values(name=_COUNTER, value=0).on_conflict_do_nothing())
    session.scalars(select(Counter.value).where(Counter.name == _COUNTER).with_for_update()).one()


def relate(session: Session) -> None:
    """Find anew what is near each shown resource. A thousand texts take about a second."""
    one_at_a_time(session)
    rows = session.execute(
        select(Resource.id, ResourceVersion.content)
        .join(
            ResourceVersion,
            (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.shown),
        )
        .order_by(Resource.id)
    ).all()
    near = related.nearest([contents.read(row.content).text() for row in rows], NEAR)
    session.execute(delete(ResourceRelated), execution_options=_AS_IT_STANDS)
    session.add_all(
        ResourceRelated(resource_id=row.id, rank=rank, other_id=rows[other].id)
        for row, others in zip(rows, near, strict=True)
        for rank, other in enumerate(others)
    )
    session.flush()
