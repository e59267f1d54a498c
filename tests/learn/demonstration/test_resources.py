"""A demonstration's resources: three years of them, each plainly invented, for every page something, the same twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.learn.demonstration.resources import FEWEST, KINDS, write
from haln.learn.resources import contents, searching
from haln.learn.resources.searching import Query
from haln.models import Member, Resource, ResourceAuthor, ResourceBookmark, ResourceRelated, ResourceUse
from haln.people.demonstration.people import DOMAIN
from haln.people.demonstration.writing import Wanted
from haln.taxonomy import vocabulary
from tests.people.demonstration.places import UNTIL, a_demonstration, an_empty_network

MEMBERS, MONTHS, SEED = 600, 36, 7
WORDS = vocabulary.load()


def written(session: Session, members: int = MEMBERS) -> int:
    a_demonstration(session, members, MONTHS, SEED)
    return write(session, WORDS, Wanted(members, MONTHS, SEED, UNTIL))


@pytest.fixture(scope="module")
def network() -> Iterator[Session]:
    with an_empty_network() as session:
        written(session)
        yield session


def rows(session: Session) -> list[Resource]:
    return list(session.scalars(select(Resource).order_by(Resource.id)))


def test_there_are_as_many_as_a_network_of_three_years_has(network: Session) -> None:
    assert Counter(row.kind for row in rows(network) if row.shown) == KINDS
    assert {row.state for row in rows(network)} == {"settled", "review", "declined", "draft", "changes"}
    years = {row.published_at.year for row in rows(network) if row.published_at}
    assert len(years) >= 3


def test_every_text_is_whole_fits_its_form_and_says_that_it_is_invented(network: Session) -> None:
    now = datetime(UNTIL.year, UNTIL.month, UNTIL.day, tzinfo=UTC) + timedelta(days=1)
    for row in rows(network):
        content = contents.read(row.draft)
        assert contents.tidy(row.kind, content, WORDS) == content
        contents.ready(row.kind, content, now)
        assert "This text is invented" in content.text()
        assert "{" not in content.text() and "  " not in content.title
        assert not content.link or ".demo.haln.example/" in content.link


def test_nobody_wrote_before_they_came_and_nothing_is_of_tomorrow(network: Session) -> None:
    end = datetime(UNTIL.year, UNTIL.month, UNTIL.day, tzinfo=UTC)
    joined = {row.id: row.joined_at for row in network.execute(select(Member.id, Member.joined_at))}
    wrote = network.execute(select(ResourceAuthor.resource_id, ResourceAuthor.member_id)).all()
    moments = {row.id: row.changed_at for row in rows(network)}
    assert all(joined[member] < moments[resource] < end for resource, member in wrote)
    assert all(day <= UNTIL for day in network.scalars(select(ResourceUse.day)))


def test_every_page_has_something(network: Session) -> None:
    member = network.scalars(select(Member.id).where(Member.email == f"member@{DOMAIN}")).one()
    page = searching.search(network, WORDS, member, Query())
    assert page.total == sum(KINDS.values()) and all(len(page.counts[facet]) > 2 for facet in searching.FACETS)
    assert searching.search(network, WORDS, member, Query("what")).total > 3
    assert network.scalars(select(ResourceBookmark.member_id)).first() == member
    assert len(set(network.scalars(select(ResourceRelated.resource_id)))) > page.total * 0.9


def test_the_same_seed_writes_the_same_and_a_small_network_has_few() -> None:
    found = []
    for _ in range(2):
        with an_empty_network() as session:
            written(session, 60)
            found.append([(row.public_id, row.kind, row.state, row.draft) for row in rows(session)])
    assert found[0] == found[1]
    assert Counter(kind for _, kind, state, _ in found[0] if state == "settled")["recording"] == FEWEST
