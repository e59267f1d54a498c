"""Coffee rounds as rows: who asks, and who was put together with whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import combinations

from sqlalchemy.orm import Session

from haln.connect import coffee_opting, coffee_pairing, coffee_rounds
from haln.connect.coffee_rounds import Facts
from haln.models import CoffeePair, CoffeeRound, CoffeeSeat
from haln.people.tokens import public_id
from haln.taxonomy import vocabulary
from tests.builders import NOW, an_actor

TODAY = NOW.date()
FACTS = Facts(TODAY, TODAY + timedelta(days=28))
WORDS = vocabulary.load()


def top_sector(code: str) -> str:
    """The sector above a kind of sector."""
    return WORDS.top_sector(code).code


def ask(session: Session, members: Iterable[int], mode: str = "every", wish: str = "") -> None:
    """Let members ask to be paired."""
    for member in members:
        coffee_opting.opt_in(session, an_actor(session, member), mode, wish, NOW - timedelta(hours=1))


def an_open_round(session: Session, staff: int, facts: Facts = FACTS) -> CoffeeRound:
    """A round whose pairs are still to be made."""
    made = coffee_rounds.open_round(session, an_actor(session, staff), facts, TODAY, NOW)
    return session.query(CoffeeRound).filter_by(public_id=made).one()


def make(session: Session, staff: int, row: CoffeeRound) -> int:
    """Make its pairs."""
    actor = an_actor(session, staff)
    return coffee_pairing.make(session, actor, row.public_id, row.version, TODAY, NOW, top_sector)


def a_round(session: Session, groups: Sequence[Sequence[int]], days: int = 7, **facts: object) -> CoffeeRound:
    """A round whose pairs were made so many days ago, to meet within four weeks."""
    values: dict[str, object] = {
        "public_id": public_id(),
        "pairs_on": TODAY - timedelta(days=days),
        "meet_by": TODAY + timedelta(days=28 - days),
        "state": "made",
        "opened_at": NOW - timedelta(days=days + 10),
        "made_at": NOW - timedelta(days=days),
        "told": {},
    }
    row = CoffeeRound(**{**values, **facts})
    session.add(row)
    session.flush()
    for number, group in enumerate(groups, start=1):
        session.add_all(CoffeeSeat(round_id=row.id, member_id=one, group_number=number) for one in group)
        session.add_all(
            CoffeePair(round_id=row.id, low_id=low, high_id=high) for low, high in combinations(sorted(group), 2)
        )
    session.flush()
    return row
