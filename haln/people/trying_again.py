"""Writing that gives way to others a few times before it gives up: for runs that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from haln.errors import Busy, Overtaken

TRIES = 5
"""So often something is written before the run gives way to others."""

Written = TypeVar("Written")


def commit(session: Session, write: Callable[[], Written]) -> Written:
    """Write and commit; again where others were in the way. Raises Overtaken or Busy where they always were.

    PostgreSQL ends one of two that wait for one another; on SQLite somebody may be saving for long. A night is not to
    end with that. `write` begins anew each time: nothing of the time before was kept.
    """

    def once() -> Written:
        written = write()
        session.commit()
        return written

    for _ in range(TRIES - 1):
        try:
            return once()
        except (Overtaken, Busy):
            session.rollback()
    return once()
