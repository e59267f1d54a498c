"""A real server for the tests: `flask haln serve`, as `make run` starts it, on a port and a database of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

from sqlalchemy.orm import Session

from haln.app import create_app
from haln.db import db, may_write

ROOT = Path(__file__).resolve().parent.parent
HALN = (sys.executable, "-m", "flask", "--app", "wsgi", "haln")
START_SECONDS = 300
MONTHS, SEED = 12, 7
PORTS = range(20_000, 32_768)
"""Below those that Linux takes for connections: whoever asks for any port gets none of these."""


@dataclass(frozen=True, slots=True)
class LiveServer:
    """A running server. Mail that its worker sends is written below `instance`."""

    url: str
    instance: Path
    process: subprocess.Popen[bytes]

    def run(self, *words: str) -> str:
        """Run `flask haln …` on the server's database and answer what it prints."""
        return run(self.instance, *words)


def run(instance: Path, *words: str) -> str:
    """Run `flask haln …` on an instance folder and answer what it prints."""
    result = subprocess.run(
        [*HALN, *words], cwd=ROOT, env=_environment(instance), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise RuntimeError(f"flask haln {' '.join(words)} failed:\n{result.stderr}")
    return result.stdout


@contextlib.contextmanager
def serving(instance: Path, members: int = 0) -> Iterator[LiveServer]:
    """Serve an instance folder, which has a database, until the end of the block; or make a demonstration there."""
    port = free_port()
    words = ["serve", f"--port={port}"]
    if members:
        words += ["--demonstration", f"--members={members}", f"--months={MONTHS}", f"--seed={SEED}"]
    log = instance / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*HALN, *words], cwd=ROOT, env=_environment(instance), stdout=file, stderr=subprocess.STDOUT
        )
    server = LiveServer(f"http://127.0.0.1:{port}", instance, process)
    try:
        _await(server, log)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=START_SECONDS)


def _environment(instance: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("HALN_")}
    return {**own, "HALN_INSTANCE": str(instance), "HALN_LOG_LEVEL": "WARNING", "HALN_WORKERS": "1"}


@contextlib.contextmanager
def database(server: LiveServer) -> Iterator[Session]:
    """The running server's database."""
    app = create_app({"INSTANCE": str(server.instance)}, environ={})
    with app.app_context():
        may_write.set(True)
        yield db.session()
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def free_port() -> int:
    """A port on which nothing listens now, and which the system gives nobody by itself until it is used.

    A server that makes a demonstration first listens half a minute later.
    """
    for port in SystemRandom().sample(PORTS, 100):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def _await(server: LiveServer, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.process.poll() is None:
        try:
            urllib.request.urlopen(f"{server.url}/health", timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')}")
