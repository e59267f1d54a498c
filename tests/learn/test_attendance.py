"""Attendance: everybody at once, corrected afterwards, and never for what did not take place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted
from haln.learn import attendance, sessions
from haln.models import Attendance, AuditRecord, Member, SetMembership, SetSession
from tests.builders import NOW, Cast, a_member, an_actor
from tests.learn.sets import a_session, key, the_set

HELD = NOW - timedelta(hours=2)
BEFORE = NOW.date() - timedelta(days=1)


def everybody(cast: Cast, state: str = "present") -> dict[int, str]:
    return dict.fromkeys((cast.ada, cast.ben, cast.cai, cast.dee), state)


def stored(session: Session, meeting: SetSession) -> dict[int, str]:
    session.flush()
    rows = session.execute(select(Attendance.member_id, Attendance.state).where(Attendance.session_id == meeting.id))
    return {row.member_id: row.state for row in rows}


def test_one_answer_records_everybody_and_the_session_is_held(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    meeting, fay = a_session(session, row, HELD), an_actor(session, cast.fay)
    states = {**everybody(cast), cast.ben: "apologies"}
    attendance.record(session, fay, key(row), meeting.public_id, states, NOW)
    assert stored(session, meeting) == states
    assert meeting.state == sessions.HELD
    detail = session.scalar(select(AuditRecord.detail).where(AuditRecord.action == "record_attendance"))
    assert detail == {"present": 3, "apologies": 1, "absent": 0}


def test_recording_again_corrects_it(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    meeting, fay = a_session(session, row, HELD), an_actor(session, cast.fay)
    attendance.record(session, fay, key(row), meeting.public_id, everybody(cast), NOW)
    attendance.record(session, fay, key(row), meeting.public_id, {cast.ada: "absent"}, NOW)
    assert stored(session, meeting) == {**everybody(cast), cast.ada: "absent"}


def test_who_leaves_after_the_session_of_that_day_was_to_be_at_it(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    session.execute(update(SetMembership).where(SetMembership.member_id == cast.ada).values(left_on=NOW.date()))
    meeting, fay = a_session(session, row, HELD), an_actor(session, cast.fay)
    lines = attendance.register(session, fay, key(row), meeting.public_id, NOW).lines
    assert sorted(line.mate.id for line in lines) == [cast.ada, cast.ben, cast.cai, cast.dee]
    attendance.record(session, fay, key(row), meeting.public_id, everybody(cast), NOW)
    assert stored(session, meeting) == everybody(cast)


def test_only_who_sat_in_the_set_that_day_is_expected(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    late = a_member(session, "Lou Late").id
    session.add(SetMembership(set_id=row.id, member_id=late, joined_on=NOW.date() + timedelta(days=1)))
    session.execute(update(SetMembership).where(SetMembership.member_id == cast.ada).values(left_on=BEFORE))
    meeting, fay = a_session(session, row, HELD), an_actor(session, cast.fay)
    found = attendance.register(session, fay, key(row), meeting.public_id, NOW)
    assert [line.mate.id for line in found.lines] == [cast.cai, cast.dee, cast.ben]
    for wrong in (late, cast.ada, cast.sol):
        with pytest.raises(Invalid, match="changed meanwhile"):
            attendance.record(session, fay, key(row), meeting.public_id, {wrong: "present"}, NOW)


def test_the_members_of_the_beginning_are_expected_at_a_session_before_the_day_it_counts_from(
    session: Session, cast: Cast
) -> None:
    row = the_set(session, cast)
    row.started_on = NOW.date() + timedelta(days=20)
    session.execute(update(SetMembership).values(joined_on=row.started_on))
    assert attendance.expected(session, a_session(session, row, HELD)) == {cast.ada, cast.ben, cast.cai, cast.dee}


def test_a_session_cancelled_while_its_list_is_open_records_nothing(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    meeting, fay = a_session(session, row, HELD, state="cancelled"), an_actor(session, cast.fay)
    with pytest.raises(Conflict, match="cancelled meanwhile"):
        attendance.record(session, fay, key(row), meeting.public_id, everybody(cast), NOW)
    assert stored(session, meeting) == {}


def test_a_session_that_is_gone_is_said_to_be_gone(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    meeting, fay = a_session(session, row, HELD), an_actor(session, cast.fay)
    session.execute(delete(SetSession))
    with pytest.raises(NotFound, match="taken out"):
        attendance.record(session, fay, key(row), meeting.public_id, everybody(cast), NOW)


def test_nothing_is_recorded_before_the_hour(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    fay = an_actor(session, cast.fay)
    soon = a_session(session, row, NOW + timedelta(minutes=50))
    later = a_session(session, row, NOW + timedelta(hours=3))
    attendance.record(session, fay, key(row), soon.public_id, everybody(cast), NOW)
    with pytest.raises(Conflict, match="not begun"):
        attendance.record(session, fay, key(row), later.public_id, everybody(cast), NOW)


@pytest.mark.parametrize("states", [{}, {0: "present"}, "late"])
def test_what_is_no_answer_is_refused(session: Session, cast: Cast, states: object) -> None:
    row = the_set(session, cast)
    meeting, fay = a_session(session, row, HELD), an_actor(session, cast.fay)
    said = everybody(cast, "late") if states == "late" else states
    with pytest.raises(Invalid):
        attendance.record(session, fay, key(row), meeting.public_id, said, NOW)  # type: ignore[arg-type]
    assert stored(session, meeting) == {}


def test_members_do_not_record_where_somebody_leads(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    meeting = a_session(session, row, HELD)
    with pytest.raises(NotPermitted):
        attendance.record(session, an_actor(session, cast.ada), key(row), meeting.public_id, everybody(cast), NOW)


def test_who_has_left_the_network_stands_in_old_lists_as_a_former_member(session: Session, cast: Cast) -> None:
    row = the_set(session, cast)
    meeting, fay = a_session(session, row, HELD), an_actor(session, cast.fay)
    attendance.record(session, fay, key(row), meeting.public_id, everybody(cast), NOW)
    session.execute(update(Member).where(Member.id == cast.ada).values(standing="erased"))
    found = attendance.register(session, fay, key(row), meeting.public_id, NOW)
    assert [(line.mate.sight, line.mate.name) for line in found.lines if line.mate.id == cast.ada] == [("former", "")]
