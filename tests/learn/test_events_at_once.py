"""Two people act on one event's places at once: one has the last place, the other waits. On both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from haln.db import prepare_engine
from haln.learn import event_calendars, event_lists, event_mail, event_registrations, events
from haln.models import Event, EventRegistration, Mail
from tests.builders import NOW, Cast, an_actor, the_cast
from tests.connect.test_at_once import Act, at_once
from tests.event_builders import LONDON, THEMES, an_event, register, the_facts


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(database_url)
    prepare_engine(made)
    yield made
    made.dispose()


class Scene:
    """An event with room for so many, on a database of its own: every act opens its own session."""

    def __init__(self, engine: Engine, capacity: int, *placed: str) -> None:
        self.engine = engine
        with Session(engine, expire_on_commit=False) as session:
            self.cast: Cast = the_cast(session)
            self.row = an_event(session, self.cast.fay, capacity=capacity)
            for name in placed:
                register(session, self.row, getattr(self.cast, name))
            session.commit()

    def register(self, name: str) -> Act:
        return lambda session: register(session, self.row, getattr(self.cast, name))

    def give_up(self, name: str) -> Act:
        return lambda session: event_registrations.give_up(
            session, an_actor(session, getattr(self.cast, name)), self.row.public_id, NOW
        )

    def raise_to(self, capacity: int) -> Act:
        return lambda session: events.change(
            session,
            an_actor(session, self.cast.fay),
            self.row.public_id,
            the_facts(capacity=capacity),
            THEMES,
            0,
            LONDON,
            NOW,
        )

    def states(self) -> Counter[str]:
        with Session(self.engine) as session:
            return Counter(session.scalars(select(EventRegistration.state)))


def test_of_two_who_want_the_last_place_one_has_it_and_the_other_waits(engine: Engine) -> None:
    scene = Scene(engine, 1)
    assert at_once(engine, scene.register("ada"), scene.register("ben"), scene.register("cai")) == ["done"] * 3
    assert scene.states() == {"registered": 1, "waiting": 2}


def test_a_double_click_is_one_registration(engine: Engine) -> None:
    scene = Scene(engine, 2)
    outcomes = at_once(engine, *[scene.register("ada")] * 3)
    assert set(outcomes) == {"done"}
    assert scene.states() == {"registered": 1}
    with Session(engine) as session:
        assert len(session.scalars(select(Mail.id)).all()) == 1


def test_a_place_that_is_given_up_while_another_registers_is_taken_once(engine: Engine) -> None:
    scene = Scene(engine, 1, "ada", "ben")
    assert at_once(engine, scene.give_up("ada"), scene.register("cai"), scene.register("dee")) == ["done"] * 3
    assert scene.states() == {"registered": 1, "waiting": 2, "cancelled": 1}


def test_a_capacity_is_raised_while_somebody_registers(engine: Engine) -> None:
    scene = Scene(engine, 1, "ada", "ben", "cai")
    assert at_once(engine, scene.raise_to(3), scene.register("dee")) == ["done"] * 2
    assert scene.states() == {"registered": 3, "waiting": 1}


def test_pages_and_reminders_read_the_same_on_both(engine: Engine) -> None:
    scene = Scene(engine, 1, "ada", "ben")
    with Session(engine) as session:
        ada = an_actor(session, scene.cast.ada)
        assert event_lists.page(session, ada, scene.row.public_id, str, 7, NOW).line.full
        assert len(event_lists.coming(session, ada, "", NOW).mine) == 1
        assert event_registrations.fill_due(session, NOW) == 0
        row = session.get_one(Event, scene.row.id)
        row.starts_at, row.ends_at = NOW.replace(hour=20), NOW.replace(hour=21)
        for one in session.scalars(select(EventRegistration)):
            one.changed_at = NOW.replace(hour=1)
        session.flush()
        assert event_mail.remind(session, NOW) == 1
        assert event_mail.remind(session, NOW) == 0


def test_a_double_click_makes_one_address_and_one_event(engine: Engine) -> None:
    scene = Scene(engine, 2)

    def calendar(session: Session) -> None:
        event_calendars.open_feed(session, an_actor(session, scene.cast.ada), NOW)

    def plan(session: Session) -> None:
        events.create(session, an_actor(session, scene.cast.sol), the_facts(), THEMES, LONDON, NOW)

    assert at_once(engine, calendar, calendar, calendar) == ["done"] * 3
    assert sorted(at_once(engine, plan, plan, plan)) == ["Invalid", "Invalid", "done"]
