"""A demonstration's topics: in every state, within the limit, told by people who were there, the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from haln.learn.demonstration import events
from haln.learn.demonstration.topics import MOST_BACKED, write
from haln.learn.topic_state import ALIVE
from haln.models import Member, Topic, TopicAnswer, TopicBacking, TopicComment, TopicResult
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted
from haln.taxonomy import vocabulary
from tests.people.demonstration.places import UNTIL, a_demonstration, an_empty_network
from tests.people.demonstration.test_writing import digest

WANTED = Wanted(300, 36, 7, UNTIL)
END = datetime.combine(UNTIL, time(8), UTC)


def made(session: Session) -> None:
    a_demonstration(session, 300, 36, 7)
    events.write(session, vocabulary.load(), WANTED)
    write(session, WANTED)


@pytest.fixture(scope="module")
def network() -> Iterator[Session]:
    with an_empty_network() as session:
        made(session)
        yield session


def test_the_same_numbers_give_the_same_rows(network: Session) -> None:
    with an_empty_network() as again:
        made(again)
        assert digest(again) == digest(network)


def test_topics_are_in_every_state_and_something_came_of_some(network: Session) -> None:
    states = dict(network.execute(select(Topic.state, func.count()).group_by(Topic.state)).all())
    assert set(states) == {"open", "answered", "planned", "held", "retired"} and sum(states.values()) > 20
    assert network.scalar(select(func.count()).where(Topic.successor_id.is_not(None)))
    results = network.scalar(select(func.count()).select_from(TopicResult))
    assert results == states["planned"] + states["held"]
    assert network.scalar(select(func.count()).select_from(TopicAnswer))


def test_nobody_backs_more_than_one_can_or_speaks_before_they_joined(network: Session) -> None:
    live = (
        select(func.count())
        .select_from(TopicBacking)
        .join(Topic, Topic.id == TopicBacking.topic_id)
        .where(Topic.state.in_(ALIVE))
        .group_by(TopicBacking.member_id)
    )
    assert max(network.scalars(live)) <= MOST_BACKED
    for model, moment in ((TopicBacking, TopicBacking.backed_at), (TopicComment, TopicComment.written_at)):
        wrong = (
            select(func.count())
            .select_from(model)
            .join(Member, Member.id == model.member_id)
            .join(Topic, Topic.id == model.topic_id)
            .where(or_(moment < Member.joined_at, moment < Topic.proposed_at, moment > END))
        )
        assert network.scalar(select(func.count()).select_from(model)) and network.scalar(wrong) == 0


def test_who_signs_in_first_backs_three_topics(network: Session) -> None:
    me = network.scalars(select(Member.id).where(Member.email == f"member@{DOMAIN}")).one()
    mine = select(func.count()).select_from(TopicBacking).join(Topic, Topic.id == TopicBacking.topic_id)
    assert (network.scalar(mine.where(TopicBacking.member_id == me, Topic.state.in_(ALIVE))) or 0) >= 3
