"""Letters about asking to join a running set: to its facilitator while it is open, to who asked when there is no place.

Who is taken in gets the letter that welcomes everybody who joins (`set_letters`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import LearningSet, Member, SetRequest
from haln.people.visibility import may_see
from haln.post.writing import Draft, Order, Writer

KINDS = ("set_request_asked", "set_request_declined")


def write(writer: Writer, order: Order) -> Draft | None:
    """About asking to join a set: to its facilitator, or to who asked."""
    person = writer.reader(order)
    said = told(writer.session, order.kind, order.values, order.member_id, writer.url)
    if person is None or said is None:
        return None
    note = str(said.get("note", ""))
    return Draft(order.kind, person.email, said, secrets=(note,) if note else ())


def told(
    session: Session, kind: str, about: Mapping[str, Any], member_id: int | None, url: Callable[[str], str]
) -> dict[str, object] | None:
    """What to say to a member; none when there is nothing to say any more, or somebody whom they may not see."""
    row = session.execute(
        select(
            SetRequest.member_id,
            SetRequest.public_id,
            SetRequest.note,
            SetRequest.state,
            LearningSet.facilitator_id,
            LearningSet.name,
            LearningSet.ended_on,
            LearningSet.public_id.label("set_id"),
        )
        .join(LearningSet, LearningSet.id == SetRequest.set_id)
        .where(SetRequest.id == about["set_request_id"])
    ).first()
    if row is None or member_id is None:
        return None
    if kind == "set_request_declined":
        said = {"set_name": row.name, "ended": row.ended_on is not None, "url": url("/learning")}
        return said if row.state == "declined" else None
    name = session.scalar(select(Member.name).where(Member.id == row.member_id, may_see(member_id)))
    if row.state != "open" or row.facilitator_id != member_id or name is None:
        return None
    address = url(f"/sets/{row.set_id}/requests/{row.public_id}")
    return {"set_name": row.name, "other_name": name, "note": row.note, "url": address}
