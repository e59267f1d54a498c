"""An SQLite database: into a backup, and out of it.

It is copied with VACUUM INTO: one state of it, while others read and write, without the pages in which what was deleted
may still stand. It is put back with SQLite's own online backup, which is one transaction of the database that is
replaced: killed anywhere, that is the old one or the new one.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from haln.errors import Conflict, Invalid
from haln.recovery.archive import PIECE, Reading, Writing, sync_folder

PART = "haln.sqlite"
BESIDE = ".restoring"
"""The end of the name under which a restored database is made ready."""

_FILES = ("", "-wal", "-shm", "-journal")
_WAIT = 1.0
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)


def dump(source: sqlite3.Connection, into: Writing, folder: Path) -> tuple[str, dict[str, int]]:
    """Write a database into a backup, through a copy in a folder that has room for it.

    Returns its revision and how many rows each table has. Raises Conflict when the database itself is damaged.
    """
    with tempfile.TemporaryDirectory(prefix=".haln-backup-", dir=folder) as place:  # for its owner alone
        copy = Path(place) / PART
        try:
            source.execute("VACUUM INTO ?", (str(copy),))
            revision, rows = examine(copy)
        except (sqlite3.DatabaseError, Invalid) as error:
            raise Conflict("The database is damaged, or the disk is full: %(why)s", why=error) from error
        into.put(PART, pieces(copy))
    return revision, rows


def pieces(path: Path) -> Iterator[bytes]:
    """A file, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def examine(path: Path) -> tuple[str, dict[str, int]]:
    """Check a database that nobody uses, whole. Returns its revision and the rows of each table. Raises Invalid."""
    try:
        with closing(sqlite3.connect(path.resolve().as_uri() + "?mode=ro&immutable=1", uri=True)) as found:
            for (said,) in found.execute("PRAGMA integrity_check(1)"):
                if said != "ok":
                    raise Invalid("The database in it is damaged: %(why)s", why=said)
            broken = found.execute("PRAGMA foreign_key_check").fetchone()
            if broken is not None:
                raise Invalid("Rows of %(table)s in it point to rows that are missing.", table=broken[0])
            return revision_of(found), rows_of(found)
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
    count = 'SELECT count(*) FROM "{}"'  # a name cannot be a parameter
    return {table: connection.execute(count.format(table.replace('"', '""'))).fetchone()[0] for (table,) in tables}


def unpack(backup: Reading, path: Path) -> None:
    """Write the database of a backup to a file of its own and check it. Raises Invalid."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in backup.pieces(PART):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    revision, rows = examine(path)
    told = backup.manifest
    if revision != told.revision or rows != dict(told.rows):
        raise Invalid("This backup is damaged: it does not hold the rows it says it does. Use another one.")


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
    """Whether a database cannot be read, or not all of it. Raises Conflict where a server or worker has it open."""
    try:
        with alone(path) as held:
            return bool(held.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",))
    except sqlite3.DatabaseError:
        return True


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
