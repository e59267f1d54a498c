"""Who of a report is which member: by address, else by name among those who have a place. Nothing is stored here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from haln.learn.event_reports import Attendee, MeetingReport, folded

ALIKE = 82
"""From so many of 100 on (token sort ratio) two names may be of one person: staff are asked."""

INITIALS = 90.0
"""How alike a name with an initial is to the one that it stands for."""

SAME_TOPIC = 45
"""Below so many of 100 a report's title is said to be another than the event's."""

NEAR_DAYS = 1


@dataclass(frozen=True, slots=True)
class Sure:
    """A member who was there, for certain: by address, or as the one with a place who has just this name."""

    attendee: Attendee
    member: int
    by_address: bool


@dataclass(frozen=True, slots=True)
class Maybe:
    """Somebody who may be this member. `number` is their place in the report, by which the answer is given."""

    number: int
    attendee: Attendee
    member: int


@dataclass(frozen=True, slots=True)
class Matched:
    """A report's people. `unknown`: those who are no member, or of whom nobody can say so.

    Who is there once more, with another device, is no other person: whoever has the name of a certain one, and whoever
    has no address and the name of somebody else who has one.
    """

    sure: tuple[Sure, ...]
    maybe: tuple[Maybe, ...]
    unknown: tuple[Attendee, ...]


def matched(report: MeetingReport, by_address: Mapping[str, int], names: Mapping[int, str]) -> Matched:
    """Match a report's people with members.

    `by_address`: members by address, as far as the report names them. `names`: of those who have a place. Each member
    is found once: who is certain first, then whose name is most alike. The same report always gives the same answer.
    """
    sure = [
        Sure(one, by_address[one.address], True)
        for one in report.attendees
        if one.address and one.address in by_address
    ]
    taken = {one.member for one in sure}
    rest = [
        (number, one) for number, one in enumerate(report.attendees) if not one.address or one.address not in by_address
    ]
    exact = _by_name({member: name for member, name in names.items() if member not in taken})
    left = []
    for number, one in rest:
        found = exact.get(_sorted(one.name), [])
        if len(found) == 1 and found[0] not in taken:
            sure.append(Sure(one, found[0], False))
            taken.add(found[0])
        else:
            left.append((number, one))
    maybe = _alike(left, {member: name for member, name in names.items() if member not in taken})
    asked = {one.number for one in maybe}
    others = [one for number, one in left if number not in asked]
    certain = {_sorted(one.attendee.name) for one in sure}
    with_address = certain | {_sorted(one.name) for one in others if one.address}
    unknown = (one for one in others if _sorted(one.name) not in (certain if one.address else with_address))
    return Matched(tuple(sure), tuple(maybe), tuple(unknown))


def _sorted(name: str) -> str:
    return " ".join(sorted(folded(name).replace(",", " ").split()))


def _by_name(names: Mapping[int, str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for member, name in sorted(names.items()):
        found[_sorted(name)].append(member)
    return found


def _alike(left: Iterable[tuple[int, Attendee]], names: Mapping[int, str]) -> list[Maybe]:
    choices = {member: folded(name) for member, name in names.items()}
    families: dict[str, list[int]] = defaultdict(list)
    for member, name in choices.items():
        families[name.split()[-1] if name else ""].append(member)
    scored = [
        (-score, number, member, one)
        for number, one in left
        for member, score in _near(folded(one.name), choices, families).items()
    ]
    found: dict[int, Maybe] = {}
    taken: set[int] = set()
    for _, number, member, one in sorted(scored, key=lambda row: row[:3]):
        if number not in found and member not in taken:
            found[number] = Maybe(number, one, member)
            taken.add(member)
    return [found[number] for number in sorted(found)]


def _near(name: str, choices: Mapping[int, str], families: Mapping[str, list[int]]) -> dict[int, float]:
    """Who of `choices` may have this name, and how alike it is to theirs, whatever the order of the words.

    Initials count for the whole word. `families`: who has which last word. Thousands are compared in one call.
    """
    rows = process.extract(name, choices, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=None)
    found = {member: float(score) for _, score, member in rows}
    for member in families.get(name.split()[-1] if name else "", ()):
        if _initials(name, choices[member]):
            found[member] = max(found.get(member, 0.0), INITIALS)
    return found


def _initials(one: str, other: str) -> bool:
    """Whether one is a first letter and the family name of the other: A Okafor, Ada Okafor."""
    first, second = one.split(), other.split()
    if len(first) < 2 or len(second) < 2 or first[-1] != second[-1]:
        return False
    short, long = sorted((first[0].strip("."), second[0].strip(".")), key=len)
    return len(short) == 1 and long.startswith(short)


def other_day(report: MeetingReport, day: date, today: date) -> date | None:
    """The day that a report is of, where it cannot be of this event; none where it can, or names no day.

    Nobody was at a meeting that is still to come: of 12/10 read both ways, the day ahead is none.
    """
    if not report.days or any(abs((one - day).days) <= NEAR_DAYS for one in report.days):
        return None
    been = [one for one in report.days if one <= today] or report.days
    return min(been, key=lambda one: (abs((one - day).days), one))


def other_topic(report: MeetingReport, title: str) -> bool:
    """Whether a report's title is so unlike the event's that somebody should look twice."""
    return bool(report.title) and fuzz.token_set_ratio(report.title.casefold(), title.casefold()) < SAME_TOPIC
