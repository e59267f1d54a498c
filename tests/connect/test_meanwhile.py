"""What happens while lists are worked out: nobody is held up, and nothing is written that is right no more."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, func, select, update
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.connect import encoding, person_rows, refresh
from haln.connect.indexes import Indexes
from haln.connect.meanwhile import Meanwhile
from haln.connect.refresh import refresh_all, refresh_member
from haln.models import Block, Dismissal, Introduction, Member, Suggestion
from haln.people import changes, erasure, leaving, profiles
from haln.people.tokens import public_id
from tests.builders import NOW, Cast, a_member, an_actor
from tests.connect.listing import SETTINGS, anyone_listed, listed, top_sector


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
    suggested = select(Member.id).where(person_rows.is_suggested(NOW.date()), Member.id == network.ben)
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
    told = {one.member for one in person_rows.people(session, NOW, top_sector) if one.suggestable}
    assert set(session.scalars(select(Member.id).where(person_rows.is_suggested(today)))) == told
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
