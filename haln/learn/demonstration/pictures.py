"""Pictures for the demonstration's resources: abstract shapes, drawn when the network is made."""

from __future__ import annotations

import io
from random import Random
from typing import TYPE_CHECKING, Any

from haln.learn.resources import picture_files

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

COUNT = 8
WIDTH, HEIGHT = 960, 540
COLOURS = (
    ("#f3ede2", "#2f6f73", "#d98e4a", "#8fb8a8"),
    ("#e8eef0", "#35506b", "#c9624f", "#e3b261"),
    ("#f4efe6", "#5b6b3a", "#b9772f", "#a9bfa0"),
    ("#eef0ea", "#57486b", "#3f8a83", "#e0a17b"),
)


def drawn(rng: Random) -> list[dict[str, Any]]:
    """A few pictures, as rows without a resource. The same numbers give the same pictures."""
    return [_row(rng, number) for number in range(COUNT)]


def _row(rng: Random, number: int) -> dict[str, Any]:
    from PIL import Image, ImageDraw

    ground, *inks = COLOURS[number % len(COLOURS)]
    made = Image.new("RGB", (WIDTH, HEIGHT), ground)
    draw = ImageDraw.Draw(made)
    shapes, words = (_circles, "circles") if number % 2 else (_hills, "hills")
    shapes(draw, rng, inks)
    written = io.BytesIO()
    made.save(written, "PNG")
    one = picture_files.prepared(written.getvalue())
    return {
        "alternative": f"An invented picture: {words} in three colours",
        "width": one.size.width,
        "height": one.size.height,
        "small_width": one.small_size.width,
        "small_height": one.small_size.height,
        "data": one.data,
        "small": one.small,
    }


def _circles(draw: ImageDraw, rng: Random, inks: list[str]) -> None:
    for _ in range(14):
        x, y, size = rng.randint(-60, WIDTH), rng.randint(-60, HEIGHT), rng.randint(40, 220)
        draw.ellipse((x, y, x + size, y + size), fill=rng.choice(inks))


def _hills(draw: ImageDraw, rng: Random, inks: list[str]) -> None:
    for row, ink in enumerate(inks):
        base = HEIGHT * (row + 2) // 5
        heights = [base + rng.randint(-70, 70) for _ in range(7)]
        points = [(WIDTH * at // 6, height) for at, height in enumerate(heights)]
        draw.polygon([*points, (WIDTH, HEIGHT), (0, HEIGHT)], fill=ink)
