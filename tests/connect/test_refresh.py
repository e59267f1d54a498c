"""Suggestions made anew: the same data give the same rows; a stopped run ends as an uninterrupted one."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln.connect import refresh
from haln.connect.attention import attention_for
from haln.connect.indexes import Indexes
from haln.connect.refresh import refresh_all, refresh_due, refresh_member, settings_for
from haln.matching import storage
from haln.models import AlgorithmRun, Block, Dismissal, Introduction, Member, Suggestion, SuggestionRefresh
from haln.people import changes
from haln.people.tokens import public_id
from tests.builders import NOW, Cast, a_connection, a_member
from tests.connect.listing import SETTINGS, anyone_listed, listed, rows, top_sector


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
