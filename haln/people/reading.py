"""Read columns for a page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from sqlalchemy import ColumnElement, Executable
from sqlalchemy.orm import Session

BATCH = 2_000
"""Ids told in one statement, at most."""


def rows(session: Session, statement: Executable, values: Mapping[str, Any]) -> Any:
    """Run a statement that selects columns, in the session's transaction but past its bookkeeping of objects.

    Pages that read columns have no objects to keep; the bookkeeping was half of what a small query cost. Nothing is
    flushed first: not for code that has changed objects.
    """
    return session.connection().execute(statement, values)


def padded(ids: Iterable[int], step: int = 8) -> list[int]:
    """The ids, and the last again until a multiple of `step` is full; for lists within statements.

    A list of any length makes a statement of its own, which is taken apart and planned anew.
    """
    found = sorted(ids)
    return found + found[-1:] * (-len(found) % step)


def among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """Whether a column's value is one of these; a range is told by its ends, for wording each id takes the longest."""
    if isinstance(ids, range):
        return cast("ColumnElement[bool]", column.between(ids.start, ids.stop - 1))
    return cast("ColumnElement[bool]", column.in_(sorted(ids)))


def spanned(ids: Collection[int]) -> Collection[int]:
    """Ids as a range with them all, where there are not as many others within; else as they are.

    For `among`, by whoever takes from what comes back only what they asked for.
    """
    if not ids:
        return ids
    whole = range(min(ids), max(ids) + 1)
    return whole if len(whole) < 2 * len(ids) else ids
