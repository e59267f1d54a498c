"""Leaving the network."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import (
    AuditRecord,
    CohortFacilitator,
    Introduction,
    Mail,
    Member,
    Seat,
    SetMembership,
    SignInSession,
    Suggestion,
    SuggestionRefresh,
)
from haln.people import leaving, mailbox, sessions
from haln.people.tokens import public_id
from tests.builders import NOW, Cast, a_connection, an_actor
from tests.cohort_builders import a_cohort, a_learning_set, a_plan, an_application


def an_introduction(session: Session, asker: int, asked: int, weaver: int | None = None) -> None:
    session.add(
        Introduction(
            public_id=public_id(),
            kind="woven" if weaver else "asked",
            asker_id=asker,
            asked_id=asked,
            weaver_id=weaver,
            created_at=NOW,
            expires_at=NOW + timedelta(days=14),
        )
    )


def a_suggestion(session: Session, member: int, other: int) -> None:
    session.add(
        Suggestion(
            member_id=member,
            other_id=other,
            rank=1,
            score=1.0,
            band="good",
            reasons=[],
            signals={},
            weights_version="1",
            listed_at=NOW,
            refreshed_at=NOW,
        )
    )


def leave(session: Session, member_id: int) -> None:
    session.flush()
    leaving.leave(session, an_actor(session, member_id), NOW)
    session.flush()
    session.expire_all()


def test_who_leaves_is_nobodys_any_more(session: Session, cast: Cast) -> None:
    sessions.start(session, cast.ada, NOW, 14)
    leave(session, cast.ada)
    member = session.get_one(Member, cast.ada)
    assert (member.standing, member.left_at) == ("left", NOW)
    assert session.scalars(select(SignInSession.ended_at)).all() == [NOW]
    assert session.scalars(select(AuditRecord.action)).all() == ["leave_network"]


def test_connections_end_by_date_and_others_stay(session: Session, cast: Cast) -> None:
    mine, theirs = a_connection(session, cast.ada, cast.ben), a_connection(session, cast.ben, cast.cai)
    before = mine.change_number
    leave(session, cast.ada)
    assert (mine.until, mine.ended_by_id) == (NOW, cast.ada) and mine.change_number > before
    assert theirs.until is None


def test_open_introductions_are_withdrawn_whoever_they_are_from(session: Session, cast: Cast) -> None:
    an_introduction(session, cast.ada, cast.ben)
    an_introduction(session, cast.cai, cast.ada)
    an_introduction(session, cast.ben, cast.dee, weaver=cast.ada)
    an_introduction(session, cast.ben, cast.cai)
    leave(session, cast.ada)
    states = session.scalars(select(Introduction.state).order_by(Introduction.id)).all()
    assert states == ["withdrawn", "withdrawn", "withdrawn", "open"]


def test_suggestions_are_taken_down_and_their_readers_get_others(session: Session, cast: Cast) -> None:
    a_suggestion(session, cast.ben, cast.ada)
    a_suggestion(session, cast.ada, cast.cai)
    a_suggestion(session, cast.cai, cast.dee)
    leave(session, cast.ada)
    taken_down = session.scalars(select(Suggestion.unlisted_at).order_by(Suggestion.id)).all()
    assert taken_down == [NOW, NOW, None]
    assert session.scalars(select(SuggestionRefresh.member_id)).all() == [cast.ben]


def test_mail_that_waits_for_them_is_not_sent(session: Session, cast: Cast) -> None:
    mailbox.put_to_member(session, "introduction_asked", cast.ada, {}, NOW)
    mailbox.put_to_member(session, "introduction_asked", cast.ben, {}, NOW)
    leave(session, cast.ada)
    assert session.scalars(select(Mail.state).order_by(Mail.id)).all() == ["cancelled", "waiting"]


def test_who_comes_back_after_leaving_comes_back_as_a_member(session: Session, cast: Cast) -> None:
    leave(session, cast.sol)
    assert session.get_one(Member, cast.sol).audience == "member"


def test_who_leaves_is_out_of_what_is_formed_and_of_their_sets(session: Session, cast: Cast) -> None:
    cohort = a_cohort(session, cast.fay)
    formed = a_cohort(session, cast.fay, state="formed")
    application = an_application(session, cohort.id, cast.ada, access_needs="A ramp")
    past = an_application(session, formed.id, cast.ada, state="placed")
    plan, old = a_plan(session, cohort, [[cast.ada]], state="published"), a_plan(session, formed, [], state="confirmed")
    seats = [
        Seat(public_id=f"s{row.id}", plan_id=row.id, member_id=cast.ada, set_number=0, state=state, asked_at=NOW)
        for row, state in ((plan, "accepted"), (old, "accepted"))
    ]
    session.add_all(seats)
    running = a_learning_set(session, [cast.ada, cast.ben])
    over = a_learning_set(session, [cast.ada, cast.ben], ended_on=NOW.date() - timedelta(days=5))
    before = session.get_one(Member, cast.ben).change_number
    leave(session, cast.ada)
    assert (application.state, application.withdrawn_at, application.access_needs) == ("withdrawn", NOW, "")
    assert past.state == "placed"
    assert [seat.state for seat in seats] == ["declined", "accepted"]
    ends = {row.set_id: row.left_on for row in session.scalars(select(SetMembership)) if row.member_id == cast.ada}
    assert ends == {running.id: NOW.date(), over.id: None}
    assert session.get_one(Member, cast.ben).change_number > before


def test_who_leaves_leads_nothing_any_more(session: Session, cast: Cast) -> None:
    cohort = a_cohort(session, cast.fay)
    formed = a_cohort(session, cast.fay, state="formed")
    running = a_learning_set(session, [cast.ada], facilitator_id=cast.fay, open_places=2)
    over = a_learning_set(session, [cast.ada], facilitator_id=cast.fay, ended_on=NOW.date())
    leave(session, cast.fay)
    assert session.scalars(select(CohortFacilitator.cohort_id)).all() == [formed.id]
    assert cohort.made_by_id == cast.fay
    assert (running.facilitator_id, running.open_places, over.facilitator_id) == (None, 0, cast.fay)
