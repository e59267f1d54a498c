"""Weights are learned from what came of the network's own past, kept as versions, and used only if no worse."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.connect import answers, introductions, listed_answers, suggestions, training
from haln.connect.history import History
from haln.connect.indexes import Caught, Indexes
from haln.connect.introductions import Rules
from haln.connect.refresh import refresh_all, settings_for
from haln.connect.refresher import Refresher
from haln.matching import attempts, learning
from haln.matching.blend import Weights
from haln.matching.fixed_weights import DEFAULT_WEIGHTS
from haln.matching.learning import Lesson
from haln.matching.people import Network
from haln.models import AlgorithmRun, BlendModel, Introduction, Member, MemberText, Suggestion, SuggestionAnswer
from haln.people import learned_weights
from haln.taxonomy.vocabulary import load
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor, the_cast

SETTINGS = settings_for(6, 3.0)
THEMES = [theme.code for theme in load().themes]


def top_sector(code: str) -> str:
    return code.split("-")[0]


@pytest.fixture
def cast(session: Session) -> Cast:
    return the_cast(session)


@pytest.fixture
def grown(session: Session, cast: Cast) -> Session:
    """Ninety people of six themes, and four months of ties: nearly all within a theme."""
    chance = random.Random(12)
    people = [a_member(session, f"Person Number{n}", joined_at=NOW - timedelta(days=300)).id for n in range(90)]
    for n, member_id in enumerate(people):
        a_theme(session, member_id, THEMES[n % 6], interest=True)
    made = set()
    for day in range(120, 0, -1):
        theme = chance.randrange(6)
        pair = tuple(sorted(chance.sample(people[theme::6], 2)))
        if pair not in made:
            made.add(pair)
            a_connection(session, *pair, since=NOW - timedelta(days=day))
    session.commit()
    return session


def refresher(folder: Path, learns: bool = True) -> Refresher:
    return Refresher(folder, load(), 6, 3.0, learns=learns)


def everyone(session: Session, folder: Path, now: datetime = NOW, learns: bool = True) -> None:
    refresher(folder, learns).everyone(session, now, lambda _done, _total: None)


def models(session: Session) -> list[BlendModel]:
    return list(session.scalars(select(BlendModel).order_by(BlendModel.id)))


def test_the_nightly_refresh_learns_and_ranks_by_what_it_learned(grown: Session, tmp_path: Path) -> None:
    everyone(grown, tmp_path)
    (model,) = models(grown)
    assert model.accepted and model.value >= model.value_before
    assert model.lessons["ties"] >= learning.FEWEST <= model.lessons["last_month"]
    assert training.current(grown).version == model.version
    assert set(grown.scalars(select(Suggestion.weights_version))) == {model.version}
    assert set(grown.scalars(select(AlgorithmRun.weights_version))) == {model.version}
    theme = [training.current(grown).terms("shared_theme")[0][1], DEFAULT_WEIGHTS.terms("shared_theme")[0][1]]
    assert theme[0].weight > theme[1].weight


def test_the_same_history_teaches_the_same(grown: Session) -> None:
    found = [training.attempt(grown, NOW, top_sector, SETTINGS) for _ in range(2)]
    assert found[0] is not None and found[0] == found[1]


def test_an_earlier_month_is_read_only_where_a_later_one_does_not_teach_enough(
    grown: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[datetime] = []

    def network(history: History, session: Session, then: datetime) -> Network:
        read.append(then)
        return as_it_is(history, session, then)

    as_it_is = History.network
    monkeypatch.setattr(History, "network", network)
    every = training.attempt(grown, NOW, top_sector, SETTINGS)
    latest = NOW - training.MONTH
    assert read == [latest - months * training.MONTH for months in range(5)]
    read.clear()
    monkeypatch.setattr(attempts, "ASKERS", learning.FEWEST)
    monkeypatch.setattr(training, "enough_lessons", partial(learning.enough_lessons, count=learning.FEWEST))
    few = training.attempt(grown, NOW, top_sector, SETTINGS)
    assert read == [latest, latest - training.MONTH]
    assert every is not None and few is not None
    assert few.lessons == learning.FEWEST < every.lessons
    assert few.asked == every.asked <= training.JUDGES


def test_nothing_of_the_last_month_is_learned_from(grown: Session) -> None:
    """What is learned is the same whether the last month brought these ties or others."""
    before = training.attempt(grown, NOW, top_sector, SETTINGS)
    people = list(grown.scalars(select(Member.id).where(Member.name.startswith("Person")).order_by(Member.id)))
    for one, other in zip(people[:20], people[21:41], strict=True):
        a_connection(grown, one, other, since=NOW - timedelta(days=3))
    grown.add(MemberText(member_id=people[0], written_on=NOW.date(), text="What we did together since we met"))
    after = training.attempt(grown, NOW, top_sector, SETTINGS)
    assert before is not None and after is not None
    assert before.value != after.value
    assert before.weights.by_signal == after.weights.by_signal


def test_what_is_worse_on_the_last_month_is_refused_and_kept(
    grown: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everyone(grown, tmp_path)
    good = training.current(grown)

    def worth(some: list[Lesson], weights: Weights) -> float:
        return value_of(some, weights) * (1.0 if weights == good else 0.9)

    value_of = attempts.value_of
    monkeypatch.setattr(attempts, "value_of", worth)
    everyone(grown, tmp_path, NOW + timedelta(days=7))
    refused = models(grown)[-1]
    assert len(models(grown)) == 2 and not refused.accepted and refused.before == good.version
    assert training.current(grown) == good


def test_without_learning_the_weights_of_other_networks_hold(grown: Session, tmp_path: Path) -> None:
    everyone(grown, tmp_path, learns=False)
    assert models(grown) == []
    assert set(grown.scalars(select(Suggestion.weights_version))) == {DEFAULT_WEIGHTS.version}


def test_a_young_network_has_the_weights_of_others(session: Session, cast: Cast, tmp_path: Path) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=2))
    everyone(session, tmp_path)
    assert models(session) == []
    assert training.current(session) == DEFAULT_WEIGHTS


def test_a_run_that_stopped_goes_on_with_its_weights(grown: Session, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        refresher(tmp_path).everyone(grown, NOW, stop)
    grown.rollback()
    everyone(grown, tmp_path, NOW + timedelta(hours=14))
    assert len(models(grown)) == 1
    assert grown.scalar(select(AlgorithmRun.finished_at)) is not None


def test_a_run_whose_index_is_no_longer_there_keeps_nobody_from_learning(grown: Session, tmp_path: Path) -> None:
    everyone(grown, tmp_path, NOW - timedelta(days=20))
    grown.execute(
        update(AlgorithmRun).values(started_at=NOW - timedelta(hours=1), finished_at=None, data_version="gone")
    )
    grown.commit()
    before = len(models(grown))
    everyone(grown, tmp_path)
    assert len(models(grown)) == before + 1


def test_weights_of_another_make_are_not_used(grown: Session, tmp_path: Path) -> None:
    everyone(grown, tmp_path)
    models(grown)[0].prior = "fixed-0"
    grown.flush()
    assert training.current(grown) == DEFAULT_WEIGHTS
    assert training.is_due(grown, NOW)


def test_whoever_went_back_to_an_earlier_version_has_the_weights_before(
    grown: Session, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A later version of the program learned weights of a signal that this one does not know."""
    for weeks in range(2):
        everyone(grown, tmp_path, NOW + timedelta(weeks=weeks))
    first, last = models(grown)
    for one in (first, last):
        one.accepted = True
    assert training.current(grown).version == last.version
    listed_ones = select(Suggestion.weights_version).where(Suggestion.unlisted_at.is_(None))
    everyone(grown, tmp_path, NOW + timedelta(weeks=1, hours=14))
    assert set(grown.scalars(listed_ones)) == {last.version}
    last.weights = last.weights | {"terms": last.weights["terms"] | {"horoscope": [[1.0, 0, 1.0, None, 0.0]]}}
    grown.flush()
    learned_weights.passed_over.cache_clear()
    for _ in range(3):
        assert training.current(grown).version == first.version
    assert [one.getMessage().count(last.version) for one in caplog.records if "horoscope" in one.getMessage()] == [1]
    everyone(grown, tmp_path, NOW + timedelta(weeks=1, hours=28))
    assert set(grown.scalars(listed_ones)) == {first.version}
    assert refresher(tmp_path).in_use(grown) == first.version
    assert refresher(tmp_path, learns=False).in_use(grown) == DEFAULT_WEIGHTS.version
    first.weights = last.weights
    grown.flush()
    assert training.current(grown) == DEFAULT_WEIGHTS


