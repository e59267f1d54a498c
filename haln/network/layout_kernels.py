"""Compiled loops of the layout: forces between places, and steps along them.

Repulsion goes through a tree of squares (Barnes and Hut 1986): `child[cell]` are a square's four quarters or -1, and
`sums[cell]` are the mass of all nodes in it, and that mass times their x and y. Below the deepest level nodes share a
square, wherever they are.
"""

from __future__ import annotations

import numpy as np

from haln.compiled import (
    DOUBLE,
    DOUBLES,
    INTS,
    LONG,
    OUT_TABLE,
    TABLE,
    Doubles,
    Ints,
    compiled,
    inlined,
)

DEEPEST = 24
"""Levels of the tree: down to squares of an eight-millionth of the whole's side."""

TOLERATED, GROWS, SLOWS, FURTHEST = 1.0, 1.5, 0.1, 10.0
"""Of the steps: tolerated swinging, most growth of speed in one, and the bounds k_s and k_smax of a node's speed."""


@inlined
def _quarter(x: float, y: float, middle_x: float, middle_y: float) -> int:
    return (1 if x >= middle_x else 0) + (2 if y >= middle_y else 0)


@inlined
def _new(child: Ints, leaf: Ints, sums: Doubles, cell: int) -> None:
    child[cell, :] = -1
    leaf[cell] = -1
    sums[cell, :] = 0.0


@inlined
def _add(sums: Doubles, cell: int, mass: float, x: float, y: float) -> None:
    sums[cell, 0] += mass
    sums[cell, 1] += mass * x
    sums[cell, 2] += mass * y


@inlined
def _plant(
    places: Doubles, masses: Doubles, child: Ints, leaf: Ints, sums: Doubles, middle: tuple[float, float], side: float
) -> None:
    """Put all nodes into the tree, each into a square of its own where they are not in one place."""
    _new(child, leaf, sums, 0)
    cells = 1
    for node in range(masses.size):
        x, y = places[node, 0], places[node, 1]
        cell, half = 0, side / 2
        middle_x, middle_y = middle
        for level in range(DEEPEST):
            empty = sums[cell, 0] == 0.0
            _add(sums, cell, masses[node], x, y)
            if empty:
                leaf[cell] = node
            if empty or level == DEEPEST - 1:
                break
            held = leaf[cell]
            if held >= 0:  # who was alone here moves down a level
                leaf[cell] = -1
                into = _quarter(places[held, 0], places[held, 1], middle_x, middle_y)
                child[cell, into] = cells
                _new(child, leaf, sums, cells)
                leaf[cells] = held
                _add(sums, cells, masses[held], places[held, 0], places[held, 1])
                cells += 1
            into = _quarter(x, y, middle_x, middle_y)
            if child[cell, into] < 0:
                child[cell, into] = cells
                _new(child, leaf, sums, cells)
                cells += 1
            cell = child[cell, into]
            half /= 2
            middle_x += half if into & 1 else -half
            middle_y += half if into & 2 else -half


@inlined
def _repel(
    places: Doubles,
    masses: Doubles,
    child: Ints,
    leaf: Ints,
    sums: Doubles,
    side: float,
    wide: float,
    repulsion: float,
    force: Doubles,
) -> None:
    cells = np.empty(4 * DEEPEST, np.int32)
    sides = np.empty(4 * DEEPEST, np.float64)
    for node in range(masses.size):
        cells[0], sides[0] = 0, side
        waiting = 1
        while waiting:
            waiting -= 1
            cell, width = cells[waiting], sides[waiting]
            if leaf[cell] == node and sums[cell, 0] == masses[node]:
                continue
            across = places[node, 0] - sums[cell, 1] / sums[cell, 0]
            up = places[node, 1] - sums[cell, 2] / sums[cell, 0]
            squared = across * across + up * up
            opened = False
            if width * width >= wide * wide * squared:
                for into in range(4):
                    if child[cell, into] >= 0:
                        opened = True
                        cells[waiting], sides[waiting] = child[cell, into], width / 2
                        waiting += 1
            if not opened and squared > 0.0:
                by = repulsion * masses[node] * sums[cell, 0] / squared
                force[node, 0] += by * across
                force[node, 1] += by * up


