"""What the tests of backups and restores share: an edge, and a database as values that can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import MetaData, create_engine, select
from sqlalchemy.orm import Session

from haln.db import beside
from haln.recovery import restoring
from haln.recovery.settling import CatchUp
from tests.builders import NOW


def an_edge(now: datetime = NOW, catch_up: CatchUp = lambda _session: None) -> restoring.Edge:
    """What the edge lends, with nothing that falls due."""
    return restoring.Edge(beside, catch_up, lambda: now, lambda: None)


def everything(url: str) -> dict[str, list[str]]:
    """All rows of all tables."""
    engine = create_engine(url)
    tables = MetaData()
    try:
        tables.reflect(engine)
        with engine.connect() as connection:
            return {
                name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
                for name, table in tables.tables.items()
            }
    finally:
        engine.dispose()


@contextmanager
def opened(url: str) -> Iterator[Session]:
    """A session that leaves no connection."""
    with beside(url) as session:
        yield session
        session.commit()
