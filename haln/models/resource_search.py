"""The full-text index of published resources: one table, made as each database makes such tables.

As `haln.models.search` is for members: SQLite's FTS5, whose rowid is the resource's id, or a tsvector under GIN. The
words in it are folded already, so that both find the same.
"""

from __future__ import annotations

from sqlalchemy import MetaData, event
from sqlalchemy.engine import Connection

from haln.models.base import Base

TABLE = "resource_search"
TABLES = frozenset({TABLE, *(f"{TABLE}_{part}" for part in ("data", "idx", "content", "docsize", "config"))})
"""The table, and those that SQLite keeps behind it: none of them is in the metadata."""

_SQLITE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5("
    "title, summary, words, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
)
_POSTGRESQL = (
    f"CREATE TABLE {TABLE} ("
    "resource_id BIGINT PRIMARY KEY REFERENCES resource (id) ON DELETE CASCADE, "
    "title TEXT NOT NULL, summary TEXT NOT NULL, words TEXT NOT NULL, "
    "document TSVECTOR NOT NULL GENERATED ALWAYS AS ("
    "to_tsvector('simple', title || ' ' || summary || ' ' || words)) STORED)",
    f"CREATE INDEX ix_{TABLE}_document ON {TABLE} USING gin (document)",
)


def create(connection: Connection) -> None:
    """Make the index's table. `metadata.create_all` calls it."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Drop the index's table."""
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {TABLE}")


def _after_create(_metadata: MetaData, connection: Connection, **_: object) -> None:
    create(connection)


def _before_drop(_metadata: MetaData, connection: Connection, **_: object) -> None:
    drop(connection)


event.listen(Base.metadata, "after_create", _after_create)
event.listen(Base.metadata, "before_drop", _before_drop)
