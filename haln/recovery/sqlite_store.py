"""An SQLite database: into a backup, and out of it.

It is copied with VACUUM INTO: one state of it, while others read and write, without the pages in which what was deleted
may still stand. It is put back with SQLite's own online backup, which is one transaction of the database that is
replaced: killed anywhere, that is the old one or the new one.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from haln.errors import Conflict, Invalid
from haln.recovery import leftovers, schema
from haln.recovery.archive import PIECE, Reading, Writing, sync_folder
from haln.recovery.since import State, state

PART = "haln.sqlite"
BESIDE = ".restoring"
"""The end of the name under which a restored database is made ready."""


def beside(path: Path) -> Path:
    """Where the database that takes the place of another is made ready."""
    return path.with_name(path.name + BESIDE)


_FILES = ("", "-wal", "-shm", "-journal")
_WAIT = 1.0
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Found:
    """What a database holds: its tables' revision, the rows of each, and a table that points to missing rows."""

    revision: str
    rows: Mapping[str, int]
    broken: str


def dump(source: sqlite3.Connection, into: Writing, folder: Path) -> tuple[Found, list[str]]:
    """Write a database into a backup, through a copy in a folder that has room for it.

    Returns what it holds, and what was left out because it is not HALN's. Raises Conflict when the database is damaged.
    """
    with leftovers.place(folder, leftovers.BACKING_UP) as place:
        copy = place / PART
        try:
            source.execute("VACUUM INTO ?", (str(copy),))
            left_out = strip(copy)
            found = look(copy)
        except sqlite3.Error as error:
            raise _no_room(folder, error) if _full(error) else _is_damaged(error) from error
        except Invalid as error:
            raise _is_damaged(error) from error
        into.put(PART, pieces(copy))
    return found, left_out


def _is_damaged(why: Exception) -> Conflict:
    return Conflict("The database is damaged: %(why)s", why=why)


def _no_room(folder: Path, why: object) -> Conflict:
    return Conflict("There is no room in %(folder)s: %(why)s", folder=folder, why=why)


