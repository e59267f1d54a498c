"""Is the profile still right? What suggestions rest on, asked when it is due and at most once a month after that."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from haln.post.digest_parts.base import Found, Reader
from haln.post.shared import Shared

AGAIN = timedelta(days=30)


def read(_session: Session, reader: Reader, _shared: Shared) -> Found | None:
    """The reader's own profile, in the first digest after it is due, and in the first of each month after."""
    asked = (reader.until - reader.confirm_due) // AGAIN
    if asked < 0:
        return None
    if not reader.first and (reader.since - reader.confirm_due) // AGAIN == asked:
        return None
    return Found((reader,), 1)
