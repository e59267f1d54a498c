"""Two people act on one introduction at the same moment: one wins, the other is told. On both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from haln.connect import answers, blocks, introductions, weaving
from haln.connect.introductions import Rules
from haln.connect.stored_lists import Entry, StoredList
from haln.connect.suggestion_rows import write_lists
from haln.db import prepare_engine
from haln.errors import Conflict, HalnError, NotFound
from haln.models import Connection, Introduction, Member, Suggestion
from tests.builders import NOW, Cast, an_actor, the_cast

Act = Callable[[Session], object]
RULES = Rules()


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


def at_once(engine: Engine, *acts: Act) -> list[str]:
    """Do all of these at the same moment, each in a transaction of its own; "done", or the error's name."""
    ready = threading.Barrier(len(acts))
    outcomes = [""] * len(acts)

    def run(place: int, act: Act) -> None:
        ready.wait()
        with Session(engine) as session:
            try:
                act(session)
                session.commit()
                outcomes[place] = "done"
            except HalnError as error:
                outcomes[place] = type(error).__name__

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def ask(one: int, other: int) -> Act:
    def act(session: Session) -> object:
        them = session.get_one(Member, other).public_id
        return introductions.ask(session, an_actor(session, one), them, "", RULES, NOW)

    return act


def on_the_one(act: Callable[..., object], member_id: int) -> Act:
    def run(session: Session) -> object:
        name = session.scalars(select(Introduction.public_id)).one()
        return act(session, an_actor(session, member_id), name, NOW)

    return run


def counted(engine: Engine) -> tuple[int, list[str]]:
    with Session(engine) as session:
        states = session.scalars(select(Introduction.state).order_by(Introduction.id)).all()
        return session.scalar(select(func.count(Connection.id))) or 0, list(states)


@pytest.mark.parametrize("other", [answers.accept, answers.decline, introductions.withdraw])
def test_of_an_accept_and_something_else_one_wins(engine: Engine, people: Cast, other: Callable[..., object]) -> None:
    at_once(engine, ask(people.ada, people.cai))
    who = people.ada if other is introductions.withdraw else people.cai
    outcomes = at_once(engine, on_the_one(answers.accept, people.cai), on_the_one(other, who))
    assert sorted(outcomes) == sorted([Conflict.__name__, "done"])
    connections, states = counted(engine)
    assert connections == (1 if outcomes[0] == "done" or other is answers.accept else 0)
    assert (states == ["accepted"]) == (connections == 1)


def test_two_who_ask_each_other_at_once_are_connected_once(engine: Engine, people: Cast) -> None:
    assert at_once(engine, ask(people.ada, people.cai), ask(people.cai, people.ada)) == ["done", "done"]
    assert counted(engine) == (1, ["accepted"])


def test_both_yes_to_a_woven_introduction_at_once_connect(engine: Engine, people: Cast) -> None:
    def weave(session: Session) -> None:
        ids = [session.get_one(Member, member).public_id for member in (people.ada, people.cai)]
        weaving.weave(session, an_actor(session, people.ben), ids[0], ids[1], "Local food", RULES, NOW)

    at_once(engine, weave)
    yes = [on_the_one(answers.accept, member) for member in (people.ada, people.cai)]
    assert at_once(engine, *yes) == ["done", "done"]
    assert counted(engine) == (1, ["accepted"])


def test_nobody_gets_more_open_introductions_than_allowed_by_asking_at_once(engine: Engine, people: Cast) -> None:
    others = (people.ben, people.cai, people.dee, people.fay)

    def only_two(other: int) -> Act:
        def act(session: Session) -> object:
            them = session.get_one(Member, other).public_id
            return introductions.ask(session, an_actor(session, people.ada), them, "", Rules(open_at_once=2), NOW)

        return act

    assert sorted(at_once(engine, *(only_two(other) for other in others))) == ["TooMany", "TooMany", "done", "done"]


def test_a_block_and_an_accept_at_once_never_leave_a_connection(engine: Engine, people: Cast) -> None:
    at_once(engine, ask(people.ada, people.cai))

    def block(session: Session) -> None:
        blocks.block(session, an_actor(session, people.ada), session.get_one(Member, people.cai).public_id, NOW)

    outcomes = at_once(engine, block, on_the_one(answers.accept, people.cai))
    assert outcomes[0] == "done"
    assert outcomes[1] in {"done", NotFound.__name__}
    with Session(engine) as session:
        assert session.scalar(select(func.count(Connection.id)).where(Connection.until.is_(None))) == 0


def test_two_who_list_the_same_pair_at_once_leave_one_row(engine: Engine, people: Cast) -> None:
    """The nightly run and the worker: on PostgreSQL neither sees what the other has not committed."""
    entry = Entry(people.ben, 1, 1.0, "good", "blend-1", "[]", "{}", "0")
    made = StoredList(people.ada, (entry,))
    written = threading.Event()

    def nightly(session: Session) -> None:
        write_lists(session, [made], NOW)
        written.set()
        time.sleep(0.5)

    def worker(session: Session) -> None:
        written.wait()
        write_lists(session, [made], NOW)

    assert at_once(engine, nightly, worker) == ["done", "done"]
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Suggestion)) == 1
