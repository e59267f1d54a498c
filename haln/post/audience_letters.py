"""The letter about what somebody may do in the network now, where staff changed it."""

from __future__ import annotations

from sqlalchemy import select

from haln.models import Member
from haln.post.writing import Draft, Order, Writer

KINDS = ("audience_changed",)
"""It cannot be stopped: who gets to run something for others, or no longer does, is told."""


def write(writer: Writer, order: Order) -> Draft | None:
    """To whoever it is about, while it is still so."""
    person, audience = writer.reader(order), order.values["audience"]
    now = writer.session.scalar(select(Member.audience).where(Member.id == order.member_id))
    if person is None or now != audience:
        return None
    path = {"facilitator": "/cohorts", "staff": "/network"}.get(str(audience), "/suggestions")
    return Draft(order.kind, person.email, {"audience": audience, "url": writer.url(path)})
