"""How two members are connected: the shortest chain of people who let it be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect import pairs
from haln.models import Connection, Member
from haln.people import visibility
from haln.people.seen import PersonLine, people
from haln.people.visibility import Visibility

LONGEST = 6
"""Steps beyond which a chain helps nobody."""

WIDEST = 8000
"""People met on one side after which the search gives up."""

FEW, DETOURS = 3, 12
"""After how many detours round people who may not be shown everybody met is asked about, and when to give up."""

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
    """A shortest chain of ids from source to target whose people all may be shown; none where there is none.

    Ties are walked first and people asked about afterwards, for asking about everybody on the way costs most: whoever
    may not be shown is barred, and the walk goes round them over the ties that are known by then.
    """
    if pairs.connection_id(session, source, target) is not None:
        return [source, target]
    if not session.scalar(select(Member.id).where(Member.id == target, Member.show_connections >= Visibility.MEMBERS)):
        return []
    ties, barred, asked = _Ties(session), set[int](), set[int]()
    for detour in range(DETOURS):
        chain = _walk(ties, source, target, barred)
        doubtful = set(chain[1:-1]) - asked
        if not doubtful:
            return chain
        if detour >= FEW:
            doubtful = ties.known() - asked - {source, target}
        barred |= doubtful - _willing(session, source, doubtful, now)
        asked |= doubtful
    return []


class _Ties:
    """The open connections of members, each read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._of: dict[int, list[int]] = {}

    def of(self, members: Sequence[int]) -> dict[int, list[int]]:
        """With whom each of these is connected, ascending."""
        new = [member for member in members if member not in self._of]
        for start in range(0, len(new), _CHUNK):
            some = new[start : start + _CHUNK]
            found: dict[int, list[int]] = {member: [] for member in some}
            for mine, theirs in ((Connection.low_id, Connection.high_id), (Connection.high_id, Connection.low_id)):
                for here, there in self._session.execute(
                    select(mine, theirs).where(mine.in_(some), Connection.until.is_(None))
                ):
                    found[here].append(there)
            for others in found.values():
                others.sort()
            self._of.update(found)
        return self._of

    def known(self) -> set[int]:
        """Everybody met so far."""
        return set(self._of).union(*self._of.values())


def _walk(ties: _Ties, source: int, target: int, barred: Set[int]) -> list[int]:
    """Breadth first from both ends, always the smaller side; of several chains the same one each time."""
    forward, backward = {source: source}, {target: target}
    heads, tails = [source], [target]
    for _ in range(LONGEST):
        ahead = len(heads) <= len(tails)
        parents, others, front = (forward, backward, heads) if ahead else (backward, forward, tails)
        met = _step(ties, front, parents, others, barred)
        front = met[1]
        if met[0]:
            return _joined(min(met[0]), forward, backward)
        if ahead:
            heads = front
        else:
            tails = front
        if not front or len(forward) + len(backward) > WIDEST:
            return []
    return []


def _step(
    ties: _Ties, front: Sequence[int], parents: dict[int, int], others: Mapping[int, int], barred: Set[int]
) -> tuple[list[int], list[int]]:
    """Go one tie on from the front: where it meets the other side, and the new front; `parents` learns the way back."""
    of = ties.of(front)
    met, new = [], []
    for here in front:
        for there in of[here]:
            if there not in parents and there not in barred:
                parents[there] = here
                new.append(there)
                if there in others:
                    met.append(there)
    return met, new


def _willing(session: Session, viewer: int, members: Iterable[int], now: datetime) -> set[int]:
    """Those of these people who may stand between others before the viewer's eyes."""
    found: set[int] = set()
    ids = sorted(members)
    for start in range(0, len(ids), _CHUNK):
        found.update(
            session.scalars(
                select(Member.id).where(
                    Member.id.in_(ids[start : start + _CHUNK]),
                    visibility.may_see(viewer),
                    visibility.shows(Member.show_connections, viewer),
                    Member.suggest_me,
                    or_(Member.paused_until.is_(None), Member.paused_until <= now.date()),
                )
            )
        )
    return found


def _joined(middle: int, forward: Mapping[int, int], backward: Mapping[int, int]) -> list[int]:
    first, last = [middle], []
    while forward[first[-1]] != first[-1]:
        first.append(forward[first[-1]])
    step = middle
    while backward[step] != step:
        step = backward[step]
        last.append(step)
    return first[::-1] + last
