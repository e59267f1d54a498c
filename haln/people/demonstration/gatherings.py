"""Learning sets: six to eight people who share a theme, formed in each half-year."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from haln.people.demonstration.calendar import Calendar
from haln.people.demonstration.chance import Weighted, stream
from haln.people.demonstration.employers import in_text
from haln.people.demonstration.grammar import Speech, Voice
from haln.people.demonstration.growth import Meeting
from haln.people.demonstration.people import Crowd
from haln.people.demonstration.words import common_bank, theme_bank, theme_codes

_MEMBERS_EACH = 46  # members of the network to one set
_LENGTH = 275  # days that a set meets
HALF_YEAR = 182.6  # days
_BEFORE_THE_END = 130  # of its half-year, sets begin
_FORTNIGHT = 14
_APPLYING = 45  # days before a set begins somebody must have joined, so that they could apply


@dataclass(frozen=True, slots=True)
class Gathering:
    """A learning set; the last day may lie after the calendar's end."""

    name: str
    purpose: str
    theme: str
    first_day: int
    last_day: int
    members: tuple[int, ...]

    @property
    def meeting(self) -> Meeting:
        """What the growth of ties needs to know of it."""
        return Meeting(self.first_day, self.members)


def gather(
    crowd: Crowd, calendar: Calendar, labels: Mapping[str, str], regions: tuple[str, ...], seed: int
) -> list[Gathering]:
    """Form the learning sets, in the order in which they begin. `labels` are the themes' names."""
    rng = stream(seed, "sets")
    count = max(3, len(crowd.joined) // _MEMBERS_EACH)
    beginnings = _beginnings(crowd, calendar)
    days = sorted(min(calendar.days - 1, beginnings.pick(rng) + int(rng.random() * _FORTNIGHT)) for _ in range(count))
    sets: list[Gathering] = []
    busy: dict[int, int] = {}
    for day in days:
        rank = int(rng.random() * len(theme_codes()))
        members = _members(rng, crowd, day, 1 << rank, busy)
        if len(members) >= 4:
            busy.update(dict.fromkeys(members, day + _LENGTH))
            name, purpose = _words(rng, theme_codes()[rank], labels, regions, calendar.date(day).year)
            sets.append(Gathering(name, purpose, theme_codes()[rank], day, day + _LENGTH, members))
    return sets


def _beginnings(crowd: Crowd, calendar: Calendar) -> Weighted[int]:
    """The first day of each half-year's sets; the more members there are by then, the more sets."""
    terms = max(1, int(calendar.days / HALF_YEAR))
    days = [calendar.days - round(HALF_YEAR * term) - _BEFORE_THE_END for term in reversed(range(terms))]
    days = [day if day > 0 else calendar.days // 2 for day in days]
    return Weighted(days, [1 + bisect_left(crowd.joined, day) for day in days])


def _members(rng: Random, crowd: Crowd, day: int, theme: int, busy: Mapping[int, int]) -> tuple[int, ...]:
    """People with a theme who could have applied and sit in no other set then."""
    joined = day - min(_APPLYING, day // 2)
    wanted = rng.choice((6, 6, 7, 7, 8))
    chosen: list[int] = []
    for _ in range(400):
        number = int(rng.random() * len(crowd.joined))
        here = crowd.joined[number] < joined and crowd.left[number] > day + 30 and crowd.warmth[number] > 0
        here = here and busy.get(number, 0) <= day and number not in chosen
        fits = crowd.themes[number] & theme and not any(crowd.employer[number] == crowd.employer[one] for one in chosen)
        if here and fits:
            chosen.append(number)
            if len(chosen) == wanted:
                break
    return tuple(chosen)


def _words(rng: Random, theme: str, labels: Mapping[str, str], regions: tuple[str, ...], year: int) -> tuple[str, str]:
    place = in_text(rng.choice(regions))
    told = Speech(
        rng,
        Voice("first"),
        {
            "label": (labels[theme],),
            "place": (place,),
            "town": (place,),
            "region": (place,),
            "area": (place.removeprefix("the "),),
            "org": ("our organisation",),
            "kind": ("organisation",),
            "people": ("residents", "patients", "tenants"),
            "site": ("site",),
            "workers": ("staff", "front-line staff"),
            "partner": ("the council", "the hospital", "the university"),
            "body": ("the board", "cabinet", "the leadership team"),
        },
        {"notes": common_bank("notes"), "common": common_bank("common"), "1": theme_bank(theme)},
    )
    return f"{told.sentence('notes', 'set_name')}, {year}", told.sentence("notes", "set_purpose")
