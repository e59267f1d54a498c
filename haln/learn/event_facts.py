"""What an event is, as somebody asks for it: checked, with a sentence for each field that is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from haln.errors import Invalid
from haln.learn.session_times import Span, between, link_fault, on_the_wall, one_line

SHORTEST, LONGEST = 15, 600
AHEAD = timedelta(days=730)
MOST_PLACES = 10_000
TITLE_LENGTH, STANDFIRST_LENGTH, DESCRIPTION_LENGTH, PLACE_LENGTH = 160, 300, 10_000, 200


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event as it is asked for: a day and hours on the wall's clock, where, for how many, and what about."""

    title: str
    on_day: date
    begins: time
    ends: time
    standfirst: str = ""
    description: str = ""
    where: str = ""
    place_id: int | None = None
    joining_link: str = ""
    capacity: int | None = None
    themes: tuple[str, ...] = ()

    @property
    def minutes(self) -> int:
        """From hour to hour on the wall; on a day on which the clocks change it may last longer, or shorter."""
        return on_the_wall(self.begins, self.ends)

    def span(self, zone: tzinfo) -> Span:
        """When it is. Raises Invalid where the clocks leave an hour of it out that day."""
        return between(self.on_day, self.begins, self.ends, zone)


def whereabouts(where: str, place: str | None) -> str:
    """Where an event is, in words: the name of its place stands after an address that does not say it."""
    if not place or re.search(rf"\b{re.escape(place.partition(',')[0])}\b", where, re.IGNORECASE):
        return where  # "Bristol" says "Bristol, City of" too
    return f"{where}, {place}" if where else place


def checked(facts: EventFacts, themes: Collection[str], zone: tzinfo, now: datetime) -> EventFacts:
    """The facts without blank ends. `themes` are the codes that there are. Raises Invalid for what cannot be."""
    made = _tidy(facts)
    faults = word_faults(made, themes) | time_faults(made, zone, now)
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    return made


def _tidy(facts: EventFacts) -> EventFacts:
    return replace(
        facts,
        title=one_line(facts.title),
        standfirst=one_line(facts.standfirst),
        description=facts.description.replace("\r\n", "\n").strip(),
        where=one_line(facts.where),
        joining_link=facts.joining_link.strip(),
        themes=tuple(dict.fromkeys(facts.themes)),
    )


def word_faults(facts: EventFacts, themes: Collection[str]) -> dict[str, str]:
    """What is wrong with everything but the day and the hours, each field with its sentence."""
    made, faults = _tidy(facts), dict[str, str]()
    if not made.title:
        faults["title"] = "Give the event a title."
    elif len(made.title) > TITLE_LENGTH:
        faults["title"] = "A title has at most 160 characters."
    if len(made.standfirst) > STANDFIRST_LENGTH:
        faults["standfirst"] = "Write at most 300 characters."
    if len(made.description) > DESCRIPTION_LENGTH:
        faults["description"] = "Write at most 10,000 characters."
    if len(made.where) > PLACE_LENGTH:
        faults["where"] = "Write at most 200 characters."
    elif not made.where and not made.joining_link and made.place_id is None:
        faults["where"] = "Say where it is: a place, or “Online”."
    wrong = link_fault(made.joining_link)
    if wrong:
        faults["link"] = wrong
    if made.capacity is not None and not 1 <= made.capacity <= MOST_PLACES:
        faults["capacity"] = "Enter a whole number from 1 to 10,000, or leave it empty when everybody has room."
    if not set(made.themes) <= set(themes):
        faults["themes"] = "Choose themes from the list."
    return faults


def time_faults(facts: EventFacts, zone: tzinfo, now: datetime) -> dict[str, str]:
    """What is wrong with the day and the hours, each with its sentence."""
    today, faults = now.astimezone(zone).date(), dict[str, str]()
    if not today <= facts.on_day <= today + AHEAD:
        faults["day"] = "Choose a day within the next two years."
    if facts.minutes <= 0:
        faults["ends"] = "An event ends after it begins, on the same day."
    elif not SHORTEST <= facts.minutes <= LONGEST:
        faults["ends"] = "An event lasts between 15 minutes and 10 hours."
    return faults
