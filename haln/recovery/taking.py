"""Take a backup, check one, and keep as many as are wanted."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from haln import __version__
from haln.errors import Conflict, Misconfigured
from haln.recovery import archive, postgres_store, sqlite_store
from haln.recovery.archive import Reading, Writing
from haln.recovery.manifest import Manifest

POSTGRES, SQLITE = "postgresql", "sqlite"
_BEGINS, _ENDS = "haln-", ".backup"


def kind_of(url: str) -> str:
    """Which kind of database an address names: sqlite, postgresql."""
    return make_url(url).get_backend_name()


def file_of(url: str) -> Path:
    """The file of an SQLite database. Raises Misconfigured for one in memory."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise Misconfigured("A database in memory is gone with its process; there is nothing to back up or restore.")
    return Path(name)


def name_for(folder: Path, now: datetime) -> Path:
    """How a backup of this moment is called in a folder of many."""
    return folder / f"{_BEGINS}{now:%Y%m%dT%H%M%S}Z{_ENDS}"


def take(url: str, path: Path, now: datetime, overwrite: bool = False) -> Manifest:
    """Back up a database that others may use meanwhile, into one file. Raises Conflict."""
    if not path.parent.is_dir():
        raise Conflict("There is no folder %(folder)s.", folder=path.parent)
    with archive.writing(path, overwrite) as into:
        if kind_of(url) == POSTGRES:
            with postgres_store.reached(), postgres_store.snapshot(url) as source:
                return dump_postgres(source, into, now)
        with closing(_opened(file_of(url))) as held:
            return dump_sqlite(held, into, path.parent, now)


def _opened(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise Conflict("There is no database %(path)s.", path=path)
    return sqlite3.connect(path.resolve().as_uri() + "?mode=rw", uri=True, timeout=30, isolation_level=None)


def dump_sqlite(source: sqlite3.Connection, into: Writing, folder: Path, now: datetime) -> Manifest:
    """Write an open SQLite database into a backup."""
    if not sqlite_store.revision_of(source):
        raise _empty()
    revision, rows = sqlite_store.dump(source, into, folder)
    told = Manifest(__version__, revision, now, SQLITE, rows, into.parts)
    into.end(told)
    return told


def dump_postgres(source: postgres_store.Connection, into: Writing, now: datetime) -> Manifest:
    """Write a PostgreSQL database into a backup, in the transaction that reads it."""
    if not postgres_store.revision_of(source):
        raise _empty()
    revision, rows, counters = postgres_store.dump(source, into)
    told = Manifest(__version__, revision, now, POSTGRES, rows, into.parts, counters)
    into.end(told)
    return told


def _empty() -> Conflict:
    return Conflict("The database has no tables of HALN; there is nothing to back up.")


def verify(path: Path, folder: Path) -> Manifest:
    """Read a backup back, whole: its sums, its rows and, of SQLite, its database. Changes nothing. Raises Invalid."""
    with archive.reading(path) as backup:
        check(backup, folder)
        return backup.manifest


def check(backup: Reading, folder: Path) -> None:
    """Check an open backup; a folder is needed that has room for its database. Raises Invalid."""
    if backup.manifest.database == POSTGRES:
        postgres_store.check(backup)
        return
    copy = folder / f".haln-verify-{id(backup)}"
    try:
        sqlite_store.unpack(backup, copy)
    finally:
        sqlite_store.clear(copy)


def rotate(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest backups of a folder, and what was left of killed ones. Returns what was deleted."""
    found = sorted(folder.glob(f"{_BEGINS}*Z{_ENDS}"), reverse=True)
    gone = found[keep:]
    for path in gone:
        with suppress(FileNotFoundError):
            path.unlink()
    return gone
