"""Pools of invented applicants of any size, without a database: for benchmarks and for trying forming out.

They are drawn as the demonstration's members are: sectors, roles, levels and themes that go together, a live issue in
the words of the themes, a few large organisations and many small ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from haln.matching.pool import Applicant, Facilitator, Pair, Pool
from haln.people.demonstration import biographies
from haln.people.demonstration.careers import LEVELS, Careers, ThemeChoice
from haln.people.demonstration.chance import Weighted, stream
from haln.people.demonstration.employers import in_text
from haln.people.demonstration.words import common_bank, theme_codes
from haln.taxonomy import vocabulary
from haln.taxonomy.vocabulary import Vocabulary

SLOTS = 10
SET = 7
"""People to a set, about: there are facilitators, and no more colleagues, than such sets have room for."""
_FREE = 0.45
_COLLEAGUES = 3.2  # people of one organisation, on average
_HOLDS = 3
_TIES, _MATES = 3.0, 0.8  # of one person, on average
_APART, _TOGETHER, _WAITING, _WISHES = 0.05, 0.02, 0.06, 0.15
_MANAGED = 0.12  # of colleagues


@cache
def _network() -> tuple[Vocabulary, Careers]:
    words = vocabulary.load()
    return words, Careers(words)


def applicants(count: int, seed: int = 0) -> tuple[Applicant, ...]:
    """So many applicants, numbered from 1. The same numbers always give the same people."""
    return pool(count, seed).applicants


def pool(count: int, seed: int = 0) -> Pool:
    """A pool of so many applicants, with facilitators enough for them. The same numbers always give the same pool.

    The standard rules can be kept as far as organisations go: none has more people than there are sets.
    """
    rng = stream(seed, f"applicants:{count}")
    homes = _homes(rng, count)
    leaders = tuple(Facilitator(count + number, _HOLDS) for number in range(1, -(-count // (SET - 1) // _HOLDS) + 2))
    people = tuple(_person(rng, number, homes[number - 1], leaders) for number in range(1, count + 1))
    colleagues = _colleagues(people)
    ties = _pairs(rng, people, round(count * _TIES / 2), alike=True)
    apart = _pairs(rng, people, round(count * _APART))
    managers = frozenset(pair for pair in sorted(colleagues) if rng.random() < _MANAGED)
    return Pool(
        applicants=people,
        facilitators=leaders,
        slots=SLOTS,
        managers=managers,
        apart=apart,
        together=_pairs(rng, people, round(count * _TOGETHER)) - apart - colleagues,
        ties=ties,
        set_mates=_pairs(rng, people, round(count * _MATES / 2), alike=True),
    )


class _Home:
    """An invented organisation."""

    def __init__(self, key: int, sector: str, region: str) -> None:
        self.key, self.sector, self.region = key, sector, region


def _homes(rng: Random, count: int) -> list[_Home]:
    """Where each person works; no organisation has more people than there are sets of seven."""
    words, careers = _network()
    sectors = Weighted(sorted(careers.shares), [careers.shares[code] for code in sorted(careers.shares)])
    regions = [region.code for region in words.regions if region.code != "england"]
    made = [
        _Home(number, sectors.pick(rng), rng.choice(regions))
        for number in range(1, max(SET, round(count / _COLLEAGUES)) + 1)
    ]
    popular = Weighted(made, [min(12.0, rng.paretovariate(1.1)) for _ in made])
    most, held = max(1, count // (SET + 1)), dict.fromkeys(range(1, len(made) + 1), 0)
    chosen: list[_Home] = []
    while len(chosen) < count:
        home = popular.pick(rng)
        if held[home.key] >= most:
            home = min(made, key=lambda one: (held[one.key], one.key))
        held[home.key] += 1
        chosen.append(home)
    return chosen


def _person(rng: Random, number: int, home: _Home, leaders: Sequence[Facilitator]) -> Applicant:
    words, careers = _network()
    post = careers.post(rng, home.sector)
    ahead = {theme: rng.choice((1, 1, 2, 2, 2, 3, 3, 4)) for theme in theme_codes()}
    choices = careers.themes(rng, home.sector, post, ahead)
    region = words.region(home.region)
    return Applicant(
        id=number,
        organisation=home.key,
        sector=careers.tops[home.sector],
        region=region.code,
        nation=region.parent or region.code,
        role=post.role,
        level=len(LEVELS) - LEVELS.index(post.level),
        themes={choice.theme: choice.maturity or 0 for choice in choices[:3]},
        live_issue=_issue(rng, post.role, post.title, home, choices),
        slots=frozenset(slot for slot in range(SLOTS) if rng.random() < _FREE) | {int(rng.random() * SLOTS)},
        waiting=int(rng.random() < _WAITING),
        facilitator=rng.choice(leaders).id if rng.random() < _WISHES else None,
    )


def _issue(rng: Random, role: str, title: str, home: _Home, choices: Sequence[ThemeChoice]) -> str:
    words, careers = _network()
    place = in_text(words.region(home.region).label)
    facts: Mapping[str, Sequence[str]] = {
        **careers.facts[careers.tops[home.sector]],
        "kind": (careers.kind(home.sector),),
        "org": (f"our {careers.kind(home.sector)}",),
        "town": (place,),
        "region": (place,),
        "area": (place.removeprefix("the "),),
        "elsewhere": (place,),
    }
    told = biographies.speech(rng, "first", biographies.Subject("", "", title, 2, role, choices, facts))
    told.banks = {**told.banks, "sets": common_bank("sets")}
    return told.sentence("sets", "live_issue")


def _colleagues(people: Sequence[Applicant]) -> frozenset[Pair]:
    """Pairs of people of one organisation: each with the one before them there."""
    last: dict[int | None, int] = {}
    found: set[Pair] = set()
    for one in people:
        if one.organisation in last:
            found.add((last[one.organisation], one.id))
        last[one.organisation] = one.id
    return frozenset(found)


def _pairs(rng: Random, people: Sequence[Applicant], count: int, alike: bool = False) -> frozenset[Pair]:
    """About so many pairs of different people; `alike`: of people who share a theme."""
    found: set[Pair] = set()
    if len(people) < 2:
        return frozenset()
    for _ in range(count * 8):
        if len(found) >= count:
            break
        one, other = rng.choice(people), rng.choice(people)
        if one.id != other.id and not (alike and one.themes.keys().isdisjoint(other.themes)):
            found.add((min(one.id, other.id), max(one.id, other.id)))
    return frozenset(found)
