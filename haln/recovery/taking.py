"""Take a backup, check one, and keep as many as are wanted."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url

from haln import __version__
from haln.errors import Conflict, Misconfigured
from haln.recovery import archive, leftovers, postgres_store, schema, sqlite_store
from haln.recovery.archive import Writing
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
    return Path(name).resolve()  # where a name leads to another file, it is that file that is replaced


def name_for(folder: Path, now: datetime) -> Path:
    """How a backup of this moment is called in a folder of many."""
    return folder / f"{_BEGINS}{now:%Y%m%dT%H%M%S}Z{_ENDS}"


def take(url: str, path: Path, now: datetime, overwrite: bool = False) -> Manifest:
    """Back up a database that others may use meanwhile, into one file. Raises Conflict."""
    if not path.parent.is_dir():
        raise Conflict("There is no folder %(folder)s.", folder=path.parent)
    sweep(url, path.parent)
    with archive.writing(path, overwrite) as into:
        if kind_of(url) == POSTGRES:
            with postgres_store.reached(), postgres_store.snapshot(url) as source:
                return dump_postgres(source, into, now)
        with closing(_opened(file_of(url))) as held:
            return dump_sqlite(held, into, path.parent, now)


def sweep(url: str, folder: Path) -> None:
    """Delete what runs that were killed left, in a folder and beside the database."""
    leftovers.sweep(folder)
    if kind_of(url) == POSTGRES:
        with suppress(Conflict), postgres_store.reached():
            postgres_store.sweep(url)
        return
    database = file_of(url)
    if database.parent.is_dir():
        with leftovers.held(database.parent) as free:
            if free:  # no restore is running
                sqlite_store.clear(sqlite_store.beside(database))


def _opened(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise Conflict("There is no database %(path)s.", path=path)
    return sqlite3.connect(path.resolve().as_uri() + "?mode=rw", uri=True, timeout=30, isolation_level=None)


def dump_sqlite(source: sqlite3.Connection, into: Writing, folder: Path, now: datetime) -> Manifest:
    """Write an open SQLite database into a backup."""
    if not sqlite_store.revision_of(source):
        raise _empty()
    found, left_out = sqlite_store.dump(source, into, folder)
    told = Manifest(
        __version__,
        found.revision,
        now,
        SQLITE,
        found.rows,
        into.parts,
        left_out=tuple(left_out),
        broken=found.broken,
    )
    into.end(told)
    return told


def dump_postgres(source: postgres_store.Connection, into: Writing, now: datetime, whole: bool = True) -> Manifest:
    """Write a PostgreSQL database into a backup, in the transaction that reads it.

    `whole`: raise Conflict when it has not all its tables; else what there is is written.
    """
    if not postgres_store.revision_of(source):
        raise _empty()
    wrote = postgres_store.dump(source, into, whole)
    told = Manifest(
        __version__,
        wrote.revision,
        now,
        POSTGRES,
        wrote.rows,
        into.parts,
        wrote.counters,
        wrote.columns,
        wrote.left_out,
    )
    into.end(told)
    return told


def _empty() -> Conflict:
    return Conflict("The database has no tables of HALN; there is nothing to back up.")


@dataclass(frozen=True, slots=True)
class Verified:
    """A backup that is good. `tables`: its tables were compared with those of its revision, which is one of ours.

    `keys`: so were its foreign keys. `foreign`: what it holds and is not HALN's, so that it will not be brought back.
    """

    manifest: Manifest
    tables: bool
    keys: bool
    foreign: Sequence[str]


def verify(path: Path, folder: Path) -> Verified:
    """Read a backup back, whole: its sums, rows, tables and, of SQLite, its database and keys. Changes nothing.

    A folder is needed that has room for its database. Raises Invalid.
    """
    leftovers.sweep(folder)
    with archive.reading(path) as backup:
        known = schema.knows(backup.manifest.revision)
        if backup.manifest.database == POSTGRES:
            postgres_store.check(backup)
            return Verified(backup.manifest, known, False, postgres_store.foreign(backup) if known else ())
        with leftovers.place(folder, leftovers.VERIFYING) as place:
            return Verified(backup.manifest, known, True, sqlite_store.unpack(backup, place / sqlite_store.PART))


def rotate(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest backups of a folder, and what was left of killed ones. Returns what was deleted."""
    found = sorted(folder.glob(f"{_BEGINS}*Z{_ENDS}"), reverse=True)
    gone = found[keep:]
    for path in gone:
        with suppress(FileNotFoundError):
            path.unlink()
    return gone
