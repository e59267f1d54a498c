"""A member's own coffee rounds: whom to meet now, what is asked, whom they met before. Nobody else reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect import coffee_shared
from haln.connect.coffee_meetings import CLOSE_DAYS, is_answerable, mine_of, other_of
from haln.connect.coffee_rounds import CLOSED, MADE
from haln.connect.coffee_ties import MET, NO
from haln.connect.shown_reasons import ShownReason
from haln.models import CoffeePair, CoffeeRound, Connection, Member
from haln.people.seen import PersonLine, people

LISTED = 60


@dataclass(frozen=True, slots=True)
class Meeting:
    """Somebody with whom the member is or was paired. `email` is told while the round lasts, as both agreed to.

    `answerable`: one may still say whether they met.
    """

    round_id: str
    pairs_on: date
    meet_by: date
    person: PersonLine
    said: str
    email: str
    reasons: tuple[ShownReason, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """Whom the member is to meet now, the latest round first, and whom they met before.

    `unseen`: rounds, and the other's public id, that connected the member with somebody whom they cannot see now.
    """

    now: tuple[Meeting, ...]
    past: tuple[Meeting, ...]
    unseen: tuple[tuple[str, str, date], ...]


def meetings(session: Session, actor: Actor, today: date) -> Mine:
    """The member's pairs, the newest first: four queries, however many there are."""
    rows = _rows(session, actor.member_id)
    seen = people(session, actor.member_id, [row.other_id for row in rows])
    unseen = tuple(
        (row.public_id, row.other_public_id, row.pairs_on)
        for row in rows
        if row.other_id not in seen and row.tied and row.said != NO and is_answerable(row.meet_by, today)
    )
    rows = [row for row in rows if row.other_id in seen]
    current = [row for row in rows if lasts(row.state, row.meet_by, today)]
    ids = [row.other_id for row in current]
    emails = addresses(session, ids)
    shared = coffee_shared.reasons(session, [(actor.member_id, other) for other in ids])
    now = tuple(_meeting(row, seen, today, emails, shared.get((actor.member_id, row.other_id), ())) for row in current)
    return Mine(now, tuple(_meeting(row, seen, today, {}, ()) for row in rows if row not in current), unseen)


def lasts(state: str, meet_by: date, today: date) -> bool:
    """Whether a round's people are still to meet, or to say that they did."""
    return state == MADE and (today - meet_by).days <= CLOSE_DAYS


def _rows(session: Session, me: int) -> list[Any]:
    said = case((CoffeePair.low_id == me, CoffeePair.low_answer), else_=CoffeePair.high_answer)
    rows = session.execute(
        select(
            CoffeeRound.public_id,
            CoffeeRound.pairs_on,
            CoffeeRound.meet_by,
            CoffeeRound.state,
            other_of(me).label("other_id"),
            said.label("said"),
            Member.public_id.label("other_public_id"),
            and_(Connection.id.is_not(None), Connection.until.is_(None)).label("tied"),
        )
        .join(CoffeePair, CoffeePair.round_id == CoffeeRound.id)
        .join(Member, Member.id == other_of(me))
        .outerjoin(Connection, Connection.id == CoffeePair.connection_id)
        .where(mine_of(me), CoffeeRound.state.in_((MADE, CLOSED)))
        .order_by(CoffeeRound.made_at.desc(), CoffeeRound.id.desc(), other_of(me))
        .limit(LISTED)
    )
    return list(rows)


def _meeting(
    row: Any, seen: Mapping[int, PersonLine], today: date, emails: Mapping[int, str], shared: tuple[ShownReason, ...]
) -> Meeting:
    email = emails.get(row.other_id, "")
    answerable = is_answerable(row.meet_by, today)
    who = seen[row.other_id]
    return Meeting(row.public_id, row.pairs_on, row.meet_by, who, row.said or "", email, shared, answerable)


def addresses(session: Session, ids: list[int]) -> dict[int, str]:
    """The addresses of people who agreed to give them to those whom they are paired with."""
    if not ids:
        return {}
    rows = session.execute(select(Member.id, Member.email).where(Member.id.in_(ids), Member.email.is_not(None)))
    return {row.id: row.email for row in rows}


def has_met(meeting: Meeting) -> bool:
    """Whether the member said that they met."""
    return meeting.said == MET
