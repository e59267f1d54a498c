"""A PostgreSQL database: into a backup, and out of it.

Its tables are read with COPY in one snapshot, while others read and write. They come back beside the old ones, in a
schema of their own: the migrations make them, COPY fills them, and every key is checked. Then one transaction drops the
old ones and gives the new ones their place; killed anywhere, that is the old ones or the new ones. No program of
PostgreSQL's is needed, nor the same version of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from haln.errors import Conflict, Invalid
from haln.recovery import schema
from haln.recovery.archive import Reading, Writing
from haln.recovery.schema import AS_THEY_ARE, REVISIONS

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
    select count(*), string_agg(distinct usename::text, ', ' order by usename::text) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and usename is not null
        and coalesce(backend_type, 'client backend') in ('client backend', 'walsender')"""
"""Of what other roles do, a role reads no more than whose connection it is; what has nobody's name is the server's."""

_BUILT_UPON: LiteralString = """
    select distinct r.ev_class::regclass::text from pg_depend d join pg_rewrite r on r.oid = d.objid
    where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
        and d.refobjid = any(%(tables)s::regclass[]) and r.ev_class <> all(%(tables)s::regclass[])
    union select conrelid::regclass::text from pg_constraint
    where contype = 'f' and confrelid = any(%(tables)s::regclass[]) and conrelid <> all(%(tables)s::regclass[])
    order by 1"""
"""Views of our tables, and tables that point to them, of somebody else's making."""

_PATIENCE = "10s"

_LOCK: LiteralString = "SELECT pg_try_advisory_lock(%s)"
_RESTORING = 0x48414C4E
"""The number of the lock that whoever restores holds."""


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
        connection.execute(_LOCK, (_RESTORING,))  # where it is another's, that one is among the other connections
        row = connection.execute(_OTHERS).fetchone()
        count, who = row or (0, "")
        if count:
            raise Conflict(
                "The database has %(count)s other connections (%(who)s). Stop the server, the workers and whatever "
                "else reads it, then restore.",
                count=count,
                who=who,
            )
        tables = ours(connection)
        if tables:
            _refuse_built_upon(connection, tables)
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (_PATIENCE,))
            try:  # not without waiting at all: the server's own cleaning gives way, in a second
                connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(_named(tables)))
            except psycopg.errors.LockNotAvailable as error:
                raise Conflict("Others are using the database. Stop the server and the workers first.") from error
        yield connection


def _refuse_built_upon(connection: Connection, tables: Iterable[str]) -> None:
    quoted = [sql.Identifier(table).as_string(connection) for table in tables]
    found = connection.execute(_BUILT_UPON, {"tables": quoted}).fetchall()
    if found:
        raise _built_upon(", ".join(row[0] for row in found))


def _built_upon(what: str) -> Conflict:
    return Conflict("Something that is not HALN's was built upon its tables. Remove it first: %(why)s", why=what)


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


def ours(connection: Connection) -> list[str]:
    """The tables that are HALN's; of a revision that this version does not know, all that there are."""
    revision, there = revision_of(connection), tables_of(connection)
    if not schema.knows(revision):
        return there
    wanted = schema.tables_at(revision)
    return [table for table in there if table in wanted]


@dataclass(frozen=True, slots=True)
class Dumped:
    """What was written into a backup: the tables' revision, the rows and columns of each, the last numbers given out.

    `left_out`: tables, and columns of tables, that are not HALN's.
    """

    revision: str
    rows: Mapping[str, int]
    columns: Mapping[str, Sequence[str]]
    counters: Mapping[str, int]
    left_out: Sequence[str]


