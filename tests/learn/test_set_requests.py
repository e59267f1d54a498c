"""Asking to join a running set."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted, TooMany
from haln.learn import set_members, set_requests
from haln.models import AuditRecord, Block, LearningSet, Mail, Member, SetMembership, SetRequest
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, an_actor
from tests.cohort_builders import a_learning_set

WORDS = vocabulary.load()
LATER = NOW + timedelta(days=1)


@pytest.fixture
def group(session: Session, cast: Cast) -> LearningSet:
    return a_learning_set(session, [cast.cai, cast.dee], facilitator_id=cast.fay, open_places=1)


def ask(session: Session, member: int, group: LearningSet, note: str = "I would bring a kitchen.") -> SetRequest:
    set_requests.ask(session, an_actor(session, member), str(group.public_id), note, NOW)
    rows = select(SetRequest).where(SetRequest.member_id == member).order_by(SetRequest.id.desc())
    return session.scalars(rows.limit(1)).one()


def letters(session: Session) -> list[tuple[str, int | None, str]]:
    session.flush()
    return [(row.kind, row.member_id, row.state) for row in session.scalars(select(Mail).order_by(Mail.id))]


def test_asking_tells_the_facilitator_and_nobody_else(session: Session, cast: Cast, group: LearningSet) -> None:
    request = ask(session, cast.ada, group)
    assert (request.state, request.note, request.set_id) == ("open", "I would bring a kitchen.", group.id)
    assert letters(session) == [("set_request_asked", cast.fay, "waiting")]
    with pytest.raises(Conflict):
        ask(session, cast.ada, group)


def test_who_is_accepted_sits_in_the_set_and_the_place_is_taken(
    session: Session, cast: Cast, group: LearningSet
) -> None:
    request = ask(session, cast.ada, group)
    fay = an_actor(session, cast.fay)
    set_members.accept(session, fay, str(group.public_id), request.public_id, WORDS, LATER)
    session.flush()
    assert session.get(SetMembership, (group.id, cast.ada)) is not None
    assert (group.open_places, request.state) == (0, "accepted")
    with pytest.raises(NotFound):
        ask(session, cast.ben, group)


def test_who_asked_and_is_taken_in_waits_for_no_answer(session: Session, cast: Cast, group: LearningSet) -> None:
    request = ask(session, cast.ada, group)
    fay, ada = an_actor(session, cast.fay), an_actor(session, cast.ada).public_id
    set_members.add(session, fay, str(group.public_id), ada, WORDS, LATER)
    assert (request.state, request.closed_at, group.open_places) == ("accepted", LATER, 0)


def test_a_no_is_told_kindly_and_the_set_is_not_listed_for_a_while(
    session: Session, cast: Cast, group: LearningSet
) -> None:
    request = ask(session, cast.ada, group)
    fay = an_actor(session, cast.fay)
    set_members.decline(session, fay, str(group.public_id), request.public_id, WORDS, LATER)
    assert letters(session)[-1] == ("set_request_declined", cast.ada, "waiting")
    with pytest.raises(Conflict):
        ask(session, cast.ada, group)
    again = an_actor(session, cast.ada), str(group.public_id), "", NOW + timedelta(days=92)
    assert set_requests.ask(session, *again) == group.name


def test_the_record_holds_no_notes(session: Session, cast: Cast, group: LearningSet) -> None:
    request = ask(session, cast.ada, group)
    set_requests.withdraw(session, an_actor(session, cast.ada), request.public_id, LATER)
    session.flush()
    rows = session.scalars(select(AuditRecord).order_by(AuditRecord.id)).all()
    assert [(row.action, row.detail) for row in rows] == [("ask_to_join_set", {}), ("withdraw_set_request", {})]


def test_withdrawing_takes_the_mail_back_and_makes_room(session: Session, cast: Cast, group: LearningSet) -> None:
    request = ask(session, cast.ada, group)
    with pytest.raises(NotFound):
        set_requests.withdraw(session, an_actor(session, cast.ben), request.public_id, LATER)
    set_requests.withdraw(session, an_actor(session, cast.ada), request.public_id, LATER)
    assert letters(session) == [("set_request_asked", cast.fay, "cancelled")]
    with pytest.raises(Conflict):
        set_requests.withdraw(session, an_actor(session, cast.ada), request.public_id, LATER)
    assert ask(session, cast.ada, group).state == "open"


def test_a_set_that_is_not_open_is_as_if_it_were_not_there(session: Session, cast: Cast, group: LearningSet) -> None:
    for member in (cast.cai, cast.fay):  # who sits in it, who leads it
        with pytest.raises(NotFound):
            ask(session, member, group)
    session.add(Block(blocker_id=cast.dee, blocked_id=cast.ada, created_at=NOW))
    with pytest.raises(NotFound):
        ask(session, cast.ada, group)
    group.open_places = 0
    with pytest.raises(NotFound):
        ask(session, cast.ben, group)


def test_nobody_asks_hidden_without_end_or_at_length(session: Session, cast: Cast, group: LearningSet) -> None:
    with pytest.raises(Invalid):
        ask(session, cast.ada, group, "x" * 601)
    session.get_one(Member, cast.ada).listed = False
    session.flush()
    with pytest.raises(NotPermitted):
        ask(session, cast.ada, group)
    session.get_one(Member, cast.ada).listed = True
    for _ in range(set_requests.OPEN_AT_ONCE):
        ask(session, cast.ada, a_learning_set(session, [cast.dee], facilitator_id=cast.fay, open_places=1))
    with pytest.raises(TooMany):
        ask(session, cast.ada, group)
