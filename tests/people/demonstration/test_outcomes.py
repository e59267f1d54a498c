"""The demonstration's outcomes and meetings could have happened, and are worded as the program words them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.models import Connection, Introduction, MeetingAnswer, Member, Outcome, OutcomeAgreement
from haln.people import masking
from tests.builders import NOW
from tests.people.demonstration.places import a_demonstration, an_empty_network


@pytest.fixture(scope="module")
def network() -> Iterator[Session]:
    with an_empty_network() as session:
        a_demonstration(session, 600)
        yield session


def test_a_believable_number_of_each_kind_and_consent_is_told(network: Session) -> None:
    rows = list(network.scalars(select(Outcome)))
    ties = network.scalar(select(func.count(Connection.id))) or 0
    assert 0.01 < len(rows) / ties < 0.1
    assert {row.consent for row in rows} == {"count", "anonymous", "named"} and len({row.kind for row in rows}) == 5
    assert any(row.set_id for row in rows) and any(row.amount for row in rows)


def test_days_stand_in_order_and_who_left_has_no_words(network: Session) -> None:
    members = {row.id: row for row in network.scalars(select(Member))}
    since = dict(network.execute(select(Connection.id, Connection.since)).all())
    for row in network.scalars(select(Outcome)):
        writer = members[row.written_by_id]
        assert writer.joined_at.date() <= row.happened_on <= row.written_at.date() <= NOW.date()
        assert row.connection_id is None or since[row.connection_id].date() < row.happened_on
        if writer.standing in ("left", "erased"):
            assert (row.text, row.told, row.signed, row.consent) == ("", "", "", "count")
    accepted = dict(network.execute(select(Introduction.id, Introduction.closed_at)).all())
    for answer in network.scalars(select(MeetingAnswer)):
        assert accepted[answer.introduction_id] + timedelta(days=14) <= answer.given_at <= NOW


def test_the_words_without_names_are_those_that_the_program_makes(network: Session) -> None:
    people = dict(network.execute(select(Member.id, Member.name).where(Member.standing == "active")).all())
    partners = {row.id: (row.low_id, row.high_id) for row in network.scalars(select(Connection))}
    checked = 0
    for row in network.scalars(select(Outcome).where(Outcome.text != "", Outcome.connection_id.is_not(None))):
        close = [masking.Person(one, people.get(one, "")) for one in partners[row.connection_id or 0]]
        if all(one.name for one in close):
            assert masking.masked(network, row.text, close, close) == row.told
            checked += 1
    assert checked > 5


def test_who_signs_in_as_the_member_has_something_to_see(network: Session) -> None:
    member = network.execute(select(Member.id).where(Member.email.startswith("member@"))).scalar_one()
    told = select(func.count(Outcome.id)).where(Outcome.written_by_id == member)
    asked = select(func.count()).select_from(OutcomeAgreement).where(OutcomeAgreement.member_id == member)
    assert (network.scalar(told) or 0) + (network.scalar(asked) or 0) > 0
