"""What two people's answers make of their connection, in whatever order they give and change them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.connect import coffee_meetings, coffee_pages, connections
from haln.connect.coffee_ties import ANSWERS, TAKE_BACK_DAYS, Tie
from haln.errors import NotFound
from haln.measure import outcomes as measured
from haln.models import CoffeePair, CoffeeRound, Connection, ConnectionVersion, Introduction, Mail, Member
from haln.people import outcome_sources, outcomes, versions
from haln.people.outcomes import Draft
from tests.builders import NOW, Cast, a_connection, an_actor
from tests.coffee_builders import TODAY, a_round


def say(session: Session, row: CoffeeRound, me: int, other: int, answer: str, now: datetime = NOW) -> Tie:
    them = session.get_one(Member, other).public_id
    return coffee_meetings.answer(session, an_actor(session, me), row.public_id, them, answer, now).tie


def tied(session: Session) -> bool:
    return session.scalar(select(Connection.id).where(Connection.until.is_(None))) is not None


STEPS = st.lists(st.tuples(st.booleans(), st.sampled_from(ANSWERS)), min_size=1, max_size=7)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_the_order_they_are_connected_when_one_says_so_and_none_says_no(
    session: Session, cast: Cast, steps: list[tuple[bool, str]]
) -> None:
    nested = session.begin_nested()
    row = a_round(session, [(cast.ada, cast.ben)])
    said: dict[int, str] = {}
    for hour, (by_ada, answer) in enumerate(steps):
        me, other = (cast.ada, cast.ben) if by_ada else (cast.ben, cast.ada)
        tie = say(session, row, me, other, answer, NOW + timedelta(hours=hour))
        said[me] = answer
        assert tied(session) == ("met" in said.values() and "no" not in said.values())
        # Nobody learns by an answer of their own what the other has said.
        assert tie is not Tie.STAYS
        assert not (answer == "met" and tie is Tie.TAKEN_BACK)
    open_now = session.scalars(select(Connection).where(Connection.until.is_(None))).all()
    assert len(open_now) <= 1
    # Of a connection that came and went there are at most two letters, one to each, and none about a "no".
    letters = session.execute(select(Mail.kind, Mail.member_id)).all()
    assert len(letters) == len(set(letters)) and {kind for kind, _ in letters} <= {"coffee_met"}
    versions.keep(session, [cast.ada, cast.ben], NOW + timedelta(days=1))
    assert versions.behind(session)["connection_version"] == 0
    nested.rollback()


def test_what_was_taken_back_never_was_as_known_now_and_was_as_known_then(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    say(session, row, cast.ada, cast.ben, "met")
    versions.keep(session, [cast.ada], NOW)
    later = NOW + timedelta(days=3)
    assert say(session, row, cast.ada, cast.ben, "no", later) is Tie.TAKEN_BACK
    versions.keep(session, [cast.ada], later)
    found = session.scalars(select(ConnectionVersion).order_by(ConnectionVersion.id)).all()
    told = [(one.from_on, one.recorded_on, one.holds) for one in found]
    assert told == [(TODAY, TODAY, True), (TODAY, TODAY + timedelta(days=3), False)]


def test_the_other_sees_the_same_as_when_a_connection_is_ended(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben), (cast.cai, cast.dee)])
    say(session, row, cast.ada, cast.ben, "met")
    say(session, row, cast.cai, cast.dee, "met")
    say(session, row, cast.ben, cast.ada, "no")
    connections.end(session, an_actor(session, cast.dee), session.get_one(Member, cast.cai).public_id, NOW)
    (ada,), (cai,) = (coffee_pages.meetings(session, an_actor(session, one), TODAY).now for one in (cast.ada, cast.cai))
    assert (ada.said, ada.answerable) == (cai.said, cai.answerable)
    for me, other in ((cast.ada, cast.ben), (cast.cai, cast.dee)):
        assert say(session, row, me, other, "met") is Tie.NOTHING
        assert say(session, row, me, other, "not_yet") is Tie.NOTHING
    assert sorted(session.scalars(select(Mail.member_id))) == [cast.ben, cast.dee]


def test_after_its_days_an_answer_changes_nothing_and_says_so(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    say(session, row, cast.ada, cast.ben, "met")
    late = NOW + timedelta(days=TAKE_BACK_DAYS, seconds=1)
    assert say(session, row, cast.ada, cast.ben, "no", late) is Tie.STAYS
    assert tied(session)
    assert say(session, row, cast.ada, cast.ben, "met", late) is Tie.NOTHING


def said_more(session: Session, cast: Cast, row: Connection) -> None:
    connections.change(session, an_actor(session, cast.ben), session.get_one(Member, cast.ada).public_id, 2, "met", NOW)


def introduced(session: Session, cast: Cast, row: Connection) -> None:
    facts = {"asker_answer": "yes", "asked_answer": "yes", "created_at": NOW, "expires_at": NOW, "closed_at": NOW}
    session.add(
        Introduction(public_id="i", kind="asked", asker_id=cast.ada, asked_id=cast.ben, state="accepted", **facts)
    )


def another_round(session: Session, cast: Cast, row: Connection) -> None:
    say(session, a_round(session, [(cast.ada, cast.ben)], days=20), cast.ada, cast.ben, "met")


@pytest.mark.parametrize("support", [said_more, introduced, another_round])
def test_what_rests_on_something_else_by_now_stays(session: Session, cast: Cast, support: object) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    say(session, row, cast.ada, cast.ben, "met")
    support(session, cast, session.scalars(select(Connection)).one())  # type: ignore[operator]
    session.flush()
    assert say(session, row, cast.ada, cast.ben, "no") is Tie.STAYS
    assert tied(session)


@pytest.mark.parametrize("tells", [False, True])
@pytest.mark.parametrize("answers", [None, "met", "no"])
def test_what_the_other_wrote_or_answered_elsewhere_decides_nothing_so_that_it_is_not_told(
    session: Session, cast: Cast, tells: bool, answers: str | None
) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    say(session, row, cast.ada, cast.ben, "met")
    ben, one = an_actor(session, cast.ben), ""
    if tells:
        source = outcome_sources.connection(session, ben, session.get_one(Member, cast.ada).public_id)
        draft = Draft("confidence", "", TODAY.isoformat(), "It helped.", "anonymous")
        one = outcomes.write(session, ben, source, draft, NOW)
    if answers:
        say(session, a_round(session, [(cast.ada, cast.ben)], days=20), cast.ben, cast.ada, answers)
    assert say(session, row, cast.ada, cast.ben, "no") is Tie.TAKEN_BACK
    if tells:  # it counts on, and is its writer's to change and to delete
        assert measured.read(session, 1, NOW + timedelta(days=1)).people("confidence", TODAY).high
        assert outcomes.one(session, ben, one).source.name == "Ada Okafor"
        outcomes.change(session, ben, one, Draft("confidence", "", TODAY.isoformat(), "A little.", "count"), 1, NOW)
        outcomes.remove(session, ben, one)


def test_what_one_said_oneself_of_another_round_keeps_it_whatever_the_other_says(session: Session, cast: Cast) -> None:
    row, later = (a_round(session, [(cast.ada, cast.ben)], days=days) for days in (20, 7))
    for one in (row, later):
        say(session, one, cast.ada, cast.ben, "met")
    say(session, later, cast.ben, cast.ada, "no")
    assert say(session, row, cast.ada, cast.ben, "no") is Tie.STAYS


def test_a_connection_that_the_round_did_not_make_is_not_its_to_take_back(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, NOW - timedelta(days=90), evidence="met")
    row = a_round(session, [(cast.ada, cast.ben)])
    say(session, row, cast.ada, cast.ben, "met")
    assert say(session, row, cast.ada, cast.ben, "no") is Tie.NOTHING
    assert tied(session) and session.scalars(select(CoffeePair.connection_id)).one() is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_rounds_the_last_no_takes_back_whichever_it_is(
    session: Session, cast: Cast, order: tuple[int, int]
) -> None:
    both = [a_round(session, [(cast.ada, cast.ben)], days=days) for days in (20, 7)]
    for row in both:
        say(session, row, cast.ada, cast.ben, "met")
    first, last = (both[one] for one in order)
    say(session, first, cast.ada, cast.ben, "no", NOW + timedelta(hours=1))
    assert tied(session)
    assert say(session, last, cast.ada, cast.ben, "no", NOW + timedelta(hours=2)) is Tie.TAKEN_BACK
    assert not tied(session)


def test_a_no_of_a_round_in_which_nobody_said_that_they_met_touches_nothing(session: Session, cast: Cast) -> None:
    first, second = (a_round(session, [(cast.ada, cast.ben)], days=days) for days in (20, 7))
    say(session, first, cast.ada, cast.ben, "met")
    assert say(session, second, cast.ben, cast.ada, "no") is Tie.NOTHING
    assert tied(session)


def test_what_somebody_said_who_cannot_be_seen_now_may_be_denied(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben)])
    say(session, row, cast.ben, cast.ada, "met")
    ada, ben = an_actor(session, cast.ada), session.get_one(Member, cast.ben)
    assert coffee_pages.meetings(session, ada, TODAY).unseen == ()
    ben.listed = False
    session.flush()
    assert coffee_pages.meetings(session, ada, TODAY).unseen == ((row.public_id, ben.public_id, row.pairs_on),)
    for answer in ("met", "not_yet"):
        with pytest.raises(NotFound):
            say(session, row, cast.ada, cast.ben, answer)
    done = coffee_meetings.answer(session, ada, row.public_id, ben.public_id, "no", NOW)
    assert (done.tie, done.name) == (Tie.TAKEN_BACK, "") and not tied(session)
    assert coffee_pages.meetings(session, ada, TODAY).unseen == ()
    with pytest.raises(NotFound):
        coffee_meetings.answer(session, an_actor(session, cast.cai), row.public_id, ben.public_id, "no", NOW)
