"""People who must be kept together: who hangs together with whom, and by which chain."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from haln.matching.musts import Musts
from haln.matching.rules import Kind


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that must share one set, in ascending order; `mates`: who is named together with whom."""

    rows: tuple[int, ...]
    mates: Mapping[int, tuple[int, ...]]
    rules: tuple[int, ...]

    def chain(self, one: int, other: int) -> tuple[int, ...]:
        """Return a shortest chain of people kept together, from one to the other."""
        came_from = {one: one}
        queue = deque([one])
        while other not in came_from:
            row = queue.popleft()
            for mate in self.mates[row]:
                if mate not in came_from:
                    came_from[mate] = row
                    queue.append(mate)
        chain = [other]
        while chain[-1] != one:
            chain.append(came_from[chain[-1]])
        return tuple(reversed(chain))


def blocks(asked: Musts) -> tuple[Block, ...]:
    """Return all blocks of two or more, by their first row."""
    rules = asked.of(Kind.TOGETHER)
    mates: dict[int, set[int]] = {}
    for index in rules:
        for one, other in asked.pairs.get(index, ()):
            mates.setdefault(one, set()).add(other)
            mates.setdefault(other, set()).add(one)
    found, seen = [], set()
    for first in sorted(mates):
        if first in seen:
            continue
        rows, queue = {first}, [first]
        while queue:
            new = mates[queue.pop()] - rows
            rows |= new
            queue.extend(new)
        seen |= rows
        found.append(Block(tuple(sorted(rows)), {row: tuple(sorted(mates[row])) for row in rows}, rules[:1]))
    return tuple(found)
