"""Backing a topic: a limited number at once, taken back whenever one likes, and moved by nobody but oneself.

Whoever acts on their backings holds the counter of changes, the topic, then their own row, until the transaction ends:
of two requests at the same moment, the second finds what the first made, and the limit holds. Everybody holds in that
order (`changes.hold`). Nothing of it goes into the audit record: what somebody backs is theirs to tell.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict
from haln.learn import topic_state
from haln.learn.topic_state import ALIVE, HELD, RETIRED, Rules
from haln.models import Member, Topic, TopicBacking
from haln.people import changes

CLOSED = {
    RETIRED: "This topic has been retired, so nobody can back it any more.",
    HELD: "What came of this topic has taken place, so nobody can back it any more.",
}


def hold(session: Session, *member_ids: int) -> None:
    """Let nobody else act for these members until the transaction ends: after the counter, and after the topic.

    Mail and notices to them may be written meanwhile: their key is not held, to which those point.
    """
    changes.hold(session)
    people = select(Member.id).where(Member.id.in_(member_ids)).order_by(Member.id)
    session.execute(people.with_for_update(key_share=True))


def back(session: Session, actor: Actor, topic_id: str, named: bool, rules: Rules, now: datetime) -> int:
    """Back a topic; twice is once. `named`: others may be told. Returns how many more the actor may back.

    Raises Conflict when the topic is closed or the actor backs as many as one may.
    """
    row = topic_state.seen(session, topic_id, lock=True)
    hold(session, actor.member_id)
    own = _own(session, row.id, actor.member_id)
    if own is None:
        _check_live(row)
        _check_room(session, actor.member_id, rules)
        add(session, actor, row, named, now)
    return max(0, rules.backings - topic_state.used(session, actor.member_id))


def add(session: Session, actor: Actor, row: Topic, named: bool, now: datetime) -> None:
    """Write a backing down. The caller holds the member and has looked that there is room."""
    session.add(TopicBacking(topic_id=row.id, member_id=actor.member_id, named=named, backed_at=now))
    session.flush()
    if named:
        changes.touch(session, [actor.member_id], now)  # that two back the same may be a reason to suggest them


def take_back(session: Session, actor: Actor, topic_id: str, now: datetime) -> None:
    """Back a topic no more; twice is once."""
    row = topic_state.seen(session, topic_id, lock=True)
    hold(session, actor.member_id)
    _end(session, row.id, actor.member_id, now)


def name_me(session: Session, actor: Actor, topic_id: str, named: bool, now: datetime) -> None:
    """Say anew whether others are told that the actor backs a topic. Raises Conflict when they do not."""
    row = topic_state.seen(session, topic_id, lock=True)
    hold(session, actor.member_id)
    own = _own(session, row.id, actor.member_id)
    if own is None:
        raise Conflict("You do not back this topic, so nobody is told that you do.")
    if own.named != named:
        own.named = named
        session.flush()
        changes.touch(session, [actor.member_id], now)


def move(session: Session, actor: Actor, topic_id: str, rules: Rules, now: datetime) -> str:
    """Move the actor's own backing from a retired topic to the one in its place. Returns that one's public id.

    Who backs the other already keeps that. Raises Conflict when there is nothing to move, nowhere to move it, or no
    room for it: the backing then stays where it is.
    """
    changes.hold(session)
    row = topic_state.seen(session, topic_id)
    target = topic_state.successor(session, row)
    if target is not None:
        target = topic_state.seen(session, target.public_id, lock=True)
    hold(session, actor.member_id)
    own = _own(session, row.id, actor.member_id)
    if own is None:
        raise Conflict("You do not back this topic, so there is nothing to move.")
    if target is None:
        raise Conflict("There is no topic in the place of this one to move your backing to.")
    _check_live(target)
    named = own.named
    if _own(session, target.id, actor.member_id) is None:
        _check_room(session, actor.member_id, rules)
        add(session, actor, target, named, now)
    _end(session, row.id, actor.member_id, now)
    return target.public_id


def last_choice(session: Session, member_id: int) -> bool:
    """Whether the member let themselves be named with what they backed last; no before the first."""
    found = select(TopicBacking.named).where(TopicBacking.member_id == member_id)
    return bool(session.scalar(found.order_by(TopicBacking.backed_at.desc(), TopicBacking.topic_id.desc()).limit(1)))


def _check_live(row: Topic) -> None:
    if row.state not in ALIVE:
        raise Conflict(CLOSED[row.state])


def _check_room(session: Session, member_id: int, rules: Rules) -> None:
    if topic_state.used(session, member_id) >= rules.backings:
        raise Conflict(
            "You back %(count)s topics, as many as one can at once. Take one of them back first.", count=rules.backings
        )


def _own(session: Session, topic: int, member_id: int) -> TopicBacking | None:
    return session.scalar(
        select(TopicBacking)
        .where(TopicBacking.topic_id == topic, TopicBacking.member_id == member_id)
        .execution_options(populate_existing=True)
    )


def _end(session: Session, topic: int, member_id: int, now: datetime) -> None:
    own = _own(session, topic, member_id)
    if own is None:
        return
    named = own.named
    session.execute(delete(TopicBacking).where(TopicBacking.topic_id == topic, TopicBacking.member_id == member_id))
    if named:
        changes.touch(session, [member_id], now)
