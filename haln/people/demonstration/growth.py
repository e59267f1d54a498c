"""How ties grow, month by month: people meet those who are like them, those whom their acquaintances know, those who
sat in a set with them, and now and then somebody quite different.

Nothing here looks at all pairs: a candidate is drawn from the people of a community, so that a hundred thousand members
take minutes.
"""

from __future__ import annotations

from array import array
from bisect import bisect, bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from haln.people.demonstration.calendar import Calendar
from haln.people.demonstration.chance import stream
from haln.people.demonstration.people import Crowd

DECLARED, INTRODUCED, MET, CO_ATTENDED, SET_MATES, COLLABORATED = (
    "declared",
    "introduced",
    "met",
    "co_attended",
    "set_mates",
    "collaborated",
)
_MONTHLY = 0.17  # ties that one member begins in a month, on average
_NEWCOMERS = 0.3  # of those, how many are begun by people who joined in the last three months
_TRIES = 7
_LARGEST = 130  # nobody has more ties than this
_ENDED = 0.0016  # of all open ties, each month
_INTENSITY = (0.46, 0.8, 0.95)  # up to awareness, cooperation, coordination; the rest is integration

# How a pair comes to meet, and the evidence that it leaves (one of these at random).
_WAYS: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("closure", 0.46, (INTRODUCED, INTRODUCED, MET, CO_ATTENDED, DECLARED)),
    ("theme_near", 0.17, (MET, CO_ATTENDED, INTRODUCED, COLLABORATED)),
    ("theme", 0.12, (CO_ATTENDED, INTRODUCED, INTRODUCED)),
    ("near", 0.08, (MET, DECLARED, COLLABORATED)),
    ("sector_role", 0.07, (CO_ATTENDED, INTRODUCED, DECLARED)),
    ("colleague", 0.04, (DECLARED, COLLABORATED)),
    ("hub", 0.03, (INTRODUCED, MET)),
    ("anyone", 0.03, (CO_ATTENDED, INTRODUCED)),
)


@dataclass(frozen=True, slots=True)
class Tie:
    """Two members (`low` < `high`, numbers of the crowd) tied from a day until a day, or still."""

    low: int
    high: int
    day: int
    until: int | None
    evidence: str
    intensity: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """A learning set that began: who sat in it, from which day."""

    day: int
    members: Sequence[int]


class Communities:
    """Who has what in common; each list ascends, so that those who had joined by a day are its beginning."""

    def __init__(self, crowd: Crowd) -> None:
        self._lists: dict[tuple[int, ...], array[int]] = {}
        self._bits = [bit for bit in range(24) if any(mask >> bit & 1 for mask in crowd.themes)]
        for number, warmth in enumerate(crowd.warmth):
            if warmth > 0:
                for key in self._keys(crowd, number):
                    self._lists.setdefault(key, array("l")).append(number)

    def _keys(self, crowd: Crowd, number: int) -> Iterator[tuple[int, ...]]:
        region = crowd.region[number]
        yield 1, region
        yield 2, crowd.sector[number], crowd.role[number]
        yield 3, crowd.employer[number]
        for bit in self._bits:
            if crowd.themes[number] >> bit & 1:
                yield 4, bit
                yield 5, bit, region

    def draw(self, rng: Random, crowd: Crowd, number: int, way: str, present: int) -> int | None:
        """Draw somebody of one of the member's communities out of the first `present` members."""
        people = self._lists.get(self._key(rng, crowd, number, way))
        count = bisect_left(people, present) if people else 0
        return people[int(rng.random() * count)] if people and count else None

    def _key(self, rng: Random, crowd: Crowd, number: int, way: str) -> tuple[int, ...]:
        if way == "near":
            return 1, crowd.region[number]
        if way == "sector_role":
            return 2, crowd.sector[number], crowd.role[number]
        if way == "colleague":
            return 3, crowd.employer[number]
        held = [bit for bit in self._bits if crowd.themes[number] >> bit & 1]
        if not held:
            return (0,)
        bit = held[int(rng.random() * len(held))]
        return (4, bit) if way == "theme" else (5, bit, crowd.region[number])


