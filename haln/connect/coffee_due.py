"""What falls due in coffee rounds by itself: the next one is opened, those who take part are told, pairs are made.

Any number of workers may do so at once: each thing is claimed, or held and looked at again, before it is done.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from haln import history
from haln.connect import coffee_mail, coffee_meetings, coffee_pairing, coffee_schedule
from haln.connect.coffee_opting import MODES, may_be_paired
from haln.connect.coffee_pairing import Reading, TopSector
from haln.connect.coffee_rounds import CANCELLED, OPEN, changeable
from haln.connect.coffee_schedule import AHEAD_DAYS
from haln.errors import Conflict, HalnError, Invalid
from haln.models import CoffeeOptIn, CoffeeRound, CoffeeSchedule, Member

FROM = time(8)
"""The hour, where the network is, from which pairs are made on their day."""


def work(session: Session, zone: ZoneInfo, now: datetime, top_sector: TopSector, reading: Reading) -> int:
    """Do all that is due; returns of how many rounds. Commits after each."""
    local = now.astimezone(zone)
    count = let_go(session, local.date(), now)
    count += int(coffee_schedule.open_next(session, local.date(), now))
    session.commit()
    count += announce(session, local.replace(tzinfo=None), now)
    session.commit()
    count += make(session, local.replace(tzinfo=None), now, top_sector, reading)
    session.commit()
    count += coffee_meetings.due(session, local.date(), now)
    session.commit()
    return count


def let_go(session: Session, today: date, now: datetime) -> int:
    """Call off a round that staff were to make and whose days are over, where a rule would have another open by now."""
    going = select(CoffeeSchedule.id).where(CoffeeSchedule.going)
    row = session.execute(
        select(CoffeeRound.public_id, CoffeeRound.version).where(
            CoffeeRound.state == OPEN, CoffeeRound.by_itself.is_(False), CoffeeRound.meet_by <= today, exists(going)
        )
    ).first()
    if row is None:
        return 0
    return _call_off(session, row.public_id, row.version, Conflict("Its days were over before pairs were made."), now)


def announce(session: Session, local: datetime, now: datetime) -> int:
    """Tell those who take part on which day pairs are made, a week before; returns of how many rounds.

    Once for each day that a round is put at.
    """
    today = local.date()
    rows = session.execute(
        update(CoffeeRound)
        .where(
            CoffeeRound.state == OPEN,
            CoffeeRound.announced_at.is_(None),
            CoffeeRound.pairs_on > today,
            CoffeeRound.pairs_on <= today + timedelta(days=AHEAD_DAYS),
        )
        .values(announced_at=now)
        .returning(CoffeeRound.id, CoffeeRound.pairs_on, CoffeeRound.version),
        execution_options={"synchronize_session": False},
    ).all()
    for row in rows:
        members = session.scalars(
            select(CoffeeOptIn.member_id)
            .join(Member, Member.id == CoffeeOptIn.member_id)
            .where(CoffeeOptIn.mode.in_(MODES), may_be_paired(row.pairs_on))
        ).all()
        coffee_mail.tell_ahead(session, row.id, row.pairs_on, row.version, members, now)
    return len(rows)


def make(session: Session, local: datetime, now: datetime, top_sector: TopSector, reading: Reading) -> int:
    """Make the pairs of a round that is to be made by itself, on its day or as soon after as a worker is there.

    Who is late gives people as many days to meet as they were promised. A round in which nobody can be paired is called
    off, so that the next one can be opened; staff read why. Returns of how many rounds.
    """
    today = local.date()
    row = session.execute(
        select(CoffeeRound.public_id, CoffeeRound.version, CoffeeRound.pairs_on).where(
            CoffeeRound.state == OPEN, CoffeeRound.by_itself, CoffeeRound.pairs_on <= today
        )
    ).first()
    if row is None or (row.pairs_on == today and local.time() < FROM):
        return 0
    try:
        worked = coffee_pairing.work_out(session, row.public_id, today, now, top_sector, reading)
        _give_all_days(session, row.public_id, row.version, local)
        coffee_pairing.make(session, None, row.public_id, row.version, today, now, top_sector, worked)
    except (Conflict, Invalid) as error:
        session.rollback()
        return _call_off(session, row.public_id, row.version, error, now)
    session.commit()
    return 1


def _give_all_days(session: Session, public_id: str, version: int, local: datetime) -> None:
    row = changeable(session, public_id, version)
    late = (local.date() - row.pairs_on).days
    if late:
        row.meet_by += timedelta(days=late)  # it stays the round of its day: of the month that the rule had it for
        session.flush()


def _call_off(session: Session, public_id: str, version: int, error: HalnError, now: datetime) -> int:
    """Call off what cannot be made; nothing where another came first."""
    try:
        row = changeable(session, public_id, version)
    except Conflict:
        return 0
    row.state, row.version, row.told = CANCELLED, row.version + 1, {"why": error.text}
    session.flush()
    history.record(session, None, "cancel_coffee_round", "coffee_round", row.id, now, {"why": error.text})
    coffee_mail.tell_off(session, row.id, now)
    session.commit()
    return 1
