"""What the tests of backups and restores share: an edge, and a database as values that can be compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from haln.db import beside
from haln.recovery import postgres_store, restoring
from haln.recovery.settling import CatchUp
from tests.builders import NOW


def an_edge(now: datetime = NOW, catch_up: CatchUp = lambda _session: None) -> restoring.Edge:
    """What the edge lends, with nothing that falls due."""
    return restoring.Edge(beside, catch_up, lambda: now, lambda: None)


def everything(url: str) -> dict[str, list[str]]:
    """All rows of all tables."""
    if url.startswith("sqlite"):
        connected: Any = closing(sqlite3.connect(url.removeprefix("sqlite:///")))
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        connected = psycopg.connect(postgres_store.plain(url))
        tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    with connected as connection:
        names = [name for (name,) in connection.execute(tables).fetchall()]
        return {name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for name in sorted(names)}


@contextmanager
def opened(url: str) -> Iterator[Session]:
    """A session that leaves no connection."""
    with beside(url) as session:
        yield session
        session.commit()
