"""Learning sets: six to eight people who share a theme, formed through the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from haln.people.demonstration.calendar import Calendar
from haln.people.demonstration.chance import stream
from haln.people.demonstration.employers import in_text
from haln.people.demonstration.grammar import Speech, Voice
from haln.people.demonstration.growth import Meeting
from haln.people.demonstration.people import Crowd
from haln.people.demonstration.words import common_bank, theme_bank, theme_codes

_MEMBERS_EACH = 46  # members of the network to one set
_LENGTH = 275  # days that a set meets


@dataclass(frozen=True, slots=True)
class Gathering:
    """A learning set; the last day may lie after the calendar's end."""

    name: str
    purpose: str
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
    days = sorted(int((0.1 + 0.9 * rng.random()) * max(1, calendar.days - 20)) for _ in range(count))
    sets = []
    for day in days:
        rank = int(rng.random() * len(theme_codes()))
        members = _members(rng, crowd, day, 1 << rank)
        if len(members) >= 4:
            name, purpose = _words(rng, theme_codes()[rank], labels, regions, calendar.date(day).year)
            sets.append(Gathering(name, purpose, day, day + _LENGTH, members))
    return sets


def _members(rng: Random, crowd: Crowd, day: int, theme: int) -> tuple[int, ...]:
    wanted = rng.choice((6, 6, 7, 7, 8))
    chosen: list[int] = []
    for _ in range(400):
        number = int(rng.random() * len(crowd.joined))
        here = crowd.joined[number] < day and crowd.left[number] > day + 30 and crowd.warmth[number] > 0
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
