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
    rows = session.execute(select(Place.id, Place.code, Place.region_code, Place.parent_id, Place.successor_id)).all()
    codes = {row.code: row.id for row in rows}
    heirs = {row.id: row.successor_id for row in rows if row.successor_id is not None}
    above = {row.id: _given(row.parent_id, codes.get(row.region_code or "")) for row in rows}
    return PlaceTree({row.id: _line(row.id, above, heirs) for row in rows})


def _given(*places: int | None) -> tuple[int, ...]:
    return tuple(one for one in places if one is not None)


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
