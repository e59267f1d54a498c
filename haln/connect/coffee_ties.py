"""What the two answers of a pair make of their connection: whatever the order in which they were given, the same.

Connected are those of whom one says "we met" and none "we did not meet". Within `TAKE_BACK_DAYS` an answer that is
changed, or a "no" of the other, takes back what the first one made, as if it had never been: what rests on nothing but
a click goes with it. It stays where anything else speaks for it by now that both see. Neither is told what the other
said.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from haln import history
from haln.connect import connections, pairs
from haln.models import CoffeePair, Connection, Dismissal, Introduction
from haln.people import changes

MET, NOT_YET, NO = "met", "not_yet", "no"
ANSWERS = (MET, NOT_YET, NO)
TAKE_BACK_DAYS = 14
"""So many days a connection goes with the answer that made it; later it is ended as any other."""


class Tie(Enum):
    """What an answer did to the connection of the two. STAYS: what made it is gone, and it is kept all the same."""

    MADE = "made"
    TAKEN_BACK = "taken_back"
    STAYS = "stays"
    NOTHING = "nothing"


def have_met(one: CoffeePair) -> bool:
    """Whether one of the two says that they met, and none that they did not."""
    return MET in (one.low_answer, one.high_answer) and NO not in (one.low_answer, one.high_answer)


def settle(session: Session, row: CoffeePair, actor_id: int, given: str, made_at: datetime, now: datetime) -> Tie:
    """Make the connection of a pair what their answers say, of which the actor has just `given` one.

    The caller holds the pair, and has written the answer down. Who says once more that they met learns nothing by it.
    """
    made = _made(session, row)
    if have_met(row):
        if (made is not None and made.until is None) or _parted(session, row, made_at):
            return Tie.NOTHING
        return Tie.MADE if _connect(session, row, actor_id, now) else Tie.NOTHING
    if given == MET or made is None or made.until is not None:
        return Tie.NOTHING
    if now - made.since > timedelta(days=TAKE_BACK_DAYS) or _is_supported(session, row, made, actor_id):
        return Tie.STAYS if row.connection_id == made.id else Tie.NOTHING
    _take_back(session, row, made, actor_id, now)
    return Tie.TAKEN_BACK


def _made(session: Session, row: CoffeePair) -> Connection | None:
    """The open connection that a round made of the two: this one, or another that they said of, too, that they met."""
    return session.scalars(
        select(Connection)
        .join(CoffeePair, CoffeePair.connection_id == Connection.id)
        .where(CoffeePair.low_id == row.low_id, CoffeePair.high_id == row.high_id, Connection.until.is_(None))
        .execution_options(populate_existing=True)
    ).first()


def _parted(session: Session, row: CoffeePair, made_at: datetime) -> bool:
    """Whether one of the two has parted from the other since the pairs were made: what they wanted then, stands.

    What was taken back was ended by nobody.
    """
    two = (row.low_id, row.high_id)
    ended = select(Connection.id).where(
        Connection.low_id == row.low_id,
        Connection.high_id == row.high_id,
        Connection.until >= made_at,
        Connection.ended_by_id.is_not(None),
    )
    declined = select(Introduction.id).where(
        Introduction.asker_id.in_(two),
        Introduction.asked_id.in_(two),
        or_(Introduction.asker_answer == "no", Introduction.asked_answer == "no"),
        or_(Introduction.closed_at.is_(None), Introduction.closed_at >= made_at),
    )
    never = select(Dismissal.member_id).where(
        Dismissal.member_id.in_(two),
        Dismissal.other_id.in_(two),
        Dismissal.until.is_(None),
        Dismissal.created_at >= made_at,
    )
    return bool(session.scalar(select(or_(exists(ended), exists(declined), exists(never)))))


def _connect(session: Session, row: CoffeePair, actor_id: int, now: datetime) -> bool:
    """Connect the two; those who are connected already stay as they are."""
    if pairs.connection_id(session, row.low_id, row.high_id) is not None:
        return False
    connections.make(session, row.low_id, row.high_id, "met", now)
    row.connection_id = pairs.connection_id(session, row.low_id, row.high_id)
    session.flush()
    detail: history.Detail = {"round": row.round_id}
    history.record(session, actor_id, "meet_over_coffee", "connection", row.connection_id, now, detail)
    return True


def _is_supported(session: Session, row: CoffeePair, made: Connection, actor_id: int) -> bool:
    """Whether anything but these two answers speaks for the connection, of all that the actor knows already.

    What the other wrote of it, or answered in another round, decides nothing: whether it stays would tell.
    """
    if (made.evidence, made.intensity) != ("met", 1):
        return True
    introduced = select(Introduction.id).where(
        Introduction.asker_id.in_((row.low_id, row.high_id)),
        Introduction.asked_id.in_((row.low_id, row.high_id)),
        Introduction.state == "accepted",
        Introduction.closed_at >= made.since,
    )
    if session.scalar(select(exists(introduced))):
        return True
    others = session.scalars(
        select(CoffeePair).where(
            CoffeePair.low_id == row.low_id, CoffeePair.high_id == row.high_id, CoffeePair.round_id != row.round_id
        )
    )
    return any((one.connection_id == made.id and have_met(one)) or _says(one, actor_id) == MET for one in others)


def _says(one: CoffeePair, member_id: int) -> str | None:
    return one.low_answer if one.low_id == member_id else one.high_answer


def _take_back(session: Session, row: CoffeePair, made: Connection, actor_id: int, now: datetime) -> None:
    """Let the connection never have been, as is known from now on; what was known of the days before stays readable."""
    made.until, made.ended_by_id = made.since, None
    made.change_number = changes.latest_number(session)
    session.flush()
    changes.touch(session, (row.low_id, row.high_id), now)
    detail: history.Detail = {"round": row.round_id}
    history.record(session, actor_id, "take_meeting_back", "connection", made.id, now, detail)
