"""Notifications in the page: what happened is told to whom it concerns, while it holds, and of nobody hidden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from haln.connect import answers, blocks, introductions
from haln.connect.introductions import Rules
from haln.errors import NotFound
from haln.learn import event_proposals, topic_answers
from haln.learn.resources import drafts
from haln.models import (
    Block,
    CoffeeOptIn,
    CoffeePair,
    CoffeeRound,
    Connection,
    Event,
    EventRegistration,
    Introduction,
    LearningSet,
    Mail,
    Member,
    Notice,
    PathwayModule,
    Resource,
    Seat,
    SetMembership,
    SetRequest,
    Topic,
    TopicComment,
)
from haln.people import erasure, leaving, mailbox, notices, own_data
from haln.post import notices as told
from tests.builders import NOW, Cast, a_member, an_actor
from tests.event_builders import an_event
from tests.post.test_letters import an_order
from tests.queries import queries_when
from tests.resource_builders import a_draft
from tests.topic_builders import a_topic, backed_by

KINDS = sorted(notices.ABOUT)
DAY = timedelta(days=1)


def tell(session: Session, cast: Cast, kind: str) -> int:
    """Order a letter of a kind as things stand; returns whom it is for."""
    order = an_order(session, cast, kind)
    session.execute(delete(Notice))
    assert order.member_id is not None
    if kind == "introduction_accepted":
        session.execute(update(Introduction).values(state="accepted", asked_answer="yes"))
    mailbox.put(session, kind, order.address, dict(order.values), NOW, member_id=order.member_id)
    session.flush()
    return order.member_id


def kinds(session: Session, member: int) -> list[str]:
    found = [one.kind for one in told.listed(session, member, NOW)]
    assert told.unread(session, member, NOW) <= len(found)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_beside_its_letter_and_leads_to_a_page(session: Session, cast: Cast, kind: str) -> None:
    member = tell(session, cast, kind)
    (line,) = told.listed(session, member, NOW)
    assert (line.kind, line.seen, line.at) == (kind, False, NOW) and line.path.startswith("/")
    assert told.unread(session, member, NOW) == 1
    for other in cast.everyone():
        assert other == member or told.listed(session, other, NOW) == ()


GONE: dict[str, Callable[[Session], object]] = {
    "introduction_asked": lambda session: session.execute(update(Introduction).values(state="withdrawn")),
    "introduction_woven": lambda session: session.execute(update(Introduction).values(expires_at=NOW)),
    "introduction_accepted": lambda session: session.execute(update(Introduction).values(state="withdrawn")),
    "event_placed": lambda session: session.execute(update(EventRegistration).values(state="waiting")),
    "event_moved": lambda session: session.execute(update(EventRegistration).values(state="cancelled")),
    "event_cancelled": lambda session: session.execute(
        update(Event).values(starts_at=NOW - timedelta(days=1), ends_at=NOW)
    ),
    "event_answered": lambda session: session.execute(update(Event).values(state="withdrawn")),
    "seat_offered": lambda session: session.execute(update(Seat).values(state="declined")),
    "seat_changed": lambda session: session.execute(update(Seat).values(state="recalled")),
    "set_confirmed": lambda session: session.execute(update(LearningSet).values(ended_on=NOW.date())),
    "set_joined": lambda session: session.execute(update(SetMembership).values(left_on=date(2026, 6, 1))),
    "session_planned": lambda session: session.execute(update(LearningSet).values(ended_on=NOW.date())),
    "session_moved": lambda session: session.execute(update(LearningSet).values(ended_on=NOW.date())),
    "session_cancelled": lambda session: session.execute(update(LearningSet).values(ended_on=NOW.date())),
    "set_request_asked": lambda session: session.execute(update(SetRequest).values(state="withdrawn")),
    "coffee_paired": lambda session: session.execute(delete(CoffeePair)),
    "coffee_asked": lambda session: session.execute(
        update(CoffeePair).values(low_answer="no", high_answer="no", low_at=NOW, high_at=NOW)
    ),
    "coffee_met": lambda session: session.execute(update(Connection).values(until=NOW)),
    "coffee_ahead": lambda session: session.execute(update(CoffeeRound).values(state="cancelled")),
    "coffee_off": lambda session: session.execute(update(CoffeeOptIn).values(mode="stopped")),
    "event_proposals": lambda session: session.execute(update(Event).values(state="declined")),
    "resource_answered": lambda session: session.execute(delete(Resource)),
    "resource_author_asked": lambda session: session.execute(delete(Resource)),
    "resource_sent": lambda session: session.execute(update(Resource).values(state="draft")),
    "pathway_module_added": lambda session: session.execute(update(PathwayModule).values(retired_at=NOW)),
    "topic_answered": lambda session: session.execute(update(Topic).values(state="held")),
    "topic_retired": lambda session: session.execute(delete(Topic)),
    "topic_planned": lambda session: session.execute(update(Event).values(state="cancelled")),
    "topic_comment_hidden": lambda session: session.execute(update(TopicComment).values(hidden_at=None)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_over_is_neither_listed_nor_counted_nor_opened(session: Session, cast: Cast, kind: str) -> None:
    member = tell(session, cast, kind)
    (line,) = told.listed(session, member, NOW)
    GONE[kind](session)
    assert told.listed(session, member, NOW) == () and told.unread(session, member, NOW) == 0
    with pytest.raises(NotFound):
        told.open_one(session, member, line.id, NOW)


NAMING = (
    "resource_author_asked",
    "introduction_asked",
    "introduction_accepted",
    "introduction_woven",
    "set_request_asked",
    "coffee_met",
)


@pytest.mark.parametrize("how", ["blocks", "is blocked", "hides", "leaves", "is erased"])
@pytest.mark.parametrize("kind", [*NAMING, "coffee_paired", "coffee_asked"])
def test_of_somebody_who_may_not_be_seen_nothing_is_told_or_counted(
    session: Session, cast: Cast, kind: str, how: str
) -> None:
    member = tell(session, cast, kind)
    assert len(told.listed(session, member, NOW)) == 1
    others = [one for one in cast.everyone() if one != member]
    for other in others:
        if how == "blocks":
            session.add(Block(blocker_id=other, blocked_id=member, created_at=NOW))
        elif how == "is blocked":
            session.add(Block(blocker_id=member, blocked_id=other, created_at=NOW))
        elif how == "is erased":
            erasure.erase(session, other, NOW)
        else:
            change = {"listed": False} if how == "hides" else {"standing": "left"}
            session.execute(update(Member).where(Member.id == other).values(**change))
    session.flush()
    assert told.listed(session, member, NOW) == () and told.unread(session, member, NOW) == 0


def test_a_woven_one_is_not_told_when_the_weaver_may_not_be_seen(session: Session, cast: Cast) -> None:
    member = tell(session, cast, "introduction_woven")
    (line,) = told.listed(session, member, NOW)
    assert (line.name, line.second) == ("Ada Okafor", "Fay Lindqvist")
    blocks.block(session, an_actor(session, cast.fay), session.get_one(Member, member).public_id, NOW)
    assert told.listed(session, member, NOW) == ()


def test_who_wants_no_such_mail_is_told_in_the_page(session: Session, cast: Cast) -> None:
    session.execute(update(Member).values(introduction_mail=False, event_mail=False, resource_mail=False))
    ada, cai = (an_actor(session, one) for one in (cast.ada, cast.cai))
    introductions.ask(session, ada, cai.public_id, "", Rules(5, 14), NOW)
    assert kinds(session, cast.cai) == ["introduction_asked"]
    row_id = session.scalars(select(Introduction.public_id)).one()
    answers.accept(session, cai, row_id, NOW)
    assert (kinds(session, cast.ada), kinds(session, cast.cai)) == (["introduction_accepted"], [])
    row = a_draft(session, cast.ada)
    drafts.send(session, ada, row.public_id, NOW)
    assert kinds(session, cast.sol) == ["resource_sent"]
    assert session.scalar(select(func.count(Mail.id))) == 0


def test_who_wants_no_mail_about_proposals_is_told_in_the_page_and_once_of_all(session: Session, cast: Cast) -> None:
    session.execute(update(Member).values(proposal_mail=False))
    for days in range(3):
        an_event(session, cast.ada, NOW + 20 * DAY, title=f"No {days}", state="proposed", made_at=NOW + days * DAY)
        assert event_proposals.remind(session, NOW + days * DAY + timedelta(hours=1)) == 0
    assert [one.kind for one in told.listed(session, cast.sol, NOW + 3 * DAY)] == ["event_proposals"]
    assert told.unread(session, cast.fay, NOW) == 0 and session.scalar(select(func.count(Mail.id))) == 0
    notices.see_all(session, cast.sol, NOW + 3 * DAY, NOW + 3 * DAY)
    event_proposals.remind(session, NOW + 3 * DAY)
    assert told.unread(session, cast.sol, NOW + 4 * DAY) == 0  # nothing new waits
    event_proposals.remind(session, NOW + 12 * DAY)
    assert told.unread(session, cast.sol, NOW + 12 * DAY) == 1  # a week in which nothing was answered


def test_who_wants_no_mail_about_topics_is_told_in_the_page(session: Session, cast: Cast) -> None:
    session.execute(update(Member).values(topic_mail=False))
    row = a_topic(session, cast.dee)
    backed_by(session, row, cast.ada, named=False)
    topic_answers.answer(session, an_actor(session, cast.sol), row.public_id, "Soon.", 0, NOW)
    assert kinds(session, cast.ada) == kinds(session, cast.dee) == ["topic_answered"]
    assert session.scalar(select(func.count(Mail.id))) == 0


def test_of_one_thing_there_is_one_unread_and_reading_it_lets_the_next_come(session: Session, cast: Cast) -> None:
    member = tell(session, cast, "event_moved")
    values = {"event_id": session.scalar(select(Notice.about_id))}
    later = NOW + timedelta(hours=1)
    notices.put(session, "event_moved", {member: values}, later)
    (line,) = told.listed(session, member, later)
    assert line.at == later
    assert told.open_one(session, member, line.id, later).startswith("/events/")
    assert told.unread(session, member, later) == 0 and told.listed(session, member, later)[0].seen
    notices.put(session, "event_moved", {member: values}, later + timedelta(hours=1))
    assert told.unread(session, member, later + timedelta(hours=2)) == 1
    assert len(told.listed(session, member, later + timedelta(hours=2))) == 2


def test_marking_all_leaves_what_came_later_and_what_is_anothers(session: Session, cast: Cast) -> None:
    member = tell(session, cast, "event_moved")
    event = {"event_id": session.scalar(select(Notice.about_id))}
    notices.put(session, "event_placed", {member: event}, NOW + timedelta(minutes=5))
    notices.see_all(session, cast.ben, NOW + timedelta(hours=1), NOW)
    assert told.unread(session, member, NOW) == 2
    notices.see_all(session, member, NOW, NOW + timedelta(minutes=6))
    assert told.unread(session, member, NOW) == 1
    (first, second) = session.scalars(select(Notice.id).order_by(Notice.at)).all()
    with pytest.raises(NotFound):
        told.open_one(session, cast.ben, second, NOW)
    assert told.unread(session, member, NOW) == 1 and first != second


def test_they_are_kept_for_ninety_days_go_with_the_member_and_are_in_the_copy(session: Session, cast: Cast) -> None:
    member = tell(session, cast, "event_placed")
    copy = own_data.collected(session, member, NOW)
    assert copy["notifications"] == [{"kind": "event_placed", "at": NOW, "seen_at": None}]
    notices.forget_old(session, NOW + notices.KEPT)
    assert session.scalar(select(func.count(Notice.id))) == 1
    assert told.listed(session, member, NOW + notices.KEPT) == ()
    notices.forget_old(session, NOW + notices.KEPT + timedelta(seconds=1))
    assert session.scalar(select(func.count(Notice.id))) == 0
    member = tell(session, cast, "set_joined")
    leaving.leave(session, an_actor(session, member), NOW)
    assert session.scalar(select(func.count(Notice.id)).where(Notice.member_id == member)) == 0


def test_erasing_somebody_deletes_what_others_were_told_of_them(session: Session, cast: Cast) -> None:
    member = tell(session, cast, "coffee_met")
    erasure.erase(session, cast.cai, NOW)
    assert session.scalar(select(func.count(Notice.id)).where(Notice.member_id == member)) == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.sampled_from(["ask", "withdraw", "accept", "decline", "block", "unblock", "hide", "show", "read"]),
        max_size=8,
    )
)
def test_the_count_is_that_of_the_list_and_names_nobody_hidden(session: Session, cast: Cast, steps: list[str]) -> None:
    for model in (Notice, Mail, Block, Connection, Introduction):
        session.execute(delete(model))
    session.execute(update(Member).values(listed=True))
    session.flush()
    for step in steps:
        row = session.scalar(select(Introduction.id).order_by(Introduction.id.desc()).limit(1))
        if step == "ask":
            tell_asked(session, cast)
        elif step == "block":
            session.merge(Block(blocker_id=cast.ada, blocked_id=cast.cai, created_at=NOW))
        elif step == "unblock":
            session.execute(delete(Block))
        elif step in ("hide", "show"):
            session.execute(update(Member).where(Member.id == cast.ada).values(listed=step == "show"))
        elif step == "read":
            notices.see_all(session, cast.cai, NOW, NOW)
        elif row is not None:
            change = {
                "withdraw": {"state": "withdrawn"},
                "accept": {"state": "accepted", "asked_answer": "yes"},
                "decline": {"asked_answer": "no"},
            }[step]
            session.execute(update(Introduction).where(Introduction.id == row).values(**change))
        session.flush()
        listed = told.listed(session, cast.cai, NOW)
        assert told.unread(session, cast.cai, NOW) == sum(not one.seen for one in listed)
        unseen = session.scalar(select(Member.listed).where(Member.id == cast.ada)) is False
        if unseen or session.scalar(select(func.count()).select_from(Block)):
            assert listed == ()


def tell_asked(session: Session, cast: Cast) -> None:
    from tests.digest_builders import asks

    row = asks(session, cast.ada, cast.cai)
    notices.put(session, "introduction_asked", {cast.cai: {"introduction_id": row.id}}, NOW)


@pytest.mark.parametrize("old", [30, 130])
def test_what_is_counted_is_in_the_list_however_much_was_read_since(session: Session, cast: Cast, old: int) -> None:
    for number in range(100 + old):
        event = an_event(session, cast.ada, title=f"Event {number}")
        at, seen = NOW - timedelta(minutes=number), NOW if number < 100 else None
        session.add(Notice(member_id=cast.ada, kind="event_answered", about_id=event.id, at=at, seen_at=seen))
    session.flush()
    listed = told.listed(session, cast.ada, NOW)
    count = told.unread(session, cast.ada, NOW)
    assert len(listed) == 100 and count == sum(not line.seen for line in listed) == min(old, 100)
    assert [line.at for line in listed] == sorted((line.at for line in listed), reverse=True)


def test_the_list_asks_one_query_however_long_it_is(session: Session, cast: Cast) -> None:
    for kind in KINDS[:4]:
        an_order(session, cast, kind)
    for number in range(40):
        other = a_member(session, f"Person{number} Number").id
        row = Introduction(
            public_id=f"intro{number}", kind="asked", asker_id=other, asked_id=cast.ada, asker_answer="yes",
            note="", created_at=NOW, expires_at=NOW + timedelta(days=3),
        )  # fmt: skip
        session.add(row)
        session.flush()
        notices.put(session, "introduction_asked", {cast.ada: {"introduction_id": row.id}}, NOW)
    assert queries_when(lambda: told.listed(session, cast.ada, NOW)) == 1
    assert queries_when(lambda: told.unread(session, cast.ada, NOW)) == 1
    assert told.unread(session, cast.ada, NOW) >= 40
