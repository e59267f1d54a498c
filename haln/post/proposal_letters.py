"""The letter that tells staff which proposals of events wait for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from haln.learn import event_proposals
from haln.post import unsubscribing
from haln.post.writing import Draft, Order, Writer

KINDS = (event_proposals.KIND,)


def write(writer: Writer, order: Order) -> Draft | None:
    """About proposals of events that wait: to staff."""
    person = writer.reader(order)
    if person is None or not person.proposal_mail:
        return None
    said = told(writer.session, person.id, writer.url, writer.now)
    return Draft(order.kind, person.email, said, unsubscribing.PROPOSALS, person.public_id) if said else None


def told(session: Session, member_id: int, url: Callable[[str], str], now: datetime) -> dict[str, object] | None:
    """What to say to a member of staff; none when nothing waits any more."""
    found = event_proposals.waiting(session, member_id, now)
    if not found:
        return None
    proposals = [{"proposal": one, "url": url(f"/events/{one.public_id}")} for one in found]
    return {"proposals": proposals, "url": url("/events#asked")}
