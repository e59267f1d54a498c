"""Who may be called by name in the picture, and whose connections are whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people import visibility


@dataclass(frozen=True, slots=True)
class Named:
    """A member by name, with the address of their page."""

    public_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Eyes:
    """What a viewer may see: those whose dot bears their name, by id, and the ids of all who are there for them."""

    names: Mapping[int, Named]
    there: frozenset[int]

    def see(self, one: int, other: int) -> bool:
        """Whether a connection of the two may be told of either: both are there for the viewer.

        Else one who is not listed shows as the connection that a named dot has and the member's page has not.
        """
        return one in self.there and other in self.there


def eyes(session: Session, viewer_id: int) -> Eyes:
    """Whom this viewer may see, and whose dot may bear their name before them; everybody else stays a dot.

    A dot shows with whom somebody is connected, its colour their organisation's sector, and a filter their region. So
    for a name the gate must let the viewer see the member, and each of these three facts of them.
    """
    facts = (Member.show_connections, Member.show_organisation, Member.show_place)
    tie = visibility.connected(viewer_id)
    named = and_(*(visibility.shows(fact, viewer_id, tie) for fact in facts)).label("named")
    columns = (Member.id, Member.public_id, Member.name, named)
    rows = session.execute(select(*columns).where(visibility.may_see(viewer_id))).all()
    names = {row.id: Named(row.public_id, row.name) for row in rows if row.named}
    return Eyes(names, frozenset(row.id for row in rows))
