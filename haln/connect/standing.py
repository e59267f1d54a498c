"""How a member stands with another one whose page they look at: asked, to be answered, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from haln.connect.introduction_state import between
from haln.models import Identity, Introduction
from haln.people import reading

WAITING, TO_ANSWER = "waiting", "to_answer"


@dataclass(frozen=True, slots=True)
class Standing:
    """An open introduction: `state` is waiting (for the other) or to_answer (by the member)."""

    state: str
    introduction: str
    note: str
    expires_at: datetime
    own: bool = False  # the member asked for it, and may take it back


_MEMBER, _OTHER = bindparam("member", type_=Identity), bindparam("other", type_=Identity)
_BETWEEN = (
    select(
        Introduction.public_id,
        Introduction.note,
        Introduction.expires_at,
        Introduction.state,
        Introduction.kind,
        Introduction.asker_id,
        case((Introduction.asker_id == _MEMBER, Introduction.asker_answer), else_=Introduction.asked_answer).label(
            "own"
        ),
    )
    .where(between(_MEMBER, _OTHER))
    .order_by(Introduction.id.desc())
)


def standing(session: Session, member_id: int, other_id: int, now: datetime) -> Standing | None:
    """The open introduction between two, as the first of them may know it; none after their own no."""
    rows = reading.rows(session, _BETWEEN, {"member": member_id, "other": other_id}).all()
    # Asked in the database, "open" would make SQLite without statistics read all open introductions.
    waiting = [row for row in rows if row.state == "open" and row.expires_at > now]
    for state, answer in ((TO_ANSWER, None), (WAITING, "yes")):
        for row in waiting:
            if row.own == answer:
                own = row.kind == "asked" and row.asker_id == member_id
                return Standing(state, row.public_id, row.note, row.expires_at, own)
    return None
