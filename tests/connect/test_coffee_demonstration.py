"""A demonstration's coffee rounds: three years of them, the same each time, and nothing that is still to come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.connect import coffee_demonstration, coffee_schedule
from haln.models import CoffeeOptIn, CoffeePair, CoffeeRound, CoffeeSeat, Connection, ConnectionVersion, Member
from haln.people.demonstration.writing import Wanted
from tests.builders import NOW
from tests.coffee_builders import top_sector
from tests.people.demonstration import places

MEMBERS, MONTHS = 200, 18


def made() -> Iterator[Session]:
    with places.an_empty_network() as session:
        places.a_demonstration(session, members=MEMBERS, months=MONTHS)
        session.info["before"] = session.scalar(select(func.max(Connection.id)))
        coffee_demonstration.write(session, top_sector, Wanted(MEMBERS, MONTHS, 7, places.UNTIL))
        yield session


@pytest.fixture(scope="module")
def invented() -> Iterator[Session]:
    yield from made()


def rows(session: Session) -> list[tuple[object, ...]]:
    pairs = select(CoffeePair.round_id, CoffeePair.low_id, CoffeePair.high_id, CoffeePair.low_answer, CoffeePair.low_at)
    opted = select(CoffeeOptIn.member_id, CoffeeOptIn.mode, CoffeeOptIn.wish).order_by(CoffeeOptIn.member_id)
    found = session.execute(pairs.order_by(CoffeePair.round_id, CoffeePair.low_id, CoffeePair.high_id)).all()
    return [tuple(row) for row in (*found, *session.execute(opted))]


def test_the_same_seed_makes_the_same_rounds(invented: Session) -> None:
    for again in made():
        assert rows(again) == rows(invented)


def test_there_are_rounds_that_are_over_one_under_way_and_one_to_come(invented: Session) -> None:
    states = invented.scalars(select(CoffeeRound.state).order_by(CoffeeRound.pairs_on)).all()
    assert states[-2:] == ["made", "open"] and set(states[:-2]) == {"closed"} and len(states) > 8


def test_the_round_to_come_is_on_a_day_of_the_rule_that_opened_it(invented: Session) -> None:
    row = invented.scalars(select(CoffeeRound).where(CoffeeRound.state == "open")).one()
    kept = coffee_schedule.schedule(invented)
    assert row.by_itself and kept is not None
    assert row.pairs_on == coffee_schedule.day_of(kept.rule, row.pairs_on.year, row.pairs_on.month)
    assert (row.meet_by - row.pairs_on).days == 7 * kept.rule.weeks_to_meet


def test_people_met_and_were_silent_and_none_of_it_is_still_to_come(invented: Session) -> None:
    answers = {*invented.scalars(select(CoffeePair.low_answer)), *invented.scalars(select(CoffeePair.high_answer))}
    assert answers == {"met", "not_yet", "no", None}
    assert invented.scalar(select(func.max(CoffeePair.low_at))) <= NOW
    modes = set(invented.scalars(select(CoffeeOptIn.mode)))
    assert {"every", "next"} <= modes
    paired = select(func.count()).select_from(CoffeeSeat).where(CoffeeSeat.group_number > 0)
    assert invented.scalar(paired) > 100


def test_those_who_met_are_connected_by_it_within_their_time_as_members(invented: Session) -> None:
    ties = select(Connection).join(CoffeePair, CoffeePair.connection_id == Connection.id)
    found = invented.scalars(ties).all()
    assert len(found) > 30
    members = {row.id: row for row in invented.scalars(select(Member))}
    for tie in found:
        assert tie.evidence == "met" and tie.id > invented.info["before"]
        for member in (tie.low_id, tie.high_id):
            assert members[member].joined_at < tie.since
            left = members[member].left_at
            assert left is None or (tie.until is not None and tie.until <= max(left, tie.since))
    kept = set(invented.scalars(select(ConnectionVersion.connection_id)))
    assert {tie.id for tie in found} <= kept


def test_nobody_met_twice(invented: Session) -> None:
    pairs = [(row.low_id, row.high_id) for row in invented.execute(select(CoffeePair.low_id, CoffeePair.high_id))]
    assert len(pairs) == len(set(pairs))
