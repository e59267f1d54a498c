"""Which places hold which: read once, so that nothing asks the database for each of many places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Place


@dataclass(frozen=True, slots=True)
class PlaceTree:
    """Places and those that hold them. A place that has ended counts as the one that took its place, where one did.

    `lines`: of each place the one it counts as, then all that hold it.
    """

    lines: Mapping[int, tuple[int, ...]]

    def holds(self, outer: int, inner: int) -> bool:
        """Whether a place is another, or holds it: a region holds its counties and theirs, a nation its regions."""
        outer_line, inner_line = self.lines.get(outer), self.lines.get(inner)
        return outer_line is not None and inner_line is not None and outer_line[0] in inner_line


def read(session: Session) -> PlaceTree:
    """The places as they are now. One query."""
    columns = (Place.id, Place.code, Place.kind, Place.region_code, Place.parent_id, Place.successor_id)
    rows = session.execute(select(*columns)).all()
    codes = {row.code: row.id for row in rows}
    heirs = {row.id: row.successor_id for row in rows if row.successor_id is not None}
    regions = {row.id: codes.get(row.region_code or "") for row in rows}
    above = {row.id: tuple(one for one in (row.parent_id, regions[row.id]) if one is not None) for row in rows}
    others = frozenset(row.id for row in rows if row.kind == "region")
    lines = {row.id: _line(row.id, above, heirs) for row in rows}
    return PlaceTree({place: _in_one_region(line, regions, others) for place, line in lines.items()})


def _in_one_region(line: tuple[int, ...], regions: Mapping[int, int | None], others: frozenset[int]) -> tuple[int, ...]:
    """A line without regions that are not the place's own: an authority of several may lie in more than one."""
    own = regions[line[0]]
    return line if own is None else tuple(one for one in line if one == own or one not in others)


def _line(place: int, above: Mapping[int, tuple[int, ...]], heirs: Mapping[int, int]) -> tuple[int, ...]:
    found: dict[int, None] = {}
    waiting: list[int] = [place]
    while waiting:
        one = _standing(waiting.pop(0), heirs)
        if one not in found:
            found[one] = None
            waiting += above.get(one, ())
    return tuple(found)


def _standing(place: int, heirs: Mapping[int, int]) -> int:
    """The place that stands for one today; a circle in the source ends the walk."""
    seen = {place}
    while (heir := heirs.get(place)) is not None and heir not in seen:
        seen.add(heir)
        place = heir
    return place
