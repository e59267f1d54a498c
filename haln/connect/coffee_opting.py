"""Coffee rounds: asking to be paired in every round or in the next one, and stopping, until the pairs are made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import pairs
from haln.errors import Conflict, Invalid, NotPermitted
from haln.models import CoffeeOptIn, Member
from haln.people.profiles import OPEN_END
from haln.people.visibility import ACTIVE

EVERY, NEXT, PAUSED, STOPPED = "every", "next", "paused", "stopped"
MODES = (EVERY, NEXT)
WISHES = ("", "sector", "place")
_ONBOARDED = 4


@dataclass(frozen=True, slots=True)
class OptedIn:
    """What a member has asked for, or that they stopped.

    Nobody is paired with who is not `listed` (others may see them), is `away`, or has not `started`: is not through the
    first visit.
    """

    mode: str
    wish: str
    listed: bool
    away: bool
    away_openly: bool
    started: bool


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
        select(CoffeeOptIn.mode, CoffeeOptIn.wish, Member.listed, Member.paused_until, Member.onboarding_step)
        .join(Member, Member.id == CoffeeOptIn.member_id)
        .where(CoffeeOptIn.member_id == actor.member_id)
    ).first()
    if row is None:
        return None
    away = row.paused_until is not None and row.paused_until > today
    away_openly = row.paused_until == OPEN_END
    return OptedIn(row.mode, row.wish, row.listed, away, away_openly, row.onboarding_step >= _ONBOARDED)


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
    """Ask for no more in the name of a member, from a mail of theirs: no mail about rounds either.

    That they stopped is kept, also of who asked for one round that is made already: mail about it is still to come.
    """
    pairs.hold(session)
    member = session.scalar(select(Member.id).where(Member.public_id == member_public_id, Member.standing == ACTIVE))
    if member is None:
        return
    row = session.get(CoffeeOptIn, member)
    if row is None:
        row = CoffeeOptIn(member_id=member, wish="", since=now)
        session.add(row)
    elif row.mode == STOPPED:
        return
    row.mode, row.silent, row.changed_at = STOPPED, 0, now
    session.flush()
    history.record(session, member, "leave_coffee", "member", member, now)


def come_back(session: Session, actor: Actor, now: datetime) -> None:
    """Be paired in every round again, after a pause. Raises Conflict where there is none."""
    pairs.hold(session)
    row = session.get(CoffeeOptIn, actor.member_id)
    if row is None or row.mode != PAUSED:
        raise Conflict("Your coffee rounds are not paused.")
    row.mode, row.silent, row.changed_at = EVERY, 0, now
    history.record(session, actor.member_id, "join_coffee", "member", actor.member_id, now, {"mode": EVERY})
