"""The letter to both of two members that staff have ended their connection by a correction.

Why they did is kept in the record, for staff: the letter does not say.
"""

from __future__ import annotations

from sqlalchemy import exists, select

from haln.connect.corrections import ENDED
from haln.models import Connection
from haln.people.visibility import visible_ids
from haln.post import unsubscribing
from haln.post.writing import Draft, Order, Writer

KINDS = (ENDED,)


def write(writer: Writer, order: Order) -> Draft | None:
    """To one of the two, while they want such mail, may see the other, and are not connected again."""
    person = writer.reader(order)
    row = writer.session.get(Connection, order.values["connection_id"], populate_existing=True)
    if person is None or not person.introduction_mail or row is None or person.id not in (row.low_id, row.high_id):
        return None
    pair = Connection.low_id == row.low_id, Connection.high_id == row.high_id
    if writer.session.scalar(select(exists().where(*pair, Connection.until.is_(None)))):
        return None
    other = writer.by_id(row.high_id if row.low_id == person.id else row.low_id)
    if other is None or not visible_ids(writer.session, person.id, [other.id]):
        return None
    values = {"other_name": other.name, "url": writer.url("/connections")}
    return Draft(order.kind, person.email, values, unsubscribing.INTRODUCTIONS, person.public_id)
