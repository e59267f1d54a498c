"""What every command shares: the database session, the moment, and a bar for long work."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
from flask import current_app

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


def session() -> Session:
    """The database session of this command."""
    return cast("Session", current_app.extensions["sqlalchemy"].session)


def now() -> datetime:
    """The moment, aware UTC."""
    return datetime.now(UTC)


@contextmanager
def reading() -> Iterator[None]:
    """What is worked out within keeps nobody from saving. Leave nothing unsaved on the way in."""
    session().rollback()
    with current_app.extensions["haln_reading"]():
        try:
            yield
        finally:
            session().rollback()


def write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file; where that cannot be, say so in a sentence. `private`: whoever runs this alone may read it."""
    try:
        if private:
            _write_privately(path, content)
        else:
            path.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{path} could not be written: {error.strerror}.") from error


def _write_privately(path: Path, content: bytes) -> None:
    """Under another name first: what stands under this one may be open to others, and keeps who may read it."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def bar(label: str) -> Iterator[Progress]:
    """A progress bar on standard error, shown when it is a terminal; otherwise one line at the end."""
    done = 0
    shown: Any
    with click.progressbar(length=1, label=label, file=sys.stderr) as shown:

        def report(count: int, total: int) -> None:
            nonlocal done
            shown.length = max(total, 1)
            shown.update(count - done)
            done = count

        yield report
