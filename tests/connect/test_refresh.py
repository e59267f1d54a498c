"""Suggestions made anew: the same data give the same rows; a stopped run ends as an uninterrupted one."""

from __future__ import annotations

import itertools
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, func, select, update
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect import encoding, refresh
from haln.connect.attention import attention_for
from haln.connect.indexes import Indexes
from haln.connect.meanwhile import Meanwhile
from haln.connect.refresh import refresh_all, refresh_due, refresh_member, settings_for
from haln.matching import storage
from haln.models import AlgorithmRun, Block, Dismissal, Introduction, Member, Suggestion, SuggestionRefresh
from haln.people import changes, erasure, leaving, profiles
from haln.people.tokens import public_id
from haln.taxonomy.vocabulary import load
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor, the_cast

SETTINGS = settings_for(6, 3.0)
THEMES = [theme.code for theme in load().themes]


def top_sector(code: str) -> str:
    return code.split("-")[0]


@pytest.fixture
def indexes(tmp_path: Path) -> Indexes:
    return Indexes(tmp_path / "index", top_sector)


@pytest.fixture
def network(session: Session) -> Cast:
    """The cast among forty others with themes and ties."""
    chance = random.Random(3)
    cast = the_cast(session)
    others = [a_member(session, f"Member Number{n}", biography=f"I work on {n} things").id for n in range(40)]
    everyone = [*cast.everyone(), *others]
    for member_id in everyone:
        for theme in chance.sample(THEMES, 3):
            a_theme(session, member_id, theme, interest=True, offer=chance.random() < 0.4, seek=chance.random() < 0.4)
    for one, other in {tuple(sorted(chance.sample(others, 2))) for _ in range(60)}:
        a_connection(session, one, other)
    session.commit()
    return cast


def rows(session: Session) -> list[tuple[Any, ...]]:
    found = session.execute(
        select(
            Suggestion.member_id,
            Suggestion.rank,
            Suggestion.other_id,
            Suggestion.score,
            Suggestion.band,
            Suggestion.reasons,
            Suggestion.signals,
        )
        .where(Suggestion.unlisted_at.is_(None))
        .order_by(Suggestion.member_id, Suggestion.rank)
    )
    return [tuple(row) for row in found]


def listed(session: Session, member_id: int) -> set[int]:
    current = Suggestion.unlisted_at.is_(None)
    return set(session.scalars(select(Suggestion.other_id).where(Suggestion.member_id == member_id, current)))


def anyone_listed(session: Session, member_id: int) -> int:
    return sorted(listed(session, member_id))[0]


def test_everyone_gets_a_list_and_a_second_refresh_changes_no_row(
    session: Session, network: Cast, indexes: Indexes
) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    before = rows(session)
    again = refresh_all(session, indexes, NOW, SETTINGS)
    assert {row[0] for row in before} == set(session.scalars(select(Member.id)))
    assert rows(session) == before
    assert (again.listed, again.unlisted) == (0, 0)


