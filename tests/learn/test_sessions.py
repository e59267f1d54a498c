"""Sessions of a set: planned, moved, cancelled, reminded of, and who may."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn import sessions, set_mail
from haln.models import AuditRecord, LearningSet, Mail, Member, SetMembership, SetSession
from tests.builders import NOW, Cast, a_member, an_actor
from tests.learn.sets import LONDON, a_meeting, a_session, key, planned, the_set


def letters(session: Session, kind: str) -> list[int]:
    session.flush()
    return sorted(session.scalars(select(Mail.member_id).where(Mail.kind == kind, Mail.state == "waiting")))


def test_several_are_planned_at_once_with_presenters_in_turn_and_one_letter_for_each_person(
    session: Session, cast: Cast
) -> None:
    row = the_set(session, cast)
    made = planned(session, cast, row, 6)
    assert [one.starts_at for one in made] == sorted(one.starts_at for one in made)
    four = {cast.ada, cast.ben, cast.cai, cast.dee}
    assert {one.presenter_id for one in made[:4]} == four
    assert [one.presenter_id for one in made[4:]] == [one.presenter_id for one in made[:2]]
    assert letters(session, "session_planned") == sorted(four | {cast.fay})
    assert session.scalar(select(AuditRecord.detail).where(AuditRecord.action == "plan_sessions")) == {"sessions": 6}


def test_a_member_plans_only_where_nobody_leads(session: Session, cast: Cast) -> None:
    led, free = the_set(session, cast), the_set(session, cast, facilitator_id=None)
    ada = an_actor(session, cast.ada)
    with pytest.raises(NotPermitted):
        sessions.plan(session, ada, key(led), a_meeting(), 4, 1, LONDON, NOW)
    assert sessions.plan(session, ada, key(free), a_meeting(), 4, 1, LONDON, NOW)
    session.execute(update(Member).where(Member.id == cast.fay).values(standing="left"))
    assert sessions.plan(session, ada, key(led), a_meeting(), 4, 1, LONDON, NOW)


def test_for_outsiders_former_members_and_staff_there_is_nothing_to_plan(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    session.execute(update(SetMembership).where(SetMembership.member_id == cast.ada).values(left_on=NOW.date()))
    eve = a_member(session)
    for member in (cast.ada, eve.id, cast.sol):
        with pytest.raises(NotFound):
            sessions.plan(session, an_actor(session, member), key(row), a_meeting(), 4, 1, LONDON, NOW)


def test_what_overlaps_is_refused_and_nothing_is_planned(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    planned(session, cast, row)
    for facts in ({"begins": time(12), "ends": time(15)}, {"begins": time(14, 30), "ends": time(15)}):
        with pytest.raises(Invalid, match="2026-06-25"):
            sessions.plan(session, an_actor(session, cast.fay), key(row), a_meeting(**facts), 4, 3, LONDON, NOW)
    assert session.scalar(select(func.count(SetSession.id))) == 1
    planned(session, cast, row, begins=time(15, 30), ends=time(17))  # touching is no overlap


def test_a_cancelled_session_takes_no_time(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    (one,) = planned(session, cast, row)
    sessions.cancel(session, an_actor(session, cast.fay), key(row), one.public_id, NOW)
    assert len(planned(session, cast, row)) == 1


def test_five_hundred_at_once_are_refused(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    with pytest.raises(Invalid, match="between 1 and 30"):
        planned(session, cast, row, 500)
    for first in (1, 2):
        planned(session, cast, row, 24, on_day=NOW.date() + timedelta(days=first))
    with pytest.raises(Invalid, match="at most 60"):
        planned(session, cast, row, 24, on_day=NOW.date() + timedelta(days=3))


def test_moving_tells_everybody_and_changing_the_words_does_not(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    (one,) = planned(session, cast, row)
    fay = an_actor(session, cast.fay)
    wanted = a_meeting(agenda="Food")
    assert not sessions.change(session, fay, key(row), one.public_id, wanted, cast.dee, 0, LONDON, NOW)
    assert (one.sequence, one.agenda, one.presenter_id) == (1, "Food", cast.dee)
    assert letters(session, "session_moved") == []
    moved = a_meeting(where="Leeds", agenda="Food")
    assert sessions.change(session, fay, key(row), one.public_id, moved, cast.dee, 1, LONDON, NOW)
    assert len(letters(session, "session_moved")) == 5
    assert not sessions.change(session, fay, key(row), one.public_id, moved, cast.dee, 2, LONDON, NOW)
    assert one.sequence == 2


def test_the_second_of_two_who_change_a_session_is_told(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    (one,) = planned(session, cast, row)
    fay = an_actor(session, cast.fay)
    sessions.change(session, fay, key(row), one.public_id, a_meeting(where="Leeds"), None, 0, LONDON, NOW)
    with pytest.raises(Conflict, match="Somebody else has changed"):
        sessions.change(session, fay, key(row), one.public_id, a_meeting(where="York"), None, 0, LONDON, NOW)
    assert one.where == "Leeds"


def test_only_who_is_in_the_set_presents(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    (one,) = planned(session, cast, row)
    fay = an_actor(session, cast.fay)
    for somebody in (cast.sol, 0, 10**17):
        with pytest.raises(Invalid, match="who is in the set"):
            sessions.change(session, fay, key(row), one.public_id, a_meeting(), somebody, 0, LONDON, NOW)


def test_what_is_cancelled_or_held_is_neither_moved_nor_cancelled_again(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    fay = an_actor(session, cast.fay)
    for state in ("cancelled", "held"):
        one = a_session(session, row, state=state)
        with pytest.raises(Conflict):
            sessions.cancel(session, fay, key(row), one.public_id, NOW)
        with pytest.raises(Conflict):
            sessions.change(session, fay, key(row), one.public_id, a_meeting(), None, 0, LONDON, NOW)


def test_the_session_of_another_set_is_not_there(session: Session, cast: Cast) -> None:
    row, other = the_set(session, cast), the_set(session, cast)
    one = a_session(session, other)
    with pytest.raises(NotFound, match="no such session"):
        sessions.cancel(session, an_actor(session, cast.fay), key(row), one.public_id, NOW)


def test_an_ended_set_plans_nothing(session: Session, cast: Cast) -> None:
    row = the_set(session, cast, ended_on=NOW.date())
    with pytest.raises(Conflict, match="has ended"):
        planned(session, cast, row)


def test_everybody_is_reminded_once_of_a_session_of_the_next_day(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    one = a_session(session, row, NOW + timedelta(hours=23))
    a_session(session, row, NOW + timedelta(hours=25))
    a_session(session, row, NOW + timedelta(hours=20), state="cancelled")
    session.execute(update(Member).where(Member.id == cast.ben).values(introduction_mail=False))
    session.execute(update(SetMembership).where(SetMembership.member_id == cast.cai).values(left_on=NOW.date()))
    assert set_mail.remind(session, NOW) == 3
    assert letters(session, "session_reminder") == sorted([cast.ada, cast.dee, cast.fay])
    assert set_mail.remind(session, NOW + timedelta(minutes=1)) == 0
    one.sequence += 1  # its agenda was mended
    session.flush()
    assert set_mail.remind(session, NOW + timedelta(minutes=2)) == 0
    one.starts_at -= timedelta(hours=1)
    session.flush()
    assert set_mail.remind(session, NOW + timedelta(minutes=3)) == 3


def test_news_of_one_session_takes_no_reminder_of_another_away(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    soon = a_session(session, row, NOW + timedelta(hours=20))
    planned(session, cast, row, count=12)
    assert session.scalars(select(Mail.id).where(Mail.kind == "session_planned")).all()
    assert set_mail.remind(session, NOW) == 5
    told = session.scalars(select(Mail.values).where(Mail.kind == "session_reminder")).all()
    assert {tuple(one["session_ids"]) for one in told} == {(soon.id,)}


def test_who_was_told_of_a_session_today_is_not_reminded_of_it_too(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    planned(session, cast, row, on_day=NOW.date(), begins=time(18), ends=time(19))
    assert set_mail.remind(session, NOW) == 0
    other = the_set(session, cast)
    a_session(session, other, NOW + timedelta(hours=3))
    assert set_mail.remind(session, NOW) == 5


def test_nobody_is_written_to_about_a_session_that_is_over(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    planned(session, cast, row, on_day=NOW.date() - timedelta(days=3))
    assert letters(session, "session_planned") == []
    assert session.scalars(select(SetSession.presenter_id)).all() == [None]


def test_a_set_without_a_page_is_nobodys(session: Session, cast: Cast) -> None:
    session.add(LearningSet(name="Old", public_id=None, facilitator_id=cast.fay))
    session.flush()
    with pytest.raises(NotFound):
        sessions.plan(session, an_actor(session, cast.fay), "", a_meeting(), 4, 1, LONDON, NOW)
