"""Invented names, of as many origins as the people of these islands have."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from haln.people.demonstration.chance import Weighted
from haln.people.demonstration.words import table
from haln.people.names import sort_name

_FROM_ELSEWHERE = 0.08  # a family name of another origin than the given one
_DOUBLE = 0.035
_TRIES = 3
_MIDDLE = "ABCDEFGHIJKLMNOPRSTVW"


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name: whole, as others call them, and as lists sort it."""

    whole: str
    first: str
    sort: str


class Names:
    """The names to choose from."""

    def __init__(self) -> None:
        origins = [(code, entry) for code, entry in table("names").items() if code != "awkward"]
        shares = [float(entry["share"]) for _, entry in origins]
        self._given = Weighted([tuple(entry["given"]) for _, entry in origins], shares)
        self._family = Weighted([tuple(entry["family"]) for _, entry in origins], shares)
        self._both = Weighted([(tuple(entry["given"]), tuple(entry["family"])) for _, entry in origins], shares)
        self._taken: set[str] = set()
        self.awkward: tuple[Name, ...] = tuple(split(name) for name in table("names")["awkward"]["names"])

    def invent(self, rng: Random) -> Name:
        """Make up a name that nobody has yet; where the names run out, with a letter in the middle."""
        for _ in range(_TRIES):
            name = self._draw(rng)
            if name.whole not in self._taken:
                break
        while name.whole in self._taken:
            first, _, last = name.whole.partition(" ")
            name = split(f"{first} {rng.choice(_MIDDLE)} {last}")
        self._taken.add(name.whole)
        return name

    def _draw(self, rng: Random) -> Name:
        given, family = self._both.pick(rng)
        if rng.random() < _FROM_ELSEWHERE:
            family = self._family.pick(rng)
        first, last = rng.choice(given), rng.choice(family)
        if rng.random() < _DOUBLE:
            other = rng.choice(self._family.pick(rng))
            if other != last and " " not in other + last and "-" not in other + last:
                last = f"{last}-{other}"
        return Name(f"{first} {last}", first, sort_name(f"{first} {last}"))


def split(name: str) -> Name:
    """Take a whole name apart; a single word is first and last name in one."""
    return Name(name, name.split(" ")[0], sort_name(name))
