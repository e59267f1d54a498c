"""A whole coffee round on both databases, from asking to being counted, and what erasing leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from haln.connect import coffee_demonstration, coffee_meetings, coffee_pages, coffee_pairing, coffee_rounds
from haln.measure import attribution, facts
from haln.measure.attribution import COFFEE
from haln.measure.periods import Period
from haln.measure.questions import Question
from haln.models import CoffeeOptIn, CoffeePair, CoffeeRound, Member
from haln.people import erasure, own_data
from haln.people.demonstration.writing import Wanted
from tests.builders import NOW, Cast, a_member, an_actor, the_cast
from tests.coffee_builders import TODAY, WORDS, an_open_round, ask, make, top_sector
from tests.people.demonstration import places


@pytest.fixture
def network(stored: Session) -> Cast:
    cast = the_cast(stored)
    ask(stored, [*cast.everyone(), *(a_member(stored, f"Person{number} Number").id for number in range(9))])
    stored.commit()
    return cast


def test_a_round_from_asking_to_being_counted(stored: Session, network: Cast) -> None:
    sol = an_actor(stored, network.sol)
    row = an_open_round(stored, network.sol)
    stored.commit()
    told = coffee_pairing.dry_run(stored, sol, row.public_id, TODAY, NOW, top_sector)
    assert make(stored, network.sol, row) == 7 and told.people == 15
    stored.commit()
    found = coffee_pages.meetings(stored, an_actor(stored, network.ada), TODAY)
    other = found.now[0].person
    coffee_meetings.answer(stored, an_actor(stored, network.ada), row.public_id, other.public_id, "met", NOW)
    stored.commit()
    later = NOW + timedelta(days=60)
    assert coffee_meetings.due(stored, later.date(), later) == 2
    stored.commit()
    assert coffee_rounds.one(stored, row.public_id).told["met"] == 1
    assert len(coffee_rounds.listing(stored)) == 1
    assert coffee_rounds.asking(stored, TODAY).ready == 15
    assert own_data.collected(stored, network.ada, later)["coffee_meetings"][0]["your_answer"] == "met"
    erasure.erase(stored, network.ada, later)
    stored.commit()
    assert stored.scalar(select(func.count()).select_from(CoffeePair)) == 9
    assert stored.get(CoffeeOptIn, network.ada) is None


def test_the_database_itself_keeps_a_second_round_from_being_open(stored: Session, network: Cast) -> None:
    an_open_round(stored, network.sol)
    stored.commit()
    stored.add(
        CoffeeRound(public_id="another", pairs_on=TODAY, meet_by=TODAY + timedelta(days=9), opened_at=NOW, told={})
    )
    with pytest.raises(IntegrityError):
        stored.flush()
    stored.rollback()


def test_a_demonstrations_ties_are_told_as_made_by_coffee(stored: Session) -> None:
    places.a_country(stored)
    places.a_demonstration(stored, members=120, months=9)
    coffee_demonstration.write(stored, top_sector, Wanted(120, 9, 7, places.UNTIL))
    stored.commit()
    until = places.UNTIL - timedelta(days=1)
    period = Period(until - timedelta(days=180), Question(until))
    found = attribution.told(stored, facts.read(stored, WORDS), period)
    assert found.made_by(COFFEE) > 5
    assert sum(part.ties for part in found.parts) == found.ties
    assert stored.scalar(select(func.count(Member.id))) == 120
