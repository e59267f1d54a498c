"""Lists of what to join: who gets which, why, and what is never told."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, not_, select
from sqlalchemy.orm import Session

from haln.errors import Busy, HalnError, Overtaken
from haln.learn import learning, set_lists, set_suggestions
from haln.learn.opening_rows import Ways
from haln.learn.openings import AGAIN, cohort_is_open, may_apply, may_join, set_is_open
from haln.learn.openings import asked as asked_for
from haln.learn.set_lists import FRESH, SetLists
from haln.matching import process_pool
from haln.models import (
    Block,
    Cohort,
    CohortSlot,
    LearningSet,
    Member,
    MemberText,
    SetRequest,
    SetSession,
    SetSuggestion,
)
from haln.people import erasure, leaving
from haln.people.tokens import public_id
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, a_member, a_theme, an_actor
from tests.cohort_builders import a_cohort, a_learning_set, an_application
from tests.connect.test_crews import children

WORDS = vocabulary.load()
WAYS = Ways(lambda code: WORDS.top_sector(code).code, ZoneInfo("Europe/London"))
FEW = 7


def everyone(session: Session, few: int = FEW) -> None:
    set_suggestions.refresh_all(session, NOW, WAYS, few)


def listed(session: Session, member_id: int) -> list[tuple[str, int]]:
    rows = session.scalars(
        select(SetSuggestion).where(SetSuggestion.member_id == member_id).order_by(SetSuggestion.rank)
    )
    return [("cohort", row.cohort_id) if row.cohort_id else ("set", row.set_id or 0) for row in rows]


def kinds(session: Session, member_id: int) -> dict[str, object]:
    row = session.scalars(select(SetSuggestion).where(SetSuggestion.member_id == member_id)).first()
    assert row is not None
    return {reason["kind"]: reason["evidence"] for reason in row.reasons}


def applicants(session: Session, cohort: Cohort, cast: Cast, count: int, **facts: object) -> list[int]:
    """Applicants who work where Cai works, with the same issue."""
    home = session.get_one(Member, cast.cai).organisation_id
    made = []
    for number in range(count):
        member = a_member(session, f"Applicant{number:02} Number", organisation_id=home, **facts).id
        an_application(session, cohort.id, member, live_issue="Hospital canteens and the growers nearby")
        made.append(member)
    return made


def test_what_suits_comes_first_and_alone_or_among_all_it_is_the_same(session: Session, cast: Cast) -> None:
    food = a_cohort(session, cast.fay)
    homes = a_cohort(session, cast.fay, title="Warm homes", themes=["housing"])
    group = a_learning_set(session, [cast.dee], facilitator_id=cast.fay, open_places=2, themes=["housing"])
    a_theme(session, cast.ada, "food", seek=True)
    a_theme(session, cast.ben, "housing", interest=True)
    everyone(session)
    assert listed(session, cast.ada)[0] == ("cohort", food.id)
    assert listed(session, cast.ben)[:2] == [("cohort", homes.id), ("set", group.id)]
    before = session.execute(select(SetSuggestion.rank, SetSuggestion.score, SetSuggestion.reasons)).all()
    for member in cast.everyone():
        session.execute(SetSuggestion.__table__.delete().where(SetSuggestion.member_id == member))
        laid = set_suggestions.ground(session, NOW, WAYS, FEW)
        set_suggestions.prepare_one(session, laid, member, NOW, WAYS)()
    after = session.execute(select(SetSuggestion.rank, SetSuggestion.score, SetSuggestion.reasons)).all()
    assert sorted(map(repr, after)) == sorted(map(repr, before))


def test_nobody_is_told_of_what_they_applied_to_lead_or_sit_in(session: Session, cast: Cast) -> None:
    cohort = a_cohort(session, cast.fay)
    group = a_learning_set(session, [cast.dee], facilitator_id=cast.sol, open_places=1)
    an_application(session, cohort.id, cast.ada)
    an_application(session, cohort.id, cast.ben, state="withdrawn")
    everyone(session)
    assert listed(session, cast.ada) == [("set", group.id)]
    assert sorted(listed(session, cast.ben)) == [("cohort", cohort.id), ("set", group.id)]
    assert listed(session, cast.dee) == [("cohort", cohort.id)]
    assert listed(session, cast.fay) == [("set", group.id)]
    assert listed(session, cast.sol) == [("cohort", cohort.id)]


def test_a_list_is_as_long_as_it_may_be_of_all_that_the_gate_lets_through(session: Session, cast: Cast) -> None:
    """Of sixteen things to join, whoever may join fewer than twelve finds all of these, and others the best twelve."""
    calls = [a_cohort(session, cast.fay, title=f"Call {number}") for number in range(12)]
    groups = [a_learning_set(session, [cast.dee], facilitator_id=cast.fay, open_places=2) for _ in range(4)]
    for number, one in enumerate(calls[:7]):
        an_application(session, one.id, cast.ada)
        if number:
            an_application(session, one.id, cast.ben, state="withdrawn")
    session.add(Block(blocker_id=cast.cai, blocked_id=cast.dee, created_at=NOW))
    session.add(
        SetRequest(public_id=public_id(), set_id=groups[0].id, member_id=cast.ada, state="open", created_at=NOW)
    )
    session.flush()
    everyone(session)
    today = NOW.date()
    for member in (cast.ada, cast.ben, cast.cai, cast.dee, cast.fay):
        free = {
            ("cohort", one)
            for one in session.scalars(select(Cohort.id).where(cohort_is_open(today), may_apply(member)))
        }
        sets = select(LearningSet.id).where(set_is_open(), may_join(member), not_(asked_for(member, NOW - AGAIN)))
        free |= {("set", one) for one in session.scalars(sets)}
        found = listed(session, member)
        assert len(set(found)) == len(found) == min(len(free), set_suggestions.LENGTH)
        assert set(found) <= free
    assert len(listed(session, cast.ada)) == 8
    assert len(listed(session, cast.ben)) == 12


def test_what_closes_while_it_is_looked_at_is_listed_for_nobody_who_may_not_have_it(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = a_cohort(session, cast.fay)
    group = a_learning_set(session, [cast.dee], facilitator_id=cast.sol, open_places=1)
    an_application(session, call.id, cast.ada)
    look = set_suggestions._open

    def closes(*given: Any) -> Any:
        found = look(*given)
        call.state, group.open_places = "closed", 0
        session.flush()
        return found

    monkeypatch.setattr(set_suggestions, "_open", closes)
    laid = set_suggestions.ground(session, NOW, WAYS, FEW)
    made = set_suggestions.lists(session, laid, sorted([cast.ada, cast.dee, cast.ben]), NOW, WAYS)
    assert [row.cohort_id for row in made[cast.ada]] == [None]
    assert [row.set_id for row in made[cast.dee]] == [None]
    assert len(made[cast.ben]) == 2


def test_what_is_not_known_to_hold_does_not_hold(session: Session, cast: Cast) -> None:
    """A condition on what is not there is neither true nor false, and lets nothing through."""
    placeless = a_member(session, "Pat Placeless", place_id=None).id
    here = select(Member.id).where(Member.id == placeless)
    assert session.scalars(here.where(not_(Member.place_id == 1))).all() == []
    assert session.scalars(here.where(set_suggestions._does_not_hold(Member.place_id == 1))).all() == [placeless]


@pytest.mark.parametrize(
    "facts",
    [
        {"open_places": 0},
        {"ended_on": NOW.date()},
        {"public_id": None},
        {"facilitator_id": None},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_a_set_without_place_page_or_facilitator_is_not_listed(
    session: Session, cast: Cast, facts: dict[str, object]
) -> None:
    a_learning_set(session, [cast.dee], **{"facilitator_id": cast.fay, "open_places": 1, **facts})
    everyone(session)
    assert listed(session, cast.ada) == []


@pytest.mark.parametrize(
    "facts", [{"state": "closed"}, {"state": "draft"}, {"closes_on": (NOW - timedelta(days=1)).date()}]
)
def test_a_cohort_that_takes_no_applications_is_not_listed(
    session: Session, cast: Cast, facts: dict[str, object]
) -> None:
    a_cohort(session, cast.fay, **facts)
    everyone(session)
    assert listed(session, cast.ada) == []


def test_a_block_with_anybody_inside_keeps_a_set_out(session: Session, cast: Cast) -> None:
    a_learning_set(session, [cast.dee, cast.cai], facilitator_id=cast.fay, open_places=1)
    session.add(Block(blocker_id=cast.dee, blocked_id=cast.ada, created_at=NOW))
    session.add(Block(blocker_id=cast.ben, blocked_id=cast.fay, created_at=NOW))
    everyone(session)
    assert listed(session, cast.ada) == listed(session, cast.ben) == []
    assert len(listed(session, cast.sol)) == 1


def test_a_set_that_was_asked_or_had_no_place_lately_is_not_listed(session: Session, cast: Cast) -> None:
    group = a_learning_set(session, [cast.dee], facilitator_id=cast.fay, open_places=1)
    long_ago, lately = NOW - timedelta(days=91), NOW - timedelta(days=89)
    for member, state, closed in (
        (cast.ada, "open", None),
        (cast.ben, "declined", lately),
        (cast.cai, "declined", long_ago),
        (cast.sol, "withdrawn", lately),
    ):
        session.add(
            SetRequest(
                public_id=public_id(), set_id=group.id, member_id=member, state=state, created_at=NOW, closed_at=closed
            )
        )
    everyone(session)
    assert listed(session, cast.ada) == listed(session, cast.ben) == []
    assert listed(session, cast.cai) == listed(session, cast.sol) == [("set", group.id)]


def test_people_are_counted_by_what_all_members_may_see_and_only_when_they_are_many(
    session: Session, cast: Cast
) -> None:
    cohort = a_cohort(session, cast.fay, themes=[])
    others = applicants(session, cohort, cast, FEW + 1)
    for other in others:
        a_theme(session, other, "food", 3, offer=True)
    a_theme(session, cast.ada, "food", 2, seek=True)
    session.add(MemberText(member_id=cast.ada, text="Our canteens should buy from growers"))
    everyone(session)
    assert kinds(session, cast.ada) == {
        "alike_issues": {},
        "help_there": {"themes": ["food"]},
        "step_ahead": {"themes": ["food"]},
        "new_sector": {"sectors": ["education"]},
    }
    for show, gone in (("show_themes", {"help_there", "step_ahead"}), ("show_organisation", {"new_sector"})):
        setattr(session.get_one(Member, others[0]), show, 1)
        everyone(session)
        assert kinds(session, cast.ada).keys() & gone == set(), show
        setattr(session.get_one(Member, others[0]), show, 2)
    session.get_one(Member, others[0]).standing = "left"
    everyone(session)
    assert kinds(session, cast.ada) == {}


def test_ties_and_people_who_joined_the_same_count_when_they_are_many(session: Session, cast: Cast) -> None:
    earlier = a_cohort(session, cast.fay, themes=[], state="formed", purpose="Warm homes")
    cohort = a_cohort(session, cast.fay, themes=[], purpose="School dinners")
    others = applicants(session, cohort, cast, FEW + 1, show_organisation=0)
    for other in others:
        a_connection(session, cast.ada, other)
        an_application(session, earlier.id, other, state="placed", live_issue="")
    an_application(session, earlier.id, cast.ada, state="placed", live_issue="")
    everyone(session)
    assert kinds(session, cast.ada) == {"ties_there": {}, "people_alike": {"of": "joined"}}
    block = Block(blocker_id=others[0], blocked_id=cast.ada, created_at=NOW)
    session.add(block)
    everyone(session)
    assert kinds(session, cast.ada) == {}
    session.delete(block)
    last = session.get_one(Member, others[-1])
    for gone, back in (({"listed": False}, {"listed": True}), ({"standing": "paused"}, {"standing": "active"})):
        for name, value in gone.items():
            setattr(last, name, value)
        everyone(session)
        assert kinds(session, cast.ada) == {}
        for name, value in back.items():
            setattr(last, name, value)
    everyone(session)
    assert kinds(session, cast.ada) == {"ties_there": {}, "people_alike": {"of": "joined"}}


def test_what_one_joined_before_speaks_for_what_is_like_it(session: Session, cast: Cast) -> None:
    earlier = a_cohort(session, cast.fay, themes=[], state="formed", purpose="Growers nearby and school canteens")
    a_cohort(session, cast.fay, themes=[], purpose="School canteens that buy from growers")
    an_application(session, earlier.id, cast.ada, state="left_over", live_issue="")
    everyone(session)
    assert kinds(session, cast.ada) == {"alike_groups": {"of": "joined"}}
    assert kinds(session, cast.ben) == {}


def test_a_sector_that_a_tie_lets_one_see_is_not_new(session: Session, cast: Cast) -> None:
    cohort = a_cohort(session, cast.fay, themes=[])
    applicants(session, cohort, cast, FEW + 1)
    tie = a_connection(session, cast.ada, cast.cai)
    everyone(session)
    assert "new_sector" not in kinds(session, cast.ada)
    tie.until = NOW
    everyone(session)
    assert "new_sector" in kinds(session, cast.ada)


def test_times_of_the_last_application_are_compared(session: Session, cast: Cast) -> None:
    earlier = a_cohort(session, cast.fay, days=2, state="formed")
    slots = session.scalars(
        select(CohortSlot).where(CohortSlot.cohort_id == earlier.id).order_by(CohortSlot.position)
    ).all()
    an_application(session, earlier.id, cast.ada, [slots[0].id], state="placed", live_issue="")
    again = a_cohort(session, cast.fay, days=2, themes=[])
    everyone(session)
    assert listed(session, cast.ada) == [("cohort", again.id)]
    assert kinds(session, cast.ada)["times_suit"] == {"times": [slots[0].on_day.weekday() * 3]}
    group = a_learning_set(session, [cast.dee], facilitator_id=cast.fay, open_places=1, themes=[])
    again.state = "closed"
    noon = NOW.replace(hour=9) + timedelta(days=(slots[0].on_day.weekday() - NOW.weekday()) % 7 + 7)
    session.add(SetSession(public_id=public_id(), set_id=group.id, starts_at=noon))
    session.flush()
    everyone(session)
    assert listed(session, cast.ada) == [("set", group.id)]
    assert "times_suit" in kinds(session, cast.ada)


def test_what_did_not_change_is_not_written_again(session: Session, cast: Cast) -> None:
    a_cohort(session, cast.fay)
    everyone(session)
    first = session.scalars(select(SetSuggestion.id).order_by(SetSuggestion.id)).all()
    assert set_suggestions.refresh_all(session, NOW + timedelta(hours=1), WAYS, FEW) == 0
    assert session.scalars(select(SetSuggestion.id).order_by(SetSuggestion.id)).all() == first
    a_theme(session, cast.ada, "food", seek=True)
    assert set_suggestions.refresh_all(session, NOW + timedelta(hours=1), WAYS, FEW) == 1


@pytest.mark.parametrize("error", [Overtaken, Busy])
def test_a_night_goes_on_when_others_were_in_the_way_and_not_for_ever(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch, error: type[HalnError]
) -> None:
    a_cohort(session, cast.fay)
    write, times = set_suggestions.keep, []

    def overtaken(*given: Any, **how: Any) -> int:
        times.append(write(*given, **how))
        if len(times) < 3:
            raise error("Somebody else was there.")
        return times[-1]

    monkeypatch.setattr(set_suggestions, "keep", overtaken)
    assert set_suggestions.refresh_all(session, NOW, WAYS, FEW) == times[-1] > 0
    assert len(times) == 3 and listed(session, cast.ada)

    def never(*_given: Any, **_how: Any) -> int:
        raise error("Somebody else was there.")

    monkeypatch.setattr(set_suggestions, "keep", never)
    with pytest.raises(error):
        everyone(session)


def test_who_has_left_has_no_list(session: Session, cast: Cast) -> None:
    a_cohort(session, cast.fay)
    everyone(session)
    assert listed(session, cast.ada)
    leaving.leave(session, an_actor(session, cast.ada), NOW)
    everyone(session)
    assert listed(session, cast.ada) == []


@pytest.mark.parametrize("way", ["left", "erased"])
def test_nothing_is_written_for_whoever_goes_while_their_list_is_worked_out(
    session: Session, cast: Cast, way: str
) -> None:
    a_cohort(session, cast.fay)
    laid = set_suggestions.ground(session, NOW, WAYS, FEW)
    write = set_suggestions.prepare_one(session, laid, cast.ada, NOW, WAYS)
    if way == "left":
        leaving.leave(session, an_actor(session, cast.ada), NOW)
    else:
        erasure.erase(session, cast.ada, NOW)
    write()
    assert listed(session, cast.ada) == []


def test_what_closed_since_it_was_looked_at_is_left_out(session: Session, cast: Cast) -> None:
    cohort = a_cohort(session, cast.fay)
    lists = SetLists(WORDS, "Europe/London", FEW)
    lists.prepare(session, cast.ben, NOW)()
    cohort.state = "closed"
    session.flush()
    lists.prepare(session, cast.ada, NOW)()
    assert (len(listed(session, cast.ben)), listed(session, cast.ada)) == (1, [])
    a_cohort(session, cast.fay)
    lists.prepare(session, cast.ada, NOW + FRESH)()
    assert len(listed(session, cast.ada)) == 1


def test_where_nothing_is_open_nobody_is_read(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = a_cohort(session, cast.fay)
    everyone(session)
    assert listed(session, cast.ada)
    cohort.state = "closed"
    monkeypatch.setattr(set_suggestions.crowd_rows, "read", lambda *_: pytest.fail("crowds were read"))
    everyone(session)
    assert listed(session, cast.ada) == []


def test_a_large_network_is_not_read_through_while_somebody_waits(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_cohort(session, cast.fay)
    lists = SetLists(WORDS, "Europe/London", FEW)
    count = session.scalar(select(func.count()).select_from(Member))
    monkeypatch.setattr(set_lists, "SMALL", count - 1)
    assert lists.prepare_at_once(session, cast.ada, NOW) is None
    monkeypatch.setattr(set_lists, "SMALL", count)
    write = lists.prepare_at_once(session, cast.ada, NOW)
    assert write is not None
    write()
    assert len(listed(session, cast.ada)) == 1


def test_a_cohort_is_open_until_midnight_where_the_network_is(session: Session, cast: Cast) -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight in London
    row = a_cohort(session, cast.fay, closes_on=date(2026, 6, 30))
    set_suggestions.refresh_all(session, late, WAYS, FEW)
    assert listed(session, cast.ada) == []
    assert learning.page(session, an_actor(session, cast.ada), date(2026, 7, 1), late).to_join == ()
    set_suggestions.refresh_all(session, late - timedelta(hours=2), WAYS, FEW)
    assert listed(session, cast.ada) == [("cohort", row.id)]


@pytest.mark.slow
def test_two_processes_rank_as_one_does_though_one_is_killed_and_none_is_left(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    food = a_cohort(session, cast.fay)
    a_cohort(session, cast.fay, title="Warm homes", themes=["housing"])
    a_learning_set(session, [cast.dee], facilitator_id=cast.fay, open_places=2, themes=["housing"])
    for member in applicants(session, food, cast, 40):
        a_theme(session, member, ("food", "housing", "environment")[member % 3], seek=True)
    session.commit()
    monkeypatch.setattr(set_suggestions, "BLOCK", 3)
    killed: list[int] = []

    def kill_once(done: int, _all: int) -> None:
        if done >= 6 and not killed:
            killed.append(children()[0])
            os.kill(killed[0], signal.SIGKILL)

    def rows(workers: int, progress: Callable[[int, int], None]) -> list[tuple[Any, ...]]:
        session.execute(delete(SetSuggestion))
        set_suggestions.refresh_all(session, NOW, WAYS, FEW, progress, workers=workers)
        columns = [column for column in SetSuggestion.__table__.columns if column.name != "id"]
        return [tuple(row) for row in session.execute(select(*columns).order_by(SetSuggestion.id))]

    caplog.set_level(logging.WARNING)
    told: list[tuple[int, int]] = []
    alone = rows(1, lambda done, whole: told.append((done, whole)))
    count = session.scalar(select(func.count()).where(Member.standing == "active")) or 0
    assert told == [(min(done, count), count) for done in range(3, count + 3, 3)]
    assert rows(2, kill_once) == alone
    assert killed and "done again" in caplog.text
    assert len(alone) > 2 * 40 and children() == []


def test_where_no_process_is_left_the_one_that_writes_ranks(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_cohort(session, cast.fay)
    everyone(session)
    alone = listed(session, cast.ada)
    session.execute(delete(SetSuggestion))
    monkeypatch.setattr(set_suggestions, "BLOCK", 3)
    monkeypatch.setattr(process_pool, "LOST", 0)
    set_suggestions.refresh_all(session, NOW, WAYS, FEW, workers=2)
    assert listed(session, cast.ada) == alone != []
