"""Days of a history, asked for one after the other: what was counted of the one before helps to count the next.

The figures of a day are those that it has by itself, to the last digit, whatever day was asked for before.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cached_property

import numpy as np

from haln.compiled import Longs
from haln.network import mixing, structure, world
from haln.network.blocks import Blocks
from haln.network.changes import Triangles, still
from haln.network.core_order import LargestCore
from haln.network.history import Snapshot, snapshot
from haln.network.mixing import Mixing
from haln.network.steps import Steps
from haln.network.structure import Clustering, Components, Degrees, Distances
from haln.network.walk import Course, Walk


class Day:
    """A day of a course, by itself or where a walk is; once the walk has gone on, by itself again."""

    def __init__(self, course: Course, day: int, days: Days) -> None:
        self.course = course
        self.day = day
        self._days = days
        self._turn = None if days.walk is None else days.walk.turn

    @property
    def _walk(self) -> Walk | None:
        walk = self._days.walk
        return walk if walk is not None and walk.turn == self._turn else None

    @cached_property
    def snapshot(self) -> Snapshot:
        """The day with its lists and pairs in order: laid out when something asks for them that cannot be followed."""
        return snapshot(self.course.history, self.day, only=self.course.only, evidences=self.course.evidences)

    def __len__(self) -> int:
        return len(self.snapshot if self._walk is None else self._walk.rows)

    @property
    def ties(self) -> int:
        """How many pairs are tied."""
        return self.snapshot.ties if self._walk is None else self._walk.ties

    def different(self, kind: str) -> int:
        """How many groups of a kind have somebody who is there."""
        if self._walk is None:
            return self.snapshot.different(kind)
        return int(np.count_nonzero(self._walk.members_of(kind)))

    @property
    def degrees(self) -> Degrees:
        """How many ties members have."""
        return structure.degrees(self.snapshot) if self._walk is None else structure.degrees_of(self._walk.counts)

    def mixing(self, kind: str) -> Mixing:
        """Ties by the groups of a kind at their ends."""
        return mixing.mixing(self.snapshot, kind) if self._walk is None else self._walk.mixing(kind)

    @property
    def clustering(self) -> Clustering:
        """How often two whom a member knows know each other."""
        if self._walk is None:
            return structure.clustering(self.snapshot)
        return self._days.triangles.of(self._walk, lambda: self.snapshot)

    @cached_property
    def components(self) -> Components:
        """The parts within which everybody is reached."""
        return structure.components(self.snapshot)

    @property
    def giant_share(self) -> float:
        """The share of all members who are in the largest part; UNDEFINED where nobody reaches another."""
        many = None if self._walk is None else self._days.blocks.giant_size(self._walk)
        return self.components.giant_share if many is None else many / len(self)

    def distances(self, most: int, sources: int, seed: int) -> Distances:
        """Steps within the largest part: from all its members up to so many, from so many drawn by the seed of more."""
        walk, blocks = self._walk, self._days.blocks
        if walk is None:
            giant = self.components.giant
            return structure.distances(self.snapshot, giant, None if len(giant) <= most else sources, seed)
        held = blocks.giant_size(walk) is not None
        giant = blocks.giant if held else self.snapshot.rows[self.components.giant]
        return self._days.steps.of(walk, lambda: self.snapshot, giant, None if len(giant) <= most else sources, seed)

    @property
    def core_largest(self) -> int:
        """The largest core number of anybody; 0 without ties."""
        if self._walk is None:
            return int(structure.cores(self.snapshot).max(initial=0))
        return self._days.largest_core.of(self._walk)

    @property
    def core_fit(self) -> float:
        """How well a core and a periphery tell who is tied, as `world.core_periphery` has it."""
        walk = self._walk
        if walk is None:
            return world.core_periphery(self.snapshot).fit
        least, first, reached = world.cut_of(walk.counts)
        core: Longs = np.flatnonzero(walk.degree > least) if least else np.empty(0, np.int64)
        core = np.concatenate((core, np.flatnonzero(walk.degree == least)[:first] if least else core))
        both = walk.within(core)
        return world.fit_of(len(walk.rows), len(core), both, walk.ties - (reached - both))

    @property
    def cut_members(self) -> int:
        """How many members there are without whom their part would fall apart."""
        if self._walk is None:
            return len(structure.articulation(self.snapshot))
        return self._days.blocks.cut_members(self._walk)


class Days:
    """Days of a course. From the second on they are walked: who asks for one alone does not pay for that."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.walk: Walk | None = None
        self.triangles = Triangles()
        self.steps = Steps()
        self.largest_core = LargestCore()
        self.blocks = Blocks()
        self._last: Day | None = None

    def on(self, day: int) -> tuple[Day, bool]:
        """A day, and whether the same people are there, in the same groups and with the same ties, as on the last."""
        before = self._last
        if before is not None and still(self.course.history, before.day, day):
            self._last = copy.copy(before)
            self._last.day = day
            if "snapshot" in vars(before):
                vars(self._last)["snapshot"] = replace(before.snapshot, day=day)
            return self._last, True
        same = False
        if self.walk is not None:
            same = not self.walk.to(day)
        elif before is not None:
            self.walk = Walk(self.course, day)
        self._last = Day(self.course, day, self)
        return self._last, same
