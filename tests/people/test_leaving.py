"""Leaving the network."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.models import (
    AuditRecord,
    Introduction,
    Mail,
    Member,
    SignInSession,
    Suggestion,
    SuggestionRefresh,
)
from haln.people import leaving, mailbox, sessions
from haln.people.tokens import public_id
from tests.builders import NOW, Cast, a_connection, an_actor


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
