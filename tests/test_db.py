"""The transaction rules: what many write at once is kept, and what reads cannot write."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from haln import db as database
from haln.db import WriteOnRead, db, may_write
from haln.models import Counter, Member, MemberTheme
from tests.builders import Cast

THREADS, EACH = 6, 20


def add_one(app: Flask) -> None:
    """Read a number, think, write it back one higher: what a request does."""
    with app.app_context():
        counter = db.session.execute(select(Counter).where(Counter.name == "visits")).scalar_one()
        counter.value = counter.value + 1
        db.session.commit()


def visits_after_all(app: Flask) -> int:
    with app.app_context():
        db.session.add(Counter(name="visits", value=0))
        db.session.commit()

    def run() -> None:
        may_write.set(True)
        for _ in range(EACH):
            with contextlib.suppress(OperationalError):  # without the cure some are refused, too
                add_one(app)

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(run) for _ in range(THREADS)]:
            done.result()
    with app.app_context():
        return db.session.execute(select(Counter.value).where(Counter.name == "visits")).scalar_one()


def test_every_concurrent_addition_is_kept(app: Flask) -> None:
    assert visits_after_all(app) == THREADS * EACH


def test_additions_are_lost_when_writers_begin_like_readers(app: Flask) -> None:
    with app.app_context():
        event.remove(db.engine, "begin", database._on_begin)
        event.listen(db.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    assert visits_after_all(app) < THREADS * EACH


def test_what_fills_the_database_has_room_and_what_comes_after_has_no_more_than_usual(app: Flask) -> None:
    def settled() -> tuple[int, int]:
        held = db.session.connection()
        found = [held.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("cache_size", "wal_autocheckpoint")]
        db.session.rollback()
        return found[0], found[1]

    with app.app_context():
        before = settled()
        assert before == (-2000, 1000)  # what SQLite has by itself
        with database.filling():
            assert settled() == (-65536, 32000)
        assert settled() == before


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 5000), ("synchronous", 1)]
)
def test_each_connection_has_the_settings(session: Session, pragma: str, value: object) -> None:
    assert session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_child_without_its_parent_is_refused(session: Session) -> None:
    session.add(MemberTheme(member_id=4711, theme="food", interest=True))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_request_that_reads_cannot_change_a_row(session: Session, cast: Cast) -> None:
    member = session.get_one(Member, cast.ada)
    may_write.set(False)
    member.name = "Changed"
    try:
        with pytest.raises(WriteOnRead):
            session.flush()
    finally:
        may_write.set(True)


def test_a_request_that_reads_cannot_send_a_writing_statement(session: Session, cast: Cast) -> None:
    may_write.set(False)
    try:
        with pytest.raises(WriteOnRead):
            session.execute(update(Member).where(Member.id == cast.ada).values(name="Changed"))
    finally:
        may_write.set(True)
