"""Who may be listed to a viewer as one of whom something holds: who is counted there, too.

A number of people beside a list of some of them would tell how many of the others hide; of a narrow question, who.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.measure.questions import Question
from haln.models import Member
from haln.people import visibility


@dataclass(frozen=True, slots=True)
class Listable:
    """Somebody whom a list may name, and whether it may tell something of their `connections`."""

    public_id: str
    connections: bool


def listable(session: Session, viewer_id: int, question: Question) -> dict[int, Listable]:
    """All whom a list may name before the viewer, by id.

    The viewer may see them, and their organisation or place where the question is of one sector or region: who is in
    the list is in it, too.
    """
    asked = ((Member.show_organisation, question.sector), (Member.show_place, question.region))
    shown = [visibility.shows(fact, viewer_id) for fact, group in asked if group]
    connections = visibility.shows(Member.show_connections, viewer_id).label("connections")
    columns = (Member.id, Member.public_id, connections)
    rows = session.execute(select(*columns).where(visibility.may_see(viewer_id), *shown))
    return {row.id: Listable(row.public_id, bool(row.connections)) for row in rows}
