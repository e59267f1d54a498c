"""Asking to join a running set, and its facilitator's answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound, NotPermitted, TooMany
from haln.learn import set_requests
from haln.models import AuditRecord, Block, LearningSet, Mail, Member, SetMembership, SetRequest
from tests.builders import NOW, Cast, an_actor
from tests.cohort_builders import a_learning_set

LATER = NOW + timedelta(days=1)


@pytest.fixture
def group(session: Session, cast: Cast) -> LearningSet:
    return a_learning_set(session, [cast.cai, cast.dee], facilitator_id=cast.fay, open_places=1)


def ask(session: Session, member: int, group: LearningSet, note: str = "I would bring a kitchen.") -> SetRequest:
    set_requests.ask(session, an_actor(session, member), str(group.public_id), note, NOW)
    return session.scalars(
        select(SetRequest).where(SetRequest.member_id == member).order_by(SetRequest.id.desc())
    ).first()  # type: ignore[return-value]  # it was just written


def kinds(session: Session) -> list[tuple[str, int | None, str]]:
    session.flush()
    return [(row.kind, row.member_id, row.state) for row in session.scalars(select(Mail).order_by(Mail.id))]


def test_who_is_accepted_sits_in_the_set_and_the_place_is_taken(
    session: Session, cast: Cast, group: LearningSet
) -> None:
    request = ask(session, cast.ada, group)
    (waiting,) = set_requests.to_answer(session, an_actor(session, cast.fay), NOW)
    assert (waiting.person.name, waiting.note, waiting.places) == ("Ada Okafor", "I would bring a kitchen.", 1)
    before = session.get_one(Member, cast.ada).change_number
    assert set_requests.accept(session, an_actor(session, cast.fay), request.public_id, LATER) == "Ada Okafor"
    session.flush()
    seat = session.get_one(SetMembership, (group.id, cast.ada))
    assert (seat.joined_on, seat.left_on, group.open_places, request.state) == (LATER.date(), None, 0, "accepted")
    assert session.get_one(Member, cast.ada).change_number > before
    assert kinds(session) == [
        ("set_request_asked", cast.fay, "cancelled"),
        ("set_request_accepted", cast.ada, "waiting"),
    ]
    assert set_requests.to_answer(session, an_actor(session, cast.fay), NOW) == ()


def test_a_no_is_told_kindly_and_changes_nothing_else(session: Session, cast: Cast, group: LearningSet) -> None:
    request = ask(session, cast.ada, group)
    set_requests.decline(session, an_actor(session, cast.fay), request.public_id, LATER)
    session.flush()
    assert (group.open_places, request.state, request.closed_at) == (1, "declined", LATER)
    assert session.get(SetMembership, (group.id, cast.ada)) is None
    assert kinds(session)[-1] == ("set_request_declined", cast.ada, "waiting")
    with pytest.raises(Conflict):
        ask(session, cast.ada, group)
    again = an_actor(session, cast.ada), str(group.public_id), "", NOW + timedelta(days=92)
    assert set_requests.ask(session, *again) == group.name


def test_the_record_holds_neither_notes_nor_who_was_told_no(session: Session, cast: Cast, group: LearningSet) -> None:
    request = ask(session, cast.ada, group)
    set_requests.decline(session, an_actor(session, cast.fay), request.public_id, LATER)
    session.flush()
    rows = session.scalars(select(AuditRecord).order_by(AuditRecord.id)).all()
    assert [(row.action, row.detail) for row in rows] == [("ask_to_join_set", {}), ("answer_set_request", {})]


def test_withdrawing_takes_the_mail_back_and_makes_room(session: Session, cast: Cast, group: LearningSet) -> None:
    request = ask(session, cast.ada, group)
    with pytest.raises(NotFound):
        set_requests.withdraw(session, an_actor(session, cast.ben), request.public_id, LATER)
    set_requests.withdraw(session, an_actor(session, cast.ada), request.public_id, LATER)
    assert kinds(session) == [("set_request_asked", cast.fay, "cancelled")]
    with pytest.raises(Conflict):
        set_requests.withdraw(session, an_actor(session, cast.ada), request.public_id, LATER)
    assert ask(session, cast.ada, group).state == "open"


def test_only_the_facilitator_and_staff_answer(session: Session, cast: Cast, group: LearningSet) -> None:
    request = ask(session, cast.ada, group)
    session.get_one(Member, cast.ben).audience = "facilitator"
    session.flush()
    with pytest.raises(NotPermitted):
        set_requests.accept(session, an_actor(session, cast.cai), request.public_id, NOW)
    with pytest.raises(NotFound):
        set_requests.accept(session, an_actor(session, cast.ben), request.public_id, NOW)
    assert set_requests.to_answer(session, an_actor(session, cast.ben), NOW) == ()
    assert set_requests.to_answer(session, an_actor(session, cast.ada), NOW) == ()
    assert len(set_requests.to_answer(session, an_actor(session, cast.sol), NOW)) == 1
    set_requests.accept(session, an_actor(session, cast.sol), request.public_id, NOW)


def test_the_last_place_is_taken_once(session: Session, cast: Cast, group: LearningSet) -> None:
    first, second = ask(session, cast.ada, group), ask(session, cast.ben, group)
    fay = an_actor(session, cast.fay)
    set_requests.accept(session, fay, first.public_id, LATER)
    with pytest.raises(Conflict):
        set_requests.accept(session, fay, second.public_id, LATER)
    with pytest.raises(Conflict):
        set_requests.accept(session, fay, first.public_id, LATER)
    session.flush()
    assert (second.state, group.open_places) == ("open", 0)


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


def test_a_block_since_the_request_is_respected_without_a_word(
    session: Session, cast: Cast, group: LearningSet
) -> None:
    request = ask(session, cast.ada, group)
    session.add(Block(blocker_id=cast.dee, blocked_id=cast.ada, created_at=NOW))
    session.flush()
    with pytest.raises(Conflict):
        set_requests.accept(session, an_actor(session, cast.fay), request.public_id, NOW)
    session.add(Block(blocker_id=cast.ada, blocked_id=cast.fay, created_at=NOW))
    session.flush()
    assert set_requests.to_answer(session, an_actor(session, cast.fay), NOW) == ()
    with pytest.raises(NotFound):
        set_requests.decline(session, an_actor(session, cast.fay), request.public_id, NOW)


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