def dump(source: Connection, into: Writing, whole: bool = True) -> Dumped:
    """Write the tables of a database that are HALN's into a backup.

    `whole`: raises Conflict when not all of them are there, with all their columns; else what there is is written.
    """
    revision = revision_of(source)
    wanted = schema.tables_at(revision) if schema.knows(revision) else dict.fromkeys(tables_of(source), AS_THEY_ARE)
    there = {table: _columns(source, table) for table in tables_of(source)}
    if whole:
        _refuse_gaps(wanted, there)
    rows: dict[str, int] = {}
    columns = {
        table: tuple(name for name in there[table] if name in wanted[table] or wanted[table] == AS_THEY_ARE)
        for table in sorted(wanted)
        if table in there
    }
    for table, names in columns.items():
        with source.cursor() as cursor:
            copy = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), _named(names))
            with cursor.copy(copy) as pieces:
                into.put(table, pieces)
            rows[table] = cursor.rowcount
    counters = {
        f"{table}.{column}": _one(source, _LAST.format(sql.SQL(name)))
        for table, column, name in source.execute(_COUNTERS).fetchall()
        if column in columns.get(table, ())
    }
    left_out = [table for table in there if table not in columns]
    left_out += [f"{table}.{name}" for table in columns for name in there[table] if name not in columns[table]]
    return Dumped(revision, rows, columns, counters, tuple(left_out))


def _refuse_gaps(wanted: Mapping[str, Set[str]], there: Mapping[str, Sequence[str]]) -> None:
    gaps = [name for name in wanted if name not in there or not wanted[name] <= set(there[name])]
    if gaps:
        raise Conflict(
            "The database has not the tables of its revision: %(tables)s lack, or lack columns. "
            "A backup of it could not be brought back.",
            tables=", ".join(sorted(gaps)),
        )


def _columns(connection: Connection, table: str) -> list[str]:
    quoted = sql.Identifier(table).as_string(connection)
    return [row[0] for row in connection.execute(_COLUMNS, (quoted,))]


def check(backup: Reading) -> None:
    """Read all parts of a backup, count their rows, and compare its tables with those of its revision.

    Keys are checked when it is filled in. Raises Invalid.
    """
    told = backup.manifest
    if schema.knows(told.revision):
        _refuse_others(told.columns, schema.tables_at(told.revision), set(told.parts))
    for table in told.parts:
        # In COPY's text a line is a row: what breaks lines within a value is written in other letters.
        count = sum(piece.count(b"\n") for piece in backup.pieces(table))
        if count != backup.manifest.rows.get(table):
            raise Invalid("This backup is damaged: it does not hold the rows it says it does. Use another one.")


def _refuse_others(columns: Mapping[str, Sequence[str]], wanted: Mapping[str, Set[str]], parts: Set[str]) -> None:
    missing = wanted.keys() - parts
    changed = [
        name
        for name, names in columns.items()
        if name not in parts or (wanted.get(name) and set(names) != wanted[name]) or len(set(names)) != len(names)
    ]
    if missing or changed:
        raise Invalid("This backup has not the tables of its revision.")


def foreign(backup: Reading) -> list[str]:
    """The tables in a backup of a revision that we know that are not HALN's: they are not brought back."""
    return sorted(set(backup.manifest.parts) - set(schema.tables_at(backup.manifest.revision)))


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
    if not set(tables) <= set(backup.manifest.parts):
        raise Invalid("This backup has not the tables of its revision.")
    keys = connection.execute(_KEYS).fetchall()
    for table, name, _definition in keys:
        connection.execute(sql.SQL("ALTER TABLE " + table + " DROP CONSTRAINT {}").format(sql.Identifier(name)))
    connection.execute(sql.SQL("TRUNCATE {}").format(_named(tables)))  # migrations write rows, too
    for table in tables:
        with connection.cursor() as cursor:
            columns = _named(backup.manifest.columns.get(table) or _columns(connection, table))
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
        old = ours(held)
        if old:
            try:
                cursor.execute(sql.SQL("DROP TABLE {}").format(_named(old)))
            except psycopg.errors.DependentObjectsStillExist as error:
                raise _built_upon(str(error).splitlines()[-2 if "HINT" in str(error) else -1]) from error
        row = cursor.execute("SELECT current_schema()").fetchone()
        place = sql.Identifier(str(row[0]) if row else "public")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p')", (BESIDE,)
        )
        for (table,) in cursor.fetchall():
            cursor.execute(sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(sql.Identifier(BESIDE, table), place))
        cursor.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(BESIDE)))


def sweep(url: str) -> None:
    """Delete what a restore left that was killed, unless one is running."""
    with psycopg.connect(plain(url)) as connection:
        if connection.execute(_LOCK, (_RESTORING,)).fetchone() == (True,):
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(BESIDE)))


def clear(url: str) -> None:
    """Delete what an earlier restore that was killed left."""
    with psycopg.connect(plain(url)) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(BESIDE)))
