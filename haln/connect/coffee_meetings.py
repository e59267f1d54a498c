"""Did you meet? Those who were paired for coffee say so themselves; that they met makes a connection.

Everybody is told so when they ask to be paired: one of the two says "we met", and they are connected from that day, by
that evidence, unless the other has said that they did not (`haln.connect.coffee_ties`). The other is written to, and
may end it. What parted the two since the round was made stands: a connection that ended, an introduction that was
declined, "never suggest again". What else is said (not yet, no) is read by nobody but who says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, not_, or_, select, update
from sqlalchemy.orm import Session, aliased

from haln import history
from haln.access import Actor
from haln.connect import coffee_mail, coffee_ties, pairs
from haln.connect.coffee_opting import EVERY, NEXT, PAUSED
from haln.connect.coffee_rounds import CLOSED, MADE
from haln.connect.coffee_ties import ANSWERS, MET, NO, Tie, have_met
from haln.errors import Conflict, Invalid, NotFound
from haln.models import (
    CoffeeOptIn,
    CoffeePair,
    CoffeeRound,
    CoffeeSeat,
    Member,
)
from haln.people import visibility

CLOSE_DAYS = 14
"""So many days after the day by which people should have met, a round is closed and counted."""
ANSWER_DAYS = 42
"""So many days after that day one may still say whether one met: four weeks after the round is closed."""
SILENT_ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer: what it did to the connection, and with whom; nobody, where they are unseen."""

    tie: Tie
    name: str


def answer(session: Session, actor: Actor, round_id: str, other: str, given: str, now: datetime) -> Answered:
    """Say whether the actor met somebody with whom they were paired; saying it again changes it.

    Raises Invalid for an unknown answer, NotFound for somebody with whom the actor was not paired, or unseen (to whom
    one may still say "no"), Conflict `ANSWER_DAYS` after the day by which they should have met.
    """
    if given not in ANSWERS:
        raise Invalid("Choose one of the list.")
    pairs.hold(session)
    me = actor.member_id
    them = _unseen(session, me, other) if given == NO else pairs.party(session, me, other)
    found = session.execute(
        select(CoffeePair, CoffeeRound.made_at, CoffeeRound.meet_by)
        .join(CoffeeRound, CoffeeRound.id == CoffeePair.round_id)
        .where(
            CoffeeRound.public_id == round_id,
            CoffeePair.low_id == min(me, them.id),
            CoffeePair.high_id == max(me, them.id),
        )
    ).first()
    if found is None:
        raise NotFound("There is no such page, or it is not for you.")
    row, made_at, meet_by = found
    if not is_answerable(meet_by, now.date()):
        raise Conflict("That round is over for too long to say so now.")
    if me == row.low_id:
        row.low_answer, row.low_at = given, now
    else:
        row.high_answer, row.high_at = given, now
    session.flush()
    _spoke(session, (me, them.id) if given == MET else (me,))
    tie = coffee_ties.settle(session, row, me, given, made_at or now, now)
    if tie is Tie.MADE:
        coffee_mail.tell_met(session, row.round_id, them.id, me, now)
    return Answered(tie, them.name)


def _unseen(session: Session, me: int, other: str) -> pairs.Party:
    """Another member, without their name where they are unseen by now: what was said of one may be denied all the same.

    Nothing is told by it: whether they hide, or have blocked somebody, the answer is the same.
    """
    try:
        return pairs.party(session, me, other)
    except NotFound:
        found = session.scalar(select(Member.id).where(Member.public_id == other, Member.id != me))
        if found is None:
            raise
        return pairs.Party(found, other, "")


def is_answerable(meet_by: date, today: date) -> bool:
    """Whether one may still say of a round whether one met."""
    return (today - meet_by).days <= ANSWER_DAYS


def _spoke(session: Session, members: Sequence[int]) -> None:
    session.execute(
        update(CoffeeOptIn).where(CoffeeOptIn.member_id.in_(members)).values(silent=0),
        execution_options={"synchronize_session": "fetch"},
    )


def due(session: Session, today: date, now: datetime) -> int:
    """Ask those who have said nothing once the days of their round are over, and close it later; returns how many.

    Any number of workers may do so at once: a round is claimed before anything is written about it.
    """
    _give_back(session, now)
    return _ask(session, today, now) + _close(session, today, now)


def _give_back(session: Session, now: datetime) -> None:
    """Let those who asked for one round only ask for the next, where they may see nobody of their group any more."""
    waiting = (
        select(CoffeeSeat.round_id, CoffeeSeat.member_id)
        .join(CoffeeRound, CoffeeRound.id == CoffeeSeat.round_id)
        .join(Member, Member.id == CoffeeSeat.member_id)
        .where(CoffeeRound.state == MADE, CoffeeSeat.once.is_not(None), *_unreachable())
    )
    found = session.execute(waiting).all()
    if not found:
        return
    pairs.hold(session)
    for one in found:
        seat = session.get_one(CoffeeSeat, (one.round_id, one.member_id))
        if session.get(CoffeeOptIn, one.member_id) is None:
            wish = {"mode": NEXT, "wish": seat.once or "", "silent": 0}
            session.add(CoffeeOptIn(member_id=one.member_id, since=now, changed_at=now, **wish))
        seat.once = None
    session.flush()


