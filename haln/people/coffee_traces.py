"""What a member leaves behind in coffee rounds: their wish to take part goes, that two met stays as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.orm import Session

from haln.models import CoffeeOptIn, CoffeePair, CoffeeRound, CoffeeSeat

Document = dict[str, Any]
Named = Callable[[int | None], str | None]

ERASING: Mapping[str, str] = {
    "coffee_opt_in.member_id": "deleted",
    "coffee_pair.high_id": "kept: a node without a name, so that rounds add up and nobody else meets again too soon",
    "coffee_pair.low_id": "kept: a node without a name, so that rounds add up and nobody else meets again too soon",
    "coffee_round.opened_by_id": "kept: a node without a name",
    "coffee_seat.member_id": "kept as a count",
}
"""What erasing does with each column of coffee rounds that points to a member."""

TAKEN: Mapping[str, str] = {
    "coffee_opt_in.member_id": "coffee_wishes",
    "coffee_pair.high_id": "coffee_meetings",
    "coffee_pair.low_id": "coffee_meetings",
    "coffee_round.opened_by_id": "coffee_rounds_opened",
    "coffee_seat.member_id": "coffee_rounds",
}
"""The part of the member's own copy in which each of them is found."""


def withdraw(session: Session, member_id: int) -> None:
    """Take a member who goes out of the rounds to come."""
    for statement in (
        delete(CoffeeOptIn).where(CoffeeOptIn.member_id == member_id),
        update(CoffeeSeat).where(CoffeeSeat.member_id == member_id).values(once=None),
    ):
        session.execute(statement, execution_options={"synchronize_session": "fetch"})


def others(session: Session, member_id: int) -> set[int]:
    """The people whom the copy names."""
    rows = session.execute(
        select(CoffeePair.low_id, CoffeePair.high_id).where(
            or_(CoffeePair.low_id == member_id, CoffeePair.high_id == member_id)
        )
    ).all()
    return {number for row in rows for number in row} - {member_id}


def parts(session: Session, member_id: int, named: Named) -> Mapping[str, list[Document]]:
    """What the member's own copy holds of coffee rounds. What the other of two said is theirs."""
    wishes = select(CoffeeOptIn.mode, CoffeeOptIn.wish, CoffeeOptIn.silent, CoffeeOptIn.since, CoffeeOptIn.changed_at)
    seats = (
        select(
            CoffeeRound.pairs_on,
            CoffeeRound.meet_by,
            (CoffeeSeat.group_number > 0).label("paired"),
            CoffeeSeat.once.label("wish_for_this_round_only"),
        )
        .join(CoffeeSeat, CoffeeSeat.round_id == CoffeeRound.id)
        .where(CoffeeSeat.member_id == member_id)
        .order_by(CoffeeRound.id)
    )
    opened = select(CoffeeRound.pairs_on, CoffeeRound.meet_by, CoffeeRound.state, CoffeeRound.opened_at)
    return {
        "coffee_wishes": _rows(session, wishes.where(CoffeeOptIn.member_id == member_id)),
        "coffee_rounds": _rows(session, seats),
        "coffee_meetings": _meetings(session, member_id, named),
        "coffee_rounds_opened": _rows(
            session, opened.where(CoffeeRound.opened_by_id == member_id).order_by(CoffeeRound.id)
        ),
    }


def _rows(session: Session, statement: Any) -> list[Document]:
    return [dict(row._mapping) for row in session.execute(statement)]


def _meetings(session: Session, member_id: int, named: Named) -> list[Document]:
    low = CoffeePair.low_id == member_id
    rows = _rows(
        session,
        select(
            CoffeeRound.pairs_on,
            case((low, CoffeePair.high_id), else_=CoffeePair.low_id).label("with"),
            case((low, CoffeePair.low_answer), else_=CoffeePair.high_answer).label("your_answer"),
            case((low, CoffeePair.low_at), else_=CoffeePair.high_at).label("answered_at"),
        )
        .join(CoffeePair, CoffeePair.round_id == CoffeeRound.id)
        .where(or_(low, CoffeePair.high_id == member_id))
        .order_by(CoffeeRound.id, CoffeePair.low_id, CoffeePair.high_id),
    )
    return [{**row, "with": named(row["with"])} for row in rows]
