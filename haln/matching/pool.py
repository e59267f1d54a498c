"""Who applies to a cohort and who could lead its sets, as plain data: what a plan is formed from, and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Pair = tuple[int, int]
"""Two members' ids, the lower first."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """One person who applies. Codes are of the network's vocabularies; none: not said.

    `level`: 1 practitioner to 4 executive. `themes`: maturity 1 to 4 by theme, 0 where it is not said. `slots`: numbers
    of the cohort's time slots that they can make. `waiting`: how many cohorts in a row they were left over from.
    `facilitator`: whom they would like to be led by.
    """

    id: int
    organisation: int | None = None
    sector: str | None = None
    region: str | None = None
    nation: str | None = None
    role: str | None = None
    level: int | None = None
    themes: Mapping[str, int] = field(default_factory=dict)
    live_issue: str = ""
    slots: frozenset[int] = frozenset()
    waiting: int = 0
    facilitator: int | None = None


@dataclass(frozen=True, slots=True)
class Facilitator:
    """Somebody who can lead `capacity` sets; `slots` as for applicants, empty: any."""

    id: int
    capacity: int
    slots: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Pool:
    """All of a cohort, in any order: nothing that is computed from a pool depends on the order of its parts.

    `slots`: how many time slots the cohort offers, numbered from 0; 0: times do not matter. `managers`: pairs of a
    person and their line manager; `apart` and `together`: pairs that must not or must sit together; `ties`: pairs who
    are connected; `set_mates`: pairs who sat in a set before.
    """

    applicants: tuple[Applicant, ...]
    facilitators: tuple[Facilitator, ...] = ()
    slots: int = 0
    managers: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()
    together: frozenset[Pair] = frozenset()
    ties: frozenset[Pair] = frozenset()
    set_mates: frozenset[Pair] = frozenset()


@dataclass(frozen=True, slots=True)
class PlannedSet:
    """One set of a plan: its members' ids in ascending order, and who leads it, where somebody does."""

    members: tuple[int, ...]
    facilitator: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A division of a pool: every applicant is in exactly one set or left over (ids in ascending order)."""

    sets: tuple[PlannedSet, ...]
    left_over: tuple[int, ...] = ()
