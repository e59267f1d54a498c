"""How two members are connected: the shortest chain of people who let it be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect import pairs
from haln.connect.seen import PersonLine, people
from haln.models import Connection, Member
from haln.people import visibility
from haln.people.visibility import Visibility

LONGEST = 6
"""Steps beyond which a chain helps nobody."""

WIDEST = 8000
"""People met on one side after which the search gives up."""

_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Path:
    """The chain from the viewer to the other, both included; no people where there is no chain to show."""

    other: PersonLine
    chain: tuple[PersonLine, ...]


def between(session: Session, actor: Actor, other: str, now: datetime) -> Path:
    """Find the shortest chain from the actor to the member with this public id.

    Everybody between may be seen by the actor, is not taking a break, and shows their connections to members (those
    connected with the actor: to connections); so does the other, unless the two are connected. Of several chains it is
    the same one each time. Raises NotFound for somebody the actor may not see.
    """
    them = pairs.party(session, actor.member_id, other)
    ids = _shortest(session, actor.member_id, them.id, now)
    seen = people(session, actor.member_id, {*ids, actor.member_id, them.id})
    chain = tuple(seen[number] for number in ids) if all(number in seen for number in ids) else ()
    return Path(seen[them.id], chain)


def _shortest(session: Session, source: int, target: int, now: datetime) -> list[int]:
    """Breadth first from both ends, always the smaller side; ids from source to target, none without a chain."""
    if pairs.connection_id(session, source, target) is not None:
        return [source, target]
    if not session.scalar(select(Member.id).where(Member.id == target, Member.show_connections >= Visibility.MEMBERS)):
        return []
    there = _willing(source, now)
    forward, backward = {source: source}, {target: target}
    near = heads = _step(session, [source], forward, and_(there, Member.show_connections >= Visibility.CONNECTIONS))
    passing = or_(and_(there, Member.show_connections >= Visibility.MEMBERS), Member.id.in_([*near, target]))
    tails = [target]
    for _ in range(LONGEST - 1):
        if len(heads) <= len(tails):
            front = heads = _step(session, heads, forward, passing)
        else:
            front = tails = _step(session, tails, backward, passing)
        met = [number for number in front if number in forward and number in backward]
        if met:
            return _joined(min(met), forward, backward)
        if not front or len(forward) + len(backward) > WIDEST:
            return []
    return []


def _willing(viewer: int, now: datetime) -> ColumnElement[bool]:
    """Whether a member may stand between others before the viewer's eyes, but for how far they show connections."""
    return and_(
        visibility.may_see(viewer),
        Member.suggest_me,
        or_(Member.paused_until.is_(None), Member.paused_until <= now.date()),
    )


def _step(session: Session, front: list[int], parents: dict[int, int], passing: ColumnElement[bool]) -> list[int]:
    """Everybody new one tie away from the front, ascending; `parents` learns the lowest id each was met from."""
    found: dict[int, int] = {}
    for start in range(0, len(front), _CHUNK):
        some = front[start : start + _CHUNK]
        for mine, theirs in ((Connection.low_id, Connection.high_id), (Connection.high_id, Connection.low_id)):
            ties = (
                select(mine, theirs)
                .join(Member, Member.id == theirs)
                .where(mine.in_(some), Connection.until.is_(None), passing)
            )
            for here, there in session.execute(ties):
                if there not in parents and here < found.get(there, here + 1):
                    found[there] = here
    parents.update(found)
    return sorted(found)


def _joined(middle: int, forward: dict[int, int], backward: dict[int, int]) -> list[int]:
    first, last = [middle], []
    while forward[first[-1]] != first[-1]:
        first.append(forward[first[-1]])
    step = middle
    while backward[step] != step:
        step = backward[step]
        last.append(step)
    return first[::-1] + last
