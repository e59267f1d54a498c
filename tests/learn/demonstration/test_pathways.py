"""A demonstration's pathways: people at every stage, none before they joined, and the same each time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from haln.access import Actor, Audience
from haln.learn import pathways
from haln.learn.demonstration import short_pathway
from haln.learn.demonstration.pathways import write
from haln.models import Member, PathwayDone, PathwayFinish, PathwayModule, PathwayProgress, PathwayReflection
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted
from tests.people.demonstration.places import UNTIL, a_demonstration, an_empty_network
from tests.people.demonstration.test_writing import digest

WANTED = Wanted(300, 36, 7, UNTIL)


@pytest.fixture(scope="module")
def network() -> Iterator[Session]:
    with an_empty_network() as session:
        a_demonstration(session, 300, 36, 7)
        write(session, WANTED)
        short_pathway.write(session, WANTED)
        yield session


def test_the_same_numbers_give_the_same_rows(network: Session) -> None:
    with an_empty_network() as again:
        a_demonstration(again, 300, 36, 7)
        write(again, WANTED)
        short_pathway.write(again, WANTED)
        assert digest(again) == digest(network)


def test_people_are_at_every_stage_and_nobody_before_they_joined(network: Session) -> None:
    begun = network.scalar(select(func.count()).select_from(PathwayProgress)) or 0
    whole = network.scalar(select(func.count()).where(PathwayProgress.finished_at.is_not(None))) or 0
    assert begun > 40 and 4 < whole < begun / 2
    finishes = dict(
        network.execute(
            select(PathwayModule.position, func.count())
            .join(PathwayFinish, PathwayFinish.module_id == PathwayModule.id)
            .group_by(PathwayModule.position)
        ).all()
    )
    assert sorted(finishes) == [1, 2, 3, 4, 5] and finishes[1] > finishes[5]
    early = select(func.count()).select_from(PathwayDone).join(Member, Member.id == PathwayDone.member_id)
    assert network.scalar(early.where(PathwayDone.done_at < Member.joined_at)) == 0
    assert network.scalar(early.where(PathwayDone.done_at > Member.left_at)) == 0
    assert network.scalar(select(func.count()).select_from(PathwayReflection))


def test_who_signs_in_first_is_in_the_middle_of_it(network: Session) -> None:
    me = network.scalars(select(Member).where(Member.email == f"member@{DOMAIN}")).one()
    actor = Actor(me.id, me.public_id, me.name, Audience.MEMBER, True, 0)
    course, short = pathways.courses(network, actor)
    assert short.finished_at is not None and short.found and course.found
    assert course.finished_modules == 2 and course.resume is not None
    assert course.here is not None and course.here.done == 2


def test_a_handful_finished_the_short_pathway_and_may_be_found(network: Session) -> None:
    told = select(Member.email, PathwayFinish.finished_at, PathwayModule.shown_at, Member.joined_at)
    told = told.join(PathwayFinish, PathwayFinish.member_id == Member.id)
    told = told.join(PathwayModule, PathwayModule.id == PathwayFinish.module_id)
    rows = network.execute(told.where(PathwayModule.title == "The case on one page")).all()
    assert 4 <= len(rows) <= 9 and f"member@{DOMAIN}" in {row.email for row in rows}
    assert all(row.joined_at < row.shown_at < row.finished_at for row in rows)
