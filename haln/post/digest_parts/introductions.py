"""Introductions that wait for the reader's answer: a letter's own reason once, then beside what is new."""

from __future__ import annotations

from sqlalchemy.orm import Session

from haln.connect import introduction_lists
from haln.post.digest_parts.base import Found, Reader
from haln.post.shared import Shared

MOST = 5


def read(session: Session, reader: Reader, _shared: Shared) -> Found | None:
    """Up to five of them; what somebody wrote to the reader stays in the page."""
    waiting = introduction_lists.to_answer(session, reader.id, reader.now, MOST)
    found = tuple(one for one in waiting if one.created_at <= reader.until)
    new = sum(reader.is_new(one.created_at) for one in found)
    return Found(found, new) if found else None