@inlined
def _all_forces(
    starts: Ints,
    others: Ints,
    masses: Doubles,
    places: Doubles,
    wide: float,
    repulsion: float,
    gravity: float,
    child: Ints,
    leaf: Ints,
    sums: Doubles,
    force: Doubles,
) -> None:
    left, right = places[:, 0].min(), places[:, 0].max()
    low, high = places[:, 1].min(), places[:, 1].max()
    side = 1.000001 * max(right - left, high - low) + 1e-9
    _plant(places, masses, child, leaf, sums, (left + side / 2, low + side / 2), side)
    force[:, :] = 0.0
    _repel(places, masses, child, leaf, sums, side, wide, repulsion, force)
    for node in range(masses.size):
        for axis in range(2):
            force[node, axis] -= gravity * masses[node] * places[node, axis]
        for place in range(starts[node], starts[node + 1]):
            for axis in range(2):
                force[node, axis] += places[others[place], axis] - places[node, axis]


@compiled(INTS, INTS, DOUBLES, TABLE, DOUBLE, DOUBLE, DOUBLE, OUT_TABLE)
def forces(
    starts: Ints,
    others: Ints,
    masses: Doubles,
    places: Doubles,
    wide: float,
    repulsion: float,
    gravity: float,
    force: Doubles,
) -> None:
    """Write the force on each node. A square counts as one node where its side is less than `wide` times its distance.

    So at 0 all squares are opened, and each pair repels by itself.
    """
    most = masses.size * (DEEPEST + 1) + 1
    child, leaf, sums = np.empty((most, 4), np.int32), np.empty(most, np.int32), np.empty((most, 3), np.float64)
    _all_forces(starts, others, masses, places, wide, repulsion, gravity, child, leaf, sums, force)


@compiled(INTS, INTS, DOUBLES, DOUBLES, LONG, DOUBLE, DOUBLE, DOUBLE, OUT_TABLE)
def settle(
    starts: Ints,
    others: Ints,
    masses: Doubles,
    freedom: Doubles,
    steps: int,
    wide: float,
    repulsion: float,
    gravity: float,
    places: Doubles,
) -> None:
    """Move all places so many steps along the forces on them, each by its `freedom` (0 to 1) times as far as it would.

    In the second half of the steps everybody goes less and less far, so that they come to rest.
    """
    many = masses.size
    most = many * (DEEPEST + 1) + 1
    child, leaf, sums = np.empty((most, 4), np.int32), np.empty(most, np.int32), np.empty((most, 3), np.float64)
    force, before = np.zeros((many, 2), np.float64), np.zeros((many, 2), np.float64)
    swings = np.empty(many, np.float64)
    speed = 1.0
    for step in range(steps):
        calm = min(1.0, 2.0 * (steps - step) / steps)
        before[:, :] = force
        _all_forces(starts, others, masses, places, wide, repulsion, gravity, child, leaf, sums, force)
        swinging, pulling = 0.0, 0.0
        for node in range(many):
            back_x, back_y = force[node, 0] - before[node, 0], force[node, 1] - before[node, 1]
            on_x, on_y = force[node, 0] + before[node, 0], force[node, 1] + before[node, 1]
            swings[node] = np.sqrt(back_x * back_x + back_y * back_y)
            swinging += masses[node] * swings[node]
            pulling += masses[node] * np.sqrt(on_x * on_x + on_y * on_y) / 2
        if swinging > 0.0:
            speed = min(GROWS * speed, TOLERATED * pulling / swinging)
        for node in range(many):
            strength = np.sqrt(force[node, 0] ** 2 + force[node, 1] ** 2)
            own = SLOWS * speed / (1 + speed * np.sqrt(swings[node]))
            if strength > 0.0:
                own = min(own, FURTHEST / strength)
            own *= calm * freedom[node]
            places[node, 0] += own * force[node, 0]
            places[node, 1] += own * force[node, 1]
