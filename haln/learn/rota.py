"""The presenter rota: whoever presented least recently is next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

_NEVER = datetime.min.replace(tzinfo=UTC)


class Turn(NamedTuple):
    """Somebody's turn to present: past, or planned."""

    starts_at: datetime
    member: int


def order(members: Iterable[tuple[int, date | None]], turns: Iterable[Turn]) -> list[int]:
    """Members (with the day they joined) in the order in which they are to present.

    Never yet comes first, then the least recent; ties by who has been in the set longer, then by number. The order of
    the input does not matter.
    """
    last: dict[int, datetime] = {}
    for turn in turns:
        last[turn.member] = max(last.get(turn.member, _NEVER), turn.starts_at)
    joined = dict(members)
    return sorted(joined, key=lambda member: (last.get(member, _NEVER), joined[member] or date.min, member))


def fill(
    members: Collection[tuple[int, date | None]], turns: Sequence[Turn], free: Iterable[datetime]
) -> dict[datetime, int]:
    """Who presents at each of the free sessions, in their order; empty where there are no members."""
    known, found = list(turns), dict[datetime, int]()
    for starts_at in sorted(free):
        queue = order(members, known)
        if queue:
            found[starts_at] = queue[0]
            known.append(Turn(starts_at, queue[0]))
    return found
