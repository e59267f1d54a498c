"""Seeded chance: the same seed gives the same network on every machine."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
Item = TypeVar("Item")


def stream(seed: int, purpose: str) -> Random:
    """Return the stream of chance for one purpose; what one purpose uses up never moves another."""
    return Random(f"{seed}:{purpose}")  # noqa: S311  # invented people need no secrets


def public_id(rng: Random) -> str:
    """Return a name for addresses as members have it; only here it can be guessed, for nobody is hurt by it."""
    return "".join([_LETTERS[int(rng.random() * 32)] for _ in range(12)])


class Weighted(Generic[Item]):
    """Things to choose from, some more often than others."""

    __slots__ = ("_items", "_sums")

    def __init__(self, items: Sequence[Item], weights: Sequence[float]) -> None:
        self._items = tuple(items)
        self._sums = list(accumulate(weights))

    def pick(self, rng: Random) -> Item:
        """Choose one."""
        return self._items[bisect(self._sums, rng.random() * self._sums[-1], 0, len(self._items) - 1)]
