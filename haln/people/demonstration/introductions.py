"""Introductions of every kind and state, what members set aside, and whom they block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from haln.people.demonstration.biographies import Subject, speech
from haln.people.demonstration.calendar import Calendar
from haln.people.demonstration.careers import ThemeChoice
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.growth import DECLARED, INTRODUCED, Growth, Tie
from haln.people.demonstration.people import Crowd
from haln.people.demonstration.words import theme_codes

DAYS_OPEN = 14
NOT_NOW_DAYS = 60
_WOVEN = 0.22
_UNANSWERED = 0.3  # introductions that led to no tie, for each that did
_STATES = (("lapsed", 0.45), ("declined", 0.32), ("withdrawn", 0.08), ("open", 0.15))
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """An introduction to write down, members by their numbers."""

    asker: int
    asked: int
    weaver: int | None
    state: str
    created: int
    closed: int | None
    evidence: str = INTRODUCED  # or DECLARED: they know each other already


class Introductions:
    """Writes introductions as rows; members stand in them by number."""

    def __init__(
        self,
        crowd: Crowd,
        calendar: Calendar,
        growth: Growth,
        facts: Callable[[int], dict[str, tuple[str, ...]]],
        seed: int,
    ) -> None:
        self._crowd, self._calendar, self._growth, self._facts = crowd, calendar, growth, facts
        self._rng = stream(seed, "introductions")
        self._waiting: set[tuple[int, int]] = set()  # pairs with an open introduction
        self._asked: dict[int, int] = {}  # how many open ones somebody has asked for

    def behind(self, tie: Tie) -> Row:
        """The introduction that made a tie."""
        rng = self._rng
        low, high = (tie.low, tie.high) if rng.random() < 0.5 else (tie.high, tie.low)
        earliest = max(self._crowd.joined[low], self._crowd.joined[high])
        created = max(earliest, tie.day - rng.randint(0, 12))
        weaver = self._weaver(low, high) if tie.evidence == INTRODUCED and rng.random() < _WOVEN else None
        return self._row(Asking(low, high, weaver, "accepted", created, tie.day, tie.evidence))

    def others(self, made: int, member: int) -> Iterator[Row]:
        """Those that led to no tie, as a share of the `made` ones; `member` has one open in each direction at least."""
        for direction in range(4):
            other = self._growth.candidate(self._rng, member)
            pair = (other, member) if direction != 1 else (member, other)
            if other is not None and self._free(other, member):
                yield self._open(pair[0] or 0, pair[1] or 0, woven=direction == 2)
        for _ in range(max(8, round(made * _UNANSWERED))):
            row = self._unanswered()
            if row:
                yield row

    def _unanswered(self) -> Row | None:
        rng, crowd = self._rng, self._crowd
        asker = int(rng.random() * len(crowd.joined))
        asked = self._growth.candidate(rng, asker) if crowd.warmth[asker] > 0 else None
        if asked is None or crowd.warmth[asked] <= 0 or not self._free(asker, asked):
            return None
        chance, state = rng.random(), "open"
        for name, share in _STATES:
            if chance < share:
                state = name
                break
            chance -= share
        if state == "open":
            here = min(crowd.left[asker], crowd.left[asked]) > self._calendar.days
            return self._open(asker, asked, rng.random() < _WOVEN) if here else None
        first = max(crowd.joined[asker], crowd.joined[asked]) + 1
        last = min(crowd.left[asker], crowd.left[asked], self._calendar.days) - DAYS_OPEN - 1
        if first >= last:
            return None
        created = rng.randint(first, last)
        closed = created + (DAYS_OPEN if state == "lapsed" else rng.randint(0, DAYS_OPEN - 1))
        weaver = self._weaver(asker, asked) if rng.random() < _WOVEN and state != "withdrawn" else None
        return self._row(Asking(asker, asked, weaver, state, created, closed))

    def _open(self, asker: int, asked: int, woven: bool) -> Row:
        self._waiting.add((min(asker, asked), max(asker, asked)))
        self._asked[asker] = self._asked.get(asker, 0) + 1
        first = max(self._crowd.joined[asker], self._crowd.joined[asked], self._calendar.days - DAYS_OPEN + 2)
        created = self._rng.randint(first, max(first, self._calendar.days - 1))
        weaver = self._weaver(asker, asked) if woven else None
        return self._row(Asking(asker, asked, weaver, "open", created, None))

    def _free(self, one: int, other: int) -> bool:
        """Whether nothing is open between two, and neither has too much open already."""
        few = self._asked.get(one, 0) < 3 and self._asked.get(other, 0) < 3
        return few and (min(one, other), max(one, other)) not in self._waiting

    def _weaver(self, one: int, other: int) -> int | None:
        """Somebody who knows one of the two, or else a hub; never one of the two."""
        known = self._growth.neighbours[one] + self._growth.neighbours[other]
        choices = [number for number in known or self._crowd.hubs if number not in (one, other)]
        return choices[int(self._rng.random() * len(choices))] if choices else None

    def _row(self, asking: Asking) -> Row:
        rng, calendar = self._rng, self._calendar
        second = rng.randrange(20000)
        created = calendar.moment(asking.created, second)
        closed = None
        if asking.closed is not None:
            closed = max(calendar.moment(asking.closed, second + 3600), created + timedelta(minutes=5))
        woven = asking.weaver is not None
        yes, no = asking.state == "accepted", asking.state == "declined"
        state = asking.state
        if no:  # a "no" is an answer and never a state: for everybody else it stays open until it lapses
            due = created + timedelta(days=DAYS_OPEN)
            over = due < calendar.moment(calendar.days, 0)
            state, closed = ("lapsed", due) if over else ("open", None)
        row = {
            "public_id": public_id(rng),
            "kind": "woven" if woven else "asked",
            "asker_id": asking.asker,
            "asked_id": asking.asked,
            "weaver_id": asking.weaver,
            "note": self._note(asking),
            "evidence": asking.evidence,
            "source": "weaver" if woven else rng.choice(("suggestion", "suggestion", "directory", "member_page")),
            "state": state,
            "asker_answer": "yes" if not woven or yes or rng.random() < 0.5 else None,
            "asked_answer": "yes" if yes else "no" if no else None,
            "first_yes_at": None,
            "created_at": created,
            "expires_at": created + timedelta(days=DAYS_OPEN),
            "closed_at": closed,
        }
        if woven and row["asker_answer"] == "yes":
            row["first_yes_at"] = created + ((closed or created) - created) / 2
        return row

    def _note(self, asking: Asking) -> str:
        rng, crowd = self._rng, self._crowd
        if crowd.erased & {asking.asker, asking.asked, asking.weaver}:
            return ""
        if asking.evidence == DECLARED or (asking.weaver is None and rng.random() < 0.12):
            return ""
        shared = crowd.themes[asking.asker] & crowd.themes[asking.asked] or crowd.themes[asking.asker]
        themes = [theme for rank, theme in enumerate(theme_codes()) if shared >> rank & 1]
        choice = ThemeChoice(rng.choice(themes), True, True, True, None)
        them, other = crowd.first_names[asking.asked], crowd.first_names[asking.asker]
        facts = {**self._facts(crowd.employer[asking.asker]), "them": (them,), "other": (other,)}
        told = speech(rng, "first", Subject("", "", "", 3, "strategy", (choice, choice), facts))
        return told.sentence("notes", "ask" if asking.weaver is None else "weave")


def dismissals(crowd: Crowd, calendar: Calendar, growth: Growth, seed: int) -> Iterator[Row]:
    """Suggestions that members set aside: for now, some of that over by now, or for good."""
    rng = stream(seed, "dismissals")
    for number, warmth in enumerate(crowd.warmth):
        if warmth <= 0 or crowd.left[number] < calendar.days or rng.random() > 0.06:
            continue
        set_aside: set[int] = set()
        for _ in range(rng.randint(1, 4)):
            other = growth.candidate(rng, number)
            if other is None or other in set_aside:
                continue
            set_aside.add(other)
            first = max(crowd.joined[number], crowd.joined[other])
            day = max(first, calendar.days - 1 - int(rng.expovariate(1 / 70)))
            until = calendar.date(day) + timedelta(days=NOT_NOW_DAYS) if rng.random() < 0.75 else None
            moment = calendar.moment(min(day, calendar.days - 1), rng.randrange(36000))
            yield {"member_id": number, "other_id": other, "until": until, "created_at": moment}


def blocks(crowd: Crowd, calendar: Calendar, growth: Growth, seed: int, spared: set[int]) -> Iterator[Row]:
    """The few who want nothing to do with each other; never tied, and none of the `spared`."""
    rng = stream(seed, "blocks")
    for _ in range(max(1, len(crowd.joined) // 400)):
        one = int(rng.random() * len(crowd.joined))
        other = growth.candidate(rng, one)
        if other is None or one in spared or other in spared:
            continue
        day = max(crowd.joined[one], crowd.joined[other])
        spared |= {one, other}
        moment = calendar.moment(rng.randint(day, calendar.days - 1))
        yield {"blocker_id": one, "blocked_id": other, "created_at": moment}
