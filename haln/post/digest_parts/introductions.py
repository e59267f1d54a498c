"""Introductions that wait for the reader's answer: a letter's own reason once, then beside what is new."""

from __future__ import annotations

from sqlalchemy.orm import Session

from haln.connect import introduction_lists
from haln.post.digest_parts.base import Found, Reader
from haln.post.shared import Shared

MOST = 5


def read(session: Session, reader: Reader, _shared: Shared) -> Found | None:
    """Up to five of them; what somebody wrote to the reader stays in the page."""
    found = introduction_lists.to_answer(session, reader.id, reader.now, MOST)
    new = sum(one.created_at > reader.since for one in found)
    return Found(found, new) if found else None
