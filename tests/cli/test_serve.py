"""The server as `make run` starts it."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from haln.cli.serve import require_free
from tests.live import LiveServer, free_port, serving

PATIENCE = 20


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_is_refused_in_one_sentence(app: Flask, taken_port: int) -> None:
    result = app.test_cli_runner().invoke(args=["haln", "serve", "--port", str(taken_port)])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: Cannot listen on 127.0.0.1:{taken_port}: address already in use.")
    assert len(result.output.splitlines()) == 1


def test_a_free_port_is_not_refused() -> None:
    require_free("127.0.0.1", free_port())


def test_a_database_without_todays_tables_is_refused_in_one_sentence(app: Flask, session: Session) -> None:
    session.execute(text("update alembic_version set version_num = '0001'"))
    session.commit()
    result = app.test_cli_runner().invoke(args=["haln", "serve", "--port", str(free_port())])
    assert result.exit_code == 1
    assert result.output.startswith("Error: The tables are not those of this version.")
    assert len(result.output.splitlines()) == 1


@pytest.fixture
def server(sqlite_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    """A running server on an empty database."""
    with serving(tmp_path) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_worker_ends_with_the_server_however_it_ends(server: LiveServer, how: signal.Signals) -> None:
    children = _children(server)
    assert any("work" in _words(child) for child in children)
    server.process.send_signal(how)
    server.process.wait(timeout=PATIENCE)
    end = time.monotonic() + PATIENCE
    while any(map(_words, children)) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(map(_words, children)), "a process outlived the server"


@pytest.mark.slow
def test_a_worker_that_dies_is_started_again(server: LiveServer) -> None:
    (worker,) = (child for child in _children(server) if "work" in _words(child))
    os.kill(worker, signal.SIGKILL)
    end = time.monotonic() + PATIENCE
    while not (found := _workers(server) - {worker}) and time.monotonic() < end:
        time.sleep(0.2)
    assert len(found) == 1


def _workers(server: LiveServer) -> set[int]:
    """The workers that any of the server's threads has started."""
    listed = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    children = {int(child) for task in listed for child in task.read_text().split()}
    return {child for child in children if "work" in _words(child)}


def _children(server: LiveServer) -> list[int]:
    """The server's own processes, once there are the two it starts."""
    listed = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    end = time.monotonic() + PATIENCE
    while len(listed.read_text().split()) < 2 and time.monotonic() < end:
        time.sleep(0.1)
    return [int(child) for child in listed.read_text().split()]


def _words(process: int) -> list[str]:
    """The command line of a process, empty once it has ended."""
    try:
        return [word for word in Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0") if word]
    except (FileNotFoundError, ProcessLookupError):
        return []
