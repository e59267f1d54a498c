"""Two requests at once: the limit of backings holds, nothing is lost, nothing goes round. On both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.learn import topic_answers, topic_backings, topic_comments, topic_planning, topic_state
from haln.learn.topic_lists import SORTS, Query, search
from haln.learn.topic_planning import Frame
from haln.models import Event, Topic, TopicBacking, TopicComment
from tests.builders import NOW, Cast, an_actor, the_cast
from tests.connect.test_at_once import Act, at_once
from tests.event_builders import LONDON, THEMES
from tests.topic_builders import RULES, a_topic, backed_by, backers


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


class Scene:
    """Five topics, of which Ada backs some; every act opens its own session."""

    def __init__(self, engine: Engine, backed: int = 0) -> None:
        self.engine = engine
        with Session(engine, expire_on_commit=False) as session:
            self.cast: Cast = the_cast(session)
            self.rows = [a_topic(session, self.cast.dee, f"Topic {number}") for number in range(5)]
            for row in self.rows[:backed]:
                backed_by(session, row, self.cast.ada)
            session.commit()

    def back(self, number: int) -> Act:
        return lambda session: topic_backings.back(
            session, an_actor(session, self.cast.ada), self.rows[number].public_id, False, RULES, NOW
        )

    def move(self, number: int) -> Act:
        return lambda session: topic_backings.move(
            session, an_actor(session, self.cast.ada), self.rows[number].public_id, RULES, NOW
        )

    def retire(self, number: int, other: int) -> Act:
        return lambda session: topic_answers.retire(
            session,
            an_actor(session, self.cast.sol),
            self.rows[number].public_id,
            self.rows[other].public_id,
            "Why not.",
            NOW,
        )

    def take_back(self, number: int) -> Act:
        return lambda session: topic_backings.take_back(
            session, an_actor(session, self.cast.ada), self.rows[number].public_id, NOW
        )

    def name(self, number: int) -> Act:
        return lambda session: topic_backings.name_me(
            session, an_actor(session, self.cast.ada), self.rows[number].public_id, False, NOW
        )

    def answer(self, number: int) -> Act:
        return lambda session: topic_answers.answer(
            session, an_actor(session, self.cast.sol), self.rows[number].public_id, "Yes.", 0, NOW
        )

    def say(self, number: int) -> Act:
        return lambda session: topic_comments.say(
            session, an_actor(session, self.cast.ben), self.rows[number].public_id, "We tried it.", NOW
        )

    def used(self) -> int:
        with Session(self.engine) as session:
            return topic_state.used(session, self.cast.ada)


def test_of_two_backings_at_once_with_room_for_one_only_one_is_made(engine: Engine) -> None:
    scene = Scene(engine, backed=2)
    assert sorted(at_once(engine, scene.back(2), scene.back(3), scene.back(4))) == ["Conflict", "Conflict", "done"]
    assert scene.used() == RULES.backings


def test_a_double_click_backs_once(engine: Engine) -> None:
    scene = Scene(engine)
    assert at_once(engine, *[scene.back(0)] * 3) == ["done"] * 3
    assert scene.used() == 1


def test_backing_another_while_moving_ones_backing_never_exceeds_the_limit(engine: Engine) -> None:
    scene = Scene(engine, backed=3)
    with Session(engine) as session:
        scene.retire(0, 3)(session)
        session.commit()
    assert sorted(at_once(engine, scene.move(0), scene.back(4))) == ["Conflict", "done"]
    assert scene.used() == RULES.backings


def test_a_topic_is_backed_while_it_is_retired_and_stays_where_it_was_put(engine: Engine) -> None:
    scene = Scene(engine)
    outcomes = at_once(engine, scene.back(0), scene.retire(0, 1))
    assert outcomes[1] == "done" and outcomes[0] in ("done", "Conflict")
    with Session(engine) as session:
        backed = [row.topic_id for row in session.scalars(select(TopicBacking))]
    assert backed == ([scene.rows[0].id] if outcomes[0] == "done" else [])


@pytest.mark.parametrize("mine", ["take_back", "name", "move", "back"])
@pytest.mark.parametrize("theirs", ["answer", "retire"])
def test_staff_and_a_backer_who_act_at_once_do_not_wait_for_one_another(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, mine: str, theirs: str
) -> None:
    scene = Scene(engine, backed=2)
    with Session(engine) as session:
        scene.retire(0, 1)(session)
        session.commit()
    number = {"move": 0, "back": 2}.get(mine, 1)
    on = 1 if number == 0 else number  # what the move leads to
    real = topic_backings.hold

    def slowly(session: Session, *member_ids: int) -> None:
        real(session, *member_ids)
        time.sleep(0.2)  # for the other to come as far as it can

    monkeypatch.setattr(topic_backings, "hold", slowly)
    done = scene.answer(on) if theirs == "answer" else scene.retire(on, 3)
    outcomes = at_once(engine, getattr(scene, mine)(number), done)
    assert outcomes[1] == "done" and outcomes[0] in ("done", "Conflict")


def test_of_two_who_retire_each_in_favour_of_the_other_one_is_refused(engine: Engine) -> None:
    scene = Scene(engine)
    assert sorted(at_once(engine, scene.retire(0, 1), scene.retire(1, 0))) == ["Invalid", "done"]
    with Session(engine) as session:
        assert len(session.scalars(select(Topic).where(Topic.state == "retired")).all()) == 1


def test_a_comment_that_comes_while_a_topic_is_retired_is_there_or_refused(engine: Engine) -> None:
    scene = Scene(engine)
    outcomes = at_once(engine, scene.say(0), scene.retire(0, 1))
    assert outcomes[1] == "done" and outcomes[0] in ("done", "Conflict")
    with Session(engine) as session:
        assert len(session.scalars(select(TopicComment)).all()) == (outcomes[0] == "done")


def test_a_button_that_is_pressed_twice_makes_one_event(engine: Engine) -> None:
    scene = Scene(engine)
    with Session(engine) as session:
        backers(session, session.get_one(Topic, scene.rows[0].id), 8)
        session.commit()

    def make(session: Session) -> None:
        fay, frame = an_actor(session, scene.cast.fay), Frame("Online", LONDON)
        topic_planning.make_event(session, fay, scene.rows[0].public_id, THEMES, frame, RULES, NOW)

    assert sorted(at_once(engine, make, make)) == ["Conflict", "done"]
    with Session(engine) as session:
        assert len(session.scalars(select(Event)).all()) == 1


def test_both_databases_find_the_same_in_the_same_order(engine: Engine) -> None:
    scene = Scene(engine, backed=1)
    with Session(engine) as session:
        backers(session, session.get_one(Topic, scene.rows[2].id), 11)
        session.get_one(Topic, scene.rows[3].id).themes = ["housing", "food"]
        session.commit()
        ada = an_actor(session, scene.cast.ada)

        def titles(query: Query) -> list[str]:
            return [line.title for line in search(session, ada, query, sorted(THEMES), RULES).rows]

        assert titles(Query(sort="backed"))[:2] == ["Topic 2", "Topic 0"]
        assert titles(Query(chosen={"theme": frozenset({"housing"})})) == ["Topic 3"]
        assert titles(Query("topic 4")) == ["Topic 4"] and titles(Query(mine=True)) == ["Topic 0"]
        page = search(session, ada, Query(), sorted(THEMES), RULES)
        assert page.counts == {"state": {"open": 5}, "theme": {"food": 5, "housing": 1}}
        assert set(SORTS) == {"newest", "backed", "discussed"}
