"""What a network lacks: groups that are short of people, pairs of groups without a tie, and members whom few reach."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from haln.compiled import Longs
from haln.network.chance import Chance
from haln.network.history import UNKNOWN, Flags, Snapshot
from haln.network.structure import articulation, between

FEW = 3
"""With fewer members nobody in a group has two others in it to turn to."""

MADE_BY_CHANCE = 1.0
"""So many ties chance makes between two groups on average before it is a gap that there is none."""


@dataclass(frozen=True, slots=True)
class Short:
    """A group that is short of people: it has so many members, and so many of the bodies known in it take part.

    `missing`: so many more bodies, or members, it would take, at least 1. What is not known has 0 `known`.
    """

    group: str
    members: int
    reached: int
    known: int
    missing: int


@dataclass(frozen=True, slots=True)
class Untied:
    """Two groups, both with members, without a tie between them, where chance makes `expected` on average."""

    one: str
    other: str
    expected: float


def short(members: Mapping[str, int], reached: Mapping[str, int], known: Mapping[str, int]) -> list[Short]:
    """Find the groups with fewer than FEW members, or with fewer than half of their share of bodies that take part.

    `members`, `reached` and `known` say for each group how many members it has, how many of the bodies known in it
    have a member, and how many are known. A group's share is of all that take part, as it has of all that are known.
    The most missing first; of as many, by name. A group that is named nowhere but in one of them has 0 of the others.
    """
    part, whole = sum(reached.values()), sum(known.values())
    found = []
    for group in sorted({*members, *reached, *known}):
        has, there, all_known = members.get(group, 0), reached.get(group, 0), known.get(group, 0)
        share = part * all_known / whole if whole else 0.0
        missing = max(FEW - has, 0)
        if 2 * there < share:
            missing = max(missing, int(np.ceil(share)) - there)
        if missing:
            found.append(Short(group, has, there, all_known, missing))
    return sorted(found, key=lambda one: (-one.missing, one.group))


def untied(told: Chance) -> list[Untied]:
    """Find pairs of groups without a tie, where chance makes one or more on average; the most by chance first."""
    names = told.observed.names
    pairs = [Untied(names[one], names[other], float(told.expected[one, other])) for one, other in told.observed.untied]
    wide = [pair for pair in pairs if pair.expected >= MADE_BY_CHANCE]
    return sorted(wide, key=lambda pair: (-pair.expected, pair.one, pair.other))


def alone(found: Snapshot) -> Longs:
    """The members without any tie."""
    return np.flatnonzero(found.degrees == 0)


def tied_only_to(found: Snapshot, kind: str, names: Collection[str]) -> Longs:
    """The members outside of some groups of a kind who have ties, all of them to members of those groups."""
    inside = _inside(found, kind, names)
    ends = np.zeros(len(found), np.int64)  # how many of each one's ties lead there
    np.add.at(ends, found.low, inside[found.high])
    np.add.at(ends, found.high, inside[found.low])
    return np.flatnonzero((found.degrees > 0) & (ends == found.degrees) & ~inside)


def those(found: Snapshot, whole: Snapshot, nodes: Longs) -> Longs:
    """The members who are also some nodes of another snapshot of the same history: what is asked of the whole network,
    of those who count."""
    return np.flatnonzero(np.isin(found.rows, whole.rows[nodes]))


def _inside(found: Snapshot, kind: str, names: Collection[str]) -> Flags:
    """Mark the members who are in some groups of a kind."""
    if kind not in found.history.names:
        return np.zeros(len(found), np.bool_)
    numbers = [number for number, name in enumerate(found.history.names[kind]) if name in names]
    group = found.groups(kind)
    inside: Flags = np.isin(group, numbers) & (group != UNKNOWN)
    return inside


def holding(found: Snapshot, many: int, sources: int | None = None, seed: int = 0) -> list[int]:
    """The members without whom their part falls apart, and the `many` through whom most shortest paths run.

    Those through whom most run come first; of as many, the first. Nobody is there through whom none runs. Betweenness
    is estimated from so many `sources`, drawn by the seed; none: it is exact.
    """
    score = between(found, sources, seed)
    order = np.argsort(-score, kind="stable")
    cut = set(articulation(found).tolist())
    busiest = {int(node) for node in order[:many] if score[node] > 0}
    return [node for node in order.tolist() if node in cut or node in busiest]


def ids(found: Snapshot, nodes: Sequence[int] | Longs) -> list[int]:
    """The members' own ids of some nodes of a snapshot."""
    rows = found.rows[np.asarray(nodes, np.int64)]
    return [int(member) for member in found.history.members[rows].tolist()]
