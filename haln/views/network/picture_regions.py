"""The map of nations and regions in words: shades in steps, numbers on it, and the rows of its table."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from flask_babel import lazy_gettext

from haln.measure.picture import Stop
from haln.measure.picture_map import Map, Shape
from haln.views import words
from haln.views.network.picture_words import Row, group_label, whole
from haln.views.speech import gettext, ngettext
from haln.views.tables import Column

COLUMNS = (
    Column(lazy_gettext("Nation or region")),
    Column(lazy_gettext("Members"), number=True),
    Column(lazy_gettext("Connections within"), number=True),
    Column(lazy_gettext("Connections out"), number=True),
)

STEPS = 4
"""So many shades for regions with members, beside the one for those without."""

WIDE, HIGH = 34.0, 24.0
"""The room of a number on the map."""


@dataclass(frozen=True, slots=True)
class Area:
    """A region on the map: its shade (0 to STEPS), and its number and where that stands."""

    code: str
    label: str
    outline: str
    shade: int
    number: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Told:
    """The map and its table. `legend` is each shade with what it stands for."""

    sentences: tuple[str, ...]
    areas: tuple[Area, ...]
    legend: tuple[tuple[int, str], ...]
    rows: tuple[Row, ...]


def told(stop: Stop, shapes: Map | None) -> Told:
    """Put a day's regions into words, and onto the map where there is one."""
    members = {group.code: group.members for group in stop.groups}
    bounds = _bounds(max((count for code, count in members.items() if code), default=0))
    areas = [_area(shape, members.get(shape.code, 0), bounds) for shape in _apart(shapes)]
    rows = [
        (group_label(group.code, "region"), whole(group.members), whole(group.within), whole(group.across))
        for group in stop.groups
    ]
    return Told(tuple(_sentences(stop)), tuple(areas), tuple(_legend(bounds)), tuple(rows))


def _bounds(most: int) -> list[int]:
    """The most members of each shade, the first being none: equal steps up to the largest region's."""
    steps = min(STEPS, most)
    return [0, *(-(-most * step // steps) for step in range(1, steps + 1))] if steps else [0]


def _legend(bounds: list[int]) -> list[tuple[int, str]]:
    ranges = [(low + 1, high) for low, high in pairwise(bounds)]
    return [(0, whole(0))] + [
        (shade, whole(low) if low == high else gettext("%(low)s to %(high)s", low=whole(low), high=whole(high)))
        for shade, (low, high) in enumerate(ranges, 1)
    ]


def _area(shape: Shape, members: int, bounds: list[int]) -> Area:
    shade = next(number for number, most in enumerate(bounds) if members <= most)
    label = words.label("region", shape.code)
    return Area(shape.code, label, shape.outline, shade, whole(members), round(shape.x, 1), round(shape.y, 1))


def _apart(shapes: Map | None) -> list[Shape]:
    """The shapes with their numbers pushed apart, upwards and downwards, where they would touch."""
    found = list(shapes.shapes) if shapes else []
    for one in range(len(found)):
        for other in range(one):
            low, high = sorted((one, other), key=lambda number: found[number].y)
            over = HIGH - (found[high].y - found[low].y)
            if over > 0 and abs(found[one].x - found[other].x) < WIDE:
                found[low], found[high] = _moved(found[low], -over / 2), _moved(found[high], over / 2)
    return found


def _moved(shape: Shape, by: float) -> Shape:
    return Shape(shape.code, shape.outline, shape.x, shape.y + by)


def _sentences(stop: Stop) -> list[str]:
    known = [group for group in stop.groups if group.code]
    day = words.day(stop.day)
    if not known:
        return [gettext("On %(day)s nobody is there whose nation or region is known.", day=day)]
    largest = max(known, key=lambda group: group.members)
    sentences = [
        ngettext(
            "On %(day)s the network has members in %(number)s nation or region.",
            "On %(day)s the network has members in %(number)s nations and regions.",
            len(known),
            number=whole(len(known)),
            day=day,
        ),
        ngettext(
            "Most are in %(region)s: %(number)s member.",
            "Most are in %(region)s: %(number)s members.",
            largest.members,
            number=whole(largest.members),
            region=group_label(largest.code, "region"),
        ),
        gettext(
            "%(across)s connections join two of them, %(within)s stay within one.",
            across=whole(stop.across),
            within=whole(stop.within),
        ),
    ]
    if stop.unknown:
        sentences.append(
            ngettext(
                "Of %(number)s connection it is not known.",
                "Of %(number)s connections it is not known.",
                stop.unknown,
                number=whole(stop.unknown),
            )
        )
    return sentences
