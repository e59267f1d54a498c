"""Where Flask meets SQLAlchemy, and nowhere else.

SQLite keeps what many writers write at once only when a transaction that will write takes the write lock before it
reads: `BEGIN IMMEDIATE`. Requests that only read, and may write nothing, use a plain `BEGIN`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection as DatabaseConnection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.pool import ConnectionPoolEntry

from haln.errors import Busy
from haln.models import Base

db = SQLAlchemy(model_class=Base, session_options={"autoflush": True, "expire_on_commit": False})

may_write: ContextVar[bool] = ContextVar("may_write", default=True)
"""Whether the current request or job may write. Jobs and commands may; a GET may not."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class WriteOnRead(RuntimeError):
    """A request that may only read tried to write: a defect of ours, never the person's."""


def set_up(app: Flask) -> None:
    """Bind the database to the application and install the transaction rules."""
    url = str(app.config["DATABASE_URL"])
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = (
        {"connect_args": {"timeout": 5, "check_same_thread": False}}
        if url.startswith("sqlite")
        else {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5}
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    app.before_request(_mark_request)
    app.extensions["haln_reading"] = reading


@contextmanager
def reading() -> Iterator[None]:
    """Begin transactions that only read: for long computations within what may write. Leave none open on the way in."""
    before = may_write.set(False)
    try:
        yield
    finally:
        may_write.reset(before)


def _mark_request() -> None:
    may_write.set(request.method not in SAFE_METHODS)


def prepare_engine(engine: Engine) -> None:
    """Give an engine the transaction rules (SQLite); PostgreSQL needs none."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def _on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    raw: Any = connection
    raw.isolation_level = None  # the driver must not begin transactions of its own
    cursor = raw.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: DatabaseConnection) -> None:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if may_write.get() else "BEGIN")
    except OperationalError as error:
        if "locked" not in str(error.orig):
            raise
        raise Busy("Much is being saved just now, and yours is not. Try again in a minute.") from error


@event.listens_for(Session, "before_flush")
def _no_flush_on_read(session: Session, *_: object) -> None:
    if not may_write.get() and (session.new or session.dirty or session.deleted):
        raise WriteOnRead("a request that reads has changed rows")


@event.listens_for(Session, "do_orm_execute")
def _no_statement_on_read(state: ORMExecuteState) -> None:
    if not may_write.get() and (state.is_insert or state.is_update or state.is_delete):
        raise WriteOnRead("a request that reads has sent a statement that writes")
