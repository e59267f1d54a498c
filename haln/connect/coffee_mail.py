"""Mail about coffee rounds: what to write, to whom, once; it is worded when it leaves (`haln.post.coffee_letters`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Mail
from haln.people import mailbox

PAIRED, LEFT, ASKED, MET, PAUSED = "coffee_paired", "coffee_left", "coffee_asked", "coffee_met", "coffee_paused"
AHEAD, OFF = "coffee_ahead", "coffee_off"
KINDS = (PAIRED, LEFT, ASKED, MET, PAUSED, AHEAD, OFF)


def tell(session: Session, kind: str, round_id: int, members: Iterable[int], now: datetime, mark: str = "") -> None:
    """Write to members about a round, each once a kind, round and mark."""
    ids = sorted(set(members))
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        mailbox.put_to_members(
            session,
            kind,
            {member: {"coffee_round_id": round_id} for member in part},
            now,
            dedupe_keys={member: f"{kind}:{round_id}{mark}:{member}" for member in part},
        )


def tell_ahead(
    session: Session, round_id: int, pairs_on: date, version: int, members: Iterable[int], now: datetime
) -> None:
    """Write to those who take part on which day pairs are made; of a day that it comes back to, once more."""
    tell(session, AHEAD, round_id, members, now, f":{pairs_on.isoformat()}:{version}")


def tell_off(session: Session, round_id: int, now: datetime) -> None:
    """Write to those who were told of a day on which pairs would be made that the round is called off."""
    told = select(Mail.member_id).where(
        Mail.kind == AHEAD, Mail.dedupe_key.startswith(f"{AHEAD}:{round_id}:", autoescape=True)
    )
    tell(session, OFF, round_id, [one for one in session.scalars(told) if one is not None], now)


def tell_paired(session: Session, round_id: int, seated: Iterable[int], left: Iterable[int], now: datetime) -> None:
    """Write to those who have somebody to meet, and to those for whom nobody was left."""
    tell(session, PAIRED, round_id, seated, now)
    tell(session, LEFT, round_id, left, now)


def tell_met(session: Session, round_id: int, member: int, other: int, now: datetime) -> None:
    """Write to a member that another said they met, so that the two are connected now."""
    about = {"coffee_round_id": round_id, "coffee_with_id": other}
    key = f"{MET}:{round_id}:{member}:{other}"
    mailbox.put_to_member(session, MET, member, about, now, dedupe_key=key)
