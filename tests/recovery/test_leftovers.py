"""What killed runs leave is gone after the next one; what a living one makes is let be."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from haln.recovery import leftovers, postgres_store, taking
from tests.builders import NOW
from tests.recovery.places import everything
from tests.recovery.test_foreign import say

pytestmark = pytest.mark.slow

KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from haln.recovery import archive, sqlite_store, taking
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3] == "end": archive.Writing.end = die
else: sqlite_store.look = sqlite_store.examine = die
path = Path(sys.argv[2])
if sys.argv[3] == "verify": taking.verify(path, path.parent)
else: taking.take(sys.argv[1], path, datetime.now(UTC), overwrite=True)
"""


def hidden(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(".")]


def age(folder: Path) -> None:
    long_ago = time.time() - 2 * leftovers.YOUNG
    for path in hidden(folder):
        os.utime(path, (long_ago, long_ago))


def _wait_until_nobody_restores(url: str) -> None:
    """PostgreSQL gives a lock back after it has heard that its holder hung up, and not before they have."""
    here = "(SELECT oid FROM pg_database WHERE datname = current_database())"
    until = time.monotonic() + 10
    with postgres_store.snapshot(url) as found:
        while found.execute(f"SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = {here}").fetchone():
            assert time.monotonic() < until, "a restore that has ended still keeps others out"
            time.sleep(0.01)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_copies_of_killed_runs_are_deleted_by_the_next(kind: str, network: str, tmp_path: Path) -> None:
    path = tmp_path / "one.backup"
    taking.take(network, path, NOW)
    for point in ("copy", "end", "verify"):
        done = subprocess.run([sys.executable, "-c", KILLED, network, path, point], check=False, cwd=Path.cwd())
        assert done.returncode == -9
    assert len(hidden(tmp_path)) == 4  # of the second its part and its copy... are one each
    (tmp_path / ".notes.part").write_text("mine")
    (tmp_path / ".notes.abcdef01.part").write_text("mine")
    age(tmp_path)
    with leftovers.place(tmp_path, leftovers.BACKING_UP) as living:
        age(tmp_path)
        taking.verify(path, tmp_path)
        assert sorted(hidden(tmp_path)) == sorted([living, tmp_path / ".notes.part", tmp_path / ".notes.abcdef01.part"])


def test_what_a_killed_restore_left_goes_with_the_next_backup(network: str, tmp_path: Path) -> None:
    if network.startswith("sqlite"):
        ready = taking.file_of(network).with_name("haln.sqlite.restoring")
        ready.write_bytes(b"everybody")
        with leftovers.held(ready.parent):
            taking.take(network, tmp_path / "one.backup", NOW)
            assert ready.exists()
        taking.take(network, tmp_path / "two.backup", NOW)
        assert not ready.exists()
        return
    say(network, "CREATE SCHEMA haln_restoring", "CREATE TABLE haln_restoring.member (id INTEGER)")
    there = everything(network)
    with postgres_store.alone(network) as held:
        taking.sweep(network, tmp_path)
        assert held.execute("SELECT to_regclass('haln_restoring.member')").fetchone() != (None,)
    _wait_until_nobody_restores(network)
    taking.take(network, tmp_path / "one.backup", NOW)
    with postgres_store.snapshot(network) as found:
        assert found.execute("SELECT to_regclass('haln_restoring.member')").fetchone() == (None,)
    assert everything(network) == there
