"""Which activities made which connections: each connection is shared out whole, and only to what can have made it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.connect import connections
from haln.learn import pathway_progress
from haln.measure import attribution, facts, growth
from haln.measure.attribution import COFFEE, EVENT, INTRODUCED, RETURNED, SET, Activity
from haln.measure.events_held import Held
from haln.measure.periods import Period
from haln.measure.questions import Question
from haln.models import CoffeePair, Connection, LearningSet, Member, SetMembership, TopicResult
from haln.network.making import Made, Sitting, sittings, unevenness
from haln.people import versions
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, a_connection, an_actor
from tests.coffee_builders import a_round
from tests.event_builders import an_event, was_there
from tests.measure.flow_builders import an_introduction
from tests.pathway_builders import a_pathway, finish
from tests.people.demonstration import places
from tests.topic_builders import a_topic, backed_by

WORDS = vocabulary.load()
TODAY = NOW.date()
YEAR = Period(TODAY - timedelta(days=365), Question(TODAY))


def a_set(session: Session, name: str, people: tuple[int, ...], since: int, until: int | None = None) -> int:
    """A learning set that began and ended so many days ago."""
    ended = None if until is None else TODAY - timedelta(days=until)
    one = LearningSet(name=name, started_on=TODAY - timedelta(days=since), ended_on=ended)
    session.add(one)
    session.flush()
    session.add_all(SetMembership(set_id=one.id, member_id=person) for person in people)
    session.flush()
    return one.id


def told(session: Session, period: Period = YEAR) -> attribution.Told:
    versions.keep_all(session, NOW, as_it_happened=True)
    return attribution.told(session, facts.read(session, WORDS), period)


def parts(found: attribution.Told) -> dict[tuple[str, str], Fraction]:
    return {(part.activity.kind, part.activity.detail): part.ties for part in found.parts}


@pytest.fixture(scope="module")
def invented() -> Iterator[Session]:
    """The network that the demonstration makes, small."""
    with places.an_empty_network() as session:
        places.a_demonstration(session, members=150, months=18)
        yield session


EVIDENCE = st.sampled_from(connections.EVIDENCE)
SETS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 300), st.integers(0, 900)), max_size=3)


@settings(deadline=None)
@given(EVIDENCE, st.integers(0, 600), st.sampled_from([None, "suggestion", "weaver"]), SETS)
def test_a_connection_is_shared_out_whole_in_equal_parts(
    evidence: str, since: int, source: str | None, sets: list[tuple[int, int, int]]
) -> None:
    found = attribution.shared(Made(1, 2, since, evidence, None), 100, source, {one[0]: one for one in sets}.values())
    assert sum(found.values()) == 1
    assert len(set(found.values())) == 1
    assert (Activity(RETURNED) in found) == (since <= 100)


@pytest.mark.parametrize("asked", [{}, {"evidence": "introduced"}, {"with_hosts": False}, {"sector": "nhs"}])
def test_the_shares_add_up_to_the_connections_that_the_page_of_growth_counts(
    invented: Session, asked: dict[str, object]
) -> None:
    found = facts.read(invented, WORDS)
    for days in (30, 200, 500):
        until = places.UNTIL
        period = Period(until - timedelta(days=days), Question(until, **asked))  # type: ignore[arg-type]
        one, change = attribution.told(invented, found, period), growth.change(found, period)
        assert sum((part.ties for part in one.parts), Fraction(0)) == one.ties
        assert one.ties == change.with_newcomers + change.between_members
        in_sets = sum((part.ties for part in one.parts if part.activity.kind == SET), Fraction(0))
        assert sum((row.ties for row in one.sets), Fraction(0)) <= in_sets
        assert all(part.across + part.within <= part.ties for part in one.parts)
        assert asked or days < 500 or len({part.activity.kind for part in one.parts}) > 4


def test_each_activity_gets_what_it_made(session: Session, cast: Cast) -> None:
    introduction = an_introduction(session, cast.ada, cast.ben, "accepted", source="suggestion")
    a_connection(session, cast.ada, cast.ben, introduction_id=introduction, since=NOW - timedelta(days=20))
    known = an_introduction(session, cast.ada, cast.cai, "accepted", source="directory", evidence="declared")
    a_connection(
        session, cast.ada, cast.cai, introduction_id=known, evidence="declared", since=NOW - timedelta(days=20)
    )
    a_connection(session, cast.ben, cast.cai, evidence="met", since=NOW - timedelta(days=20))
    a_connection(session, cast.dee, cast.cai, since=NOW - timedelta(days=20))  # nobody wrote down who introduced them
    a_connection(session, cast.dee, cast.ben, since=NOW - timedelta(days=90), evidence="set_mates")
    assert parts(told(session)) == {
        (INTRODUCED, "suggestion"): 1,
        (INTRODUCED, ""): 1,
        ("declared", ""): 1,
        ("met", ""): 1,
        (SET, ""): 1,
    }


def test_a_set_made_what_began_while_or_soon_after_both_sat_in_it(session: Session, cast: Cast) -> None:
    a_set(session, "Early", (cast.ada, cast.ben, cast.cai), since=350, until=300)
    a_set(session, "Later", (cast.ada, cast.ben), since=60)
    a_connection(session, cast.ada, cast.cai, since=NOW - timedelta(days=121), evidence="met")  # 180 days after
    a_connection(session, cast.ben, cast.cai, since=NOW - timedelta(days=120), evidence="met")  # a day too late
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=50), evidence="set_mates")  # of either set
    found = told(session)
    assert parts(found) == {(SET, ""): Fraction(3, 2), ("met", ""): Fraction(3, 2)}
    assert {(row.name, row.people, row.ties) for row in found.sets} == {
        ("Early", 3, Fraction(1)),
        ("Later", 2, Fraction(1, 2)),
    }


@pytest.mark.parametrize(
    ("evidence", "source", "sets", "expected"),
    [
        ("introduced", None, [(7, 50, 300)], {Activity(SET, "7"), Activity(INTRODUCED)}),
        ("introduced", "weaver", [(7, 50, 300)], {Activity(SET, "7"), Activity(INTRODUCED, "weaver")}),
        ("set_mates", "weaver", [], {Activity(SET), Activity(INTRODUCED, "weaver")}),
        ("set_mates", None, [(7, 50, 60), (8, 201, 300)], {Activity(SET, "7")}),
        ("declared", "weaver", [(7, 50, 60)], {Activity("declared"), Activity(SET, "7")}),
        ("declared", "weaver", [(7, 10, 20)], {Activity("declared")}),
    ],
)
def test_several_activities_share_what_each_can_have_made(
    evidence: str, source: str | None, sets: list[tuple[int, int, int]], expected: set[Activity]
) -> None:
    assert set(attribution.shared(Made(1, 2, 200, evidence, None), 100, source, sets)) == expected


def test_a_coffee_round_made_what_came_of_it_and_nothing_else(session: Session, cast: Cast) -> None:
    row = a_round(session, [(cast.ada, cast.ben), (cast.cai, cast.dee), (cast.fay, cast.sol)], days=40)
    ties = [
        a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=30), evidence="met"),
        a_connection(session, cast.cai, cast.dee, since=NOW - timedelta(days=30), evidence="collaborated"),
        a_connection(session, cast.fay, cast.sol, since=NOW - timedelta(days=30), evidence="met"),
    ]
    for tie in ties[:2]:  # the last two met elsewhere
        session.get_one(CoffeePair, (row.id, tie.low_id, tie.high_id)).connection_id = tie.id
    session.flush()
    assert parts(told(session)) == {
        (COFFEE, ""): Fraction(3, 2),
        ("collaborated", ""): Fraction(1, 2),
        ("met", ""): Fraction(1),
    }


def test_who_sat_in_a_set_at_different_times_or_after_they_met_did_not_meet_there(session: Session, cast: Cast) -> None:
    a_set(session, "Apart", (cast.ada, cast.ben, cast.cai), since=200)
    places_of = {row.member_id: row for row in session.scalars(select(SetMembership))}
    places_of[cast.ada].left_on = TODAY - timedelta(days=100)
    places_of[cast.ben].joined_on = TODAY - timedelta(days=99)
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90), evidence="met")
    a_connection(session, cast.ada, cast.cai, since=NOW - timedelta(days=210), evidence="met")
    found = told(session)
    assert parts(found) == {("met", ""): 2}
    assert found.sets == ()


def test_a_later_word_on_what_it_rests_on_does_not_make_a_connection_new(session: Session, cast: Cast) -> None:
    introduction = an_introduction(session, cast.ada, cast.ben, "accepted", source="weaver")
    one = a_connection(session, cast.ada, cast.ben, introduction_id=introduction, since=NOW - timedelta(days=200))
    versions.keep_all(session, NOW - timedelta(days=200), as_it_happened=True)
    session.get_one(Connection, one.id).evidence = "collaborated"
    versions.keep_all(session, NOW - timedelta(days=20))
    both = {(INTRODUCED, "weaver"): Fraction(1, 2), ("collaborated", ""): Fraction(1, 2)}
    assert parts(attribution.told(session, facts.read(session, WORDS), YEAR)) == both
    lately = Period(TODAY - timedelta(days=30), Question(TODAY))
    assert attribution.told(session, facts.read(session, WORDS), lately).ties == 0
    of_work = Period(lately.start, Question(TODAY, evidence="collaborated"))  # it counts only now, and is not new
    assert parts(attribution.told(session, facts.read(session, WORDS), of_work)) == {(RETURNED, ""): 1}


def test_somebody_who_comes_back_brings_connections_that_no_activity_made(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=90), evidence="met")
    one = session.get_one(Member, cast.ben)
    one.standing, one.left_at = "left", NOW - timedelta(days=60)
    versions.keep_all(session, NOW - timedelta(days=60), as_it_happened=True)
    one.standing, one.left_at = "active", None
    versions.keep_all(session, NOW - timedelta(days=3))
    lately = Period(TODAY - timedelta(days=30), Question(TODAY))
    assert parts(attribution.told(session, facts.read(session, WORDS), lately)) == {(RETURNED, ""): 1}


def test_sectors_are_told_of_those_that_are_known(session: Session, cast: Cast) -> None:
    a_connection(session, cast.ada, cast.ben, evidence="met")  # a hospital trust and a council
    a_connection(session, cast.ada, cast.fay, evidence="met")  # both of the trust
    one = session.get_one(Member, cast.dee)
    one.organisation_id = None
    a_connection(session, cast.ada, cast.dee, evidence="met")
    (part,) = told(session).parts
    assert (part.ties, part.across, part.within, part.across_share) == (3, 1, 1, Fraction(1, 2))


def test_who_sat_where_is_what_was_said_last_of_what_was_known() -> None:
    rows = [(1, 5, 10, 10, True), (1, 5, 30, 30, False), (1, 5, 20, 40, False), (2, 5, 1, 1, True)]
    columns = [list(column) for column in zip(*rows, strict=True)]
    forever = 2**31 - 1
    assert sittings(*columns) == [Sitting(1, 5, 10, 20), Sitting(2, 5, 1, forever)]
    assert sittings(*columns, 39) == [Sitting(1, 5, 10, 30), Sitting(2, 5, 1, forever)]
    assert sittings(*columns, 9) == [Sitting(2, 5, 1, forever)]
    assert sittings([], [], [], [], []) == []


def test_counts_are_as_uneven_as_few_have_them() -> None:
    assert unevenness([]) is None and unevenness([2, 2]) == 0 and unevenness([0, 0, 0, 8]) == 0.75


EVENTS = st.lists(
    st.builds(Held, st.integers(1, 9), st.integers(0, 600), st.frozensets(st.integers(1, 60), min_size=1))
)


@settings(deadline=None)
@given(EVIDENCE, st.integers(101, 600), st.sampled_from([None, "weaver"]), SETS, EVENTS)
def test_an_event_counts_the_less_the_more_people_came_and_the_parts_still_make_a_whole(
    evidence: str, since: int, source: str | None, sets: list[tuple[int, int, int]], events: list[Held]
) -> None:
    known = {one.number: one for one in events}
    tie, places_in = Made(1, 2, since, evidence, None), list({one[0]: one for one in sets}.values())
    found = attribution.shared(tie, 100, source, places_in, known.values())
    assert sum(found.values()) == 1
    counted = {activity: part for activity, part in found.items() if activity.kind == EVENT}
    for activity, part in counted.items():
        one = known[int(activity.detail)]
        assert one.day <= since <= one.day + attribution.AFTER and evidence != "declared"
        for other, more in counted.items():
            if len(known[int(other.detail)].people) <= len(one.people):
                assert more >= part
        if evidence != "co_attended":
            assert all(part <= rest for rest in (found[other] for other in found if other.kind != EVENT))
    if evidence == "co_attended" and counted:
        without = attribution.shared(tie, 100, source, places_in)
        assert sum(counted.values()) == without[Activity("co_attended")]


def test_events_make_what_began_soon_after_and_a_webinar_next_to_nothing(session: Session, cast: Cast) -> None:
    workshop = an_event(session, cast.fay, NOW - timedelta(days=100), title="Workshop")
    webinar = an_event(session, cast.fay, NOW - timedelta(days=90), title="Webinar")
    was_there(session, workshop, cast.ada, cast.ben, cast.cai)
    was_there(session, webinar, *(cast.ada, cast.ben, cast.cai, cast.dee, cast.sol))
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=80), evidence="co_attended")
    a_connection(session, cast.ada, cast.dee, since=NOW - timedelta(days=80), evidence="met")
    a_connection(session, cast.ben, cast.sol, since=NOW - timedelta(days=80), evidence="declared")
    a_connection(session, cast.cai, cast.dee, since=NOW - timedelta(days=120), evidence="co_attended")  # before both
    found = told(session)
    assert parts(found) == {
        (EVENT, ""): 1 + Fraction(1, 5),
        ("met", ""): Fraction(4, 5),
        ("declared", ""): 1,
        ("co_attended", ""): 1,
    }
    assert [(one.name, one.people, one.ties) for one in found.events] == [
        ("Workshop", 3, Fraction(2, 3)),
        ("Webinar", 5, Fraction(1, 3) + Fraction(1, 5)),
    ]


def test_an_event_counts_as_long_afterwards_as_a_set_does() -> None:
    held = Held(1, 200, frozenset({1, 2, 3}))
    for days, counts in ((180, True), (181, False)):
        tie = Made(1, 2, 200 + days, "met", None)
        by_event = attribution.shared(tie, 100, None, [], [held])
        by_set = attribution.shared(tie, 100, None, [(9, 200, 201)])
        assert (Activity(EVENT, "1") in by_event, Activity(SET, "9") in by_set) == (counts, counts)


def test_nobody_was_at_what_was_cancelled(session: Session, cast: Cast) -> None:
    gone = an_event(session, cast.fay, NOW - timedelta(days=100), state="cancelled")
    was_there(session, gone, cast.ada, cast.ben)
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=80), evidence="co_attended")
    assert parts(told(session)) == {("co_attended", ""): 1}


def test_attendance_that_was_written_down_later_is_not_in_what_was_known_before(session: Session, cast: Cast) -> None:
    held = an_event(session, cast.fay, NOW - timedelta(days=100))
    was_there(session, held, cast.ada, cast.ben, days_late=40)
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=80), evidence="co_attended")
    then = TODAY - timedelta(days=70)
    before = Period(TODAY - timedelta(days=365), Question(then, known_on=then))
    assert (EVENT, "") in parts(told(session))
    assert parts(told(session, before)) == {("co_attended", ""): 1}


def test_a_topic_is_told_what_came_of_its_event_and_nothing_of_who_backs_it(session: Session, cast: Cast) -> None:
    topic, other = a_topic(session, cast.ada), a_topic(session, cast.ada, "Another")
    workshop = an_event(session, cast.fay, NOW - timedelta(days=100), title="Workshop")
    session.add(TopicResult(topic_id=topic.id, event_id=workshop.id, made_at=NOW - timedelta(days=150)))
    was_there(session, workshop, cast.ada, cast.ben)
    backed_by(session, other, cast.ada, cast.ben, at=NOW - timedelta(days=100))
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=80), evidence="co_attended")
    found = told(session)
    assert [(one.name, one.events, one.sets, one.ties) for one in found.topics] == [("Food at work", 1, 0, Fraction(1))]


def test_having_finished_the_same_module_makes_no_connection(session: Session, cast: Cast) -> None:
    """Who finished what is theirs to tell, and to take back: no figure rests on it, found or not."""
    a_connection(session, cast.ada, cast.ben, since=NOW - timedelta(days=20), evidence="met")
    before = told(session)
    path = a_pathway(session)
    for member in (cast.ada, cast.ben):
        finish(session, member, path, NOW - timedelta(days=25))
        pathway_progress.let_be_found(session, an_actor(session, member), path.public_id, True, NOW)
    assert told(session) == before
    assert parts(before) == {("met", ""): 1}
