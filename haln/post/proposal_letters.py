"""The letter that tells staff which proposals of events wait for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from haln.learn import event_proposals

KINDS = (event_proposals.KIND,)


def told(session: Session, member_id: int, url: Callable[[str], str], now: datetime) -> dict[str, object] | None:
    """What to say to a member of staff; none when nothing waits any more."""
    found = event_proposals.waiting(session, member_id, now)
    if not found:
        return None
    proposals = [{"proposal": one, "url": url(f"/events/{one.public_id}")} for one in found]
    return {"proposals": proposals, "url": url("/events#asked")}
