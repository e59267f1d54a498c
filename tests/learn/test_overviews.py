"""The view over all sets: whose they are, who comes, and which are in trouble."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from haln.errors import NotPermitted
from haln.learn import overviews
from haln.learn.overviews import Overview, Sort, Trouble
from haln.models import Attendance, LearningSet, Member, SetMembership, SetSession
from tests.builders import NOW, Cast, a_member, an_actor
from tests.cohort_builders import a_cohort
from tests.learn.sets import a_note, a_session, the_set


def came(session: Session, meeting: SetSession, present: list[int], absent: list[int]) -> None:
    for members, state in ((present, "present"), (absent, "absent")):
        for member in members:
            session.add(Attendance(session_id=meeting.id, member_id=member, state=state, recorded_at=meeting.starts_at))
    session.flush()


def seen(session: Session, member: int, **facts: object) -> Overview:
    return overviews.overview(session, an_actor(session, member), NOW, **facts)  # type: ignore[arg-type]


def names(found: Overview) -> list[str]:
    return [line.name for line in found.lines]


def test_facilitators_see_theirs_and_those_of_cohorts_they_lead_and_staff_see_all(session: Session, cast: Cast) -> None:
    gus = a_member(session, "Gus Leader", audience="facilitator").id
    cohort = a_cohort(session, gus)
    the_set(session, cast, name="Fays")
    the_set(session, cast, name="Led", cohort_id=cohort.id)
    the_set(session, cast, name="Other", facilitator_id=None)
    session.add(LearningSet(name="Without a page"))
    session.flush()
    assert names(seen(session, cast.fay, sort=Sort.NAME)) == ["Fays", "Led"]
    assert names(seen(session, gus)) == ["Led"]
    assert names(seen(session, cast.sol, sort=Sort.NAME)) == ["Fays", "Led", "Other"]
    with pytest.raises(NotPermitted):
        seen(session, cast.ada)


def test_a_set_that_records_who_came_is_not_quiet(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    row.started_on = (NOW - timedelta(days=200)).date()
    a_session(session, row)
    assert seen(session, cast.fay).lines[0].troubles == (Trouble.QUIET,)
    came(session, a_session(session, row, NOW - timedelta(weeks=3), state="held"), [cast.ada, cast.ben, cast.cai], [])
    assert seen(session, cast.fay).lines[0].troubles == ()


def test_a_set_that_does_well_has_no_trouble_and_one_in_trouble_says_why(session: Session, cast: Cast) -> None:
    four = [cast.ada, cast.ben, cast.cai, cast.dee]
    well, badly = the_set(session, cast, name="Well"), the_set(session, cast, name="Badly")
    badly.started_on = (NOW - timedelta(days=60)).date()
    a_session(session, well)
    a_note(session, well, cast.ada)
    for row, present, ago in ((well, four, (6, 2)), (badly, [cast.ada], (8, 7))):
        for weeks in ago:
            meeting = a_session(session, row, NOW - timedelta(weeks=weeks), state="held")
            came(session, meeting, present, [one for one in four if one not in present])
    session.execute(
        update(SetMembership)
        .where(SetMembership.set_id == badly.id, SetMembership.member_id == cast.dee)
        .values(left_on=NOW.date())
    )
    first, second = seen(session, cast.fay).lines
    assert (first.name, first.troubles) == ("Badly", tuple(Trouble))
    assert (first.members, first.held, first.came, first.share) == (3, 2, ((1, 4), (1, 4)), 0.25)
    assert (second.name, second.troubles, second.share) == ("Well", (), 1.0)
    found = seen(session, cast.fay, only_trouble=True)
    assert (names(found), found.count, found.in_trouble, found.running) == (["Badly"], 1, 1, 2)


def test_ended_sets_are_apart_and_in_no_trouble(session: Session, cast: Cast) -> None:
    the_set(session, cast, name="Over", ended_on=NOW.date())
    assert names(seen(session, cast.fay)) == []
    found = seen(session, cast.fay, ended=True)
    assert (names(found), found.lines[0].troubles, found.ended) == (["Over"], (), 1)


@pytest.mark.parametrize("sort", Sort)
def test_every_column_sorts_both_ways(session: Session, cast: Cast, sort: Sort) -> None:
    for number in range(3):
        row = the_set(session, cast, name=f"Set {number}")
        a_session(session, row, NOW + timedelta(days=9 - number))
    up, down = seen(session, cast.fay, sort=sort), seen(session, cast.fay, sort=sort, down=True)
    assert sorted(names(up)) == sorted(names(down)) == ["Set 0", "Set 1", "Set 2"]
    if sort is Sort.NEXT:
        assert names(up) == ["Set 2", "Set 1", "Set 0"] == names(down)[::-1]


def test_who_has_left_the_network_does_not_count_as_a_member(session: Session, cast: Cast) -> None:
    the_set(session, cast)
    session.execute(update(Member).where(Member.id == cast.ada).values(standing="left"))
    assert seen(session, cast.fay).lines[0].members == 3


pairs = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 8)), max_size=6)


@given(st.integers(0, 12), pairs, st.none() | st.just(NOW), st.integers(0, 100))
def test_the_rules_of_trouble_are_those_on_the_page(
    members: int, shares: list[tuple[int, int]], ahead: datetime | None, days: int
) -> None:
    found = overviews.troubles(members, shares, ahead, NOW - timedelta(days=days), NOW)
    assert (Trouble.NO_SESSION in found) == (ahead is None)
    assert (Trouble.FEW_LEFT in found) == (members < 4)
    begins = (NOW + timedelta(days=days)).date()
    before = overviews.troubles(members, shares, ahead, NOW, NOW, begins)
    assert (Trouble.NO_SESSION in before) == (ahead is None and days <= 14)
    assert (Trouble.QUIET in found) == (days > 42)
    two = shares[-2:]
    assert (Trouble.FEW_COME in found) == (len(two) == 2 and all(one / of < 0.5 for one, of in two))
