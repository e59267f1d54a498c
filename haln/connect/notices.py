"""Notifications about introductions and coffee rounds: each while it holds, and only of people who may be seen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, exists, func, literal, not_, or_, select
from sqlalchemy.orm import aliased

from haln.connect.coffee_meetings import mine_of, other_of
from haln.connect.coffee_opting import MODES
from haln.connect.coffee_rounds import CANCELLED, CLOSED, MADE, OPEN
from haln.models import Block, CoffeeOptIn, CoffeePair, CoffeeRound, Connection, Introduction, Member, Notice
from haln.people.notice_lines import NOW, lines
from haln.people.visibility import ACTIVE, VIEWER, may_see

ASKED, WOVEN, ACCEPTED = "introduction_asked", "introduction_woven", "introduction_accepted"
PAIRED, DID_YOU, MET = "coffee_paired", "coffee_asked", "coffee_met"
AHEAD, OFF = "coffee_ahead", "coffee_off"


def introductions() -> Any:
    """Asked and woven ones until the viewer has answered, accepted ones; of a no nothing is ever told."""
    mine = case((Introduction.asker_id == VIEWER, Introduction.asker_answer), else_=Introduction.asked_answer)
    other = case((Introduction.asker_id == VIEWER, Introduction.asked_id), else_=Introduction.asker_id)
    weaver = aliased(Member)
    unseen = exists(
        select(Block.blocker_id).where(
            or_(
                and_(Block.blocker_id == VIEWER, Block.blocked_id == weaver.id),
                and_(Block.blocker_id == weaver.id, Block.blocked_id == VIEWER),
            )
        )
    )
    waits = and_(Introduction.state == "open", Introduction.expires_at > NOW, mine.is_(None))
    return (
        lines(
            (ASKED, WOVEN, ACCEPTED),
            literal("/introductions"),
            name=Member.name,
            second=func.coalesce(weaver.name, ""),
        )
        .join(Introduction, Introduction.id == Notice.about_id)
        .join(Member, Member.id == other)
        .outerjoin(weaver, weaver.id == Introduction.weaver_id)
        .where(
            or_(Introduction.asker_id == VIEWER, Introduction.asked_id == VIEWER),
            may_see(VIEWER),
            or_(weaver.id.is_(None), and_(weaver.standing == ACTIVE, weaver.listed, not_(unseen))),
            case((Notice.kind == ACCEPTED, Introduction.state == "accepted"), else_=waits),
        )
    )


def coffee() -> Any:
    """Whom to meet, and whether they met, while there is somebody in it whom the viewer may see."""
    mine = case((CoffeePair.low_id == VIEWER, CoffeePair.low_answer), else_=CoffeePair.high_answer)
    pair = (
        select(CoffeePair.round_id)
        .join(Member, Member.id == other_of(VIEWER))
        .where(CoffeePair.round_id == CoffeeRound.id, mine_of(VIEWER), may_see(VIEWER))
        .correlate(CoffeeRound)
    )
    unsaid = pair.where(mine.is_(None))
    return (
        lines((PAIRED, DID_YOU), literal("/coffee"))
        .join(CoffeeRound, CoffeeRound.id == Notice.about_id)
        .where(
            CoffeeRound.state.in_((MADE, CLOSED)),
            case((Notice.kind == PAIRED, exists(pair)), else_=exists(unsaid)),
        )
    )


def met() -> Any:
    """That another says they met, while the two are connected and the viewer may see them."""
    tied = exists(
        select(Connection.id).where(
            Connection.until.is_(None),
            or_(
                and_(Connection.low_id == VIEWER, Connection.high_id == Member.id),
                and_(Connection.high_id == VIEWER, Connection.low_id == Member.id),
            ),
        )
    )
    return (
        lines((MET,), literal("/coffee"), name=Member.name)
        .join(Member, Member.id == Notice.about_id)
        .where(may_see(VIEWER), tied)
    )


def rounds() -> Any:
    """On which day pairs are made, until they are, and that a round is called off: to who still takes part."""
    takes_part = exists(
        select(CoffeeOptIn.member_id).where(CoffeeOptIn.member_id == VIEWER, CoffeeOptIn.mode.in_(MODES))
    )
    return (
        lines((AHEAD, OFF), literal("/coffee"), detail=CoffeeRound.pairs_on)
        .join(CoffeeRound, CoffeeRound.id == Notice.about_id)
        .where(CoffeeRound.state == case((Notice.kind == AHEAD, OPEN), else_=CANCELLED), takes_part)
    )


FAMILIES = (introductions, coffee, met, rounds)
