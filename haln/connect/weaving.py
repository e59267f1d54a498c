"""Introductions that a third member, the weaver, proposes: both must say yes, and a "no" is silent to everybody."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor, Audience
from haln.connect import pairs
from haln.connect.introduction_mail import tell
from haln.connect.introduction_state import WOVEN, between, is_open
from haln.connect.introductions import Rules, checked_note, count_one
from haln.errors import Conflict, Invalid, NotFound, TooMany
from haln.models import Block, Connection, Introduction, Member
from haln.people import changes, visibility
from haln.people.seen import PersonLine, lines
from haln.people.tokens import public_id

FOUND = 20


def weave(session: Session, actor: Actor, one: str, other: str, note: str, rules: Rules, now: datetime) -> None:
    """Introduce two members, given by their public ids, to each other, with a sentence why.

    Whether they have blocked each other, or are connected where the weaver may not know it, the weaver is not told:
    the introduction is written and reaches nobody. Raises NotFound for somebody the weaver may not see, Conflict where
    they are known to be connected or introduced by the weaver, Invalid without a sentence, TooMany at the limit.
    """
    note = checked_note(note)
    if not note:
        problem = "Say in a sentence why the two should meet."
        raise Invalid(problem, {"note": problem})
    pairs.hold(session)
    first, second = (pairs.party(session, actor.member_id, person) for person in (one, other))
    if first.id == second.id:
        raise Invalid("Choose two different people.", {"other": "Choose somebody else."})
    _check(session, actor, first, second, rules, now)
    if actor.audience is Audience.MEMBER:
        count_one(session, actor.member_id, now)
    row = Introduction(
        public_id=public_id(),
        kind=WOVEN,
        asker_id=first.id,
        asked_id=second.id,
        weaver_id=actor.member_id,
        note=note,
        source="weaver",
        state="open",
        created_at=now,
        expires_at=now + timedelta(days=rules.days),
    )
    session.add(row)
    session.flush()
    history.record(session, actor.member_id, "weave_introduction", "introduction", row.id, now)
    if _reaches(session, first.id, second.id):
        pairs.unlist(session, first.id, second.id, now)
        changes.ask_refresh(session, (first.id, second.id), now)
        for person, their in ((first, second), (second, first)):
            values: dict[str, object] = {
                "other_name": their.name,
                "weaver_name": actor.name,
                "note": note,
                "path": "/introductions",
            }
            tell(session, "introduction_woven", row.id, person.id, values, now)


def _check(
    session: Session, actor: Actor, first: pairs.Party, second: pairs.Party, rules: Rules, now: datetime
) -> None:
    names = {"one": first.name, "other": second.name}
    known = session.scalar(
        select(func.count(Member.id)).where(
            Member.id.in_((first.id, second.id)), visibility.shows(Member.show_connections, actor.member_id)
        )
    )
    if known == 2 and pairs.connection_id(session, first.id, second.id) is not None:
        raise Conflict("%(one)s and %(other)s are connected already.", **names)
    own = select(func.count(Introduction.id)).where(Introduction.weaver_id == actor.member_id, is_open(now))
    if session.scalar(own.where(between(first.id, second.id))):
        raise Conflict("You have introduced %(one)s and %(other)s already.", **names)
    if actor.audience is Audience.MEMBER and (session.scalar(own) or 0) >= rules.open_at_once:
        raise TooMany(
            "You have %(count)s introductions of others open. Wait for an answer, or withdraw one.",
            count=rules.open_at_once,
        )


def _reaches(session: Session, one: int, other: int) -> bool:
    blocked = or_(
        and_(Block.blocker_id == one, Block.blocked_id == other),
        and_(Block.blocker_id == other, Block.blocked_id == one),
    )
    tied = and_(Connection.low_id == min(one, other), Connection.high_id == max(one, other), Connection.until.is_(None))
    barred = session.scalar(select(or_(exists().where(blocked), exists().where(tied))))
    return not barred


def find(session: Session, actor: Actor, typed: str, leave_out: str = "") -> list[PersonLine]:
    """People to introduce: those whose name holds what was typed; with nothing typed, the actor's connections."""
    statement = lines(actor.member_id).where(Member.id != actor.member_id, Member.public_id != leave_out)
    words = typed.casefold().split()[:5]
    if words:
        for word in words:
            statement = statement.where(Member.sort_name.contains(word, autoescape=True))
    else:
        statement = statement.where(visibility.connected(actor.member_id))
    rows = session.execute(statement.order_by(Member.sort_name, Member.id).limit(FOUND))
    return [PersonLine(*row) for row in rows]


def choice(session: Session, actor: Actor, person: str) -> PersonLine:
    """Somebody chosen to be introduced. Raises NotFound for the actor, and for whom they may not see."""
    row = session.execute(
        lines(actor.member_id).where(Member.public_id == person, Member.id != actor.member_id)
    ).first()
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    return PersonLine(*row)
