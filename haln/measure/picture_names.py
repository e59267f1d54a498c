"""Whom the picture draws: those whom it may name, as every dot can be recognised by where it stands and when it came.

A dot shows with whom somebody is connected, its colour their organisation's sector, a filter their region, and the
slider since when they are there. Without a name it would still be known by these; so would, by the lines to it, whoever
is tied to somebody who hides. So who hides one of these facts has no dot and no line, is in no number that is told
beside the picture, and pulls nobody to where they stand.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, not_, select
from sqlalchemy.orm import Session, aliased

from haln.models import Member
from haln.people import visibility
from haln.people.visibility import Visibility

FACTS = (Member.show_connections, Member.show_organisation, Member.show_place)
"""What a dot tells of somebody."""


@dataclass(frozen=True, slots=True)
class Named:
    """A member by name, with the address of their page."""

    public_id: str
    name: str


def names(session: Session, viewer_id: int) -> dict[int, Named]:
    """Whom the picture draws before this viewer, by id: the gate lets the viewer see them, and what a dot tells."""
    tie = visibility.connected(viewer_id)
    shown = (visibility.shows(fact, viewer_id, tie) for fact in FACTS)
    columns = (Member.id, Member.public_id, Member.name)
    rows = session.execute(select(*columns).where(visibility.may_see(viewer_id), *shown))
    return {row.id: Named(row.public_id, row.name) for row in rows}


def for_all(session: Session) -> set[int]:
    """The ids of those whom the picture draws before all staff: who have no block with any of them."""
    shown = (visibility.at_least(fact, Visibility.MEMBERS) for fact in FACTS)
    listed = (Member.standing == visibility.ACTIVE, Member.listed)
    staff = aliased(Member)
    with_them = visibility.blocked(staff.id.expression, Member.id)
    blocks = exists(select(staff.id).where(staff.audience == "staff", with_them))
    return set(session.scalars(select(Member.id).where(*listed, *shown, not_(blocks))))
