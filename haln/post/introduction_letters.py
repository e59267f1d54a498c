"""Letters about introductions: that one is asked for or made, accepted, or has lapsed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from haln.models import Introduction
from haln.people.visibility import visible_ids
from haln.post import unsubscribing
from haln.post.writing import Draft, Order, Writer

CALLS = frozenset({"introduction_asked", "introduction_woven"})
"""Kinds that ask for an answer: not sent when there is nothing to answer any more."""

KINDS = (*sorted(CALLS), "introduction_accepted", "introduction_lapsed")


def write(writer: Writer, order: Order) -> Draft | None:
    """About an introduction: only while the reader wants such mail and may see everybody whom it names."""
    person = writer.reader(order)
    row = _introduction(writer, order.values["introduction_id"])
    if person is None or not person.introduction_mail or row is None:
        return None
    if order.kind in CALLS and (row.state != "open" or row.expires_at <= writer.now):
        return None
    other = writer.by_id(row.asked_id if row.asker_id == person.id else row.asker_id)
    weaver = writer.by_id(row.weaver_id) if row.weaver_id else None
    named = {found.id for found in (other, weaver) if found is not None}
    if other is None or visible_ids(writer.session, person.id, named) != named:
        return None
    note = row.note if order.kind in CALLS else ""
    values = {"other_name": other.name, "weaver_name": weaver.name if weaver else "", "note": note}
    values["url"] = writer.url(str(order.values["path"]))
    secrets = (note,) if note else ()
    return Draft(order.kind, person.email, values, unsubscribing.INTRODUCTIONS, person.public_id, secrets)


def _introduction(writer: Writer, introduction_id: int) -> Any:
    """The introduction with this number, as it is in the database now; none when there is none."""
    row = Introduction
    columns = (row.asker_id, row.asked_id, row.weaver_id, row.note, row.state, row.expires_at)
    return writer.session.execute(select(*columns).where(row.id == introduction_id)).first()
