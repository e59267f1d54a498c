"""The map of nations and regions, as shapes that a page draws."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = "uk_regions_nations.svg"

_PATH = re.compile(r"<path\b[^>]*>")
_NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")
_PLAIN = re.compile(r"[-MLZmlz\d. ]*")


@dataclass(frozen=True, slots=True)
class Shape:
    """The outline of a region, by its ONS code, and the middle of its largest piece."""

    code: str
    outline: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Map:
    """All shapes, in the order of their codes, and the box they are in."""

    box: str
    shapes: tuple[Shape, ...]


@lru_cache(maxsize=4)
def read(folder: Path) -> Map | None:
    """The map in a folder of registers; none where it has no such file, or one that says something else."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except OSError:
        return None
    box = _attribute(text, "viewBox")
    shapes = [_shape(tag) for tag in _PATH.findall(text)]
    found = tuple(sorted((one for one in shapes if one), key=lambda one: one.code))
    return Map(box, found) if box and found else None


def _attribute(tag: str, name: str) -> str:
    told = re.search(rf'\s{name}="([^"]*)"', tag)
    return told.group(1) if told else ""


def _shape(tag: str) -> Shape | None:
    code, outline = _attribute(tag, "data-areacd"), _attribute(tag, "d")
    pieces = [piece for part in outline.split("M") if len(piece := _points(part)) > 2]
    if not code or not pieces or not _PLAIN.fullmatch(outline):
        return None
    largest = max(pieces, key=lambda piece: abs(_area(piece)))
    return Shape(code, outline, *_middle(largest))


Points = list[tuple[float, float]]


def _points(part: str) -> Points:
    numbers = [float(one) for one in _NUMBERS.findall(part)]
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _area(piece: Points) -> float:
    """The area within a line, negative where it goes the other way round."""
    turned = [*piece[1:], piece[0]]
    return sum(x * q - p * y for (x, y), (p, q) in zip(piece, turned, strict=True)) / 2


def _middle(piece: Points) -> tuple[float, float]:
    """The centre of gravity of what is within a line."""
    area = 6 * _area(piece)
    turned = [*piece[1:], piece[0]]
    steps = [(x + p, y + q, x * q - p * y) for (x, y), (p, q) in zip(piece, turned, strict=True)]
    return sum(x * by for x, _, by in steps) / area, sum(y * by for _, y, by in steps) / area
