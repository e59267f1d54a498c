"""Two act on resources at the same moment, on both databases: nothing is lost, nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.learn.resources import drafts, reading, reviews
from haln.models import Resource, ResourceRelated, ResourceUse, ResourceVersion
from tests.builders import NOW, Cast, an_actor, the_cast
from tests.connect.test_at_once import Act, at_once
from tests.resource_builders import WORDS, a_content, a_draft, published, sent


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


@pytest.fixture
def people(engine: Engine) -> Cast:
    with Session(engine) as session:
        cast = the_cast(session)
        session.commit()
    return cast


def publish(cast: Cast, key: str, version: int) -> Act:
    return lambda session: reviews.decide(session, an_actor(session, cast.sol), key, "publish", "", version, NOW)


def test_what_is_published_at_once_is_all_there_and_near_each_other(engine: Engine, people: Cast) -> None:
    with Session(engine) as session:
        published(session, people.dee, people.sol, a_content("Bread of old"))
        rows = [sent(session, people.ada, a_content(f"Bread {number}")) for number in range(4)]
        acts = [publish(people, row.public_id, row.version) for row in rows]
        session.commit()
    assert at_once(engine, *acts) == ["done"] * 4
    with Session(engine) as session:
        assert session.scalar(select(func.count(Resource.id)).where(Resource.shown == 1)) == 5
        assert session.scalar(select(func.count()).select_from(ResourceRelated)) == 5 * 4


def changed(session: Session, cast: Cast, title: str) -> Act:
    """A resource that readers see, whose change waits for staff; and the act that publishes it."""
    row = published(session, cast.ada, cast.sol, a_content(title))
    ada = an_actor(session, cast.ada)
    drafts.save(session, ada, row.public_id, a_content(f"{title} again"), row.version, WORDS, NOW)
    drafts.send(session, ada, row.public_id, NOW)
    return publish(cast, row.public_id, row.version)


def test_changes_of_what_is_shown_already_are_published_at_once(engine: Engine, people: Cast) -> None:
    with Session(engine) as session:
        acts = [changed(session, people, f"Bread {number}") for number in range(4)]
        session.commit()
    assert at_once(engine, *acts) == ["done"] * 4
    with Session(engine) as session:
        assert session.scalar(select(func.count(Resource.id)).where(Resource.shown == 2)) == 4
        assert session.scalar(select(func.count()).select_from(ResourceRelated)) == 4 * 3


def test_publishing_and_taking_down_at_once_are_both_done(engine: Engine, people: Cast) -> None:
    for number in range(4):
        with Session(engine) as session:
            change = changed(session, people, f"Bread {number}")
            key = published(session, people.dee, people.sol, a_content(f"Rolls {number}")).public_id
            session.commit()

        def down(session: Session, key: str = key) -> None:
            drafts.take_down(session, an_actor(session, people.dee), key, "", NOW)

        assert at_once(engine, change, down) == ["done", "done"]
    with Session(engine) as session:
        assert session.scalar(select(func.count(Resource.id)).where(Resource.shown == 2)) == 4
        assert session.scalar(select(func.count(Resource.id)).where(Resource.shown.is_(None))) == 4
        assert session.scalar(select(func.count()).select_from(ResourceRelated)) == 4 * 3


def test_one_resource_is_answered_once(engine: Engine, people: Cast) -> None:
    with Session(engine) as session:
        row = sent(session, people.ada)
        acts = [publish(people, row.public_id, row.version)] * 3
        session.commit()
    assert sorted(at_once(engine, *acts)) == ["Conflict", "Conflict", "done"]
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(ResourceVersion)) == 1


def test_of_two_who_save_at_once_one_is_told(engine: Engine, people: Cast) -> None:
    with Session(engine) as session:
        row = a_draft(session, people.ada)
        key, seen = row.public_id, row.version
        session.commit()

    def save(title: str) -> Act:
        return lambda session: drafts.save(
            session, an_actor(session, people.ada), key, a_content(title), seen, WORDS, NOW
        )

    assert sorted(at_once(engine, save("One"), save("Two"))) == ["Conflict", "done"]


def test_uses_at_once_are_each_counted_once(engine: Engine, people: Cast) -> None:
    with Session(engine) as session:
        key = published(session, people.ada, people.sol).public_id
        session.commit()

    def use(member: int) -> Act:
        return lambda session: reading.use(session, an_actor(session, member), key, NOW)

    members = (people.ben, people.cai, people.dee, people.ben, people.ben)
    assert at_once(engine, *(use(member) for member in members)) == ["done"] * 5
    with Session(engine) as session:
        assert session.scalar(select(func.sum(ResourceUse.count))) == 3
