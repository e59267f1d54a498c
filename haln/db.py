"""Where Flask meets SQLAlchemy, and nowhere else.

SQLite keeps what many writers write at once only when a transaction that will write takes the write lock before it
reads: `BEGIN IMMEDIATE`. Requests that only read, and may write nothing, use a plain `BEGIN`.

PostgreSQL is a journey away: what is sent without need costs a page more than a query's own work. There a request that
only reads sends its queries and nothing round them; each sees what is committed, as within a transaction.
"""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import orjson
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Dialect, Engine, create_engine, event
from sqlalchemy.engine import Connection as DatabaseConnection
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from haln.errors import Busy, Overtaken
from haln.models import Base

db = SQLAlchemy(model_class=Base, session_options={"autoflush": True, "expire_on_commit": False})

may_write: ContextVar[bool] = ContextVar("may_write", default=True)
"""Whether the current request or job may write. Jobs and commands may; a GET may not."""

_statement_by_statement: ContextVar[bool] = ContextVar("statement_by_statement", default=False)
"""Whether a read needs no transaction on PostgreSQL. A request's does not; a job that streams rows does."""

_filling: ContextVar[bool] = ContextVar("filling", default=False)
"""Whether hundreds of thousands of rows are being written, one transaction after another."""

FILLING = ("cache_size=-65536", "wal_autocheckpoint=32000")
USUALLY = ("cache_size=-2000", "wal_autocheckpoint=1000")
"""SQLite's page cache in kB, and after how many pages of 4 kB what was written is brought to its place."""

IDLE_SECONDS = 30
"""A connection that rested for longer is asked whether it still holds: what lies between may have dropped it."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


_ENDED_FOR_ANOTHER = frozenset({"40P01", "40001"})
"""PostgreSQL's names for a deadlock and a serialisation failure."""

_log = logging.getLogger(__name__)


class WriteOnRead(RuntimeError):
    """A request that may only read tried to write: a defect of ours, never the person's."""


def set_up(app: Flask) -> None:
    """Bind the database to the application and install the transaction rules."""
    url = str(app.config["DATABASE_URL"])
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(url)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    app.before_request(_mark_request)
    app.extensions["haln_reading"] = reading
    app.extensions["haln_filling"] = filling
    app.extensions["haln_beside"] = beside


def _options(url: str) -> dict[str, Any]:
    near = {"connect_args": {"timeout": 5, "check_same_thread": False}}
    return {
        "json_serializer": _document,
        "json_deserializer": orjson.loads,
        **(near if url.startswith("sqlite") else {"pool_size": 5, "max_overflow": 5}),
    }


@contextmanager
def beside(url: str) -> Iterator[Session]:
    """A session on another database than the application's, by the same rules: one that is being restored."""
    engine = create_engine(url, **_options(url))
    prepare_engine(engine)
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    finally:
        engine.dispose()


def _document(value: Any) -> str:
    """A document as text, numbers of arrays included. The standard library takes several times as long."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY).decode()


@contextmanager
def reading() -> Iterator[None]:
    """Begin transactions that only read: for long computations within what may write. Leave none open on the way in."""
    before, alone_before = may_write.set(False), _statement_by_statement.set(False)
    try:
        yield
    finally:
        may_write.reset(before)
        _statement_by_statement.reset(alone_before)


@contextmanager
def filling() -> Iterator[None]:
    """Begin transactions that write thousands of rows each, one after another.

    On SQLite each row of a list changes a page of an index by itself. With room for the pages of one transaction none
    is written twice within it, and what several transactions change in a page goes to its place once. The log grows to
    130 MB; the first transaction after these empties it.
    """
    before = _filling.set(True)
    try:
        yield
    finally:
        _filling.reset(before)


def _mark_request() -> None:
    only_reads = request.method in SAFE_METHODS
    may_write.set(not only_reads)
    _statement_by_statement.set(only_reads)


def prepare_engine(engine: Engine) -> None:
    """Give an engine the transaction rules."""
    event.listen(engine, "before_cursor_execute", _no_statement_on_read)
    event.listen(engine, "handle_error", _say_overtaken)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    else:
        event.listen(engine, "begin", _on_begin_far)
        event.listen(engine, "checkin", _on_checkin)
        event.listen(engine, "checkout", partial(_on_checkout, engine.dialect))


def _on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    raw: Any = connection
    raw.isolation_level = None  # the driver must not begin transactions of its own
    cursor = raw.cursor()
    for pragma in ("journal_mode=WAL", "busy_timeout=5000", "foreign_keys=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: DatabaseConnection) -> None:
    if connection.info.get("filling", False) is not _filling.get():
        raw: Any = connection.connection.dbapi_connection
        for pragma in FILLING if _filling.get() else USUALLY:
            raw.execute(f"PRAGMA {pragma}")
        connection.info["filling"] = _filling.get()
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if may_write.get() else "BEGIN")
    except OperationalError as error:
        if "locked" not in str(error.orig):
            raise
        raise Busy("Much is being saved just now, and yours is not. Try again in a minute.") from error


def _say_overtaken(context: ExceptionContext) -> None:
    """Say it in the domain's language when PostgreSQL ends one of two that wait for one another: all of it is undone.

    What holds rows does so in one order (`haln.people.changes.hold`), so that it should not come to this.
    """
    if getattr(context.original_exception, "sqlstate", None) in _ENDED_FOR_ANOTHER:
        _log.warning("overtaken by another transaction: %s", context.original_exception)
        raise Overtaken(
            "Somebody else did something with the same at this moment, so yours was not saved. Try again."
        ) from context.original_exception


def _on_begin_far(connection: DatabaseConnection) -> None:
    raw: Any = connection.connection.dbapi_connection
    alone = _statement_by_statement.get() and not may_write.get()
    if raw.autocommit is not alone:
        raw.autocommit = alone


def _on_checkin(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _on_checkout(
    dialect: Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, _held: PoolProxiedConnection
) -> None:
    """Replace a connection that the server has ended, without asking the server each time.

    One that ended lets us know: there is something to read where nobody asked.
    """
    raw: Any = connection
    rests_since = record.info.get("rests_since")
    if rests_since is None:
        return
    if time.monotonic() - rests_since < IDLE_SECONDS and not raw.closed:
        waiting = select.poll()
        waiting.register(raw.fileno(), select.POLLIN)
        if not waiting.poll(0):
            return
    try:
        dialect.do_ping(connection)
    except raw.OperationalError as error:
        raise DisconnectionError("the server has ended this connection") from error


def _no_statement_on_read(
    _connection: object, _cursor: object, _sent: str, _with: object, context: Any, *_: object
) -> None:
    if not may_write.get() and context is not None and (context.isinsert or context.isupdate or context.isdelete):
        raise WriteOnRead("a request that reads has sent a statement that writes")


@event.listens_for(Session, "before_flush")
def _no_flush_on_read(session: Session, *_: object) -> None:
    if not may_write.get() and (session.new or session.dirty or session.deleted):
        raise WriteOnRead("a request that reads has changed rows")