class Growth:
    """The network of ties as it grows; `neighbours` is who is tied to whom so far."""

    def __init__(self, crowd: Crowd, calendar: Calendar, seed: int) -> None:
        self._crowd, self._calendar = crowd, calendar
        self._rng = stream(seed, "ties")
        self._communities = Communities(crowd)
        self._warmths = list(accumulate(crowd.warmth))
        self._ways = list(accumulate(weight for _, weight, _ in _WAYS))
        self.neighbours: list[list[int]] = [[] for _ in crowd.joined]

    def ties(self, meetings: Iterable[Meeting]) -> Iterator[Tie]:
        """Give the ties month by month; `meetings` in the order of their days."""
        waiting = sorted(meetings, key=lambda meeting: meeting.day)
        taken = 0
        start = 0
        for month in range(self._calendar.months):
            end = self._calendar.month_end(month)
            present = bisect_left(self._crowd.joined, end)
            recent = bisect_left(self._crowd.joined, end - 92)
            while taken < len(waiting) and waiting[taken].day < end:
                yield from self._set_mates(waiting[taken])
                taken += 1
            for _ in range(round(present * _MONTHLY)):
                tie = self._begin(present, recent, start, end)
                if tie:
                    yield tie
            start = end

    def candidate(self, rng: Random, number: int) -> int | None:
        """Draw somebody whom a member has much in common with and is not tied to, of all who are there now."""
        for way in ("theme_near", "theme", "theme", "sector_role", "near"):
            other = self._communities.draw(rng, self._crowd, number, way, len(self._crowd.joined))
            if other is not None and other != number and other not in self.neighbours[number]:
                return other
        return None

    def who_ended(self, tie: Tie) -> int:
        """Who ended a tie that has ended: whoever left then, or else one of the two."""
        return tie.high if self._crowd.left[tie.high] == tie.until else tie.low

    def _begin(self, present: int, recent: int, start: int, end: int) -> Tie | None:
        rng = self._rng
        number = self._initiator(present, recent)
        if number is None:
            return None
        for _ in range(_TRIES):
            way, _, evidence = _WAYS[bisect(self._ways, rng.random() * self._ways[-1], 0, len(_WAYS) - 1)]
            other = self._other(number, way, present)
            if other is None or not self._would(number, other, way):
                continue
            day = max(start, self._crowd.joined[number], self._crowd.joined[other])
            day += int(rng.random() * (end - day))
            if day >= min(self._crowd.left[number], self._crowd.left[other]):
                continue
            return self._tie(number, other, day, evidence[int(rng.random() * len(evidence))])
        return None

    def _initiator(self, present: int, recent: int) -> int | None:
        rng = self._rng
        if not present or self._warmths[present - 1] <= 0:
            return None
        low = self._warmths[recent - 1] if recent and rng.random() < _NEWCOMERS else 0.0
        high = self._warmths[present - 1]
        number = bisect(self._warmths, low + rng.random() * (high - low), 0, present - 1)
        room = len(self.neighbours[number]) < _LARGEST and self._crowd.warmth[number] > 0
        return number if room else None

    def _other(self, number: int, way: str, present: int) -> int | None:
        rng = self._rng
        if way == "closure":
            mine = self.neighbours[number]
            if not mine:
                return None
            theirs = self.neighbours[mine[int(rng.random() * len(mine))]]
            return theirs[int(rng.random() * len(theirs))] if theirs else None
        if way == "hub":
            hubs = self._crowd.hubs
            count = bisect_left(hubs, present)
            return hubs[int(rng.random() * count)] if count else None
        if way == "anyone":
            return int(rng.random() * present)
        return self._communities.draw(rng, self._crowd, number, way, present)

    def _would(self, number: int, other: int, way: str) -> bool:
        """Whether these two would tie: both willing, with room, and the likelier the more they have in common."""
        crowd = self._crowd
        if other == number or crowd.warmth[other] <= 0 or other in self.neighbours[number]:
            return False
        if len(self.neighbours[other]) >= _LARGEST:
            return False
        if way == "anyone":
            return True
        shared = (crowd.themes[number] & crowd.themes[other]).bit_count()
        liking = 0.08 + 0.2 * shared
        liking += 0.22 * (crowd.region[number] == crowd.region[other])
        liking += 0.16 * (crowd.sector[number] == crowd.sector[other])
        return self._rng.random() < liking

    def _set_mates(self, meeting: Meeting) -> Iterator[Tie]:
        rng = self._rng
        for place, number in enumerate(meeting.members):
            for other in meeting.members[place + 1 :]:
                if rng.random() < 0.42 and other not in self.neighbours[number]:
                    day = meeting.day + 7 + int(rng.random() * 150)
                    last = min(self._crowd.left[number], self._crowd.left[other], self._calendar.days)
                    if day < last:
                        yield self._tie(number, other, day, SET_MATES)

    def _tie(self, number: int, other: int, day: int, evidence: str) -> Tie:
        rng = self._rng
        self.neighbours[number].append(other)
        self.neighbours[other].append(number)
        chance = rng.random()
        intensity = 1 + sum(chance > step for step in _INTENSITY)
        last = min(self._crowd.left[number], self._crowd.left[other])
        until = last if last < self._calendar.days else None
        open_days = self._calendar.days - day
        if until is None and open_days > 60 and rng.random() < _ENDED * open_days / 30:
            until = day + 30 + int(rng.random() * (open_days - 30))
        return Tie(min(number, other), max(number, other), day, until, evidence, intensity)
