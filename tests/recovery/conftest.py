"""A demonstration network on each database, made once; tests copy it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url

from haln.app import create_app
from haln.db import db, may_write
from tests.made_once import copy_of
from tests.postgres import PostgresServer


def an_app(url: str, folder: Path) -> Flask:
    """The application on one database."""
    settings = {"ENVIRONMENT": "test", "INSTANCE": str(folder), "DATABASE_URL": url, "LEARN": False}
    return create_app({**settings, "SECRET_KEY": "a key for tests only, long enough to be one"}, environ={})


def run(app: Flask, *words: str) -> tuple[int, str]:
    """Run a command, as in a process of its own: it leaves no connection."""
    may_write.set(True)
    result = app.test_cli_runner().invoke(args=["haln", *words])
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return result.exit_code, result.output


def _fill(url: str, folder: Path) -> str:
    code, said = run(an_app(url, folder), "demo", "--members", "60", "--months", "6", "--until", "2026-06-15")
    assert code == 0, said
    return url


@pytest.fixture(scope="session")
def filled_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    def make(folder: Path) -> None:
        shutil.copy(sqlite_template, folder / "haln.sqlite")
        _fill(f"sqlite:///{folder / 'haln.sqlite'}", folder)

    folder = copy_of("filled", make, tmp_path_factory.mktemp("filled") / "own", tmp_path_factory)
    return f"sqlite:///{folder / 'haln.sqlite'}"


@pytest.fixture(scope="session")
def filled_postgres(
    postgres_server: PostgresServer, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    url = postgres_server.create(template=postgres_template)
    yield _fill(url, tmp_path_factory.mktemp("filled"))
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest.fixture
def copied(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Copies of the demonstration network: each call gives the URL of one more."""
    source: str = request.getfixturevalue(f"filled_{kind}")
    made: list[str] = []

    def copy() -> str:
        if kind == "sqlite":
            path = tmp_path / f"network{len(made)}" / "haln.sqlite"
            path.parent.mkdir()
            shutil.copy(make_url(source).database or "", path)
            made.append(f"sqlite:///{path}")
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            made.append(server.create(template=make_url(source).database or ""))
        return made[-1]

    yield copy
    if kind == "postgres":
        for url in made:
            request.getfixturevalue("postgres_server").drop(url)


@pytest.fixture
def network(copied: Callable[[], str]) -> str:
    """The URL of a demonstration network."""
    return copied()


@pytest.fixture
def empty(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, or of none yet."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty' / 'haln.sqlite'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url