def test_a_stopped_run_goes_on_and_ends_as_an_uninterrupted_one(
    session: Session, network: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "LISTS", 10)
    refresh_all(session, Indexes(tmp_path / "one", top_sector), NOW, SETTINGS)
    uninterrupted = rows(session)
    session.execute(Suggestion.__table__.delete())
    session.commit()

    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done - total // 2 >= 20:
            raise Stopped

    indexes = Indexes(tmp_path / "two", top_sector)
    with pytest.raises(Stopped):
        refresh_all(session, indexes, NOW, SETTINGS, stop)
    session.rollback()
    assert 0 < len(rows(session)) < len(uninterrupted)
    heard: list[int] = []
    refresh_all(
        session, indexes, NOW + timedelta(hours=1), SETTINGS, lambda done, all_: heard.extend((done, all_ // 2))
    )
    members = heard[1]
    assert heard[::2] == [*range(10, members, 10), members, *range(members + 30, 2 * members, 10), 2 * members]
    assert rows(session) == uninterrupted
    assert session.scalar(select(func.count(AlgorithmRun.id)).where(AlgorithmRun.finished_at.is_(None))) == 0


def test_a_list_is_bounded_and_its_parts_add_up(session: Session, network: Cast, indexes: Indexes) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    for row in session.scalars(select(Suggestion)):
        assert 1 <= row.rank <= 6
        assert sum(row.signals["parts"].values()) == pytest.approx(row.score, abs=1e-6)


@pytest.mark.parametrize(
    "way",
    [
        "connected",
        "asked",
        "was_asked",
        "dismissed",
        "blocked",
        "was_blocked",
        "paused",
        "opted_out",
        "unlisted",
        "not yet onboarded",
    ],
)
def test_who_must_not_be_suggested_leaves_the_list_at_once(
    session: Session, network: Cast, indexes: Indexes, way: str
) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    ada, other = network.ada, anyone_listed(session, network.ada)
    asker, asked = (ada, other) if way == "asked" else (other, ada)
    if way == "connected":
        a_connection(session, ada, other)
    elif way in ("asked", "was_asked"):
        session.add(
            Introduction(
                public_id=public_id(),
                kind="asked",
                asker_id=asker,
                asked_id=asked,
                state="open",
                created_at=NOW,
                expires_at=NOW + timedelta(days=14),
            )
        )
    elif way == "dismissed":
        session.add(Dismissal(member_id=ada, other_id=other, until=None, created_at=NOW))
    elif way in ("blocked", "was_blocked"):
        one, two = (ada, other) if way == "blocked" else (other, ada)
        session.add(Block(blocker_id=one, blocked_id=two, created_at=NOW))
    else:
        facts = {
            "paused": {"paused_until": NOW.date() + timedelta(days=3)},
            "opted_out": {"suggest_me": False},
            "unlisted": {"listed": False},
            "not yet onboarded": {"onboarding_step": 3},
        }[way]
        session.execute(update(Member).where(Member.id == other).values(**facts))
    changes.touch(session, [ada, other], NOW)
    session.commit()
    refresh_member(session, indexes, ada, NOW, SETTINGS)
    assert other not in listed(session, ada)
    assert listed(session, ada)
    named = {
        member
        for reasons in session.scalars(
            select(Suggestion.reasons).where(Suggestion.member_id == ada, Suggestion.unlisted_at.is_(None))
        )
        for reason in reasons
        for member in reason["evidence"].get("members", [])
    }
    if way in ("blocked", "was_blocked", "unlisted"):
        assert other not in named


def test_facts_kept_to_connections_bring_nobody(session: Session, network: Cast, indexes: Indexes) -> None:
    zoe = a_member(session, "Zoe Zebra", biography="quokka husbandry and quokka festivals", show_biography=1).id
    yan = a_member(session, "Yan Yak", biography="quokka husbandry and quokka festivals", show_biography=2).id
    for_all = {"show_themes": 1, "show_role": 1, "show_organisation": 1, "show_place": 1}
    session.execute(update(Member).where(Member.id == zoe).values(**for_all))
    session.commit()
    refresh_all(session, indexes, NOW, SETTINGS)
    for row in session.scalars(select(Suggestion).where(Suggestion.other_id == zoe)):
        assert {reason["kind"] for reason in row.reasons} <= {
            "newcomer",
            "active",
            "mutual_connections",
            "shared_group",
        }
    assert yan in listed(session, zoe)


def test_one_member_is_refreshed_with_the_newest_rows(session: Session, network: Cast, indexes: Indexes) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    new = a_member(session, "Nia New").id
    changes.touch(session, [new], NOW)
    session.commit()
    refresh_member(session, indexes, new, NOW, SETTINGS)
    assert len(listed(session, new)) == 6
    assert session.get(SuggestionRefresh, new) is None


def test_two_processes_come_to_the_same_list(session: Session, network: Cast, tmp_path: Path) -> None:
    one, two = Indexes(tmp_path / "index", top_sector), Indexes(tmp_path / "index", top_sector)
    refresh_all(session, one, NOW, SETTINGS)
    changes.touch(session, [network.ada, network.ben], NOW)
    session.commit()
    refresh_member(session, one, network.ada, NOW, SETTINGS)
    first = rows(session)
    refresh_member(session, two, network.ada, NOW, SETTINGS)
    assert rows(session) == first


def test_who_is_due_is_refreshed_once_and_leased_meanwhile(session: Session, network: Cast, indexes: Indexes) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    changes.touch(session, [network.ada, network.ben], NOW)
    session.commit()
    later = NOW + timedelta(seconds=1)
    assert refresh.due(session, later, 10) == sorted([network.ada, network.ben])
    assert refresh.due(session, later, 10) == []
    session.commit()
    assert refresh_due(session, indexes, later + refresh.LEASE, SETTINGS) == 2
    assert session.scalar(select(func.count(SuggestionRefresh.member_id))) == 0


def test_who_left_is_in_no_list_after_the_next_refresh(session: Session, network: Cast, indexes: Indexes) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    session.execute(update(Member).where(Member.id == network.ben).values(standing="left"))
    changes.touch(session, [network.ben], NOW)
    session.commit()
    refresh_all(session, indexes, NOW + timedelta(days=1), SETTINGS)
    current = Suggestion.unlisted_at.is_(None)
    assert session.scalar(select(func.count(Suggestion.id)).where(Suggestion.other_id == network.ben, current)) == 0
    assert listed(session, network.ben) == set()


def test_others_write_while_a_list_is_worked_out(
    app: Flask, session: Session, network: Cast, indexes: Indexes, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    changes.touch(session, [network.ada], NOW)
    session.commit()
    impatient = create_engine(app.config["DATABASE_URL"], connect_args={"timeout": 0})
    worked_out = refresh.suggest.suggest_for

    def meanwhile(*words: Any) -> Any:
        with impatient.begin() as other:
            other.execute(update(Member).where(Member.id == network.ben).values(job_title="Writer"))
        return worked_out(*words)

    monkeypatch.setattr(refresh.suggest, "suggest_for", meanwhile)
    assert refresh.refresh_now(session, indexes, network.ada, NOW, SETTINGS, app.extensions["haln_reading"])
    impatient.dispose()
    assert not refresh.is_due(session, network.ada)


def test_others_write_while_everybody_is_ranked(
    app: Flask, session: Session, network: Cast, indexes: Indexes, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = create_engine(app.config["DATABASE_URL"], connect_args={"timeout": 0})
    ranked, built = refresh.lists_for_all, indexes.build

    def write() -> None:
        with impatient.begin() as other:
            other.execute(update(Member).where(Member.id == network.ben).values(job_title="Writer"))

    def rank_meanwhile(*words: Any, **more: Any) -> Iterator[Any]:
        write()
        yield from ranked(*words, **more)

    def build_meanwhile(*words: Any) -> Any:
        made = built(*words)
        write()
        return made

    monkeypatch.setattr(refresh, "lists_for_all", rank_meanwhile)
    monkeypatch.setattr(indexes, "build", build_meanwhile)
    refresh_all(session, indexes, NOW, SETTINGS, reading=app.extensions["haln_reading"])
    impatient.dispose()
    assert session.scalars(select(Member.job_title).where(Member.id == network.ben)).one() == "Writer"


def test_who_is_set_aside_while_a_list_is_worked_out_is_not_written_and_the_turn_comes_again(
    session: Session, network: Cast, indexes: Indexes
) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    other = anyone_listed(session, network.ada)
    changes.touch(session, [network.ada], NOW)
    prepared = refresh.prepare(session, indexes, network.ada, NOW, SETTINGS)
    assert prepared is not None
    session.add(Dismissal(member_id=network.ada, other_id=other, until=None, created_at=NOW))
    session.commit()
    refresh.keep(session, prepared, NOW)
    assert other not in listed(session, network.ada)
    assert refresh.is_due(session, network.ada)


def test_a_change_while_a_list_is_worked_out_keeps_the_member_due(
    session: Session, network: Cast, indexes: Indexes
) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    changes.touch(session, [network.ada], NOW)
    prepared = refresh.prepare(session, indexes, network.ada, NOW, SETTINGS)
    assert prepared is not None
    changes.touch(session, [network.ada], NOW)
    refresh.keep(session, prepared, NOW)
    assert refresh.is_due(session, network.ada)


def test_a_run_over_everybody_leaves_lists_of_those_who_changed_meanwhile(
    session: Session, network: Cast, indexes: Indexes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "LISTS", 10)
    refresh_all(session, indexes, NOW, SETTINGS)
    last = max(network.everyone()) + 30
    newer = listed(session, last)
    gone = sorted(newer)[0]

    def change(done: int, total: int) -> None:
        if done == total // 2 + 10:
            session.add(Dismissal(member_id=last, other_id=gone, until=None, created_at=NOW))
            changes.touch(session, [last], NOW)
            session.commit()
            refresh_member(session, indexes, last, NOW, SETTINGS)
            session.commit()

    later = NOW + timedelta(days=1)
    refresh_all(session, indexes, later, SETTINGS, change)
    assert gone not in listed(session, last)
    assert len(listed(session, last)) == 6


def set_aside(session: Session, way: str, one: int, other: int) -> None:
    """Somebody says that another is not to be in their list, which moves nobody's number."""
    if way == "dismissed":
        session.add(Dismissal(member_id=one, other_id=other, until=None, created_at=NOW))
    elif way == "blocked by them":
        session.add(Block(blocker_id=other, blocked_id=one, created_at=NOW))
    else:
        ends = {"created_at": NOW, "expires_at": NOW + timedelta(days=14)}
        named = {"public_id": public_id(), "kind": "asked", "state": "open"}
        session.add(Introduction(**named, asker_id=one, asked_id=other, **ends))


@pytest.mark.parametrize("way", ["dismissed", "blocked by them", "asked"])
def test_who_is_set_aside_while_everybody_is_written_is_in_no_block_to_come(
    session: Session, network: Cast, indexes: Indexes, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(refresh, "LISTS", 10)
    refresh_all(session, indexes, NOW, SETTINGS)
    saved = indexes.saved()
    assert saved is not None
    ends = [saved.index.members()[place] for place in (10, 19)]  # of the second block
    others = {one: anyone_listed(session, one) for one in ends}

    def change(done: int, total: int) -> None:
        if done == total // 2 + 10:
            for one, other in others.items():
                set_aside(session, way, one, other)
            session.commit()

    refresh_all(session, indexes, NOW + timedelta(days=1), SETTINGS, change)
    assert [other in listed(session, one) for one, other in others.items()] == [False, False]


NEXT_WEEK = NOW.date() + timedelta(days=7)
WAYS_OUT: dict[str, Callable[[Session, Actor], None]] = {
    "leaving": lambda session, actor: leaving.leave(session, actor, NOW),
    "erased": lambda session, actor: erasure.erase(session, actor.member_id, NOW),
    "not in the directory": lambda session, actor: profiles.change_visibility(session, actor, {}, False, NOW),
    "not suggested": lambda session, actor: profiles.change_suggesting(session, actor, False, None, NOW),
    "paused": lambda session, actor: profiles.change_suggesting(session, actor, True, NEXT_WEEK, NOW),
}


@pytest.mark.parametrize("way", list(WAYS_OUT))
def test_whoever_is_suggested_no_more_has_a_later_number(session: Session, network: Cast, way: str) -> None:
    """Who writes lists asks only those whose number moved."""
    before = changes.latest_number(session)
    WAYS_OUT[way](session, an_actor(session, network.ben))
    session.flush()
    suggested = select(Member.id).where(encoding.is_suggested(NOW.date()), Member.id == network.ben)
    assert session.scalar(suggested) is None
    assert session.scalars(select(Member.change_number).where(Member.id == network.ben)).one() > before


def test_those_of_a_range_or_a_list_leave_out_whom_they_set_aside(session: Session, network: Cast) -> None:
    chance = random.Random(5)
    ids = sorted(session.scalars(select(Member.id)))
    excluded: dict[int, set[int]] = {one: set() for one in ids}
    unseen: dict[int, set[int]] = {one: set() for one in ids}
    pairs = sorted({tuple(sorted(chance.sample(ids, 2))) for _ in range(60)})
    for (one, other), way in zip(pairs, itertools.cycle(("dismissed", "blocked by them", "asked")), strict=False):
        set_aside(session, way, one, other)
        kept = unseen if way == "blocked by them" else excluded
        kept[one].add(other)
        if way != "dismissed":
            kept[other].add(one)
    session.flush()
    for first, last in [(ids[0], ids[-1]), (ids[7], ids[20]), (ids[3], ids[3])]:
        span = range(first, last + 1)
        for some in (span, list(span)):
            found = encoding.exclusions(session, NOW, some)
            assert {one: (left.excluded, left.unseen) for one, left in found.items()} == {
                one: (excluded[one], unseen[one]) for one in span
            }


def test_one_that_fails_does_not_hold_up_the_others(
    session: Session, network: Cast, indexes: Indexes, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    changes.touch(session, [network.ada, network.ben], NOW)
    session.commit()
    worked_out = refresh.suggest.suggest_for

    def fail_for_ada(index: Any, member_id: int, *words: Any) -> Any:
        if member_id == network.ada:
            raise RuntimeError("broken")
        return worked_out(index, member_id, *words)

    monkeypatch.setattr(refresh.suggest, "suggest_for", fail_for_ada)
    assert refresh_due(session, indexes, NOW + timedelta(seconds=1), SETTINGS) == 1
    assert refresh.is_due(session, network.ada)
    assert not refresh.is_due(session, network.ben)


def test_who_has_something_left_for_the_worker_stays_in_the_queue(
    session: Session, network: Cast, indexes: Indexes
) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    changes.touch(session, [network.ada], NOW)
    session.commit()
    later = NOW + timedelta(seconds=1)
    done: list[int] = []
    assert refresh.refresh_now(session, indexes, network.ada, later, SETTINGS, also=lambda *_: None)
    assert refresh.is_due(session, network.ada)
    assert len(listed(session, network.ada)) == 6
    also = lambda _session, member_id, _now: lambda: done.append(member_id)  # noqa: E731
    assert refresh_due(session, indexes, later, SETTINGS, also=also) == 1
    assert (done, refresh.is_due(session, network.ada)) == ([network.ada], False)


def test_an_index_of_later_rows_than_these_is_not_believed(session: Session, network: Cast, indexes: Indexes) -> None:
    number = changes.latest_number(session)
    for _ in range(9):
        changes.next_number(session)
    late = indexes.build(session, NOW)
    session.rollback()  # the rows as they were, put back from a copy
    assert changes.latest_number(session) == number
    found = Indexes(indexes.folder, top_sector).caught_up(session, NOW)
    assert found is not None
    assert (found.number, found.name != late.name) == (number, True)


def test_an_index_goes_by_the_name_under_which_it_was_read(
    session: Session, network: Cast, indexes: Indexes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever saves at that moment makes another the current one; processes that help load it by its name."""
    first = indexes.build(session, NOW)
    load = storage.load

    def save_meanwhile(*given: Any) -> Any:
        found = load(*given)
        indexes.build(session, NOW)
        return found

    monkeypatch.setattr(storage, "load", save_meanwhile)
    saved = Indexes(indexes.folder, top_sector).saved()
    assert saved is not None and saved.name == first.name


def test_an_index_of_another_version_is_built_again(
    session: Session, network: Cast, indexes: Indexes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(storage, "FORMAT", storage.FORMAT - 1)
        old = indexes.build(session, NOW)
    found = Indexes(indexes.folder, top_sector).caught_up(session, NOW)
    assert found is not None
    assert found.name != old.name
    assert found.index.members() == old.index.members()
    assert storage.load(indexes.folder)[0].members() == old.index.members()


def times_listed(session: Session) -> dict[int, int]:
    now = select(Suggestion.other_id, func.count(Suggestion.id)).where(Suggestion.unlisted_at.is_(None))
    found: Any = session.execute(now.group_by(Suggestion.other_id))
    return dict(found.all())


@pytest.mark.parametrize("multiple", [1.5, 3.0])
def test_nobody_is_in_more_lists_than_a_multiple_of_the_median_at_night_or_by_day(
    session: Session, network: Cast, indexes: Indexes, multiple: float
) -> None:
    heeding = replace(settings_for(6, multiple), most_lost=1.0)
    refresh_all(session, indexes, NOW, heeding)
    caught = indexes.caught_up(session, NOW)
    assert caught is not None
    may = caught.index.may_be_suggested()
    shown = times_listed(session)
    middle = statistics.median([shown.get(member, 0) for member in may])
    assert min(shown.get(member, 0) for member in may) >= 1
    assert max(shown.values()) <= multiple * middle
    for member_id in session.scalars(select(Member.id)):
        refresh_member(session, indexes, member_id, NOW, heeding)
    assert max(times_listed(session).values()) <= multiple * middle


def test_by_day_nobody_is_in_more_lists_than_the_night_had_to_allow(
    session: Session, network: Cast, indexes: Indexes
) -> None:
    """Where the budget would lose too much the night raises it, and the day goes by what came of that."""
    heeding = replace(settings_for(6, 1.0), most_lost=0.0)
    refresh_all(session, indexes, NOW, heeding)
    caught = indexes.caught_up(session, NOW)
    assert caught is not None
    shown = times_listed(session)
    middle = statistics.median([shown.get(member, 0) for member in caught.index.may_be_suggested()])
    most = max(shown.values())
    assert most > middle, "it was raised"
    attention = attention_for(session, network.ben, heeding, len(caught.index))
    assert attention is not None and attention.cap == most
    for member_id in session.scalars(select(Member.id)):
        refresh_member(session, indexes, member_id, NOW, heeding)
    assert max(times_listed(session).values()) <= most


def test_without_a_budget_the_list_of_the_night_is_that_of_the_day(
    session: Session, network: Cast, indexes: Indexes
) -> None:
    free = settings_for(6, 0.0)
    refresh_all(session, indexes, NOW, free)
    before = rows(session)
    for member_id in session.scalars(select(Member.id)):
        refresh_member(session, indexes, member_id, NOW, free)
    assert rows(session) == before


def gone_by_now(session: Session, way: str, member_id: int) -> None:
    """Somebody is there no more, or wants to be suggested no more, from now on."""
    actor = an_actor(session, member_id)
    if way == "back, in first steps":
        session.execute(update(Member).where(Member.id == member_id).values(onboarding_step=1))
        changes.touch(session, [member_id], NOW)
    else:
        WAYS_OUT[way](session, actor)
    session.commit()


@pytest.mark.parametrize("way", [*WAYS_OUT, "back, in first steps"])
def test_who_goes_while_one_list_is_worked_out_is_not_written(
    session: Session, network: Cast, indexes: Indexes, way: str
) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    other = anyone_listed(session, network.ada)
    prepared = refresh.prepare(session, indexes, network.ada, NOW, SETTINGS)
    session.execute(delete(Suggestion))
    session.commit()
    gone_by_now(session, way, other)
    refresh.keep(session, prepared or pytest.fail("nothing was prepared"), NOW)
    assert session.scalar(select(func.count(Suggestion.id)).where(Suggestion.other_id == other)) == 0
    assert len(listed(session, network.ada)) == 5


@pytest.mark.parametrize("way", ["leaving", "erased"])
def test_nothing_is_written_for_whoever_goes_while_their_list_is_worked_out(
    session: Session, network: Cast, indexes: Indexes, way: str
) -> None:
    refresh_all(session, indexes, NOW, SETTINGS)
    prepared = refresh.prepare(session, indexes, network.ada, NOW, SETTINGS)
    gone_by_now(session, way, network.ada)
    refresh.keep(session, prepared or pytest.fail("nothing was prepared"), NOW)
    assert listed(session, network.ada) == set()


@pytest.mark.parametrize("way", ["paused", "back, in first steps"])
def test_who_pauses_while_a_run_is_under_way_is_in_no_block_to_come(
    session: Session, network: Cast, indexes: Indexes, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(refresh, "LISTS", 10)

    def change(done: int, total: int) -> None:
        if done == total // 2 + 10:
            session.execute(delete(Suggestion))
            gone_by_now(session, way, network.ben)

    refresh_all(session, indexes, NOW, SETTINGS, change)
    assert session.scalar(select(func.count(Suggestion.id))) != 0
    assert session.scalar(select(func.count(Suggestion.id)).where(Suggestion.other_id == network.ben)) == 0


def test_who_may_be_written_of_is_who_may_be_ranked(session: Session, network: Cast) -> None:
    """What the rows say and what matching is told, of every mixture of what somebody can say about themselves."""
    today = NOW.date()
    pauses = (None, today - timedelta(days=1), today, today + timedelta(days=1))
    mixtures = list(itertools.product((True, False), (True, False), pauses, (1, 3, 4, 5), ("active", "left")))
    ids = [a_member(session, f"Mixed Number{n}").id for n in range(len(mixtures))]
    for one, (is_listed, suggest_me, pause, step, standing) in zip(ids, mixtures, strict=True):
        facts = {"listed": is_listed, "suggest_me": suggest_me, "paused_until": pause, "standing": standing}
        session.execute(update(Member).where(Member.id == one).values(onboarding_step=step, **facts))
    session.flush()
    told = {one.member for one in encoding.people(session, NOW, top_sector) if one.suggestable}
    assert set(session.scalars(select(Member.id).where(encoding.is_suggested(today)))) == told
    assert told.isdisjoint(ids) is False


@pytest.mark.parametrize("act", ["erased", "no more suggested"])
def test_who_goes_while_a_run_is_under_way_is_written_nowhere(
    session: Session, network: Cast, indexes: Indexes, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """Their facts were in the index before; erasing takes what is there, and what would come after it."""

    def act_once(*given: Any) -> Any:
        monkeypatch.setattr(refresh, "write_lists", write_lists)
        if act == "erased":
            erasure.erase(session, network.ben, NOW)
        else:
            profiles.change_suggesting(session, an_actor(session, network.ben), False, None, NOW)
        kept = Meanwhile(run[0].caught.number, run[0].started_at).still_right(session, given[1])
        return write_lists(session, kept, given[2])

    begun, run, write_lists = refresh._begun, [], refresh.write_lists

    def remembered(*given: Any) -> Any:
        run.append(begun(*given))
        return run[0]

    monkeypatch.setattr(refresh, "LISTS", 5)
    monkeypatch.setattr(refresh, "_begun", remembered)
    monkeypatch.setattr(refresh, "write_lists", act_once)
    refresh_all(session, indexes, NOW, SETTINGS)
    of_them = select(func.count(Suggestion.id)).where(Suggestion.other_id == network.ben)
    assert session.scalar(of_them if act == "erased" else of_them.where(Suggestion.unlisted_at.is_(None))) == 0
