"""People to meet: the best of those who came into the reader's own list, with the reasons that hold now."""

from __future__ import annotations

from sqlalchemy.orm import Session

from haln.connect import suggestions
from haln.post.digest_parts.base import Found, Reader
from haln.post.shared import Shared

MOST, REASONS = 3, 2


def read(session: Session, reader: Reader, _shared: Shared) -> Found | None:
    """Up to three people whom the gate lets the reader see; in the first digest whoever is best."""
    since = None if reader.first else reader.since
    found = suggestions.fresh(session, reader.id, since, reader.until, MOST, reader.now, REASONS)
    return Found(found, len(found)) if found else None
