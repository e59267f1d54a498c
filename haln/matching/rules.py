"""The rules that a plan of learning sets follows, as data: what, how strongly, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a rule asks for. `number` and `of` say what a rule's own figures mean, where it has some."""

    SIZE = "size"  # number to most people in a set; always a must
    PER_ORGANISATION = "per_organisation"  # at most number people of one organisation
    MANAGERS = "managers"  # nobody with their line manager
    APART = "apart"  # pairs kept apart
    TOGETHER = "together"  # pairs kept together
    SLOTS = "slots"  # every set shares at least number time slots
    FACILITATOR_LOAD = "facilitator_load"  # each set has a facilitator with room and time for it
    NOT_ALONE = "not_alone"  # nobody is the only one of their kind (of: sector, nation, role)
    SPREAD = "spread"  # different kinds in each set (of: sector, region, role)
    THEMES = "themes"  # alike in themes
    LIVE_ISSUE = "live_issue"  # alike in the live issue they wrote
    PEERS = "peers"  # alike in level
    MATURITY_MIX = "maturity_mix"  # different maturity in the themes they share
    NEW_TIES = "new_ties"  # people who are not connected yet
    NOT_AGAIN = "not_again"  # people who have not been in a set together
    BALANCE = "balance"  # sets alike in size
    PREFERRED_FACILITATOR = "preferred_facilitator"  # whom they would like to be led by


class Strength(StrEnum):
    """How much a rule counts: a must is kept before anything else; the others weigh 3 to 1 within the objective."""

    MUST = "must"
    STRONGLY = "strongly"
    IF_POSSIBLE = "if_possible"


HARD: frozenset[Kind] = frozenset(
    {
        Kind.SIZE,
        Kind.PER_ORGANISATION,
        Kind.MANAGERS,
        Kind.APART,
        Kind.TOGETHER,
        Kind.SLOTS,
        Kind.FACILITATOR_LOAD,
        Kind.NOT_ALONE,
        Kind.NOT_AGAIN,
    }
)
"""Kinds that may be a must. The others are matters of degree."""

BY_DEGREES: frozenset[Kind] = frozenset({Kind.SPREAD, Kind.THEMES, Kind.LIVE_ISSUE, Kind.PEERS, Kind.MATURITY_MIX})
"""Kinds that serve each person more or less: that a set serves all of its people a little does not yet keep them."""

NUMBERED: dict[Kind, tuple[int, int]] = {
    Kind.SIZE: (4, 30),
    Kind.PER_ORGANISATION: (1, 10),
    Kind.SLOTS: (1, 10),
}
"""The least and the largest number of the kinds that have one."""

CHOICES: dict[Kind, tuple[str, ...]] = {
    Kind.NOT_ALONE: ("sector", "nation", "role"),
    Kind.SPREAD: ("sector", "region", "role"),
}
"""What `of` may be, for the kinds that have one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Raises ValueError for what cannot be: a matter of degree as a must, a number out of range.

    `number`: see `Kind`; for SIZE the least, and `most` the largest size of a set. `of`: see `CHOICES`.
    """

    kind: Kind
    strength: Strength
    number: int | None = None
    most: int | None = None
    of: str | None = None

    def __post_init__(self) -> None:
        if self.strength is Strength.MUST and self.kind not in HARD:
            raise ValueError(f"{self.kind} cannot be a must")
        if self.kind is Kind.SIZE and self.strength is not Strength.MUST:
            raise ValueError("the size of sets is always a must")
        self._check_number()
        if (self.of is not None) != (self.kind in CHOICES) or (self.of and self.of not in CHOICES[self.kind]):
            raise ValueError(f"{self.kind} of {self.of} is no rule")

    @property
    def by_degrees(self) -> bool:
        """Whether it serves each person more or less: see `BY_DEGREES`."""
        return self.kind in BY_DEGREES

    def _check_number(self) -> None:
        if (self.number is not None) != (self.kind in NUMBERED):
            raise ValueError(f"{self.kind} with the number {self.number} is no rule")
        if self.number is not None:
            least, largest = NUMBERED[self.kind]
            top = self.most if self.kind is Kind.SIZE else self.number
            if top is None or not least <= self.number <= top <= largest:
                raise ValueError(f"{self.kind} goes from {least} to {largest}")
        if (self.most is not None) != (self.kind is Kind.SIZE):
            raise ValueError(f"{self.kind} has no range")


Rules = tuple[Rule, ...]
"""Rules in priority order: the earlier of two of the same strength weighs more."""


def size(rules: Rules) -> tuple[int, int]:
    """The least and the largest size of a set. Raises ValueError unless the rules name exactly one size."""
    found = [rule for rule in rules if rule.kind is Kind.SIZE]
    if len(found) != 1 or found[0].number is None or found[0].most is None:
        raise ValueError("a list of rules names the size of sets once")
    return found[0].number, found[0].most
