"""Who gets a place at an event when there are fewer than people who want one: the rule, and nothing else.

1. Whoever has a place keeps it, also when the capacity is lowered below what is taken.
2. A free place goes to who waits and has waited in vain most often since they last had a place at any event; of those,
   to who asked first; of those, to the lower number. A place at an event that took place ends what was waited before.
3. Places are given as soon as they are free: when somebody gives theirs up, and when the capacity is raised.

So nobody is passed over for good: each event that goes ahead without somebody who waited puts them further in front.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who wants a place, or has one. `waited`: events for which they waited in vain since their last place."""

    member: int
    asked_at: datetime
    waited: int = 0
    placed: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """An event that took place, of somebody: whether they had a place or waited in vain, and when it began."""

    starts_at: datetime
    placed: bool


def turn(one: Asker) -> tuple[int, datetime, int]:
    """What decides whose turn it is; the least comes first."""
    return (-one.waited, one.asked_at, one.member)


def queue(askers: Iterable[Asker]) -> list[int]:
    """Who waits, whose turn comes first first. The order in which they are named does not matter."""
    return [one.member for one in sorted((one for one in askers if not one.placed), key=turn)]


def given(askers: Iterable[Asker], capacity: int | None) -> list[int]:
    """To whom places are given now: as many of the queue as there are free places; all where nothing limits them."""
    known = list(askers)
    line = queue(known)
    if capacity is None:
        return line
    return line[: max(0, capacity - sum(one.placed for one in known))]


def waited_in_vain(past: Iterable[Past]) -> int:
    """For how many events somebody waited in vain since they last had a place."""
    known = list(past)
    last = max((one.starts_at for one in known if one.placed), default=None)
    return sum(not one.placed and (last is None or one.starts_at > last) for one in known)
