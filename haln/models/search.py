"""The full-text index of members: one table, made as each database makes such tables.

SQLite: an FTS5 table whose rowid is the member's id. PostgreSQL: a table with a generated tsvector under a GIN index.
The words in it are already folded (`haln.people.search_words`), so that both find the same people.
"""

from __future__ import annotations

from sqlalchemy import MetaData, event
from sqlalchemy.engine import Connection

from haln.models.base import Base

TABLE = "member_search"
TABLES = frozenset({TABLE, *(f"{TABLE}_{part}" for part in ("data", "idx", "content", "docsize", "config"))})
"""The table, and those that SQLite keeps behind it: none of them is in the metadata."""

_SQLITE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5("
    "name, work, words, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')",
)
_POSTGRESQL = (
    f"CREATE TABLE {TABLE} ("
    "member_id BIGINT PRIMARY KEY REFERENCES member (id) ON DELETE CASCADE, "
    "name TEXT NOT NULL, work TEXT NOT NULL, words TEXT NOT NULL, "
    "document TSVECTOR NOT NULL GENERATED ALWAYS AS ("
    "setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', work), 'B') || "
    "setweight(to_tsvector('simple', words), 'D')) STORED)",
    f"CREATE INDEX ix_{TABLE}_document ON {TABLE} USING gin (document)",
)


def create(connection: Connection) -> None:
    """Make the index's table. Migrations call it; `metadata.create_all` does too."""
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
