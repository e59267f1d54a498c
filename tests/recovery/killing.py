"""Restore a backup in processes that kill themselves, each at one point, and say what is there after each.

`python -m tests.recovery.killing DATABASE FILE URL FOLDER`: a process of its own, for it forks.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from haln.recovery import archive, postgres_store, restoring, settling, sqlite_store
from tests.recovery.places import an_edge, everything


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


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
        "backing up what is there": lambda: after(archive.Writing, "end"),
        "told what came after": lambda: after(settling, "settle"),
        "half in place": lambda: setattr(sqlite_store, "pour", half_poured),
        "in place": lambda: after(sqlite_store, "pour"),
    },
    "postgres": {
        "half filled": lambda: setattr(postgres_store, "_fill", half_filled),
        "the old ones dropped": lambda: setattr(postgres_store, "take_place", dropped_only),
        "in place, not yet kept": lambda: after(postgres_store, "take_place"),
    },
}


def killed(kind: str, point: str, file: Path, url: str, folder: Path) -> int:
    """Restore in a child that dies at a point. Returns the signal it died of."""
    child = os.fork()
    if child == 0:
        POINTS[kind][point]()
        restoring.restore(file, url, folder, an_edge(), replace=True)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    kind, file, url, folder = sys.argv[1:]
    there = everything(url)
    for point in POINTS[kind]:
        ended = killed(kind, point, Path(file), url, Path(folder))
        found = everything(url)
        whole = all(found.get(table) for table in there if there[table])
        told = {"point": point, "ended": ended, "old": found == there, "whole": whole, "members": len(found["member"])}
        sys.stdout.write(json.dumps(told) + "\n")
        for aside in Path(folder).glob("before-restore-*"):
            aside.unlink()  # they would all bear the same moment
