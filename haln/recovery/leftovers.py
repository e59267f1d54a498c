"""What a run that was killed left: whole copies of everybody's data, which nobody may find in a year.

A run holds a lock on all that it makes for itself; what has none any more was left. The lock goes with the process,
however that ends. What is younger than a minute is let be: its maker may be about to lock it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BACKING_UP, VERIFYING = ".haln-backup-", ".haln-verify-"
_PART = re.compile(r"\..+\.[0-9a-f]{8}\.part")
_ZIP = b"PK\x03\x04"
YOUNG = 60.0
"""Seconds."""


@contextmanager
def place(folder: Path, prefix: str) -> Iterator[Path]:
    """A folder within another, for its owner alone, which is gone after the block."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder) as made, held(Path(made)):
        yield Path(made)


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Lock a file or folder for the block. Yields whether that could be done."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield lock(descriptor)
    finally:
        os.close(descriptor)


def lock(descriptor: int) -> bool:
    """Lock an open file until it is closed. Returns whether that could be done."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def sweep(folder: Path) -> None:
    """Delete what earlier runs left in a folder, if there is one."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        with suppress(OSError):
            if not _of_ours(path) or time.time() - path.lstat().st_mtime < YOUNG:
                continue
            with held(path) as left:
                if left and path.is_dir():
                    shutil.rmtree(path)
                elif left:
                    path.unlink()


def _of_ours(path: Path) -> bool:
    if path.is_symlink():
        return False
    if path.name.startswith((BACKING_UP, VERIFYING)):
        return True
    if not _PART.fullmatch(path.name) or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_ZIP)) in (b"", _ZIP)
