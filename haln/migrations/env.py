"""Run migrations against the configured database.

SQLite rebuilds a table to alter it. With foreign keys on, dropping the old one deletes its children: they are off while
migrations run, and checked before the work is kept.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from haln.models import Base, Document, Moment, resource_search, search


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database, so that a migration never imports the models."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is Document:
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def in_metadata(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave the full-text indexes alone: they have tables of their own making, which the metadata does not know."""
    return not (kind == "table" and name in search.INDEX.tables | resource_search.INDEX.tables)


def run(connection: Connection) -> None:
    """Migrate over an open connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render,
        include_name=in_metadata,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration would leave rows without their parent: {broken[:5]}")


def main() -> None:
    """Open the database and migrate it."""
    given = context.config.attributes.get("connection")
    if given is not None:
        run(given)
        return
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            raw.isolation_level = None  # type: ignore[union-attr]  # sqlite3's own attribute: we begin ourselves
            raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]  # as above
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        run(connection)
        connection.commit()
    engine.dispose()


main()
