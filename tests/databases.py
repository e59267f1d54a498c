"""Databases with today's tables, quick to have: migrated once, then copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from haln.db import may_write, prepare_engine
from haln.recovery.schema import alembic_config
from tests.postgres import PostgresServer


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows; copy it, never open it."""
    path = tmp_path_factory.mktemp("template") / "haln.sqlite"
    command.upgrade(alembic_config(f"sqlite:///{path}"), "head")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated SQLite database without rows."""
    path = tmp_path / "haln.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> Iterator[str]:
    """The name of a migrated PostgreSQL database without rows, to copy."""
    url = postgres_server.create()
    command.upgrade(alembic_config(url), "head")
    yield make_url(url).database or ""
    postgres_server.drop(url)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database without rows."""
    url = postgres_server.create(template=postgres_template)
    yield url
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database without rows, once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def stored(database_url: str) -> Iterator[Session]:
    """A session of a migrated database without rows, once on SQLite and once on PostgreSQL; it may write."""
    may_write.set(True)
    engine = create_engine(database_url)
    prepare_engine(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()
