"""PostgreSQL: a request that only reads sends its queries and nothing round them, and lost connections are replaced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import select, text, update

from haln import db as database
from haln.app import create_app
from haln.db import WriteOnRead, db, may_write
from haln.errors import Overtaken
from haln.models import Counter
from haln.people import reading
from tests.postgres import plain_url

pytestmark = pytest.mark.postgres


@pytest.fixture
def far(postgres_url: str, tmp_path: Path) -> Iterator[Flask]:
    made = create_app(
        {"ENVIRONMENT": "test", "INSTANCE": str(tmp_path), "DATABASE_URL": postgres_url, "SECRET_KEY": "for tests"},
        environ={},
    )
    yield made
    may_write.set(True)
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def request(app: Flask, method: str) -> Iterator[None]:
    with app.test_request_context("/", method=method):
        database._mark_request()
        yield


def status() -> TransactionStatus:
    """What the connection is in the middle of after a query."""
    db.session.execute(select(Counter.value))
    raw: Any = db.session.connection().connection.dbapi_connection
    return TransactionStatus(raw.info.transaction_status)


def test_only_what_may_write_has_a_transaction(far: Flask) -> None:
    for method, expected in (
        ("GET", TransactionStatus.IDLE),
        ("POST", TransactionStatus.INTRANS),
        ("GET", TransactionStatus.IDLE),
    ):
        with request(far, method):
            assert status() is expected, method


def test_a_job_that_only_reads_has_one_for_its_streams(far: Flask) -> None:
    with far.app_context(), database.reading():
        assert status() is TransactionStatus.INTRANS
    with request(far, "POST"), database.reading():
        assert status() is TransactionStatus.INTRANS


def test_what_is_not_committed_is_not_kept(far: Flask) -> None:
    with request(far, "POST"):
        db.session.add(Counter(name="visits", value=1))
        db.session.flush()
    with request(far, "GET"):
        assert db.session.scalars(select(Counter.name).where(Counter.name == "visits")).all() == []


def test_a_read_cannot_write_past_the_session_either(far: Flask) -> None:
    with request(far, "GET"), pytest.raises(WriteOnRead):
        reading.rows(db.session(), update(Counter).values(value=1), {})


def end_all_connections(app: Flask) -> None:
    """Wait until each has ended, too: the server only promises it at first."""
    with psycopg.connect(plain_url(str(app.config["DATABASE_URL"])), autocommit=True) as other:
        ended = other.execute(
            "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert ended and all(done for (done,) in ended)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_the_server_ended_is_replaced(far: Flask, method: str) -> None:
    for _ in range(2):
        with request(far, method):
            status()
        end_all_connections(far)
    with request(far, method):
        assert db.session.scalar(text("SELECT 1")) == 1


def test_one_that_rested_long_is_asked(far: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    with far.app_context():
        dialect = db.engine.dialect
    ping = dialect.do_ping
    monkeypatch.setattr(dialect, "do_ping", lambda connection: asked.append(1) or ping(connection))
    for seconds, expected in ((database.IDLE_SECONDS, 0), (0, 1)):
        monkeypatch.setattr(database, "IDLE_SECONDS", seconds)
        for _ in range(2):
            with request(far, "GET"):
                status()
        assert bool(asked) is bool(expected)


@pytest.mark.parametrize("name", ["40P01", "40001"])
def test_whom_the_database_ends_for_another_is_told_so(far: Flask, name: str) -> None:
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'two wait for one another' USING ERRCODE = '{name}'; END $$"
    with request(far, "POST"):
        with pytest.raises(Overtaken):
            db.session.execute(text(raised))
        db.session.rollback()
        assert db.session.scalar(select(1)) == 1