def listed(session: Session, tmp_path: Path, member_id: int) -> list[int]:
    refresh_all(session, Indexes(tmp_path / "index", top_sector), NOW, SETTINGS)
    current = select(Suggestion.other_id).where(Suggestion.member_id == member_id, Suggestion.unlisted_at.is_(None))
    return list(session.scalars(current.order_by(Suggestion.rank)))


def key(session: Session, member_id: int) -> str:
    return session.get_one(Member, member_id).public_id


def test_setting_somebody_aside_is_remembered_with_the_list_as_it_stood(
    grown: Session, cast: Cast, tmp_path: Path
) -> None:
    them = listed(grown, tmp_path, cast.ada)
    suggestions.dismiss(grown, an_actor(grown, cast.ada), key(grown, them[2]), 60, NOW)
    (answer,) = listed_answers.until(grown, NOW)
    assert not answer.liked
    assert len(answer.rows) == len(them)
    kept = grown.scalar(
        select(Suggestion.signals).where(Suggestion.member_id == cast.ada, Suggestion.other_id == them[2])
    )
    assert kept is not None
    first = dict(zip(answer.names, answer.rows[0], strict=True))
    assert {name: value for name, value in first.items() if value} == pytest.approx(kept["signals"], abs=1e-6)
    suggestions.undo(grown, an_actor(grown, cast.ada), key(grown, them[2]), NOW)
    assert listed_answers.until(grown, NOW) == []


