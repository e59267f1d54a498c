"""A set that was ended by mistake is opened again, with everybody in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, NotFound, NotPermitted
from haln.learn import notes, reflections, reopening, workspaces
from haln.models import AuditRecord, LearningSet, Mail, Member, SetMembership, SetMembershipVersion, SetSession
from haln.people import versions
from tests.builders import NOW, Cast, a_member, an_actor
from tests.learn.sets import key, planned, the_set


def told(session: Session, kind: str) -> list[int | None]:
    return sorted(session.scalars(select(Mail.member_id).where(Mail.kind == kind)), key=str)


def ended(session: Session, cast: Cast, sessions: int = 0) -> tuple[LearningSet, Actor]:
    row, fay = the_set(session, cast, open_places=2), an_actor(session, cast.fay)
    if sessions:
        planned(session, cast, row, sessions)
    reflections.end(session, fay, key(row), NOW)
    session.commit()
    return row, fay


def test_people_keep_their_places_and_what_was_cancelled_stays_so(session: Session, cast: Cast) -> None:
    row, fay = ended(session, cast, 2)
    reflections.reflect(session, an_actor(session, cast.ada), key(row), 5, True, "Kept", False, NOW)
    later = NOW + timedelta(days=3)
    reopening.reopen(session, fay, key(row), later)
    session.commit()
    assert (row.ended_on, row.open_places, row.version) == (None, 0, 3)
    seen = workspaces.workspace(session, an_actor(session, cast.ada), key(row), later)
    assert {mate.id for mate in seen.circle.members} == {cast.ada, cast.ben, cast.cai, cast.dee}
    assert set(session.scalars(select(SetSession.state))) == {"cancelled"}
    assert not seen.asked
    notes.write(session, an_actor(session, cast.ada), key(row), "We go on.", "", later)
    mails = session.scalars(select(Mail).where(Mail.kind == "set_reopened")).all()
    assert {one.member_id for one in mails} == {cast.ada, cast.ben, cast.cai, cast.dee, cast.fay}
    assert all(len(one.values["session_ids"]) == 2 for one in mails)
    record = session.scalars(select(AuditRecord).where(AuditRecord.action == "reopen_set")).one()
    assert (record.actor_id, record.detail) == (cast.fay, {"ended_on": NOW.date().isoformat()})


def test_a_set_that_ends_once_more_says_so_once_more(session: Session, cast: Cast) -> None:
    row, fay = ended(session, cast)
    assert len(told(session, "set_ended")) == 4
    reopening.reopen(session, fay, key(row), NOW)
    assert len(told(session, "set_reopened")) == 5, "the facilitator, too: staff may have opened it"
    reflections.end(session, fay, key(row), NOW + timedelta(days=1))
    assert len(told(session, "set_ended")) == 8


def test_places_are_known_to_hold_again_also_of_who_has_left_the_network(session: Session, cast: Cast) -> None:
    versions.keep_all(session, NOW)
    row, fay = ended(session, cast)
    session.execute(update(Member).where(Member.id == cast.dee).values(standing="left", left_at=NOW))
    versions.note(session, [cast.dee], NOW)
    session.commit()
    reopening.reopen(session, fay, key(row), NOW + timedelta(days=1))
    session.commit()
    newest = {
        one.member_id: one.sits
        for one in session.scalars(select(SetMembershipVersion).order_by(SetMembershipVersion.id))
        if one.set_id == row.id
    }
    assert newest == dict.fromkeys((cast.ada, cast.ben, cast.cai, cast.dee), True)
    assert set(versions.behind(session).values()) == {0}


def test_only_who_may_end_a_set_opens_it_again_and_only_for_a_while(session: Session, cast: Cast) -> None:
    row, fay = ended(session, cast)
    session.execute(update(SetMembership).where(SetMembership.member_id == cast.dee).values(left_on=NOW.date()))
    for member, refusal in ((cast.ada, NotPermitted), (cast.dee, NotFound), (a_member(session).id, NotFound)):
        with pytest.raises(refusal):
            reopening.reopen(session, an_actor(session, member), key(row), NOW)
    with pytest.raises(Conflict, match="30 days"):
        reopening.reopen(session, fay, key(row), NOW + timedelta(days=31))
    reopening.reopen(session, an_actor(session, cast.sol), key(row), NOW + timedelta(days=30))
    with pytest.raises(Conflict, match="runs already"):
        reopening.reopen(session, fay, key(row), NOW)
    assert session.get_one(SetMembership, (row.id, cast.dee)).left_on == NOW.date()