def _full(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR_WRITE"))


def strip(path: Path) -> list[str]:
    """Drop what is in a copy of a database and is not HALN's, if its revision is one we know. Returns what it was.

    Raises Invalid when it has not all tables of its revision.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        revision = revision_of(copy)
        if not schema.knows(revision):
            return []
        wanted = schema.tables_at(revision)
        others = foreign(copy, wanted)
        copy.execute("PRAGMA secure_delete = ON")
        for name, kind in others:
            copy.execute(f"DROP {kind} IF EXISTS {_quoted(name)}")
        columns = {table: {row[1] for row in copy.execute(_COLUMNS, (table,))} for table in wanted}
        if any(not names or not wanted[table] <= names for table, names in columns.items()):
            raise Invalid("This backup has not the tables of its revision.")
        more = [(table, name) for table, names in columns.items() if wanted[table] for name in names - wanted[table]]
        for table, name in more:
            copy.execute(f"ALTER TABLE {_quoted(table)} DROP COLUMN {_quoted(name)}")
    return [name for name, _kind in others] + sorted(f"{table}.{name}" for table, name in more)


_COLUMNS = "SELECT * FROM pragma_table_xinfo(?)"


def foreign(connection: sqlite3.Connection, wanted: Collection[str]) -> list[tuple[str, str]]:
    """What is in a database and not HALN's, in an order in which it can be dropped: each with its kind."""
    ours = {*wanted, *(name for index in schema.INDEXES for name in index.tables)}
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite%'"
    ).fetchall()
    order = {"trigger": 0, "view": 1, "table": 3}
    ranked = [
        (2 if kind == "table" and str(made).upper().startswith("CREATE VIRTUAL") else order[kind], name, kind.upper())
        for kind, name, made in found
        if kind != "table" or name not in ours
    ]
    return [(name, kind) for _rank, name, kind in sorted(ranked)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'  # a name cannot be a parameter


def pieces(path: Path) -> Iterator[bytes]:
    """A file, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def examine(path: Path) -> Found:
    """Check a database that nobody uses, whole, its foreign keys too. Raises Invalid."""
    found = look(path)
    if found.broken:
        raise Invalid("Rows of %(table)s in it point to rows that are missing.", table=found.broken)
    return found


def look(path: Path) -> Found:
    """Read a database that nobody uses, whole. Raises Invalid when that cannot be done."""
    try:
        with closing(sqlite3.connect(path.resolve().as_uri() + "?mode=ro&immutable=1", uri=True)) as found:
            for (said,) in found.execute("PRAGMA integrity_check(1)"):
                if said != "ok":
                    raise Invalid("The database in it is damaged: %(why)s", why=said)
            broken = found.execute("PRAGMA foreign_key_check").fetchone()
            return Found(revision_of(found), rows_of(found), str(broken[0]) if broken else "")
    except _UNREADABLE as error:
        raise Invalid("The database in it is damaged: %(why)s", why=error) from error


def revision_of(connection: sqlite3.Connection) -> str:
    """The revision of a database's tables; empty where there are none of ours."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return ""
        raise
    return str(row[0]) if row else ""


def rows_of(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    ).fetchall()
    count = "SELECT count(*) FROM {}"
    return {table: connection.execute(count.format(_quoted(table))).fetchone()[0] for (table,) in tables}


def unpack(backup: Reading, path: Path) -> list[str]:
    """Write the database of a backup to a file of its own, check it, and drop what is not HALN's.

    Returns what that was. Raises Invalid, Conflict where there is no room.
    """
    told = backup.manifest
    if set(told.parts) != {PART}:
        raise Invalid("This backup is damaged: it does not hold the parts it says it does. Use another one.")
    size, free = told.parts[PART].size, shutil.disk_usage(path.parent).free
    if size > free:
        raise _no_room(path.parent, f"{size / 1e6:.0f} MB > {free / 1e6:.0f} MB")
    try:
        _write(backup, path)
        found = examine(path)
        if found.revision != told.revision or found.rows != dict(told.rows):
            raise Invalid("This backup is damaged: it does not hold the rows it says it does. Use another one.")
        return strip(path)
    except OSError as error:
        raise _no_room(path.parent, error.strerror) from error
    except sqlite3.Error as error:
        raise Invalid("The database in it is damaged: %(why)s", why=error) from error


def _write(backup: Reading, path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in backup.pieces(PART):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def alone(path: Path) -> Iterator[sqlite3.Connection]:
    """A database that nobody else reads or writes meanwhile.

    Raises Conflict where a server or worker has it open, sqlite3.DatabaseError where it cannot be read.
    """
    with closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as held:
        try:
            held.execute("PRAGMA locking_mode=EXCLUSIVE")
            held.execute("PRAGMA journal_mode=DELETE")  # needs it alone, and leaves no log beside the file
            held.execute("BEGIN EXCLUSIVE")
            held.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise Conflict(
                "The service has the database open. Stop the server and the workers first, then restore."
            ) from error
        yield held


def damaged(path: Path) -> bool:
    """Whether a database cannot be read, or not all of it, or is only half there, so that no backup of it could be
    brought back. Raises Conflict where a server or worker has it open.
    """
    try:
        with alone(path) as held:
            if held.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
                return True
            if held.execute("PRAGMA foreign_key_check").fetchone() is not None:
                return True
            revision = revision_of(held)
            return schema.knows(revision) and not schema.tables_at(revision).keys() <= rows_of(held).keys()
    except sqlite3.DatabaseError:
        return True


def sound(path: Path) -> State | None:
    """What a damaged database tells, where only its rows do not fit each other; none when it is damaged further."""
    try:
        with alone(path) as held:
            tables = rows_of(held)
            whole = held.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",) and "member" in tables
            return state(held, tables) if whole else None
    except (*_UNREADABLE, LookupError, TypeError, ValueError):
        return None


def settle(path: Path) -> None:
    """Leave a database that was made ready as one file, without a log beside it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode=DELETE")


def pour(ready: Path, held: sqlite3.Connection) -> None:
    """Put what was made ready in place of a database that is held: all of it, or nothing."""
    with closing(sqlite3.connect(ready)) as source:
        source.backup(held)


def take_name(ready: Path, path: Path, now: datetime) -> Path | None:
    """Give what was made ready the name of the database, where there is none, or one that cannot be read.

    Returns where the unreadable one now lies.
    """
    kept = None
    if path.exists():
        kept = path.with_name(f"{path.name}.unreadable-{now:%Y%m%dT%H%M%SZ}")
        for end in reversed(_FILES):  # its logs first: they would be taken for those of the new one
            with suppress(FileNotFoundError):
                path.with_name(path.name + end).rename(kept.with_name(kept.name + end))
    else:
        for end in _FILES[1:]:
            path.with_name(path.name + end).unlink(missing_ok=True)
    ready.replace(path)
    sync_folder(path.parent)
    return kept


def clear(ready: Path) -> None:
    """Delete what an earlier restore that was killed left."""
    for end in _FILES:
        ready.with_name(ready.name + end).unlink(missing_ok=True)
