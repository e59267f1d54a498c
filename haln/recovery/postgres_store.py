"""A PostgreSQL database: into a backup, and out of it.

Its tables are read with COPY in one snapshot, while others read and write. They come back beside the old ones, in a
schema of their own: the migrations make them, COPY fills them, and every key is checked. Then one transaction drops the
old ones and gives the new ones their place; killed anywhere, that is the old ones or the new ones. No program of
PostgreSQL's is needed, nor the same version of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from haln.errors import Conflict, Invalid
from haln.recovery import schema
from haln.recovery.archive import Reading, Writing
from haln.recovery.schema import REVISIONS

BESIDE = "haln_restoring"
"""The schema in which a restored database is made ready."""

Connection = psycopg.Connection[Any]

_TABLES: LiteralString = """
    select c.relname from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') order by c.relname"""

_COLUMNS: LiteralString = """
    select a.attname from pg_attribute a
    where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum"""

_COUNTERS: LiteralString = """
    select t.relname, a.attname, s.oid::regclass::text
    from pg_class s
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.deptype in ('a', 'i')
    join pg_class t on t.oid = d.refobjid join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    where s.relkind = 'S' and t.relnamespace = current_schema()::regnamespace order by 1, 2"""

_KEYS: LiteralString = """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    where contype = 'f' and connamespace = current_schema()::regnamespace order by 1, 2"""

_LAST = sql.SQL("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {}")

_OTHERS: LiteralString = """
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"""


def plain(url: str) -> str:
    """The address as psycopg reads it, without SQLAlchemy's name of the driver."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def beside(url: str) -> str:
    """The same database, in the schema in which a restored one is made ready."""
    address = make_url(url)
    given = str(address.query.get("options", ""))
    options = f"{given} -csearch_path={BESIDE}".strip()
    return address.update_query_dict({"options": options}).render_as_string(hide_password=False)


@contextmanager
def reached() -> Iterator[None]:
    """A block that says in a sentence that the server is gone, or does not let us. Raises Conflict."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege) as error:
        raise Conflict("The database cannot be used: %(why)s", why=str(error).strip()) from error


@contextmanager
def snapshot(url: str) -> Iterator[Connection]:
    """One state of a database, which others go on changing."""
    with psycopg.connect(plain(url)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


@contextmanager
def alone(url: str) -> Iterator[Connection]:
    """A database that nobody else is connected to, and whose tables nobody else changes until the block ends.

    What is done to it is kept when the block ends well, and else undone. Raises Conflict.
    """
    with psycopg.connect(plain(url)) as connection:
        others = _one(connection, _OTHERS)
        if others:
            raise Conflict(
                "The database has %(count)s other connections. Stop the server, the workers and whatever else reads it,"
                " then restore.",
                count=others,
            )
        tables = tables_of(connection)
        if tables:
            try:
                connection.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE NOWAIT").format(_named(tables)))
            except psycopg.errors.LockNotAvailable as error:
                raise Conflict("Others are changing the database. Stop the server and the workers first.") from error
        yield connection


def _one(connection: Connection, query: LiteralString | sql.Composed) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _named(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def tables_of(connection: Connection) -> list[str]:
    """The tables that there are."""
    return [row[0] for row in connection.execute(_TABLES)]


def revision_of(connection: Connection) -> str:
    """The revision of a database's tables; empty where there are none of ours."""
    if REVISIONS not in tables_of(connection):
        return ""
    row = connection.execute(sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(REVISIONS))).fetchone()
    return str(row[0]) if row else ""


def dump(source: Connection, into: Writing) -> tuple[str, dict[str, int], dict[str, int]]:
    """Write a database into a backup. Returns its revision, the rows of each table, and the last numbers given out."""
    rows: dict[str, int] = {}
    for table in tables_of(source):
        with source.cursor() as cursor:
            copy = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), _named(_columns(source, table)))
            with cursor.copy(copy) as pieces:
                into.put(table, pieces)
            rows[table] = cursor.rowcount
    counters = {
        f"{table}.{column}": _one(source, _LAST.format(sql.SQL(name)))
        for table, column, name in source.execute(_COUNTERS).fetchall()
    }
    return revision_of(source), rows, counters


def _columns(connection: Connection, table: str) -> list[str]:
    quoted = sql.Identifier(table).as_string(connection)
    return [row[0] for row in connection.execute(_COLUMNS, (quoted,))]


def check(backup: Reading) -> None:
    """Read all parts of a backup and count their rows. Raises Invalid. Keys are checked when it is filled in."""
    for table in backup.manifest.parts:
        # In COPY's text a line is a row: what breaks lines within a value is written in other letters.
        count = sum(piece.count(b"\n") for piece in backup.pieces(table))
        if count != backup.manifest.rows.get(table):
            raise Invalid("This backup is damaged: it does not hold the rows it says it does. Use another one.")


def unpack(backup: Reading, url: str) -> None:
    """Make the tables of a backup's revision beside the old ones, fill them, and check all keys. Raises Invalid."""
    clear(url)
    with psycopg.connect(plain(url)) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(BESIDE)))
    schema.upgrade(beside(url), backup.manifest.revision)
    try:
        with psycopg.connect(plain(beside(url))) as connection:
            _fill(connection, backup)
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError) as error:
        raise Invalid("This backup does not fit its own tables: %(why)s", why=str(error).splitlines()[0]) from error


def _fill(connection: Connection, backup: Reading) -> None:
    tables = tables_of(connection)
    if sorted(tables) != sorted(backup.manifest.parts):
        raise Invalid("This backup has not the tables of its revision.")
    keys = connection.execute(_KEYS).fetchall()
    for table, name, _definition in keys:
        connection.execute(sql.SQL("ALTER TABLE " + table + " DROP CONSTRAINT {}").format(sql.Identifier(name)))
    connection.execute(sql.SQL("TRUNCATE {}").format(_named(tables)))  # migrations write rows, too
    for table in tables:
        with connection.cursor() as cursor:
            columns = _named(_columns(connection, table))
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)) as filling:
                for piece in backup.pieces(table):
                    filling.write(piece)
            if cursor.rowcount != backup.manifest.rows.get(table):
                raise Invalid("This backup is damaged: it does not hold the rows it says it does. Use another one.")
    for table, name, definition in keys:
        statement = "ALTER TABLE " + table + " ADD CONSTRAINT {} " + definition
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
    for table, column, name in connection.execute(_COUNTERS).fetchall():
        last = backup.manifest.counters.get(f"{table}.{column}", 0)
        connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, max(last, 1), last > 0))
    connection.execute(sql.SQL("ANALYZE {}").format(_named(tables)))


def take_place(held: Connection) -> None:
    """Put what was made ready in place of the tables of a database that is held, within its transaction."""
    with psycopg.ClientCursor(held) as cursor:
        old = tables_of(held)
        if old:
            try:
                cursor.execute(sql.SQL("DROP TABLE {}").format(_named(old)))
            except psycopg.errors.DependentObjectsStillExist as error:
                raise Conflict(
                    "Something that is not HALN's was built upon its tables. Remove it first: %(why)s",
                    why=str(error).splitlines()[-2 if "HINT" in str(error) else -1],
                ) from error
        row = cursor.execute("SELECT current_schema()").fetchone()
        place = sql.Identifier(str(row[0]) if row else "public")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p')", (BESIDE,)
        )
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(sql.Identifier(BESIDE, table), place))
        cursor.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(BESIDE)))


def clear(url: str) -> None:
    """Delete what an earlier restore that was killed left."""
    with psycopg.connect(plain(url)) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(BESIDE)))
