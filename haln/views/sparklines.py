"""Small lines beside figures: the points of a series within a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 120.0, 32.0
_INSET = 2.0


@dataclass(frozen=True, slots=True)
class Line:
    """The points of a line for `<polyline points>`, and where it ends."""

    points: str
    end_x: str
    end_y: str


def line(values: Sequence[float], width: float = WIDTH, height: float = HEIGHT) -> Line:
    """Draw values from left to right; the least at the bottom, the largest on top, all the same in the middle."""
    low, high = min(values), max(values)
    reach = high - low or 1.0
    step = (width - 2 * _INSET) / max(1, len(values) - 1)
    middle = 0.5 if high == low else 0.0
    points = [
        (_INSET + step * place, height - _INSET - (height - 2 * _INSET) * ((number - low) / reach + middle))
        for place, number in enumerate(values)
    ]
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return Line(told, f"{points[-1][0]:.1f}", f"{points[-1][1]:.1f}")
