"""Writing many rows at once with keys of our own choosing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

BATCH = 2000
Item = TypeVar("Item")
Row = dict[str, Any]


def batched(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """Give the items in lists of `size`, the last one shorter."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def insert_rows(session: Session, model: type[Any], rows: list[Row]) -> None:
    """Insert rows that all have the same columns."""
    if rows:
        table: Table = model.__table__
        session.execute(insert(table), rows)


def next_key(session: Session, model: type[Any]) -> int:
    """Return the first free key of a table. Hold the change counter's row (`changes.next_number`) while using it."""
    return (session.execute(select(func.max(model.id))).scalar() or 0) + 1


def catch_up_keys(session: Session, models: Iterable[type[Any]]) -> None:
    """Let PostgreSQL's own numbering go on after the keys that were chosen; SQLite does so by itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for model in models:
        table = model.__tablename__
        last = session.execute(select(func.max(model.id))).scalar()
        if last:
            statement = text("select setval(pg_get_serial_sequence(:table, 'id'), :last)")
            session.execute(statement, {"table": table, "last": last})
