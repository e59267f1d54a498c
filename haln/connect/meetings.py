"""Whether two who were introduced met, and whether it was any use: each of them says so for themselves.

An answer belongs to the one who gave it: the other never learns of it, nor that there is none. Staff see sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from haln.access import Actor
from haln.connect import pairs
from haln.errors import Invalid, NotFound
from haln.models import Connection, Introduction, MeetingAnswer, Member
from haln.people import visibility
from haln.people.seen import PersonLine, people

MET, TOUCH = "met", "touch"
NOT_YET, USEFUL, ASIDE = "not_yet", "useful", "aside"
ANSWERS: Mapping[str, tuple[str, ...]] = {MET: (NOT_YET, MET, USEFUL, ASIDE), TOUCH: ("yes", "no", ASIDE)}
"""What may be answered to each question."""

MEET_DAYS = 14
"""So many days after both said yes they are asked whether they met."""

ASK_DAYS = 365
"""So many days after both said yes they are asked no more whether they met; they may still say so."""

TOUCH_DAYS = 180
"""So many days after both said yes those who met are asked whether they are still in touch."""

AT_ONCE = 3
"""A page asks about no more people at once."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the member says of one introduction: empty where nothing is said. `touch_due`: it may be asked by now."""

    met: str = ""
    touch: str = ""
    touch_due: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that the page asks: about whom, and which."""

    person: PersonLine
    question: str
    since: datetime


def answer(session: Session, actor: Actor, other: str, question: str, given: str, now: datetime) -> None:
    """Say whether the two met, or are still in touch; saying it again later changes it. What is said is not put aside.

    Raises Invalid for an unknown answer, NotFound for somebody unseen or with whom no introduction connected the actor.
    """
    if given not in ANSWERS.get(question, ()):
        raise Invalid("Choose one of the list.")
    pairs.hold(session)
    them = pairs.party(session, actor.member_id, other)
    found = session.execute(
        select(Introduction.id, Introduction.closed_at, _newest(actor.member_id, question).label("before"))
        .join(Connection, Connection.introduction_id == Introduction.id)
        .where(Connection.id == pairs.connection_id(session, actor.member_id, them.id), _asked_about())
    ).first()
    if found is None or (question == TOUCH and found.closed_at > now - timedelta(days=TOUCH_DAYS)):
        raise NotFound("There is no such introduction, or it is not yours to answer.")
    if found.before != given and not (given == ASIDE and found.before):
        _keep(session, found.id, actor.member_id, question, given, now)


def _keep(session: Session, introduction: int, me: int, question: str, given: str, now: datetime) -> None:
    """Add an answer; in the place of one of the same day, for nothing is told of less than a day."""
    row = session.scalars(
        select(MeetingAnswer)
        .where(
            MeetingAnswer.introduction_id == introduction,
            MeetingAnswer.member_id == me,
            MeetingAnswer.question == question,
            MeetingAnswer.given_at >= datetime.combine(now.astimezone(UTC).date(), time(), UTC),
        )
        .order_by(MeetingAnswer.id.desc())
    ).first()
    if row is None:
        row = MeetingAnswer(introduction_id=introduction, member_id=me, question=question)
        session.add(row)
    row.answer, row.given_at = given, now
    session.flush()


def said(session: Session, actor: Actor, others: Iterable[int], now: datetime) -> dict[int, Said]:
    """What the actor says of the introductions that connected them with others, by the others' numbers."""
    wanted = sorted(set(others))
    rows = _introduced(session, actor.member_id, _other(actor.member_id).in_(wanted)) if wanted else []
    old = now - timedelta(days=TOUCH_DAYS)
    return {
        row.other_id: Said(row.met or "", row.touch or "", row.closed_at <= old and row.met in (MET, USEFUL))
        for row in rows
    }


def asked(session: Session, actor: Actor, now: datetime) -> list[Asked]:
    """What the page asks the actor now, about those introduced last first: nothing that is answered or put aside."""
    me = actor.member_id
    rows = [
        (row, question)
        for row in _introduced(session, me, Introduction.closed_at <= now - timedelta(days=MEET_DAYS), _open(me, now))
        for question in [_next(row, now)]
        if question
    ][:AT_ONCE]
    seen = people(session, me, [row.other_id for row, _ in rows])
    return [Asked(seen[row.other_id], question, row.closed_at) for row, question in rows if row.other_id in seen]


def _next(row: Any, now: datetime) -> str:
    """What is to be asked of an introduction, if anything."""
    if row.met is None:
        return MET if row.closed_at > now - timedelta(days=ASK_DAYS) else ""
    due = row.closed_at <= now - timedelta(days=TOUCH_DAYS) and row.met in (MET, USEFUL)
    return TOUCH if due and row.touch is None else ""


def _other(me: int) -> ColumnElement[int]:
    return case((Connection.low_id == me, Connection.high_id), else_=Connection.low_id)


def _asked_about() -> ColumnElement[bool]:
    """Accepted introductions of people who did not know each other before."""
    return and_(Introduction.state == "accepted", Introduction.evidence != "declared")


def _open(me: int, now: datetime) -> ColumnElement[bool]:
    """Whether there is still something to ask of an introduction, as far as a statement can tell."""
    met, touch = _newest(me, MET), _newest(me, TOUCH)
    lately = Introduction.closed_at > now - timedelta(days=ASK_DAYS)
    return or_(and_(met.is_(None), lately), and_(met.in_((MET, USEFUL)), touch.is_(None)))


def _newest(me: int, question: str) -> ColumnElement[str]:
    row, last = aliased(MeetingAnswer), aliased(MeetingAnswer)
    newest = (
        select(func.max(last.id))
        .where(last.introduction_id == Introduction.id, last.member_id == me, last.question == question)
        .correlate(Introduction)
        .scalar_subquery()
    )
    return select(row.answer).where(row.id == newest).correlate(Introduction).scalar_subquery()


def _introduced(session: Session, me: int, *where: ColumnElement[bool]) -> list[Any]:
    """The introductions behind the actor's connections with people whom they may see, the newest first."""
    return list(
        session.execute(
            select(
                Introduction.id,
                Introduction.closed_at,
                _other(me).label("other_id"),
                _newest(me, MET).label("met"),
                _newest(me, TOUCH).label("touch"),
            )
            .join(Connection, Connection.introduction_id == Introduction.id)
            .join(Member, Member.id == _other(me))
            .where(
                or_(Connection.low_id == me, Connection.high_id == me),
                Connection.until.is_(None),
                _asked_about(),
                visibility.may_see(me),
                *where,
            )
            .order_by(Introduction.closed_at.desc(), Introduction.id.desc())
        )
    )
