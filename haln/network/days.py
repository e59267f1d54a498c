"""A day after another one: what was counted of the one before it helps to count it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from haln.compiled import Longs
from haln.network import changes, structure
from haln.network.history import Snapshot
from haln.network.steps import Steps
from haln.network.structure import Components


@dataclass(frozen=True)
class Day(Snapshot):
    """A snapshot, what was counted of one `before` it, where anything was, and the `steps` that go from day to day."""

    before: tuple[Snapshot, Longs] | None = None
    steps: Steps = field(default_factory=Steps, compare=False, repr=False)

    @cached_property
    def components(self) -> Components:
        """The parts within which everybody is reached."""
        return structure.components(self)

    @cached_property
    def triangles(self) -> Longs:
        """In how many triangles each member is."""
        return changes.triangles(self) if self.before is None else changes.triangles_after(*self.before, self)


def following(found: Snapshot, before: Day | None = None) -> Day:
    """The same day, counted from one before it of the same history, where that one was counted."""
    told, steps = None, Steps() if before is None else before.steps
    if before is not None and before.history is found.history and "triangles" in vars(before):
        told = (replace(before, before=None), before.triangles)
    return Day(**{field.name: getattr(found, field.name) for field in fields(Snapshot)}, before=told, steps=steps)
