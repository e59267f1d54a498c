"""Keep the database quick: tell its planner how the rows lie."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def analyse(session: Session) -> None:
    """Count anew what the planner goes by. Worth it after many rows came or went; the caller commits.

    Without counts SQLite takes "active and listed" for a rare thing, and reads every member to find a dozen.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA analysis_limit=1000"))
    session.execute(text("ANALYZE"))
