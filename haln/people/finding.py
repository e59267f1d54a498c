"""Find people by name or address, as a member who looks for somebody may see them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Member
from haln.people import addresses, visibility
from haln.people.seen import PersonLine, lines

FOUND = 20
_WORDS = 5


def named(session: Session, viewer_id: int, typed: str, leave_out: Collection[str] = ()) -> list[PersonLine]:
    """Others whose name holds every word that was typed, at most `FOUND`, by name; nothing typed finds nobody.

    `leave_out`: public ids of those who are chosen already.
    """
    words = typed.casefold().split()[:_WORDS]
    if not words:
        return []
    statement = lines(viewer_id).where(Member.id != viewer_id, Member.public_id.not_in(sorted(leave_out)))
    for word in words:
        statement = statement.where(Member.sort_name.contains(word, autoescape=True))
    rows = session.execute(statement.order_by(Member.sort_name, Member.id).limit(FOUND))
    return [PersonLine(*row) for row in rows]


def named_or_at(session: Session, viewer_id: int, typed: str) -> list[PersonLine]:
    """As `named`, the one who looks among them; what holds an @ is taken for a whole address instead."""
    if "@" in typed:
        statement = lines(viewer_id).where(Member.email == addresses.folded(typed))
        return [PersonLine(*row) for row in session.execute(statement)]
    words = typed.casefold().split()[:_WORDS]
    if not words:
        return []
    statement = lines(viewer_id)
    for word in words:
        statement = statement.where(Member.sort_name.contains(word, autoescape=True))
    return [PersonLine(*row) for row in session.execute(statement.order_by(Member.sort_name, Member.id).limit(FOUND))]


def chosen(session: Session, viewer_id: int, public_ids: Collection[str]) -> list[PersonLine]:
    """Those of the people with these public ids whom the viewer may see, by name."""
    wanted = sorted(set(public_ids))
    if not wanted:
        return []
    statement = lines(viewer_id).where(Member.public_id.in_(wanted)).order_by(Member.sort_name, Member.id)
    return [PersonLine(*row) for row in session.execute(statement)]


def seen_ids(session: Session, viewer_id: int, emails: Collection[str]) -> dict[str, int]:
    """The ids of those members with these addresses whom the viewer may see, by address."""
    found: dict[str, int] = {}
    wanted = sorted(set(emails))
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        rows = session.execute(
            select(Member.email, Member.id).where(Member.email.in_(part), visibility.may_see(viewer_id))
        )
        found.update({str(email): member_id for email, member_id in rows})
    return found
