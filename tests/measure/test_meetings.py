"""What is told of meetings, of whatever days: never what one person answered."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from haln.connect.meetings import ANSWERS, ASIDE, MET, TOUCH
from haln.db import may_write, prepare_engine
from haln.measure import meetings
from haln.measure.meetings import Meetings, Row, Sums
from haln.people import erasure
from tests.builders import NOW, Cast, a_member, the_cast
from tests.measure.flow_builders import an_introduction
from tests.outcome_builders import an_answer

START = date(2026, 1, 1)
SMALL = 7
DAYS = 20
NOTHING = Sums(None, None, None)
SAID = {question: [one for one in answers if one != ASIDE] for question, answers in ANSWERS.items()}


def a_row(introduction: int, second: bool, question: str, answer: int, day: int) -> Row:
    """The two of an introduction are members 2n and 2n + 1; everybody has several introductions."""
    member = (introduction * 2 + second) % 26
    moment = datetime.combine(START + timedelta(days=day), datetime.min.time(), UTC)
    return introduction, member, question, SAID[question][answer % len(SAID[question])], moment


ROW = st.builds(
    a_row,
    st.integers(0, 30),
    st.booleans(),
    st.sampled_from([MET, MET, TOUCH]),
    st.integers(0, 5),
    st.integers(0, DAYS),
)
ROWS = st.lists(ROW, max_size=120).map(lambda rows: sorted(rows, key=lambda row: row[4]))


def pages(rows: list[Row]) -> dict[tuple[int, int], tuple[Sums, Sums]]:
    """All that can be asked for: every first and last day."""
    found = Meetings(rows, SMALL)
    day = [START + timedelta(days=days) for days in range(-1, DAYS + 1)]
    return {
        (first, last): (found.within(day[first], day[last]), found.until(day[last]))
        for first in range(len(day))
        for last in range(first, len(day))
    }


def last_whole(rows: list[Row], question: str) -> dict[int, int]:
    """By brute force: for each day the last day on which, since the one before, enough people had answered."""
    found, waiting, whole = {}, set[int](), -1
    for day in range(DAYS + 1):
        waiting |= {row[1] for row in rows if row[2] == question and (row[4].date() - START).days == day}
        if len(waiting) > SMALL + 1:
            waiting, whole = set(), day
        found[day] = whole
    return found


@settings(deadline=None, max_examples=300)
@given(ROWS, st.integers(0, 200), st.integers(1, 5))
def test_what_one_person_answers_shows_only_among_answers_of_more_than_seven_others(
    rows: list[Row], place: int, other: int
) -> None:
    if not rows:
        return
    place %= len(rows)
    introduction, person, question, answer, moment = rows[place]
    said = SAID[question]
    changed = list(rows)
    changed[place] = (introduction, person, question, said[(said.index(answer) + other) % len(said)], moment)
    before, after, whole = pages(rows), pages(changed), last_whole(rows, question)
    assert last_whole(changed, question) == whole  # what is answered does not move the stages
    for (first, last), shown in before.items():
        if shown == after[first, last]:
            continue
        until, since = whole[last - 1], -1 if first == 0 else whole[first - 1]
        assert until > since or shown[0] == after[first, last][0]
        day = (moment.date() - START).days
        assert day <= until  # an unfinished stage changes nothing
        stage_from = max([one for one in set(whole.values()) if one < day], default=-1)
        stage_until = min(one for one in set(whole.values()) if one >= day)
        together = [row for row in rows if row[2] == question and stage_from < (row[4].date() - START).days]
        others = {row[1] for row in together if (row[4].date() - START).days <= stage_until} - {person}
        assert len(others) > SMALL


@settings(deadline=None, max_examples=200)
@given(ROWS, ROW)
def test_one_more_answer_changes_no_day_before_it_and_brings_no_number_of_few_others(
    rows: list[Row], more: Row
) -> None:
    day = (more[4].date() - START).days
    with_it = sorted([*rows, more], key=lambda row: row[4])
    before, after = pages(rows), pages(with_it)
    assert all(before[days] == after[days] for days in before if days[1] <= day)
    for question, counted in ((MET, lambda one: (one.met, one.useful)), (TOUCH, lambda one: (one.in_touch,))):
        for some, told in ((rows, before), (with_it, after)):
            answering = {row[1] for row in some if row[2] == question} - {more[1]}
            shown = [value for pair in told.values() for one in pair for value in counted(one) if value is not None]
            assert not shown or len(answering) > SMALL


@settings(deadline=None)
@given(ROWS)
def test_whole_stages_tell_of_introductions_as_they_then_stood(rows: list[Row]) -> None:
    found = Meetings(rows, SMALL)
    for question, place, says in ((MET, 0, ("met", "useful")), (MET, 1, ("useful",)), (TOUCH, 2, ("yes",))):
        for last, whole in last_whole(rows, question).items():
            held = {row[:2]: row[3] for row in rows if row[2] == question and (row[4].date() - START).days <= whole}
            count = len({introduction for (introduction, _), answer in held.items() if answer in says})
            shown = astuple(found.until(START + timedelta(days=last)))[place]
            assert shown == (None if count <= SMALL else (count + 2) // 5 * 5)


def test_answers_of_today_wait_and_those_who_are_erased_still_count_on_both_databases(database_url: str) -> None:
    engine = create_engine(database_url)
    prepare_engine(engine)
    may_write.set(True)
    with Session(engine) as session:
        cast = the_cast(session)
        fill(session, cast, 9)
        assert meetings.read(session, SMALL, NOW).until(NOW.date()) == Sums(10, None, None)
        assert meetings.read(session, SMALL, NOW - timedelta(days=5)).until(NOW.date()) == NOTHING
        fill(session, cast, 9, days=0)
        assert meetings.read(session, SMALL, NOW).until(NOW.date()) == Sums(10, None, None)
        tomorrow = NOW + timedelta(days=1)
        before = meetings.read(session, SMALL, tomorrow)
        assert before.until(NOW.date()) == Sums(20, None, None)
        assert before.within(NOW.date() - timedelta(days=1), NOW.date()) == Sums(10, None, None)
        erasure.erase(session, cast.ada, NOW)
        assert meetings.read(session, SMALL, tomorrow).until(NOW.date()) == Sums(20, None, None)
    engine.dispose()


def fill(session: Session, cast: Cast, count: int, days: int = 5) -> None:
    """So many members said that they met Ada."""
    for number in range(count):
        member = a_member(session, f"Grown Member{days}{number}")
        introduction = an_introduction(session, cast.ada, member.id, "accepted", 60, 2)
        an_answer(session, introduction, member.id, "met", days)
