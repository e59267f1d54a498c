"""Small lines beside figures: the points of a series within a box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 120.0, 32.0
_INSET = 2.0


@dataclass(frozen=True, slots=True)
class Line:
    """The pieces of a line, each the points of a `<polyline>`; between two of them there is nothing to draw.

    None at all where no value is known. A piece of one value has its point twice, so that it is drawn as a dot.
    """

    pieces: tuple[str, ...]


def line(values: Sequence[float | None], width: float = WIDTH, height: float = HEIGHT) -> Line:
    """Draw values from left to right; the least at the bottom, the largest on top, all the same in the middle.

    Where there is no value the line breaks: it does not run through what is not known.
    """
    known = [value for value in values if value is not None]
    if not known:
        return Line(())
    low, high = min(known), max(known)
    reach = high - low or 1.0
    step = (width - 2 * _INSET) / max(1, len(values) - 1)
    middle = 0.5 if high == low else 0.0
    points = [
        None
        if number is None
        else (_INSET + step * place, height - _INSET - (height - 2 * _INSET) * ((number - low) / reach + middle))
        for place, number in enumerate(values)
    ]
    told = [None if point is None else f"{point[0]:.1f},{point[1]:.1f}" for point in points]
    return Line(tuple(" ".join(piece if len(piece) > 1 else piece * 2) for piece in _pieces(told)))


def _pieces(points: Sequence[str | None]) -> Iterator[list[str]]:
    """The runs of points without a gap."""
    piece: list[str] = []
    for point in (*points, None):
        if point is not None:
            piece.append(point)
        elif piece:
            yield piece
            piece = []
