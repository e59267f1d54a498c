"""Topics: votes never move, the limit holds, what comes of a topic asks its backers and enters nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from haln.access import Actor
from haln.errors import Conflict, Invalid, NotPermitted
from haln.learn import (
    cohort_states,
    events,
    topic_answers,
    topic_asking,
    topic_backings,
    topic_comments,
    topic_planning,
    topic_state,
    topics,
)
from haln.learn.topic_planning import Frame
from haln.learn.topic_state import ALIVE, Rules
from haln.learn.topics import Words
from haln.models import (
    Application,
    Base,
    Cohort,
    Event,
    EventRegistration,
    Mail,
    Member,
    Topic,
    TopicAnswer,
    TopicBacking,
    TopicResult,
)
from haln.people import erasure, leaving
from haln.taxonomy import vocabulary
from tests.builders import NOW, Cast, an_actor, the_cast
from tests.event_builders import LONDON, THEMES, register
from tests.topic_builders import RULES, a_comment, a_topic, backed_by, backers

FRAME = Frame("Online", LONDON)
PEOPLE, TOPICS = 2, 4

Step = tuple[str, int, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from((*["back"] * 6, *["move"] * 4, *["take_back"] * 2, "retire", "hold", "answer", "name")),
        st.integers(0, PEOPLE - 1),
        st.integers(0, TOPICS - 1),
        st.integers(-1, TOPICS - 1),
    ),
    min_size=12,
    max_size=60,
)


@pytest.fixture(scope="module")
def empty() -> Engine:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    return engine


def standing(session: Session) -> set[tuple[int, int]]:
    rows = session.execute(select(TopicBacking.member_id, TopicBacking.topic_id)).all()
    return {(row.member_id, row.topic_id) for row in rows}


def test_votes_never_move_whatever_the_order_of_backing_undoing_merging_and_retiring(empty: Engine) -> None:
    @settings(deadline=None, max_examples=60)
    @given(STEPS, st.booleans(), st.integers(1, 3))
    def law(steps: list[Step], merged: bool, limit: int) -> None:
        rules = Rules(limit, 8, 7)
        with Session(empty, expire_on_commit=False) as session:
            cast = the_cast(session)
            people = [an_actor(session, one) for one in (cast.ada, cast.ben)]
            sol = an_actor(session, cast.sol)
            rows = [a_topic(session, cast.dee, f"Topic {number}") for number in range(TOPICS)]
            asked = dict.fromkeys(((one.member_id, row.id) for one in people for row in rows), False)
            if merged:  # which random steps seldom come to: backed, retired in favour of another, and not yet moved
                steps = [("back", 0, 0, 0), ("back", 1, 0, 0), ("retire", 0, 0, 1), *steps]
            for step in steps:
                moved = take(session, people, sol, rows, step, rules)
                if moved is not None:
                    asked.update(moved)
                assert standing(session) == {pair for pair, backs in asked.items() if backs}
                for one in people:
                    assert topic_state.used(session, one.member_id) <= limit
                check_ways(session, rows)
            session.rollback()

    law()


def take(
    session: Session, people: list[Actor], sol: Actor, rows: list[Topic], step: Step, rules: Rules
) -> dict[tuple[int, int], bool] | None:
    """Take a step; what the person who took it asked for themselves, and got; none where it was refused."""
    kind, who, which, other = step
    one, row = people[who], rows[which]
    favoured = rows[other].public_id if other >= 0 else ""
    key = row.public_id
    try:
        if kind == "back":
            topic_backings.back(session, one, key, named=which % 2 == 0, rules=rules, now=NOW)
            return {(one.member_id, row.id): True}
        if kind == "take_back":
            topic_backings.take_back(session, one, key, NOW)
            return {(one.member_id, row.id): False}
        if kind == "move":
            target = topic_backings.move(session, one, key, rules, NOW)
            there = next(each.id for each in rows if each.public_id == target)
            return {(one.member_id, row.id): False, (one.member_id, there): True}
        if kind == "name":
            topic_backings.name_me(session, one, key, True, NOW)
        if kind == "retire":
            topic_answers.retire(session, sol, key, favoured, "Why not.", NOW)
        if kind == "answer":
            topic_answers.answer(session, sol, key, "Yes.", topic_answers.last(session, row.id)[0], NOW)
        if kind == "hold" and row.state in ALIVE:
            row.state, row.closed_at = "held", NOW
            session.flush()
    except (Conflict, Invalid):
        return None
    return None


def check_ways(session: Session, rows: list[Topic]) -> None:
    """Nobody goes round in a circle from one retired topic to another."""
    for row in rows:
        seen, at = {row.id}, row
        while at.successor_id is not None:
            assert at.successor_id not in seen
            seen.add(at.successor_id)
            at = session.get_one(Topic, at.successor_id)
        found = topic_state.successor(session, row)
        assert found is None or found.state != "retired"


def test_a_backing_on_a_closed_topic_stands_and_leaves_room_for_another(session: Session, cast: Cast) -> None:
    ada = an_actor(session, cast.ada)
    rows = [a_topic(session, cast.ben, f"Topic {number}") for number in range(5)]
    for row in rows[:3]:
        left = topic_backings.back(session, ada, row.public_id, False, RULES, NOW)
    assert left == 0
    with pytest.raises(Conflict, match="as many as one can"):
        topic_backings.back(session, ada, rows[3].public_id, False, RULES, NOW)
    topic_answers.retire(session, an_actor(session, cast.fay), rows[0].public_id, "", "Done elsewhere.", NOW)
    assert topic_backings.back(session, ada, rows[3].public_id, False, RULES, NOW) == 0
    assert (cast.ada, rows[0].id) in standing(session)
    with pytest.raises(Conflict, match="has been retired"):
        topic_backings.back(session, an_actor(session, cast.ben), rows[0].public_id, False, RULES, NOW)


def test_who_has_no_room_keeps_their_backing_where_it_is_until_they_have(session: Session, cast: Cast) -> None:
    ada, one = an_actor(session, cast.ada), Rules(1, 8, 7)
    old, new, other = (a_topic(session, cast.ben, title) for title in ("Old", "New", "Other"))
    backed_by(session, old, cast.ada)
    topic_answers.retire(session, an_actor(session, cast.fay), old.public_id, new.public_id, "Better said.", NOW)
    topic_backings.back(session, ada, other.public_id, False, one, NOW)
    with pytest.raises(Conflict, match="as many as one can"):
        topic_backings.move(session, ada, old.public_id, one, NOW)
    assert standing(session) == {(cast.ada, old.id), (cast.ada, other.id)}
    topic_backings.take_back(session, ada, other.public_id, NOW)
    assert topic_backings.move(session, ada, old.public_id, one, NOW) == new.public_id
    assert standing(session) == {(cast.ada, new.id)}
    assert session.get_one(TopicBacking, (new.id, cast.ada)).named  # as they let it be told before


def test_a_topic_is_not_retired_in_favour_of_itself_nor_in_a_circle(session: Session, cast: Cast) -> None:
    sol = an_actor(session, cast.sol)
    one, other, third = (a_topic(session, cast.ada, title) for title in ("One", "Other", "Third"))
    with pytest.raises(Invalid, match="in favour of itself"):
        topic_answers.retire(session, sol, one.public_id, one.public_id, "Why.", NOW)
    topic_answers.retire(session, sol, one.public_id, other.public_id, "Why.", NOW)
    with pytest.raises(Invalid, match="closed itself"):
        topic_answers.retire(session, sol, other.public_id, one.public_id, "Why.", NOW)
    with pytest.raises(Invalid, match="from the list"):
        topic_answers.retire(session, sol, other.public_id, "nonsense", "Why.", NOW)
    with pytest.raises(NotPermitted):
        topic_answers.retire(session, an_actor(session, cast.ada), other.public_id, "", "Why.", NOW)
    topic_answers.retire(session, sol, other.public_id, third.public_id, "Why.", NOW)
    found = topic_state.successor(session, one)
    assert found is not None and found.id == third.id
    topic_answers.retire(session, sol, third.public_id, "", "Why.", NOW)
    assert topic_state.successor(session, one) is None


def test_an_event_of_a_topic_asks_its_backers_once_and_only_when_all_see_it(session: Session, cast: Cast) -> None:
    fay, sol = an_actor(session, cast.fay), an_actor(session, cast.sol)
    row = a_topic(session, cast.ada)
    people = backers(session, row, 8, named=False)
    quiet = people[0]
    quiet.topic_mail = False
    made = topic_planning.make_event(session, fay, row.public_id, THEMES, FRAME, RULES, NOW)
    assert made.state == "proposed" and made.starts_at.astimezone(LONDON).weekday() < 5
    assert letters(session) == set() and row.state == "open"
    events.decide(session, sol, made.public_id, True, "", NOW)
    assert row.state == "planned"
    assert letters(session) == {one.id for one in people[1:]}
    assert session.scalars(select(EventRegistration)).first() is None
    events.cancel(session, fay, made.public_id, NOW)
    assert row.state == "open"
    assert standing(session) == {(one.id, row.id) for one in people}


def letters(session: Session, kind: str = "topic_planned") -> set[int | None]:
    return set(session.scalars(select(Mail.member_id).where(Mail.kind == kind)))


def test_an_event_of_a_topic_is_put_at_a_day_on_which_its_maker_is_free(session: Session, cast: Cast) -> None:
    fay = an_actor(session, cast.fay)
    one, other = a_topic(session, cast.ada), a_topic(session, cast.ada, "Another")
    for row in (one, other):
        backers(session, row, 8)
    first, second = (
        topic_planning.make_event(session, fay, row.public_id, THEMES, FRAME, RULES, NOW) for row in (one, other)
    )
    assert second.starts_at > first.starts_at


def test_when_the_event_is_over_the_topic_was_held_and_its_backings_come_back(session: Session, cast: Cast) -> None:
    row = a_topic(session, cast.ada)
    people = backers(session, row, 8)
    made = topic_planning.make_event(session, an_actor(session, cast.fay), row.public_id, THEMES, FRAME, RULES, NOW)
    events.decide(session, an_actor(session, cast.sol), made.public_id, True, "", NOW)
    assert topic_asking.close_due(session, made.ends_at - timedelta(seconds=1)) == 0
    assert topic_state.used(session, people[0].id) == 1
    assert topic_asking.close_due(session, made.ends_at) == 1 and row.state == "held"
    assert topic_asking.close_due(session, made.ends_at) == 0
    assert topic_state.used(session, people[0].id) == 0 and len(standing(session)) == 8


def test_a_cohort_of_a_topic_asks_when_it_opens_and_lets_go_when_it_is_cancelled(session: Session, cast: Cast) -> None:
    fay = an_actor(session, cast.fay)
    row = a_topic(session, cast.ada)
    people = backers(session, row, 8)
    topic_answers.answer(session, fay, row.public_id, "A cohort would suit.", 0, NOW)
    key = topic_planning.make_cohort(session, fay, row.public_id, vocabulary.load(), "Online", RULES, NOW)
    cohort = session.scalars(select(Cohort).where(Cohort.public_id == key)).one()
    cohort.availability = "none"
    assert letters(session) == set()
    cohort_states.open_up(session, fay, key, cohort.version, NOW.date(), NOW)
    assert letters(session) == {one.id for one in people} and row.state == "planned"
    assert session.scalars(select(Application)).first() is None
    cohort_states.cancel(session, fay, key, cohort.version, NOW)
    assert row.state == "answered"


def test_a_topic_that_was_closed_meanwhile_asks_nobody(session: Session, cast: Cast) -> None:
    row = a_topic(session, cast.ada)
    backers(session, row, 8)
    sol = an_actor(session, cast.sol)
    made = topic_planning.make_event(session, sol, row.public_id, THEMES, FRAME, RULES, NOW)
    topic_answers.retire(session, sol, row.public_id, "", "It is taken care of.", NOW)
    events.decide(session, sol, made.public_id, True, "", NOW)
    assert letters(session) == set() and row.state == "retired"


def test_whom_to_ask_leaves_out_who_keeps_it_to_themselves_is_hidden_or_has_answered(
    session: Session, cast: Cast
) -> None:
    row = a_topic(session, cast.ada)
    people = backers(session, row, 8)
    fay = an_actor(session, cast.fay)
    made = topic_planning.make_event(session, fay, row.public_id, THEMES, FRAME, RULES, NOW)
    events.decide(session, an_actor(session, cast.sol), made.public_id, True, "", NOW)
    session.get_one(TopicBacking, (row.id, people[0].id)).named = False
    people[1].listed = False
    register(session, session.get_one(Event, made.id), people[2].id)
    session.flush()
    found = topic_asking.people(session, fay, event=made.id)
    assert found is not None and {one.id for one in found.people} == {one.id for one in people[3:]}


def test_the_same_title_twice_and_too_much_in_a_day_are_refused(session: Session, cast: Cast) -> None:
    ada = an_actor(session, cast.ada)
    made = topics.propose(session, ada, Words("A title", "Text.", ("food",)), THEMES, RULES, NOW, backs=True)
    assert standing(session) == {(cast.ada, made.id)}
    with pytest.raises(Invalid, match="this title already"):
        topics.propose(session, ada, Words(" A  title ", "Text.", ("food",)), THEMES, RULES, NOW)


def test_topics_like_a_new_one_are_found_and_closed_ones_are_not(session: Session, cast: Cast) -> None:
    near = a_topic(
        session, cast.ada, "Apprenticeships for care leavers", "Paid apprenticeships for young care leavers."
    )
    a_topic(session, cast.ada, "Apprenticeships for all", "Paid apprenticeships.", state="retired")
    a_topic(session, cast.ada, "Solar panels", "On every roof.")
    found = topics.alike(session, Words("Care leavers", "Apprenticeships in hospitals for care leavers.", ("food",)))
    assert [one.public_id for one in found] == [near.public_id]
    assert topics.alike(session, Words("Zebras", "Giraffes.", ("food",))) == []


def test_who_leaves_is_counted_no_more_and_who_is_erased_leaves_words_without_a_name(
    session: Session, cast: Cast
) -> None:
    row = a_topic(session, cast.ada, "Food, says Ada Okafor", "Ask Ada Okafor.")
    backed_by(session, row, cast.ada, cast.ben)
    comment = a_comment(session, row, cast.ada, "I am Ada Okafor.")
    hidden = a_comment(session, row, cast.ada, "Rude.", hidden_at=NOW, hidden_by_id=cast.sol)
    assert topic_state.count_of(session, row.id) == 2
    leaving.leave(session, an_actor(session, cast.ada), NOW)
    session.expire_all()
    assert topic_state.count_of(session, row.id) == 1
    assert not session.get_one(TopicBacking, (row.id, cast.ada)).named
    erasure.erase(session, cast.ada, NOW)
    session.expire_all()
    assert standing(session) == {(cast.ben, row.id)}
    assert "Okafor" not in row.title + row.text + comment.text and "okafor" not in row.words
    assert comment.text and hidden.text == "" and session.get_one(Member, cast.ada).standing == "erased"


def test_staff_who_are_erased_leave_no_name_in_their_reasons(session: Session, cast: Cast) -> None:
    sol, words = an_actor(session, cast.sol), "Yours, Sol Adeyemi"
    row, kept = a_topic(session, cast.ada), a_topic(session, cast.ada, state="retired", retired_why=words)
    comment = a_comment(session, row, cast.ben)
    topic_comments.hide(session, sol, comment.public_id, words, NOW)
    topic_answers.answer(session, sol, row.public_id, words, 0, NOW)
    topic_answers.retire(session, sol, row.public_id, "", words, NOW)
    erasure.erase(session, cast.sol, NOW)
    session.expire_all()
    said = [row.retired_why, comment.hidden_why, *session.scalars(select(TopicAnswer.text))]
    assert said == ["Yours, […]"] * 3
    assert kept.retired_why == words  # somebody else's words


def test_who_answers_is_told_of_nothing_and_backers_are_told_once(session: Session, cast: Cast) -> None:
    row = a_topic(session, cast.ada)
    backed_by(session, row, cast.ben, cast.fay)
    fay = an_actor(session, cast.fay)
    topic_answers.answer(session, fay, row.public_id, "Yes.", 0, NOW)
    topic_answers.answer(session, fay, row.public_id, "Yes, in May.", 1, NOW)
    session.flush()
    assert letters(session, "topic_answered") == {cast.ada, cast.ben}
    assert len(session.scalars(select(Mail)).all()) == 2


def test_two_results_hold_a_topic_only_when_nothing_is_ahead(session: Session, cast: Cast) -> None:
    row = a_topic(session, cast.ada, state="planned")
    past = Event(public_id="past", title="A", starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1))
    ahead = Event(public_id="ahead", title="B", starts_at=NOW + timedelta(days=2), ends_at=NOW + timedelta(days=3))
    for event in (past, ahead):
        event.organiser_id, event.made_at, event.state = cast.fay, NOW, "planned"
        session.add(event)
        session.flush()
        session.add(TopicResult(topic_id=row.id, event_id=event.id, made_at=NOW))
    session.flush()
    assert topic_asking.close_due(session, NOW) == 0
    ahead.state = "proposed"
    session.flush()
    assert topic_asking.close_due(session, NOW) == 0  # its backers are to be asked to it yet
    ahead.state = "cancelled"
    session.flush()
    assert topic_asking.close_due(session, NOW) == 1


def test_a_draft_that_waits_beside_an_event_that_is_over_still_asks_the_backers(session: Session, cast: Cast) -> None:
    row = a_topic(session, cast.dee, state="planned")
    people = backers(session, row, 9)
    over = Event(public_id="past", title="A", starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1))
    over.organiser_id, over.made_at, over.state = cast.sol, NOW, "planned"
    session.add(over)
    session.flush()
    session.add(TopicResult(topic_id=row.id, event_id=over.id, made_at=NOW, asked_at=NOW))
    sol = an_actor(session, cast.sol)
    key = topic_planning.make_cohort(session, sol, row.public_id, vocabulary.load(), "Leeds", RULES, NOW)
    assert topic_asking.close_due(session, NOW) == 0
    cohort = session.scalars(select(Cohort).where(Cohort.public_id == key)).one()
    cohort.state = "open"
    session.flush()
    assert topic_asking.make_known(session, NOW, cohort=cohort.id) == len(people)


def test_words_to_which_the_backers_of_another_were_pointed_stand(session: Session, cast: Cast) -> None:
    old, new = a_topic(session, cast.dee, "Old"), a_topic(session, cast.ada, "New")
    ada = an_actor(session, cast.ada)
    topics.change(session, ada, new.public_id, Words("Newer", "Text.", ("food",)), THEMES, NOW)
    topic_answers.retire(session, an_actor(session, cast.sol), old.public_id, new.public_id, "The same.", NOW)
    with pytest.raises(Conflict):
        topics.change(session, ada, new.public_id, Words("Something else", "Text.", ("food",)), THEMES, NOW)
    with pytest.raises(Conflict):
        topics.withdraw(session, ada, new.public_id, NOW)
    assert topic_state.successor(session, old) is new and new.title == "Newer"
