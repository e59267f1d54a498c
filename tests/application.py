"""Fixtures of the application: a database, a session, the cast, signed-in clients."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from haln.app import create_app
from haln.db import db, may_write
from haln.models import Base
from haln.recovery.schema import alembic_config
from tests.builders import NOW, Cast, sign_in_token, the_cast

SignIn = Callable[[int], FlaskClient]


def without_token(page: str) -> str:
    """The page without its form tokens, which carry the second in which they were signed."""
    return re.sub(r'("csrf[-_]token" (?:content|value)=")[^"]*', r"\1", page)


class Browser(FlaskClient):
    """A client whose every request has its own context, as on a server, also while the test holds a session.

    What the test has prepared is committed first; afterwards it may write again, and reads what the request wrote.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if not has_app_context():
            return super().open(*args, **kwargs)
        db.session.commit()
        try:
            with self.application.app_context():
                return super().open(*args, **kwargs)
        finally:
            may_write.set(True)
            db.session.expire_all()


def others_can_save(app: Flask) -> bool:
    """Whether another connection may write at this moment."""
    path = str(app.config["DATABASE_URL"]).removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        other.execute("ROLLBACK")
    return True


@pytest.fixture
def settings() -> dict[str, object]:
    """Settings of this test's application; a test module may override the fixture."""
    return {}


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with today's tables as the models have them, to copy."""
    path = tmp_path_factory.mktemp("tables") / "haln.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    command.stamp(alembic_config(f"sqlite:///{path}"), "head")
    return path


@pytest.fixture
def app(
    tmp_path: Path,
    settings: dict[str, object],
    empty_tables: Path,
    compiled_templates: FileSystemBytecodeCache,
) -> Iterator[Flask]:
    """An application on its own SQLite database, forms without tokens, the clock at NOW."""
    shutil.copy(empty_tables, tmp_path / "haln.sqlite")
    made = create_app(
        {
            "ENVIRONMENT": "test",
            "TESTING": True,
            "INSTANCE": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path / 'haln.sqlite'}",
            "SECRET_KEY": "a key for tests only, long enough to be one",
            "WTF_CSRF_ENABLED": False,
            "CLOCK": lambda: NOW,
            "DEMONSTRATION": "",
            **settings,
        },
        environ={},
    )
    made.test_client_class = Browser
    made.jinja_env.bytecode_cache = compiled_templates
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The application's own session, for domain tests and for preparing pages."""
    may_write.set(True)
    with app.app_context():
        yield db.session()
        db.session.rollback()


@pytest.fixture
def cast(session: Session) -> Cast:
    """The six people."""
    made = the_cast(session)
    session.commit()
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that is not signed in."""
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask, session: Session) -> SignIn:
    """Give a browser signed in as the member with this id."""

    def make(member_id: int) -> FlaskClient:
        token = sign_in_token(session, member_id)
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return browser

    return make
