"""Who may be called by name in the picture."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people import visibility


@dataclass(frozen=True, slots=True)
class Named:
    """A member by name, with the address of their page."""

    public_id: str
    name: str


def names(session: Session, viewer_id: int) -> dict[int, Named]:
    """Those whose dot may bear their name before this viewer, by id; everybody else stays a dot.

    A dot shows with whom somebody is connected, its colour their organisation's sector, and a filter their region. So
    the gate must let the viewer see the member, and each of these three facts of them.
    """
    facts = (Member.show_connections, Member.show_organisation, Member.show_place)
    tie = visibility.connected(viewer_id)
    shown = [visibility.shows(fact, viewer_id, tie) for fact in facts]
    rows = session.execute(
        select(Member.id, Member.public_id, Member.name).where(visibility.may_see(viewer_id), *shown)
    )
    return {row.id: Named(row.public_id, row.name) for row in rows}
