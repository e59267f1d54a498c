"""Every reading of connections and suggestions, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from haln.connect import (
    answers,
    blocks,
    connections,
    explanations,
    introductions,
    mirror,
    paths,
    refresh,
    suggestions,
    weaving,
)
from haln.connect.indexes import Indexes
from haln.connect.introduction_lists import lists
from haln.connect.introductions import Rules
from haln.connect.refresh import refresh_all, refresh_due, settings_for
from haln.connect.stored_lists import Entry, StoredList
from haln.connect.suggestion_rows import write_lists
from haln.db import may_write, prepare_engine
from haln.errors import Busy, HalnError, Overtaken
from haln.models import Introduction, LearningSet, Member, SetMembership, Suggestion
from haln.people import changes, erasure
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor, the_cast

RULES = Rules()


@pytest.fixture
def network(stored: Session) -> Cast:
    """The cast and thirty others, in the same set, with themes and ties."""
    cast = the_cast(stored)
    group = LearningSet(name="Spring set")
    stored.add(group)
    stored.flush()
    others = [
        a_member(stored, f"Person{number:02} Number", biography="Local food for hospitals").id for number in range(30)
    ]
    for number, member in enumerate([*cast.everyone(), *others]):
        a_theme(stored, member, "food", maturity=1 + number % 4, interest=True, offer=number % 2 == 0, seek=True)
        stored.add(SetMembership(set_id=group.id, member_id=member))
    for member in others:
        a_connection(stored, cast.ben, member)
    a_connection(stored, cast.ada, cast.ben)
    stored.commit()
    return cast


def test_lists_are_made_shown_explained_and_mirrored(stored: Session, network: Cast, tmp_path: Path) -> None:
    indexes, settings = Indexes(tmp_path, lambda code: code.split("-")[0]), settings_for(6, 3.0)
    refresh_all(stored, indexes, NOW, settings)
    ada = an_actor(stored, network.ada)
    shown = suggestions.current(stored, ada, 12, NOW).suggestions
    assert len(shown) == 6
    assert all(one.reasons for one in shown)
    first = shown[0].person
    assert explanations.why(stored, ada, first.public_id, NOW).counted
    assert mirror.mirror(stored, an_actor(stored, first.id), 7, NOW).people.number > 0
    suggestions.dismiss(stored, ada, first.public_id, 60, NOW)
    stored.commit()
    assert [one.person.id for one in suggestions.set_aside(stored, ada, NOW)] == [first.id]
    assert refresh_due(stored, indexes, NOW + timedelta(seconds=1), settings) == 1
    assert first.id not in {one.person.id for one in suggestions.current(stored, ada, 12, NOW).suggestions}
    suggestions.undo(stored, ada, first.public_id, NOW)
    stored.commit()
    assert first.id in {one.person.id for one in suggestions.current(stored, ada, 12, NOW).suggestions}


def test_a_whole_refresh_gives_the_same_rows_twice(stored: Session, network: Cast, tmp_path: Path) -> None:
    indexes, settings = Indexes(tmp_path, lambda code: code.split("-")[0]), settings_for(6, 3.0)
    columns = (Suggestion.member_id, Suggestion.rank, Suggestion.other_id, Suggestion.score, Suggestion.reasons)
    every = select(*columns).order_by(Suggestion.member_id, Suggestion.rank)
    refresh_all(stored, indexes, NOW, settings)
    before = stored.execute(every).all()
    changes.touch(stored, [network.ada], NOW)
    stored.commit()
    refresh_all(stored, indexes, NOW + timedelta(seconds=1), settings)
    assert stored.execute(every).all() == before
    assert stored.execute(text("SELECT count(*) FROM suggestion_refresh")).scalar() == 0


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_nobody_goes_between_being_asked_for_and_being_written(stored: Session, network: Cast, tmp_path: Path) -> None:
    """On SQLite whoever writes writes alone."""
    indexes, settings = Indexes(tmp_path, lambda code: code.split("-")[0]), settings_for(6, 3.0)
    one, other = (refresh.prepare(stored, indexes, who, NOW, settings) for who in (network.ada, network.ben))
    stored.commit()
    assert one is not None and other is not None
    refresh.keep(stored, one, NOW)
    engine = stored.get_bind().engine
    with Session(engine) as another:
        refresh.keep(another, other, NOW)  # workers do not wait for one another
        another.commit()
    with Session(engine) as leaver, pytest.raises(OperationalError, match="lock"):
        leaver.execute(text("SET LOCAL lock_timeout = '100ms'"))
        erasure.erase(leaver, network.cai, NOW)
    stored.commit()
    with Session(engine) as leaver:
        erasure.erase(leaver, network.cai, NOW)
        leaver.commit()
    assert not stored.scalars(select(Suggestion.id).where(Suggestion.other_id == network.cai)).all()


@pytest.mark.parametrize("error", [Overtaken, Busy])
def test_a_night_goes_on_when_others_were_in_the_way_and_not_for_ever(
    stored: Session, network: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[HalnError]
) -> None:
    indexes, settings = Indexes(tmp_path, lambda code: code.split("-")[0]), settings_for(6, 3.0)
    columns = (Suggestion.member_id, Suggestion.rank, Suggestion.other_id, Suggestion.score)
    every = select(*columns).order_by(Suggestion.member_id, Suggestion.rank)
    whole = refresh_all(stored, indexes, NOW, settings)
    before = stored.execute(every).all()
    stored.execute(delete(Suggestion))
    stored.commit()
    write, times = refresh.write_lists, []

    def overtaken(session: Session, *given: Any) -> Any:
        written = write(session, *given)
        times.append(len(times))
        if len(times) < 3:
            raise error("Somebody else was there.")
        return written

    monkeypatch.setattr(refresh, "write_lists", overtaken)
    again = refresh_all(stored, indexes, NOW, settings)
    assert stored.execute(every).all() == before
    assert (again.members, again.listed) == (whole.members, whole.listed)
    monkeypatch.setattr(refresh, "write_lists", always_overtaken(error))
    with pytest.raises(error):
        refresh_all(stored, indexes, NOW, settings)


def always_overtaken(error: type[HalnError]) -> Callable[..., None]:
    def write(*_: Any) -> None:
        raise error("Somebody else was there.")

    return write


@pytest.mark.postgres
def test_two_who_write_one_list_at_once_do_not_wait_for_one_another(postgres_url: str) -> None:
    """Whose order differs: PostgreSQL would end one of the two, and did so for every tenth."""
    engine = create_engine(postgres_url)
    prepare_engine(engine)
    with Session(engine) as session:
        owner, *others = the_cast(session).everyone()
        write_lists(session, [a_list(owner, others, "first")], NOW)
        session.commit()
    failed: list[Exception] = []

    def keep_writing(order: list[int], said: str) -> None:
        may_write.set(True)
        for number in range(100):
            try:
                with Session(engine) as session:
                    write_lists(session, [a_list(owner, order, f"{said}{number}")], NOW)
                    session.commit()
            except Overtaken as error:
                failed.append(error)

    threads = [threading.Thread(target=keep_writing, args=(others[::step], str(step))) for step in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert failed == []


def a_list(owner: int, others: list[int], version: str) -> StoredList:
    ranked = enumerate(others, start=1)
    made = (Entry(other, rank, 1.0 / rank, "good", version, "[]", "{}", f"{version}-{rank}") for rank, other in ranked)
    return StoredList(owner, tuple(made))


def test_lists_and_ways_are_read(stored: Session, network: Cast) -> None:
    ada, ben, cai = (an_actor(stored, member) for member in (network.ada, network.ben, network.cai))
    first = connections.mine(stored, ben)
    assert first.next is not None
    assert len(connections.mine(stored, ben, first.next).ties) == connections.count(stored, ben) - len(first.ties)
    person = first.ties[0].person.public_id
    assert len(paths.between(stored, ada, person, NOW).chain) == 3
    introductions.ask(stored, ada, cai.public_id, "Hello", RULES, NOW)
    weaving.weave(stored, ben, ada.public_id, an_actor(stored, network.dee).public_id, "Food", RULES, NOW)
    stored.commit()
    assert len(lists(stored, ada, NOW).waiting) == 1
    assert len(lists(stored, ada, NOW).to_answer) == 1
    assert [one.name for one in weaving.find(stored, ada, "person07")] == ["Person07 Number"]
    name = stored.scalars(select(Introduction.public_id).where(Introduction.kind == "asked")).one()
    answers.accept(stored, cai, name, NOW)
    blocks.block(stored, ada, ben.public_id, NOW)
    stored.commit()
    assert [one.name for one in blocks.mine(stored, ada)] == ["Ben Whitaker"]
    assert introductions.lapse(stored, NOW + timedelta(days=15)) == 0
    assert stored.get_one(Member, network.ada).change_number > 0
