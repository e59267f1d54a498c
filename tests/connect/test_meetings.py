"""Whether two who were introduced met: asked when it is time, answered for oneself alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, select
from sqlalchemy.orm import Session

from haln.connect import answers, blocks, connections, meetings, weaving
from haln.connect.introductions import Rules
from haln.db import may_write, prepare_engine
from haln.errors import Invalid, NotFound
from haln.models import Connection, Introduction, MeetingAnswer, Member
from haln.people import erasure, own_data
from tests.builders import NOW, Cast, a_connection, a_member, an_actor, the_cast
from tests.measure.flow_builders import an_introduction


def introduced(session: Session, one: int, other: int, days: int = 20, **facts: object) -> int:
    """Two whom an introduction connected so many days ago."""
    number = an_introduction(session, one, other, "accepted", days, **facts)  # type: ignore[arg-type]
    evidence = session.get_one(Introduction, number).evidence
    a_connection(session, one, other, NOW - timedelta(days=days), introduction_id=number, evidence=evidence)
    return number


def asked(session: Session, member: int, now: datetime = NOW) -> list[tuple[int, str]]:
    return [(one.person.id, one.question) for one in meetings.asked(session, an_actor(session, member), now)]


def say(session: Session, member: int, other: int, question: str, given: str, now: datetime = NOW) -> None:
    meetings.answer(session, an_actor(session, member), session.get_one(Member, other).public_id, question, given, now)


def test_both_are_asked_from_a_fortnight_after_until_they_answer_or_put_it_away(session: Session, cast: Cast) -> None:
    introduced(session, cast.ada, cast.ben, 13)
    assert asked(session, cast.ada) == asked(session, cast.ben) == []
    later = NOW + timedelta(days=1)
    assert asked(session, cast.ada, later) == [(cast.ben, "met")]
    assert asked(session, cast.ben, later) == [(cast.ada, "met")]
    say(session, cast.ada, cast.ben, "met", "not_yet", later)
    say(session, cast.ben, cast.ada, "met", "aside", later)
    assert asked(session, cast.ada, later) == asked(session, cast.ben, later) == []
    half_a_year = later + timedelta(days=170)
    assert asked(session, cast.ada, half_a_year) == []  # nobody who has not met is asked whether they are in touch


def test_those_who_met_are_asked_once_more_after_half_a_year(session: Session, cast: Cast) -> None:
    introduced(session, cast.ada, cast.ben, 179)
    say(session, cast.ada, cast.ben, "met", "useful")
    assert asked(session, cast.ada) == []
    with pytest.raises(NotFound):
        say(session, cast.ada, cast.ben, "touch", "yes")
    later = NOW + timedelta(days=1)
    assert asked(session, cast.ada, later) == [(cast.ben, "touch")]
    say(session, cast.ada, cast.ben, "touch", "no", later)
    assert asked(session, cast.ada, later) == []
    told = meetings.said(session, an_actor(session, cast.ada), [cast.ben], later)
    assert told == {cast.ben: meetings.Said("useful", "no", True)}


def test_after_a_year_nobody_is_asked_whether_they_met_but_may_say_so(session: Session, cast: Cast) -> None:
    introduced(session, cast.ada, cast.ben, 364)
    assert asked(session, cast.ada) == [(cast.ben, "met")]
    later = NOW + timedelta(days=1)
    assert asked(session, cast.ada, later) == []
    say(session, cast.ada, cast.ben, "met", "met", later)
    assert asked(session, cast.ada, later) == [(cast.ben, "touch")]


def test_an_answer_may_be_changed_and_what_was_said_before_is_kept_with_its_day(session: Session, cast: Cast) -> None:
    introduced(session, cast.ada, cast.ben)
    for day, given_ in enumerate(("not_yet", "not_yet", "met", "aside", "useful")):
        say(session, cast.ada, cast.ben, "met", given_, NOW + timedelta(days=day))
    for given_ in ("met", "useful", "not_yet"):  # all on one day
        say(session, cast.ada, cast.ben, "met", given_, NOW + timedelta(days=4, hours=1))
    kept = list(session.scalars(select(MeetingAnswer.answer).order_by(MeetingAnswer.id)))
    assert kept == ["not_yet", "met", "not_yet"]
    assert meetings.said(session, an_actor(session, cast.ada), [cast.ben], NOW)[cast.ben].met == "not_yet"


@pytest.mark.parametrize("question, given_", [("met", "yes"), ("touch", "met"), ("", "yes"), ("met", "")])
def test_only_what_is_asked_can_be_answered(session: Session, cast: Cast, question: str, given_: str) -> None:
    introduced(session, cast.ada, cast.ben, 200)
    with pytest.raises(Invalid):
        say(session, cast.ada, cast.ben, question, given_)


def test_nobody_else_can_answer_and_those_who_knew_each_other_are_not_asked(session: Session, cast: Cast) -> None:
    introduced(session, cast.ada, cast.ben, evidence="declared")
    introduced(session, cast.cai, cast.dee)
    a_connection(session, cast.ada, cast.dee, NOW - timedelta(days=90))
    for who, other in ((cast.ada, cast.ben), (cast.ada, cast.cai), (cast.sol, cast.dee), (cast.ada, cast.dee)):
        with pytest.raises(NotFound):
            say(session, who, other, "met", "met")
        assert asked(session, who) == []


def test_nothing_is_asked_about_people_who_are_gone_from_sight(session: Session, cast: Cast) -> None:
    for other in (cast.ben, cast.cai, cast.dee):
        introduced(session, cast.ada, other)
    blocks.block(session, an_actor(session, cast.ben), an_actor(session, cast.ada).public_id, NOW)
    session.get_one(Member, cast.cai).listed = False
    connections.end(session, an_actor(session, cast.ada), an_actor(session, cast.dee).public_id, NOW)
    assert asked(session, cast.ada) == []


def test_a_page_asks_about_few_people_at_once(session: Session, cast: Cast) -> None:
    for number in range(6):
        introduced(session, cast.ada, a_member(session, f"Person Number{number}").id, 20 + number)
    assert len(asked(session, cast.ada)) == meetings.AT_ONCE


GIVEN = st.lists(
    st.tuples(st.sampled_from([("met", one) for one in meetings.ANSWERS["met"]] + [("touch", "yes"), ("touch", "no")])),
    max_size=5,
)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GIVEN)
def test_what_the_other_says_changes_nothing_that_one_sees(
    session: Session, cast: Cast, given_: list[tuple[tuple[str, str]]]
) -> None:
    if session.scalar(select(Connection.id)) is None:
        introduced(session, cast.ada, cast.ben, 200)
    session.execute(delete(MeetingAnswer))
    ada = an_actor(session, cast.ada)

    def seen() -> object:
        copy = own_data.collected(session, cast.ada, NOW)
        return asked(session, cast.ada), meetings.said(session, ada, [cast.ben], NOW), copy

    for mine in ("", "useful"):
        if mine:
            say(session, cast.ada, cast.ben, "met", mine)
        before = seen()
        for ((question, answer),) in given_:
            say(session, cast.ben, cast.ada, question, answer)
        assert seen() == before


def test_answers_are_in_ones_own_copy_and_stay_as_a_count_when_one_is_erased(session: Session, cast: Cast) -> None:
    introduced(session, cast.ada, cast.ben)
    say(session, cast.ada, cast.ben, "met", "useful")
    (row,) = own_data.collected(session, cast.ada, NOW)["meeting_answers"]
    assert (row["with"], row["question"], row["answer"]) == ("Ben Whitaker", "met", "useful")
    assert own_data.collected(session, cast.ben, NOW)["meeting_answers"] == []
    erasure.erase(session, cast.ada, NOW)
    assert list(session.scalars(select(MeetingAnswer.answer))) == ["useful"]


def test_the_first_yes_of_two_who_are_woven_is_dated_on_both_databases(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        ada, ben = an_actor(session, cast.ada), an_actor(session, cast.ben)
        weaving.weave(session, an_actor(session, cast.fay), ada.public_id, ben.public_id, "Food", Rules(), NOW)
        row = session.scalars(select(Introduction)).one()
        assert row.first_yes_at is None
        first, second = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
        for actor, moment in ((ben, first), (ada, second)):
            answers.accept(session, actor, row.public_id, moment)
        session.expire_all()
        assert (row.first_yes_at, row.closed_at) == (first, second)
        later = NOW + timedelta(days=200)
        assert asked(session, cast.ada, later) == [(cast.ben, "met")]
        say(session, cast.ada, cast.ben, "met", "met", later)
        assert asked(session, cast.ada, later) == [(cast.ben, "touch")]
    engine.dispose()
