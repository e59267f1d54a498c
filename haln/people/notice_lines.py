"""What a notification says, read anew whenever it is shown: one statement for each family of kinds.

A family's statement begins with `lines`, joins what its kinds are about, and keeps those that still hold for the
member who looks (`VIEWER`, at `NOW`): what is gone, over, answered or hidden from them drops out, of the list and of
its count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Date, String, bindparam, cast, literal, select

from haln.models import Moment, Notice
from haln.people.visibility import VIEWER

NOW = bindparam("now", type_=Moment)
"""The parameter that stands for the moment at which somebody looks."""

TODAY = bindparam("today", type_=Date)
"""And for its day."""

Text = ColumnElement[str] | Any


def lines(
    kinds: Sequence[str], path: Text, *, name: Text = "", second: Text = "", title: Text = "", detail: Text = ""
) -> Any:
    """Select the viewer's notifications of these kinds: whom and what they name, and the page that they lead to."""

    def text(value: Text, label: str) -> Any:
        column = literal(value) if isinstance(value, str) else value
        return cast(column, String).label(label)

    return select(
        Notice.id.label("id"),
        Notice.kind.label("kind"),
        Notice.at.label("at"),
        Notice.seen_at.label("seen_at"),
        text(name, "name"),
        text(second, "second"),
        text(title, "title"),
        text(detail, "detail"),
        text(path, "path"),
    ).where(Notice.member_id == VIEWER, Notice.kind.in_(kinds))
