"""Folders that are made once for all processes of the tests, which copy them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

MADE = "made"


def copy_of(name: str, make: Callable[[Path], None], to: Path, factory: pytest.TempPathFactory) -> Path:
    """Copy a folder, which `make` fills where no process has yet, to one that is not there. Answers where it is.

    Whoever asks while another makes it waits. What is left of a failure is made anew.
    """
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # each process has a folder of its own below one for the whole run
    home = shared / "made-once" / name
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / MADE).exists():
            shutil.rmtree(home / "folder", ignore_errors=True)
            (home / "folder").mkdir()
            make(home / "folder")
            (home / MADE).touch()
    shutil.copytree(home / "folder", to)
    return to
