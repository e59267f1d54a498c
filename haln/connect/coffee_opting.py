"""Coffee rounds: asking to be paired in every round or in the next one, and stopping, until the pairs are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import pairs
from haln.errors import Conflict, Invalid, NotPermitted
from haln.models import CoffeeOptIn, Member
from haln.people.visibility import ACTIVE

EVERY, NEXT, PAUSED = "every", "next", "paused"
MODES = (EVERY, NEXT)
WISHES = ("", "sector", "place")
_ONBOARDED = 4


@dataclass(frozen=True, slots=True)
class OptedIn:
    """What a member has asked for; `listed`: others may see them, without which nobody is paired with them."""

    mode: str
    wish: str
    listed: bool
    away: bool


def may_be_paired(today: date) -> ColumnElement[bool]:
    """Whether a row of Member may meet others now: there, listed, through the first visit, not paused.

    Who does not want to be suggested may still ask for coffee: it is they who ask.
    """
    return and_(
        Member.standing == ACTIVE,
        Member.listed,
        Member.onboarding_step >= _ONBOARDED,
        or_(Member.paused_until.is_(None), Member.paused_until <= today),
    )


def mine(session: Session, actor: Actor, today: date) -> OptedIn | None:
    """What the actor has asked for; none where nothing."""
    row = session.execute(
        select(CoffeeOptIn.mode, CoffeeOptIn.wish, Member.listed, Member.paused_until)
        .join(Member, Member.id == CoffeeOptIn.member_id)
        .where(CoffeeOptIn.member_id == actor.member_id)
    ).first()
    if row is None:
        return None
    return OptedIn(row.mode, row.wish, row.listed, row.paused_until is not None and row.paused_until > today)


def opt_in(session: Session, actor: Actor, mode: str, wish: str, now: datetime) -> None:
    """Ask to be paired; asking again changes how. Raises Invalid, and NotPermitted while the actor hides."""
    if mode not in MODES:
        raise Invalid("Choose for how long.", {"mode": "Choose for how long."})
    if wish not in WISHES:
        raise Invalid("Choose whom you would like to meet.", {"wish": "Choose whom you would like to meet."})
    pairs.hold(session)
    if not session.scalar(select(Member.listed).where(Member.id == actor.member_id)):
        raise NotPermitted("You are hidden from the network. Let members find you before you ask somebody.")
    row = session.get(CoffeeOptIn, actor.member_id)
    if row is None:
        row = CoffeeOptIn(member_id=actor.member_id, since=now)
        session.add(row)
    row.mode, row.wish, row.silent, row.changed_at = mode, wish, 0, now
    session.flush()
    history.record(session, actor.member_id, "join_coffee", "member", actor.member_id, now, {"mode": mode})


def opt_out(session: Session, actor: Actor, now: datetime) -> None:
    """Ask for no more; pairs that are made already stay. Doing it twice is once."""
    stop(session, actor.public_id, now)


def stop(session: Session, member_public_id: str, now: datetime) -> None:
    """Ask for no more in the name of a member, from a mail of theirs."""
    pairs.hold(session)
    member = session.scalar(select(Member.id).where(Member.public_id == member_public_id))
    gone = session.execute(
        delete(CoffeeOptIn).where(CoffeeOptIn.member_id == member).returning(CoffeeOptIn.member_id),
        execution_options={"synchronize_session": "fetch"},
    ).scalar()
    if gone is not None:
        history.record(session, gone, "leave_coffee", "member", gone, now)


def come_back(session: Session, actor: Actor, now: datetime) -> None:
    """Be paired in every round again, after a pause. Raises Conflict where there is none."""
    pairs.hold(session)
    row = session.get(CoffeeOptIn, actor.member_id)
    if row is None or row.mode != PAUSED:
        raise Conflict("Your coffee rounds are not paused.")
    row.mode, row.silent, row.changed_at = EVERY, 0, now
    history.record(session, actor.member_id, "join_coffee", "member", actor.member_id, now, {"mode": EVERY})
