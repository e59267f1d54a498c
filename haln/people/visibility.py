"""The one gate: who may see whom, and which facts of them.

Every surface asks here: directory, suggestions, reasons, paths, pictures, exports, mail. Two questions, both answered
as SQL so that a page reads only what it may show:

- `may_see(viewer_id)`: is this member there at all for this viewer?
- `fact(column, show, connected)`: the column, or NULL where the viewer may not know it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, false, literal_column, not_, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from haln.models import Block, Connection, Identity, Member


class Visibility(IntEnum):
    """Who may see a fact. Higher is wider."""

    NOBODY = 0
    CONNECTIONS = 1
    MEMBERS = 2
    EVERYONE = 3


FACTS: tuple[str, ...] = ("role", "organisation", "place", "biography", "themes", "connections", "email")
"""The facts of a profile that a member sets visibility for (`show_<fact>`); the name has its own rule."""

ACTIVE = "active"

_LEVEL: dict[Visibility, ColumnElement[int]] = {level: literal_column(str(int(level))) for level in Visibility}
"""Written into statements as they are: the gate asks a dozen times a statement, and a parameter each costs."""

Who = int | ColumnElement[int]
"""A viewer's id, or a parameter for it: pages make their statements once (`VIEWER`) and run them for every viewer."""

VIEWER = bindparam("viewer", type_=Identity)
"""The parameter that stands for the viewer in a statement that is made once."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose eyes: a signed-in member, or nobody (`member_id` none) for the public pages."""

    member_id: int | None


def blocked(viewer_id: Who, other: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Either of the two has blocked the other."""
    return exists(
        select(Block.blocker_id).where(
            or_(
                and_(Block.blocker_id == viewer_id, Block.blocked_id == other),
                and_(Block.blocker_id == other, Block.blocked_id == viewer_id),
            )
        )
    )


def may_see(viewer_id: Who | None) -> ColumnElement[bool]:
    """Whether a row of Member is there for this viewer: active, listed, not blocked; for the public, willing."""
    there = and_(Member.standing == ACTIVE, Member.listed)
    if viewer_id is None:
        return and_(there, at_least(Member.show_name, Visibility.EVERYONE))
    return and_(there, not_(blocked(viewer_id, Member.id)))


def connected(viewer_id: Who | None) -> ColumnElement[bool]:
    """Whether the viewer has an open connection with the row of Member."""
    if viewer_id is None:
        return false()
    return exists(
        select(Connection.id).where(
            Connection.until.is_(None),
            or_(
                and_(Connection.low_id == viewer_id, Connection.high_id == Member.id),
                and_(Connection.high_id == viewer_id, Connection.low_id == Member.id),
            ),
        )
    )


def at_least(show: InstrumentedAttribute[int] | ColumnElement[int], level: Visibility) -> ColumnElement[bool]:
    """Whether the fact guarded by `show` is for these eyes, and for narrower ones."""
    return show >= _LEVEL[level]


def shows(
    show: InstrumentedAttribute[int] | ColumnElement[int], viewer_id: Who | None, tie: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Whether the fact guarded by `show` is for this viewer; `tie` says whether they are connected (default: asked)."""
    if viewer_id is None:
        return at_least(show, Visibility.EVERYONE)
    tie = connected(viewer_id) if tie is None else tie
    close = and_(show == _LEVEL[Visibility.CONNECTIONS], tie)
    return or_(at_least(show, Visibility.MEMBERS), close, Member.id == viewer_id)


def fact(
    column: Any, show: InstrumentedAttribute[int], viewer_id: Who | None, tie: ColumnElement[bool] | None = None
) -> ColumnElement[Any]:
    """The column where the viewer may know it, else NULL."""
    return case((shows(show, viewer_id, tie), column), else_=null())


def visible_ids(session: Session, viewer_id: Who | None, member_ids: Iterable[int]) -> set[int]:
    """Those of the given members who are there for this viewer."""
    ids = sorted(set(member_ids))
    if not ids:
        return set()
    return set(session.scalars(select(Member.id).where(Member.id.in_(ids), may_see(viewer_id))))
