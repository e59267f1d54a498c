"""Did you meet? Those who were paired for coffee say so themselves; that they met makes a connection.

Everybody is told so when they ask to be paired: one of the two says "we met", and they are connected from that day, by
that evidence, unless the other has said that they did not. The other is written to, and may end it. What else is said
(not yet, no) is read by nobody but who says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.access import Actor
from haln.connect import coffee_mail, connections, pairs
from haln.connect.coffee_opting import EVERY, PAUSED
from haln.connect.coffee_rounds import CLOSED, MADE
from haln.errors import Invalid, NotFound
from haln.models import CoffeeOptIn, CoffeePair, CoffeeRound, CoffeeSeat

MET, NOT_YET, NO = "met", "not_yet", "no"
ANSWERS = (MET, NOT_YET, NO)
CLOSE_DAYS = 14
"""So many days after the day by which people should have met, a round is closed and counted."""
SILENT_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer: whether it made a connection, and with whom."""

    connected: bool
    name: str


def answer(session: Session, actor: Actor, round_id: str, other: str, given: str, now: datetime) -> Answered:
    """Say whether the actor met somebody with whom they were paired; saying it again changes it.

    Raises Invalid for an unknown answer, NotFound for somebody unseen or with whom the actor was not paired.
    """
    if given not in ANSWERS:
        raise Invalid("Choose one of the list.")
    pairs.hold(session)
    me, them = actor.member_id, pairs.party(session, actor.member_id, other)
    row = session.scalar(
        select(CoffeePair)
        .join(CoffeeRound, CoffeeRound.id == CoffeePair.round_id)
        .where(
            CoffeeRound.public_id == round_id,
            CoffeePair.low_id == min(me, them.id),
            CoffeePair.high_id == max(me, them.id),
        )
    )
    if row is None:
        raise NotFound("There is no such page, or it is not for you.")
    theirs = row.high_answer if me == row.low_id else row.low_answer
    if me == row.low_id:
        row.low_answer, row.low_at = given, now
    else:
        row.high_answer, row.high_at = given, now
    session.flush()
    _spoke(session, (me, them.id) if given == MET else (me,))
    made = given == MET and theirs != NO and row.connection_id is None and _connect(session, row, now)
    if made:
        detail: history.Detail = {"round": row.round_id}
        history.record(session, me, "meet_over_coffee", "connection", row.connection_id, now, detail)
        coffee_mail.tell_met(session, row.round_id, them.id, me, now)
    return Answered(made, them.name)


def _connect(session: Session, row: CoffeePair, now: datetime) -> bool:
    """Connect the two; those who are connected already stay as they are."""
    if pairs.connection_id(session, row.low_id, row.high_id) is not None:
        return False
    connections.make(session, row.low_id, row.high_id, "met", now)
    row.connection_id = pairs.connection_id(session, row.low_id, row.high_id)
    session.flush()
    return True


def _spoke(session: Session, members: Sequence[int]) -> None:
    session.execute(
        update(CoffeeOptIn).where(CoffeeOptIn.member_id.in_(members)).values(silent=0),
        execution_options={"synchronize_session": "fetch"},
    )


def due(session: Session, today: date, now: datetime) -> int:
    """Ask those who have said nothing once the days of their round are over, and close it later; returns how many.

    Any number of workers may do so at once: a round is claimed before anything is written about it.
    """
    return _ask(session, today, now) + _close(session, today, now)


def _ask(session: Session, today: date, now: datetime) -> int:
    rows = session.scalars(
        update(CoffeeRound)
        .where(CoffeeRound.state == MADE, CoffeeRound.asked_at.is_(None), CoffeeRound.meet_by < today)
        .values(asked_at=now)
        .returning(CoffeeRound.id),
        execution_options={"synchronize_session": False},
    ).all()
    for number in rows:
        members = [
            member
            for row in _pairs(session, number)
            if MET not in (row.low_answer, row.high_answer)
            for member, said in ((row.low_id, row.low_answer), (row.high_id, row.high_answer))
            if said != NO
        ]
        coffee_mail.tell(session, coffee_mail.ASKED, number, members, now)
    return len(rows)


def _pairs(session: Session, round_id: int) -> Sequence[Any]:
    return session.execute(
        select(
            CoffeePair.low_id,
            CoffeePair.high_id,
            CoffeePair.low_answer,
            CoffeePair.high_answer,
            CoffeePair.connection_id,
        ).where(CoffeePair.round_id == round_id)
    ).all()


def _close(session: Session, today: date, now: datetime) -> int:
    over = and_(CoffeeRound.state == MADE, CoffeeRound.meet_by < today - timedelta(days=CLOSE_DAYS))
    if session.scalar(select(CoffeeRound.id).where(over).limit(1)) is None:
        return 0
    pairs.hold(session)
    rows = session.scalars(select(CoffeeRound).where(over).order_by(CoffeeRound.made_at)).all()
    for row in rows:
        found = _pairs(session, row.id)
        spoke = {
            member
            for one in found
            for member, said in ((one.low_id, one.low_answer), (one.high_id, one.high_answer))
            if said is not None or MET in (one.low_answer, one.high_answer)
        }
        seated = set(
            session.scalars(
                select(CoffeeSeat.member_id).where(CoffeeSeat.round_id == row.id, CoffeeSeat.group_number > 0)
            )
        )
        paused = _count_silence(session, row, seated - spoke, now)
        met = sum(MET in (one.low_answer, one.high_answer) for one in found)
        row.told = {**row.told, **counted(len(found), met, len(spoke), len(seated))}
        row.state, row.closed_at = CLOSED, now
        detail: history.Detail = {"met": met, "silent": len(seated - spoke), "paused": len(paused)}
        history.record(session, None, "close_coffee_round", "coffee_round", row.id, now, detail)
        coffee_mail.tell(session, coffee_mail.PAUSED, row.id, paused, now)
    session.flush()
    return len(rows)


def counted(could: int, met: int, spoke: int, seated: int) -> dict[str, int]:
    """How a round went, as it is kept: pairs that could meet, that did, people who said anything, people paired."""
    return {"could": could, "met": met, "spoke": spoke, "seated": seated}


def _count_silence(session: Session, row: CoffeeRound, silent: set[int], now: datetime) -> list[int]:
    """Count a silent round to those who asked for every one before it was made; returns who is paused by that."""
    paused = []
    rows = session.scalars(
        select(CoffeeOptIn)
        .where(CoffeeOptIn.mode == EVERY, CoffeeOptIn.changed_at <= (row.made_at or now))
        .order_by(CoffeeOptIn.member_id)
    )
    for one in rows:
        if one.member_id in silent:
            one.silent += 1
            if one.silent >= SILENT_ROUNDS:
                one.mode, one.changed_at = PAUSED, now
                paused.append(one.member_id)
    session.flush()
    return paused


def other_of(me: int) -> ColumnElement[int]:
    """The other of a pair that `me` is in."""
    return case((CoffeePair.low_id == me, CoffeePair.high_id), else_=CoffeePair.low_id)


def mine_of(me: int) -> ColumnElement[bool]:
    """Whether `me` is one of a pair."""
    return or_(CoffeePair.low_id == me, CoffeePair.high_id == me)
