"""Write thousands of rows past the database library's bookkeeping, which takes longer than the database itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, ColumnElement, Dialect, Text, bindparam, cast, literal, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from haln.models.base import Moment


def parameters(dialect: Dialect, table: Any, names: Iterable[str]) -> dict[str, Any]:
    """A parameter for each of some columns of a table; documents are text already, and go as they are.

    So do all values: what a column's type would make of them, of moments for one, is the caller's to say.
    """
    words: dict[str, Any] = {}
    for name in names:
        kind = table.c[name].type
        words[name] = bindparam(name, type_=Text() if isinstance(kind, JSON) else kind)
        if isinstance(kind, JSON) and dialect.name == "postgresql":
            words[name] = cast(words[name], JSONB)
    return words


def literal_moment(dialect: Dialect, now: datetime) -> ColumnElement[datetime]:
    """A moment as the statement itself says it: for each of a million rows, wording it took as long as its document."""
    said = literal(now, Moment()).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return literal_column(str(said))


def execute_many(session: Session, statement: Any, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Execute a statement for rows of plain values, in the order of `names`, as the driver does.

    To word each value took as long again. Nothing is flushed first.
    """
    connection = session.connection()
    said = statement.compile(dialect=connection.dialect)
    if said.positiontup is None:
        given: list[Any] = [dict(zip(names, row, strict=True)) for row in rows]
    else:
        given = list(map(itemgetter(*(names.index(name) for name in said.positiontup)), rows))
    connection.exec_driver_sql(str(said), given)
