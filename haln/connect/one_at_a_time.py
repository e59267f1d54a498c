"""Everybody's lists are made by one run at a time, on whichever machine; a run that was killed holds up nobody."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from haln.errors import Conflict

FILE = ".refreshing"
_NUMBER = 0x48414C52
"""The number of the lock in a PostgreSQL database; that of restoring is another."""


@contextmanager
def one_at_a_time(session: Session, folder: Path) -> Iterator[None]:
    """Keep every other run over everybody out until the block ends. Raises Conflict where one is under way.

    Two at once would take each other for a run that stopped, go on with it, and write the same lists twice. The lock
    goes with whoever holds it, however they end: on PostgreSQL it is the connection's, elsewhere the open file's.
    """
    engine = session.get_bind().engine
    with _in_database(engine) if engine.dialect.name == "postgresql" else _in_folder(folder) as free:
        if not free:
            raise Conflict("Everybody's suggestions are being made already, by another run. Nothing was done.")
        yield


@contextmanager
def _in_database(engine: Engine) -> Iterator[bool]:
    with engine.connect() as connection:
        free = bool(connection.scalar(select(func.pg_try_advisory_lock(_NUMBER))))
        connection.commit()  # it is held without a transaction, which would keep the server from cleaning up
        try:
            yield free
        finally:
            if free:
                with suppress(DBAPIError):  # the connection is gone, and the lock with it
                    connection.execute(select(func.pg_advisory_unlock(_NUMBER)))
                    connection.commit()


@contextmanager
def _in_folder(folder: Path) -> Iterator[bool]:
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
