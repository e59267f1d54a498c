"""When a set meets: what is asked for, checked, as moments that are right across the change of the clocks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from urllib.parse import urlsplit

from haln.errors import Invalid

SHORTEST, LONGEST = 15, 600
MOST_AT_ONCE = 30
MOST_WEEKS = 12
BACK, AHEAD = timedelta(days=60), timedelta(days=730)
PLACE_LENGTH, LINK_LENGTH, AGENDA_LENGTH = 200, 500, 2_000


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session as somebody asks for it: a day and hours on the wall's clock, where, and what for."""

    on_day: date
    begins: time
    ends: time
    where: str = ""
    joining_link: str = ""
    agenda: str = ""

    @property
    def minutes(self) -> int:
        """From hour to hour on the wall; on a day on which the clocks change it may last longer, or shorter."""
        return on_the_wall(self.begins, self.ends)

    def span(self, zone: tzinfo) -> Span:
        """When it is. Raises Invalid where the clocks leave an hour of it out that day."""
        return between(self.on_day, self.begins, self.ends, zone)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that is taken."""

    starts_at: datetime
    minutes: int

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)

    def meets(self, other: Span) -> bool:
        """Whether the two overlap; one that begins when the other ends does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def checked(meeting: Meeting, now: datetime) -> Meeting:
    """The meeting without blank ends. Raises Invalid, with a sentence for each field that is wrong."""
    faults = {}
    if meeting.minutes <= 0:
        faults["ends"] = "A session ends after it begins, on the same day."
    elif not SHORTEST <= meeting.minutes <= LONGEST:
        faults["ends"] = "A session lasts between 15 minutes and 10 hours."
    today = now.date()
    if not today - BACK <= meeting.on_day <= today + AHEAD:
        faults["day"] = "Choose a day within the next two years, or of the last 60 days."
    where, agenda = one_line(meeting.where), meeting.agenda.replace("\r\n", "\n").strip()
    if len(where) > PLACE_LENGTH:
        faults["where"] = "Write at most 200 characters."
    if len(agenda) > AGENDA_LENGTH:
        faults["agenda"] = "Write at most 2,000 characters."
    link, wrong = meeting.joining_link.strip(), link_fault(meeting.joining_link)
    if wrong:
        faults["link"] = wrong
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    return Meeting(meeting.on_day, meeting.begins, meeting.ends, where, link, agenda)


def one_line(text: str) -> str:
    """Words without line breaks, control characters and blank ends."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def link_fault(link: str) -> str:
    """What is wrong with a joining link; empty for a good one and for none. Nothing is fetched."""
    link = link.strip()
    if not link:
        return ""
    if len(link) > LINK_LENGTH:
        return "A joining link has at most 500 characters."
    sentence = "A joining link begins with https:// and the name of a site."
    try:
        parts = urlsplit(link)
        port_is_a_number = parts.port is None or parts.port > 0
    except ValueError:
        return sentence
    named = re.fullmatch(r"[^\W_][\w.-]*\.[^\W_]+", parts.hostname or "")
    good = parts.scheme == "https" and named and port_is_a_number and "@" not in parts.netloc
    return "" if good and not re.search(r"[\s\x00-\x1f\x7f\"<>\\^`{|}]", link) else sentence


def on_the_clock(on_day: date, at: time, zone: tzinfo) -> datetime | None:
    """The moment at which clocks in a zone show this time; none for an hour that they leave out that day."""
    local = datetime.combine(on_day, at, tzinfo=zone)
    found = local.astimezone(UTC)
    return found if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def moment(on_day: date, at: time, zone: tzinfo, field: str = "begins") -> datetime:
    """A wall clock's hour as a moment. Raises Invalid, at `field`, for an hour that the clocks leave out that day."""
    found = on_the_clock(on_day, at, zone)
    if found is None:
        sentence = "There is no such time on %(day)s: the clocks go forward."
        raise Invalid(sentence, {field: sentence}, day=on_day)
    return found


def on_the_wall(begins: time, ends: time) -> int:
    """How many minutes lie between two hours on the wall's clock."""
    return (ends.hour - begins.hour) * 60 + ends.minute - begins.minute


def between(on_day: date, begins: time, ends: time, zone: tzinfo) -> Span:
    """The stretch from one hour on the wall to a later one that day, as long as it is where the clocks change in it.

    An hour that there is twice is the first of the two. Raises Invalid for one that the clocks leave out, and where
    the change leaves too little, or too much, of it.
    """
    starts, over = moment(on_day, begins, zone), moment(on_day, ends, zone, "ends")
    minutes = int((over - starts).total_seconds()) // 60
    if not SHORTEST <= minutes <= LONGEST and SHORTEST <= on_the_wall(begins, ends) <= LONGEST:
        sentence = "The clocks change on %(day)s: it would last %(minutes)s minutes. Choose 15 minutes to 10 hours."
        raise Invalid(sentence, {"ends": sentence}, day=on_day, minutes=minutes)
    return Span(starts, minutes)


def series(first: Meeting, every_weeks: int, count: int, zone: tzinfo) -> list[Span]:
    """Sessions at the same hour on the wall every so many weeks. Raises Invalid for too many at once."""
    if not 1 <= count <= MOST_AT_ONCE:
        sentence = "Plan between 1 and 30 sessions at once."
        raise Invalid(sentence, {"count": sentence})
    if not 1 <= every_weeks <= MOST_WEEKS:
        sentence = "Choose every 1 to 12 weeks."
        raise Invalid(sentence, {"weeks": sentence})
    days = (first.on_day + timedelta(weeks=every_weeks * number) for number in range(count))
    return [replace(first, on_day=day).span(zone) for day in days]


def check_near(wanted: Iterable[Span], zone: tzinfo, now: datetime) -> None:
    """Raise Invalid, naming the last day, where a series goes on for longer than sessions are planned ahead."""
    last = max(span.starts_at.astimezone(zone).date() for span in wanted)
    if last > now.date() + AHEAD:
        error = Invalid(
            "The last of them would be on %(day)s. Plan fewer, or closer together: at most two years ahead.", day=last
        )
        error.fields["count"] = error.sentence
        raise error


def check_free(wanted: Iterable[Span], taken: Iterable[Span], zone: tzinfo) -> None:
    """Raise Invalid, naming the first day, where a wanted session overlaps one that is taken."""
    busy = list(taken)
    for span in wanted:
        if any(span.meets(other) for other in busy):
            day = span.starts_at.astimezone(zone).date()
            sentence = "On %(day)s the set has a session at that time already. Choose another time, or move that one."
            raise Invalid(sentence, {"day": sentence}, day=day)
