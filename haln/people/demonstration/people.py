"""The members of the demonstration, one after another in the order in which they join."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from haln.people.demonstration import biographies
from haln.people.demonstration.calendar import Calendar
from haln.people.demonstration.careers import Careers, Post, ThemeChoice
from haln.people.demonstration.chance import public_id, stream
from haln.people.demonstration.employers import Employer, Employers
from haln.people.demonstration.manners import Manners, manners_of
from haln.people.demonstration.names import Name, Names
from haln.people.demonstration.words import theme_codes
from haln.people.erasure import NAME

DOMAIN = "demo.haln.example"
_NEVER = 1 << 30
_WRITERS = 0.1
STAFF, FACILITATOR = 0, 3  # the numbers of the two who have a sign-in


@dataclass(slots=True)
class Crowd:
    """What the growth of ties needs to know of everybody, one entry a member."""

    joined: list[int]  # days of the calendar
    left: array[int] = field(default_factory=lambda: array("l"))  # the day, or never
    sector: array[int] = field(default_factory=lambda: array("b"))
    region: array[int] = field(default_factory=lambda: array("b"))
    role: array[int] = field(default_factory=lambda: array("b"))
    employer: array[int] = field(default_factory=lambda: array("l"))
    themes: array[int] = field(default_factory=lambda: array("l"))  # one bit a theme
    warmth: array[float] = field(default_factory=lambda: array("f"))  # how readily they tie; 0: never
    hubs: list[int] = field(default_factory=list)
    first_names: list[str] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Person:
    """One member: their row, without id and change number, and their themes."""

    row: dict[str, Any]
    themes: list[ThemeChoice]
    text: tuple[date, str] | None = None


class People:
    """Makes the members."""

    def __init__(self, careers: Careers, employers: Employers, calendar: Calendar, members: int, seed: int) -> None:
        self._careers, self._employers, self._calendar = careers, employers, calendar
        self._rng, self._words = stream(seed, "people"), stream(seed, "biographies")
        self._names = Names()
        self._members = members
        self._codes: dict[str, dict[str, int]] = {"sector": {}, "region": {}, "role": {}}
        self._theme_bit = {theme: 1 << rank for rank, theme in enumerate(theme_codes())}
        self.crowd = Crowd(calendar.joining_days(stream(seed, "joining"), members))
        self.member, self.newcomer = members * 3 // 10, members - 1

    def __iter__(self) -> Iterator[Person]:
        """Give the members; the crowd is whole when the last one was given."""
        for number in range(self._members):
            yield self._person(number)

    def _person(self, number: int) -> Person:
        rng = self._rng
        name = self._name(number)
        special = number in (STAFF, FACILITATOR, self.member, self.newcomer)
        employer = self._employers.pick(rng, "nhs-acute" if number == self.member else None)
        post = self._careers.post(rng, employer.sector)
        themes = self._careers.themes(rng, employer.sector, post, employer.ahead)
        if number == self.member:
            themes = _both_ways(themes)
        manners = manners_of(rng, number, self._members, self._calendar.days - self.crowd.joined[number], special)
        self._note(number, name, employer, post, themes, manners)
        years = self._words.randint(1, 24)
        facts = self._employers.facts(employer.id)
        subject = biographies.Subject(name.whole, name.first, post.title, years, post.role, themes, facts)
        row = self._row(number, name, employer, post, manners)
        row["biography"] = "" if manners.empty else biographies.write(self._words, subject)
        if manners.standing == "erased":
            row = _erased(row)
        if number == self.newcomer:
            row |= {"biography": "", "role": None, "level": None, "job_title": None, "place_id": employer.place_id}
            themes = []
        elif manners.standing in ("erased", "invited") or manners.empty:
            themes = themes[:1] if manners.empty else []
        return Person(row, themes, self._text(number, subject) if row["biography"] else None)

    def _name(self, number: int) -> Name:
        awkward = number - self._members // 5
        if 0 <= awkward < len(self._names.awkward) and number not in (self.member, self.newcomer):
            return self._names.awkward[awkward]
        return self._names.invent(self._rng)

    def _note(
        self, number: int, name: Name, employer: Employer, post: Post, themes: list[ThemeChoice], manners: Manners
    ) -> None:
        """Add somebody to the crowd."""
        crowd = self.crowd
        crowd.left.append(crowd.joined[number] + manners.stayed if manners.stayed is not None else _NEVER)
        crowd.sector.append(self._code("sector", employer.top))
        crowd.region.append(self._code("region", employer.region))
        crowd.role.append(self._code("role", post.role))
        crowd.employer.append(employer.id)
        crowd.themes.append(sum(self._theme_bit[choice.theme] for choice in themes))
        crowd.warmth.append({self.member: 5.0, self.newcomer: 0.0}.get(number, manners.warmth))
        crowd.first_names.append(name.first)
        if manners.standing == "erased":
            crowd.erased.add(number)
        if manners.hub:
            crowd.hubs.append(number)

    def _code(self, kind: str, value: str) -> int:
        codes = self._codes[kind]
        return codes.setdefault(value, len(codes))

    def _row(self, number: int, name: Name, employer: Employer, post: Post, manners: Manners) -> dict[str, Any]:
        rng, calendar = self._rng, self._calendar
        joined_day = self.crowd.joined[number]
        joined = calendar.moment(joined_day, rng.randrange(36000))
        here = employer.place_id
        if here and rng.random() < 0.06:
            near = [place.id for place in self._employers.near(employer.region_code)]
            here = near[int(rng.random() * len(near))] if near else here
        row: dict[str, Any] = {
            "public_id": public_id(rng),
            "email": f"{self._mailbox(number)}@{DOMAIN}",
            "password_hash": None,
            "audience": {STAFF: "staff", FACILITATOR: "facilitator"}.get(number, manners.audience),
            "standing": manners.standing,
            "demonstration": True,
            "external_ref": None,
            "name": name.whole,
            "sort_name": name.sort,
            "role": post.role,
            "level": post.level,
            "job_title": post.title,
            "organisation_id": employer.id,
            "place_id": here,
            "language": "cy" if employer.region == "Wales" and rng.random() < 0.2 else "en",
            "onboarding_step": 1 if manners.standing in ("invited", "unverified") else 4,
            "joined_at": joined,
            "verified_at": None if manners.standing in ("invited", "unverified") else joined + timedelta(minutes=9),
            "confirmed_at": joined + timedelta(days=manners.confirmed),
            "active_at": joined + timedelta(days=manners.active),
            "left_at": joined + timedelta(days=manners.stayed) if manners.stayed is not None else None,
            "introduction_mail": rng.random() > 0.05,
            "paused_until": calendar.until + timedelta(days=manners.paused) if manners.paused is not None else None,
            **manners.visibility,
        }
        return row

    def _mailbox(self, number: int) -> str:
        named = {STAFF: "staff", FACILITATOR: "facilitator", self.member: "member", self.newcomer: "newcomer"}
        return named.get(number, f"person-{number + 1}")

    def _text(self, number: int, subject: biographies.Subject) -> tuple[date, str] | None:
        """A short case study by one in ten, from some day after they joined."""
        if self._words.random() > _WRITERS:
            return None
        joined = self.crowd.joined[number]
        day = joined + int(self._words.random() * (self._calendar.days - joined))
        return self._calendar.date(day), biographies.case_study(self._words, subject)


def _both_ways(themes: list[ThemeChoice]) -> list[ThemeChoice]:
    """The themes of who signs in first: something to offer and something to seek, so that both meet in the reasons."""
    first, last = themes[0], themes[-1]
    rest = themes[1:-1]
    if first is last:
        return [replace(first, offer=True, seek=True)]
    return [replace(first, offer=True), *rest, replace(last, seek=True)]


def _erased(row: dict[str, Any]) -> dict[str, Any]:
    """Leave of a member what erasing leaves (`haln.people.erasure`): a node without a name."""
    nothing = ("email", "role", "level", "job_title", "organisation_id", "place_id", "paused_until")
    days = ("verified_at", "confirmed_at", "active_at")
    closed = ("listed", "suggest_me", "introduction_mail")
    return (
        row
        | dict.fromkeys(nothing + days)
        | dict.fromkeys(closed, False)
        | {name: 0 for name in row if name.startswith("show_")}
        | {"name": NAME, "sort_name": NAME.casefold(), "biography": "", "show_name": 2}
    )
