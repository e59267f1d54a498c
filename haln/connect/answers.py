"""Answers to introductions. A "yes" connects, where the other has said yes too; a "no" is told to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import connections, pairs
from haln.connect.introduction_mail import take_back, tell
from haln.connect.introduction_state import ASKED, WOVEN, between, is_open
from haln.errors import Conflict, NotFound
from haln.models import Introduction, Member
from haln.people import visibility

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a "yes": connected now, or waiting for the other."""

    connected: bool
    other_id: int
    other_name: str


def accept(session: Session, actor: Actor, introduction: str, now: datetime) -> Answered:
    """Say yes. An asked introduction makes the connection; a woven one does once both have said yes.

    Raises NotFound for one that is not the actor's to answer, Conflict when it has been answered, withdrawn or lapsed.
    """
    pairs.hold(session)
    return say_yes(session, actor.member_id, introduction, now)


def say_yes(session: Session, member_id: int, introduction: str, now: datetime, changed_mind: bool = False) -> Answered:
    """Say yes for a member; the caller holds the pair. With `changed_mind`, also after a "no" that nobody was told."""
    row = _own(session, member_id, introduction)
    first = row.asker_id == member_id
    mine, theirs = (
        (Introduction.asker_answer, Introduction.asked_answer)
        if first
        else (Introduction.asked_answer, Introduction.asker_answer)
    )
    both = theirs == "yes"
    done = session.execute(
        update(Introduction)
        .where(Introduction.id == row.id, is_open(now), or_(mine.is_(None), mine == ("no" if changed_mind else "")))
        .values(
            {
                mine.key: "yes",
                "state": case((both, "accepted"), else_="open"),
                "closed_at": case((both, now), else_=None),
                "first_yes_at": case(
                    (and_(Introduction.kind == WOVEN, Introduction.first_yes_at.is_(None)), now),
                    else_=Introduction.first_yes_at,
                ),
            }
        )
        .returning(Introduction.state),
        execution_options=_QUIET,
    ).scalar()
    if done is None:
        raise Conflict("This introduction is no longer open.")
    if done == "accepted":
        _connect(session, row, member_id, now)
    return Answered(done == "accepted", row.other_id, row.other_name)


def _own(session: Session, member_id: int, introduction: str) -> Any:
    """The introduction as one of its two ends sees it: only where they may see the other."""
    other = case((Introduction.asker_id == member_id, Introduction.asked_id), else_=Introduction.asker_id)
    row = session.execute(
        select(
            Introduction.id,
            Introduction.asker_id,
            Introduction.asked_id,
            Introduction.weaver_id,
            Introduction.evidence,
            Member.id.label("other_id"),
            Member.name.label("other_name"),
        )
        .join(Member, Member.id == other)
        .where(
            Introduction.public_id == introduction,
            or_(
                Introduction.asked_id == member_id,
                and_(Introduction.kind == WOVEN, Introduction.asker_id == member_id),
            ),
            visibility.may_see(member_id),
        )
    ).first()
    if row is None:
        raise NotFound("There is no such introduction, or it is not yours to answer.")
    return row


def _connect(
    session: Session,
    row: Any,
    member_id: int,
    now: datetime,
) -> None:
    connections.make(session, row.asker_id, row.asked_id, row.evidence, now, introduction_id=row.id)
    # They may have asked each other at once. What a weaver proposed stays: it is not for the weaver to know.
    session.execute(
        update(Introduction)
        .where(between(row.asker_id, row.asked_id), is_open(now), Introduction.kind == ASKED)
        .values(state="accepted", closed_at=now),
        execution_options=_QUIET,
    )
    history.record(session, member_id, "accept_introduction", "introduction", row.id, now)
    take_back(session, [row.id])
    name = session.scalar(select(Member.name).where(Member.id == member_id))
    values = {"other_name": name, "path": "/connections"}
    tell(session, "introduction_accepted", row.id, row.other_id, values, now)


def decline(session: Session, actor: Actor, introduction: str, now: datetime) -> None:
    """Say no, and nobody is told: for everybody else the introduction stays open until it lapses.

    Raises NotFound for one that is not the actor's to answer, Conflict when it has been answered, withdrawn or lapsed.
    """
    pairs.hold(session)
    row = _own(session, actor.member_id, introduction)
    mine = Introduction.asker_answer if row.asker_id == actor.member_id else Introduction.asked_answer
    done = session.execute(
        update(Introduction)
        .where(Introduction.id == row.id, is_open(now), mine.is_(None))
        .values({mine.key: "no"})
        .returning(Introduction.id),
        execution_options=_QUIET,
    ).first()
    if done is None:
        raise Conflict("This introduction is no longer open.")
