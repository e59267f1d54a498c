"""Who signs in while pages are measured, and who is looked at: always the same members of a network."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import Connection, Member

SIGNED_IN, LOOKED_AT, AMONG = 40, 200, 5_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Ids of the members who sign in, and public ids of those whose pages are asked for."""

    signed_in: list[int]
    looked_at: list[str]


def choose(session: Session) -> Chosen:
    """Draw from those of the first members who are active, listed and connected with somebody."""
    tied = (
        select(Member.id, Member.public_id)
        .where(
            Member.standing == "active",
            Member.listed,
            Member.id.in_(select(Connection.low_id).where(Connection.until.is_(None))),
        )
        .order_by(Member.id)
        .limit(AMONG)
    )
    rows = session.execute(tied).all()
    chance = random.Random(7)
    return Chosen(
        signed_in=[row.id for row in chance.sample(rows, min(SIGNED_IN, len(rows)))],
        looked_at=[row.public_id for row in chance.sample(rows, min(LOOKED_AT, len(rows)))],
    )
