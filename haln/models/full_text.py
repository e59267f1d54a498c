"""A full-text index: one table, made as each database makes such tables, beside those of the metadata.

SQLite: an FTS5 table whose rowid is the id of what it finds. PostgreSQL: a table with a generated tsvector under a GIN
index. The words in it are folded already (`haln.people.search_words`), so that both find the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import MetaData, event
from sqlalchemy.engine import Connection

from haln.models.base import Base


@dataclass(frozen=True, slots=True)
class FullText:
    """An index by the name of its table, with the statements that make it on each database."""

    table: str
    sqlite: tuple[str, ...]
    postgresql: tuple[str, ...]

    @property
    def tables(self) -> frozenset[str]:
        """The table, and those that SQLite keeps behind it: none of them is in the metadata."""
        return frozenset(
            {self.table, *(f"{self.table}_{part}" for part in ("data", "idx", "content", "docsize", "config"))}
        )

    def create(self, connection: Connection) -> None:
        """Make the table."""
        for statement in self.sqlite if connection.dialect.name == "sqlite" else self.postgresql:
            connection.exec_driver_sql(statement)

    def drop(self, connection: Connection) -> None:
        """Drop the table."""
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {self.table}")

    def follow_metadata(self) -> None:
        """Make and drop the table whenever all others are made or dropped."""

        def made(_metadata: MetaData, connection: Connection, **_: object) -> None:
            self.create(connection)

        def dropped(_metadata: MetaData, connection: Connection, **_: object) -> None:
            self.drop(connection)

        event.listen(Base.metadata, "after_create", made)
        event.listen(Base.metadata, "before_drop", dropped)
