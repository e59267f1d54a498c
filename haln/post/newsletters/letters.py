"""Letters of the newsletter: an issue to who asked for it, and a test of one to who writes it.

What an issue says is the same for all who read one language: it is worded once for a batch of letters, and each gets
its own link to stop. Whether it may still go to somebody is asked for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Newsletter
from haln.post import unsubscribing
from haln.post.newsletters import contents
from haln.post.newsletters.contents import Piece
from haln.post.shared import Shared
from haln.post.writing import Draft, Order, Url, Writer

ISSUE, TEST = "newsletter", "newsletter_test"
KINDS = (ISSUE, TEST)
LEAVING = ("sending", "sent")
"""States in which letters of an issue leave; once it is stopped, none does."""


def write(writer: Writer, order: Order) -> Draft | None:
    """An issue of the newsletter: to who asked for it and still wants it; a test of one to who writes it."""
    person, desk = writer.reader(order), writer.desk
    if person is None or (order.kind == ISSUE and not person.news):
        return None
    said = told(writer.session, order.kind, order.values, desk.shared, writer.url, writer.now)
    if said is None:
        return None
    # By the moment of its content: held with its own minute, words could be of a content that is older than one.
    alike = f"{order.kind} {order.values['newsletter_id']} of {said['read_at']} in {order.language}"
    return Draft("newsletter", person.email, said, unsubscribing.NEWS, person.public_id, alike=alike)


def told(
    session: Session, kind: str, about: Mapping[str, Any], shared: Shared, url: Url, now: datetime
) -> Mapping[str, object] | None:
    """What an issue says now; none when it leaves no more, or nothing is left of it."""
    number = about["newsletter_id"]
    state = session.scalar(select(Newsletter.state).where(Newsletter.id == number))
    if state is None or (kind == ISSUE and state not in LEAVING):
        return None
    return shared.once(f"{kind} {number}", now, lambda: _content(session, kind, number, url, now))


def _content(session: Session, kind: str, number: int, url: Url, now: datetime) -> Mapping[str, object] | None:
    row = session.execute(
        select(Newsletter.public_id, Newsletter.subject, Newsletter.blocks).where(Newsletter.id == number)
    ).one()
    shown = readable(contents.pieces(session, row.blocks, now), url)
    if not shown:
        return None
    values = {"title": row.subject, "pieces": shown, "test": kind == TEST, "read_at": now}
    return {**values, "url": url(f"/news/{row.public_id}")}


def readable(pieces: list[Piece], url: Url) -> list[Piece]:
    """The pieces that are left, each with the whole address of where it leads."""
    return [replace(one, link=url(one.path) if one.path else one.link) for one in pieces if not one.gone]