@pytest.mark.parametrize(("answer", "teaches"), [("yes", [True]), ("no", [False]), ("none", [])])
def test_asking_teaches_once_it_is_answered(
    grown: Session, cast: Cast, tmp_path: Path, answer: str, teaches: list[bool]
) -> None:
    them = listed(grown, tmp_path, cast.ada)
    introductions.ask(grown, an_actor(grown, cast.ada), key(grown, them[0]), "Hello", Rules(), NOW)
    asked = grown.execute(select(Introduction)).scalar_one()
    if answer == "yes":
        answers.accept(grown, an_actor(grown, them[0]), asked.public_id, NOW)
    elif answer == "no":
        answers.decline(grown, an_actor(grown, them[0]), asked.public_id, NOW)
    # When somebody said no is nobody's to know, so that it tells nothing before the introduction is over.
    assert [one.liked for one in listed_answers.until(grown, NOW)] == [True for taught in teaches if taught]
    introductions.lapse(grown, NOW + timedelta(days=20))
    grown.expire_all()
    later = listed_answers.until(grown, NOW + timedelta(days=20))
    assert [(one.member_id, one.liked) for one in later] == [(cast.ada, taught) for taught in teaches]


def test_a_yes_of_the_last_month_is_not_learned_from_though_it_was_asked_for_before(
    grown: Session, cast: Cast, tmp_path: Path
) -> None:
    them = listed(grown, tmp_path, cast.ada)
    then, now = NOW + timedelta(days=1), NOW + timedelta(days=33)
    introductions.ask(grown, an_actor(grown, cast.ada), key(grown, them[0]), "Hello", Rules(days=60), then)
    asked = grown.execute(select(Introduction)).scalar_one()
    answers.accept(grown, an_actor(grown, them[0]), asked.public_id, now - timedelta(days=2))
    grown.expire_all()
    assert listed_answers.until(grown, now - training.MONTH) == []
    assert len(listed_answers.until(grown, now)) == 1


def test_who_was_in_no_list_is_no_answer_to_one(grown: Session, cast: Cast, tmp_path: Path) -> None:
    them = listed(grown, tmp_path, cast.ada)
    others = grown.scalars(select(Member.id).where(Member.name.startswith("Person")).order_by(Member.id))
    other = next(one for one in others if one not in them)
    introductions.ask(grown, an_actor(grown, cast.ada), key(grown, other), "Hello", Rules(), NOW)
    assert grown.scalars(select(SuggestionAnswer.id)).all() == []


def test_answers_are_kept_for_a_year_and_a_month(grown: Session, cast: Cast, tmp_path: Path) -> None:
    them = listed(grown, tmp_path, cast.ada)
    for other in them[:2]:
        suggestions.dismiss(grown, an_actor(grown, cast.ada), key(grown, other), None, NOW)
    row = grown.scalars(select(SuggestionAnswer).order_by(SuggestionAnswer.id)).first()
    assert row is not None
    row.answered_at = NOW - timedelta(days=401)
    grown.flush()
    listed_answers.forget_old(grown, NOW)
    assert len(listed_answers.until(grown, NOW)) == 1


def test_lists_are_made_though_learning_fails(
    grown: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_given: object) -> None:
        raise MemoryError

    monkeypatch.setattr(training, "attempt", fail)
    everyone(grown, tmp_path)
    assert "No weights were learned" in caplog.text
    assert grown.scalar(select(Suggestion.id).where(Suggestion.weights_version == DEFAULT_WEIGHTS.version).limit(1))


def test_nobody_waits_to_write_while_weights_are_asked_for_and_an_index_is_built(
    app: Flask, grown: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock that keeps writers of SQLite apart is free while a run works out what it will write."""
    file = str(app.config["DATABASE_URL"]).removeprefix("sqlite:///")
    built: list[str] = []
    build = Indexes.build

    def watched(indexes: Indexes, session: Session, now: datetime) -> Caught:
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        built.append("freely")
        return build(indexes, session, now)

    monkeypatch.setattr(Indexes, "build", watched)
    made = Refresher(tmp_path, load(), 6, 3.0, app.extensions["haln_reading"])
    made.everyone(grown, NOW, lambda _done, _total: None)
    assert built == ["freely"]
