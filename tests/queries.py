"""How many queries a page asks."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import event

from haln.db import db


def queries_of(browser: FlaskClient, path: str) -> int:
    """Get a page, and count what it asked of the database."""
    return queries_when(lambda: browser.get(path))


def queries_when(act: Callable[[], object]) -> int:
    """Do something, and count what it asked of the database."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", note)
    act()
    event.remove(db.engine, "before_cursor_execute", note)
    return count
