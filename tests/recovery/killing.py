"""Restore a backup in a process that kills itself at one point: `python -m tests.recovery.killing POINT FILE URL FOLDER`."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from haln.recovery import archive, postgres_store, restoring, schema, settling, sqlite_store
from tests.recovery.places import an_edge


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(place: Any, name: str) -> None:
    setattr(place, name, die)


def after(place: Any, name: str) -> None:
    function: Callable[..., object] = getattr(place, name)

    def then_die(*given: object, **named: object) -> None:
        function(*given, **named)
        die()

    setattr(place, name, then_die)


def half_poured(ready: Path, held: sqlite3.Connection) -> None:
    """As `pour`, in pieces of ten pages, and killed at the second."""
    with closing(sqlite3.connect(ready)) as source:
        source.backup(held, pages=10, progress=lambda _status, left, total: die() if total - left > 50 else None)


def half_filled(connection: psycopg.Connection[Any], _backup: archive.Reading) -> None:
    connection.execute("INSERT INTO counter (name, value) VALUES ('half', 1)")
    connection.commit()
    die()


def dropped_only(held: psycopg.Connection[Any]) -> None:
    held.execute("DROP SCHEMA haln_restoring CASCADE")
    held.execute("DROP TABLE " + ", ".join(f'"{table}"' for table in postgres_store.tables_of(held)))
    die()


POINTS: dict[str, dict[str, Callable[[], None]]] = {
    "sqlite": {
        "checked": lambda: after(sqlite_store, "unpack"),
        "backed up": lambda: after(archive.Writing, "end"),
        "brought to today's tables": lambda: after(schema, "upgrade"),
        "told what came after": lambda: after(settling, "settle"),
        "not yet in place": lambda: before(sqlite_store, "pour"),
        "half in place": lambda: setattr(sqlite_store, "pour", half_poured),
        "in place": lambda: after(sqlite_store, "pour"),
    },
    "postgres": {
        "half filled": lambda: setattr(postgres_store, "_fill", half_filled),
        "filled": lambda: after(postgres_store, "unpack"),
        "told what came after": lambda: after(settling, "settle"),
        "the old ones dropped": lambda: setattr(postgres_store, "take_place", dropped_only),
        "in place, not yet kept": lambda: after(postgres_store, "take_place"),
    },
}


if __name__ == "__main__":
    kind, point, file, url, folder = sys.argv[1:]
    POINTS[kind][point]()
    restoring.restore(Path(file), url, Path(folder), an_edge(), replace=True)
