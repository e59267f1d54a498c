"""Everybody's lists are made by one run at a time, on both databases; who is killed holds up nobody."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from haln.connect.one_at_a_time import one_at_a_time
from haln.db import prepare_engine
from haln.errors import Conflict
from haln.models import AlgorithmRun
from tests.builders import the_cast

HOLD = """
import sys, time
from pathlib import Path
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from haln.connect.one_at_a_time import one_at_a_time
from haln.db import prepare_engine
engine = create_engine(sys.argv[1])
prepare_engine(engine)
with one_at_a_time(Session(engine), Path(sys.argv[2])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(database_url: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run of another process."""
    words = [sys.executable, "-c", HOLD, database_url, str(tmp_path)]
    process = subprocess.Popen(words, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_run_is_refused_while_one_is_under_way_and_no_longer(
    stored: Session, other: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    with pytest.raises(Conflict, match="being made already"), one_at_a_time(stored, tmp_path):
        pytest.fail("two at once")
    other.kill()
    other.wait()
    end = time.monotonic() + 20  # the server hears a moment later that somebody is gone
    while True:
        try:
            with one_at_a_time(stored, tmp_path):
                return
        except Conflict:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_runs_come_one_after_the_other(stored: Session, tmp_path: Path) -> None:
    for _ in range(2):
        with one_at_a_time(stored, tmp_path), pytest.raises(Conflict), one_at_a_time(stored, tmp_path):
            pytest.fail("two at once")


def test_a_run_that_fails_holds_up_nobody(stored: Session, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="broken"), one_at_a_time(stored, tmp_path):
        raise RuntimeError("broken")
    with one_at_a_time(stored, tmp_path):
        pass


@pytest.mark.postgres
def test_a_run_keeps_no_transaction_open_and_what_it_read_from_the_pool_is_free_again(postgres_url: str) -> None:
    engine = create_engine(postgres_url, pool_size=1, max_overflow=1)
    prepare_engine(engine)
    said = "select state from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    with Session(engine) as session:
        with one_at_a_time(session, Path("nowhere")):
            assert session.connection().exec_driver_sql(said).scalars().all() == ["idle"]
        session.rollback()
        with one_at_a_time(session, Path("nowhere")):
            pass
    engine.dispose()


def test_the_command_says_in_a_sentence_that_another_is_under_way_and_does_nothing(
    app: Flask, session: Session
) -> None:
    the_cast(session)
    session.commit()
    with app.extensions["haln_refresher"].alone(session):
        done = app.test_cli_runner().invoke(args=["haln", "suggestions", "refresh"])
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
    assert done.output.startswith("Error: Everybody's suggestions are being made already")
    assert session.scalar(select(func.count(AlgorithmRun.id))) == 0
    done = app.test_cli_runner().invoke(args=["haln", "suggestions", "refresh"])
    assert done.exit_code == 0, done.output
