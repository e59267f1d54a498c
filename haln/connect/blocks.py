"""Blocks: from then on neither member sees the other anywhere, and nobody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import connections, introductions, pairs
from haln.connect.introduction_mail import take_back
from haln.connect.introduction_state import ASKED, WOVEN, between, is_open
from haln.errors import NotFound
from haln.models import Block, Introduction, Member
from haln.people import changes
from haln.people.visibility import ACTIVE


@dataclass(frozen=True, slots=True)
class Blocked:
    """Somebody whom the member has blocked; the name is none once they have left or hide."""

    public_id: str
    name: str | None
    since: datetime


def block(session: Session, actor: Actor, other: str, now: datetime) -> str:
    """Block a member: ends the connection, withdraws or turns down what is open between the two. Returns their name.

    Raises NotFound for somebody the actor may not see, which includes those blocked already.
    """
    pairs.hold(session)
    them = pairs.party(session, actor.member_id, other)
    put_between(session, actor.member_id, them.id, now, actor.member_id)
    return them.name


def put_between(session: Session, blocker_id: int, blocked_id: int, now: datetime, actor_id: int | None = None) -> None:
    """As `block`, where there is none yet, whoever asks for it. The pairs are held by who calls."""
    session.execute(insert(Block).values(blocker_id=blocker_id, blocked_id=blocked_id, created_at=now))
    connections.end_between(session, blocker_id, blocked_id, now)
    both = (blocker_id, blocked_id)
    ends = (Introduction.asker_id, Introduction.asked_id)
    found = session.scalars(
        select(Introduction.id).where(
            is_open(now),
            or_(
                and_(Introduction.kind == ASKED, between(*both)),
                *(and_(Introduction.weaver_id == w, or_(*(end == e for end in ends))) for w, e in (both, both[::-1])),
            ),
        )
    ).all()
    introductions.close(session, list(found), now)
    _say_no(session, *both, now)
    pairs.unlist(session, *both, now)
    changes.touch(session, both, now)
    history.record(session, actor_id, "block_member", "member", blocked_id, now)


def _say_no(session: Session, member_id: int, other_id: int, now: datetime) -> None:
    """Turn down what weavers propose to the two. Withdrawn, it would tell the weaver that there is a block."""
    ids = session.scalars(
        update(Introduction)
        .where(Introduction.kind == WOVEN, between(member_id, other_id), is_open(now))
        .values(
            asker_answer=case((Introduction.asker_id == member_id, "no"), else_=Introduction.asker_answer),
            asked_answer=case((Introduction.asked_id == member_id, "no"), else_=Introduction.asked_answer),
        )
        .returning(Introduction.id),
        execution_options={"synchronize_session": False},
    ).all()
    take_back(session, ids)


def unblock(session: Session, actor: Actor, other: str, now: datetime) -> None:
    """Take a block back. What it ended stays ended. Raises NotFound when the actor has not blocked them."""
    pairs.hold(session)
    found = session.scalar(
        select(Member.id)
        .join(Block, Block.blocked_id == Member.id)
        .where(Block.blocker_id == actor.member_id, Member.public_id == other)
    )
    if found is None:
        raise NotFound("You have not blocked this member.")
    session.execute(
        delete(Block).where(Block.blocker_id == actor.member_id, Block.blocked_id == found),
        execution_options={"synchronize_session": False},
    )
    changes.touch(session, (actor.member_id, found), now)
    history.record(session, actor.member_id, "unblock_member", "member", found, now)


def mine(session: Session, actor: Actor) -> list[Blocked]:
    """Whom the actor has blocked, newest first."""
    there = and_(Member.standing == ACTIVE, Member.listed)
    rows = session.execute(
        select(Member.public_id, case((there, Member.name)).label("name"), Block.created_at)
        .join(Block, Block.blocked_id == Member.id)
        .where(Block.blocker_id == actor.member_id)
        .order_by(Block.created_at.desc(), Member.id)
    )
    return [Blocked(row.public_id, row.name, row.created_at) for row in rows]