def _unreachable() -> tuple[ColumnElement[bool], ...]:
    """Of a row of CoffeeSeat and its Member: there and listed, nothing said of the group, none of it to be seen."""
    me: ColumnElement[int] = CoffeeSeat.__table__.c.member_id
    other = aliased(Member)
    mine = and_(CoffeePair.round_id == CoffeeSeat.round_id, mine_of(me))
    seen = (
        select(other.id)
        .join(CoffeePair, other.id == other_of(me))
        .where(mine, other.standing == visibility.ACTIVE, other.listed, not_(visibility.blocked(me, other.id)))
    )
    said = select(CoffeePair.round_id).where(
        mine, or_(CoffeePair.low_answer.is_not(None), CoffeePair.high_answer.is_not(None))
    )
    return (
        CoffeeSeat.group_number > 0,
        Member.standing == visibility.ACTIVE,
        Member.listed.is_(True),
        not_(exists(seen)),
        not_(exists(said)),
    )


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
        said = _said(found)
        spoke = said | {member for one in found if have_met(one) for member in (one.low_id, one.high_id)}
        seated = set(
            session.scalars(
                select(CoffeeSeat.member_id).where(CoffeeSeat.round_id == row.id, CoffeeSeat.group_number > 0)
            )
        )
        paused = _count_silence(session, row, seated, spoke, now)
        met = sum(have_met(one) for one in found)
        row.told = {**row.told, **counted(len(found), met, len(said), len(seated))}
        row.state, row.closed_at = CLOSED, now
        detail: history.Detail = {"met": met, "silent": len(seated - spoke), "paused": len(paused)}
        history.record(session, None, "close_coffee_round", "coffee_round", row.id, now, detail)
        coffee_mail.tell(session, coffee_mail.PAUSED, row.id, paused, now)
    session.flush()
    return len(rows)


def _said(found: Sequence[Any]) -> set[int]:
    """Who said anything themselves."""
    answers = ((one.low_id, one.low_answer, one.high_id, one.high_answer) for one in found)
    return {
        who for low, mine, high, theirs in answers for who, word in ((low, mine), (high, theirs)) if word is not None
    }


def counted(could: int, met: int, spoke: int, seated: int) -> dict[str, int]:
    """How a round went, as it is kept: pairs that could meet, that did, people who said anything, people paired."""
    return {"could": could, "met": met, "spoke": spoke, "seated": seated}


def _count_silence(session: Session, row: CoffeeRound, seated: set[int], spoke: set[int], now: datetime) -> list[int]:
    """Count a silent round to those who asked for every one before it was made; returns who is paused by that.

    Only rounds in a row count: who spoke in this one or in a later one begins again. Who may see nobody of their group
    any more could not answer, and that is no silence.
    """
    made_at = row.made_at or now
    rows = session.scalars(
        select(CoffeeOptIn)
        .where(CoffeeOptIn.mode == EVERY, CoffeeOptIn.changed_at <= made_at)
        .order_by(CoffeeOptIn.member_id)
    )
    mine = [one for one in rows if one.member_id in seated]
    later, alone = _spoke_later(session, made_at), _could_not_answer(session, row.id)
    paused = []
    for one in mine:
        if one.member_id in spoke or one.member_id in later:
            one.silent = 0
        elif one.member_id not in alone:
            one.silent += 1
            if one.silent >= SILENT_ROUNDS:
                one.mode, one.changed_at = PAUSED, now
                paused.append(one.member_id)
    session.flush()
    return paused


def _spoke_later(session: Session, made_at: datetime) -> set[int]:
    found = session.execute(
        select(CoffeePair.low_id, CoffeePair.high_id, CoffeePair.low_answer, CoffeePair.high_answer)
        .join(CoffeeRound, CoffeeRound.id == CoffeePair.round_id)
        .where(CoffeeRound.made_at > made_at)
    ).all()
    return _said(found)


def _could_not_answer(session: Session, round_id: int) -> set[int]:
    found = (
        select(CoffeeSeat.member_id)
        .join(Member, Member.id == CoffeeSeat.member_id)
        .where(CoffeeSeat.round_id == round_id, *_unreachable())
    )
    return set(session.scalars(found))


def other_of(me: visibility.Who) -> ColumnElement[int]:
    """The other of a pair that `me` is in."""
    return case((CoffeePair.low_id == me, CoffeePair.high_id), else_=CoffeePair.low_id)


def mine_of(me: visibility.Who) -> ColumnElement[bool]:
    """Whether `me` is one of a pair."""
    return or_(CoffeePair.low_id == me, CoffeePair.high_id == me)
