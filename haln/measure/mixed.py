"""How connections run within groups and across them, beside what chance would make of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from haln.measure.questions import Question
from haln.network import chance
from haln.network.chance import Chance, Range
from haln.network.history import snapshot
from haln.network.versions import Versions

Kind = Literal["sector", "region"]
KINDS: tuple[Kind, ...] = ("sector", "region")

ENOUGH = 5.0
"""So many connections chance would make between two groups before it is a gap that there are few."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The connections between two groups, or within one: those there are, and what chance makes of them.

    `low` to `high`: where 95 % of graphs lie. `z`: deviations above what is expected; none where chance never varies.
    """

    one: str
    other: str
    observed: int
    expected: float
    low: float
    high: float
    z: float | None

    @property
    def verdict(self) -> Literal["more", "fewer", ""]:
        """Whether there are more, or fewer, than in 95 % of graphs drawn by chance."""
        if self.observed > self.high:
            return "more"
        return "fewer" if self.observed < self.low else ""


@dataclass(frozen=True, slots=True)
class Group:
    """One group: its members, its connections (within it and out of it), and its E-I index beside chance.

    Neither is defined of a group without connections of which both groups are known.
    """

    code: str
    members: int
    within: int
    out: int
    ei_index: float | None
    chance: Range | None


@dataclass(frozen=True, slots=True)
class Mixed:
    """How groups of a kind mix. `rows` hold a cell for each pair of groups, both ways, in the order of `groups`.

    `gaps`: pairs of groups with fewer connections than chance would make, the widest first. `unknown`: connections
    with somebody whose group is not known, which count nowhere else. Shares and indices of none are
    not defined.
    """

    kind: Kind
    groups: tuple[Group, ...]
    rows: tuple[tuple[Cell, ...], ...]
    gaps: tuple[Cell, ...]
    unknown: int
    across_share: float | None
    across_chance: Range | None
    ei_index: float | None
    ei_chance: Range | None
    samples: int
    seed: int


def mixed(versions: Versions, question: Question, kind: Kind, seed: int = 0) -> Mixed:
    """Work out how groups of a kind mix as of the day. Groups without a member there are left out."""
    found = snapshot(
        question.known(versions, question.as_of),
        question.as_of.toordinal(),
        only=question.only,
        evidences=question.evidences,
    )
    told = chance.mixings(found, (kind,), seed=seed)[kind]
    there = [number for number, count in enumerate(told.observed.members.tolist()) if count]
    rows = tuple(tuple(_cell(told, one, other) for other in there) for one in there)
    pairs = [cell for number, row in enumerate(rows) for cell in row[number + 1 :]]
    return Mixed(
        kind,
        tuple(_group(told, number) for number in there),
        rows,
        _gaps(pairs),
        told.observed.unknown,
        _defined(told.observed.across_share),
        _range(told.across_share),
        _defined(told.observed.ei_index),
        _range(told.ei_index),
        told.samples,
        told.seed,
    )


def _cell(told: Chance, one: int, other: int) -> Cell:
    z = float(told.z[one, other])
    return Cell(
        told.observed.names[one],
        told.observed.names[other],
        int(told.observed.table[one, other]),
        float(told.expected[one, other]),
        float(told.low[one, other]),
        float(told.high[one, other]),
        _defined(z),
    )


def _defined(number: float) -> float | None:
    """A number, or none where it is not defined."""
    return None if math.isnan(number) else number


def _range(found: Range) -> Range | None:
    return None if math.isnan(found.expected) else found


def _group(told: Chance, number: int) -> Group:
    table = told.observed.table
    within = int(table[number, number])
    return Group(
        told.observed.names[number],
        int(told.observed.members[number]),
        within,
        int(table[number].sum()) - within,
        _defined(float(told.observed.group_ei[number])),
        _range(told.group_ei[number]),
    )


def _gaps(pairs: Sequence[Cell]) -> tuple[Cell, ...]:
    wide = [cell for cell in pairs if cell.verdict == "fewer" and cell.expected >= ENOUGH]
    return tuple(sorted(wide, key=lambda cell: (cell.observed - cell.expected, cell.one, cell.other)))
